import Postgres
import Quantities
import TestServer
import Testing

@Suite struct DecodingTests {
  private func value<Value: PostgresDecodable>(
    _ expression: String, as type: Value.Type = Value.self
  ) async throws -> Value {
    try await TestServer.withConnection { connection in
      try await connection.query("SELECT \(expression)").single(as: type)
    }
  }

  @Test func wholeNumbers() async throws {
    try await TestServer.withConnection { connection in
      let row = try await connection.query(
        "SELECT '-32768'::int2, 2147483647::int4, '-9223372036854775808'::int8, 9223372036854775807"
      ).rows[0]
      #expect(try row.decode(0, as: Int.self) == -32768)
      #expect(try row.decode(1, as: Int.self) == 2_147_483_647)
      #expect(try row.decode(2, as: Int64.self) == .min)
      #expect(try row.decode(3, as: Int64.self) == .max)
      let large = try await connection.query("SELECT 9223372036854775808::numeric AS big").rows[0]
      let error = #expect(throws: PostgresError.self) { try large.decode("big", as: Int64.self) }
      #expect(
        error?.message
          == "column \"big\" of row 1 is not Int64: it is \"9223372036854775808\"")
    }
  }

  @Test func otherNumbers() async throws {
    try await TestServer.withConnection { connection in
      let row = try await connection.query(
        "SELECT 0.1::float8, 'NaN'::float8, '-Infinity'::float8, 12345678901234567890.1234567890::numeric"
      ).rows[0]
      #expect(try row.decode(0, as: Double.self) == 0.1)
      #expect(try row.decode(1, as: Double.self).isNaN)
      #expect(try row.decode(2, as: Double.self) == -.infinity)
      #expect(
        try row.decode(3, as: Numeric.self).description == "12345678901234567890.1234567890")
    }
  }

  @Test func identifiers() async throws {
    let text = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    let uuid = try await value("'\(text)'::uuid", as: UUID.self)
    #expect(uuid.description == text)
    #expect(UUID("a0eebc99") == nil)
    try await TestServer.withConnection { connection in
      let back = try await connection.query("SELECT $1::uuid", [SQLValue(uuid)])
      #expect(try back.single(as: UUID.self) == uuid)
    }
  }

  @Test(arguments: [
    ("1999-12-31 23:59:59.123456+00", "1999-12-31T23:59:59.123456Z"),
    ("2026-11-23 12:00:00+05:45", "2026-11-23T06:15:00.000000Z"),
    ("0001-01-01 00:00:00+00", "0001-01-01T00:00:00.000000Z"),
  ])
  func moments(_ text: String, _ expected: String) async throws {
    let moment = try await value("'\(text)'::timestamptz", as: Timestamp.self)
    #expect(moment.rfc3339(fractionDigits: 6) == expected)
  }

  @Test func momentsSurviveTheWayThereAndBack() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute("SET timezone = 'Asia/Kathmandu'")
      for text in [
        "4713-01-02 00:00:00+00 BC", "0001-12-31 23:59:59.999999+00 BC",
        "1881-06-01 00:00:00+00", "2026-07-01 00:00:00.000001+00", "99999-01-01 00:00:00+00",
      ] {
        let there = try await connection.query("SELECT $1::timestamptz", [SQLValue(text)])
          .single(as: Timestamp.self)
        let isSame = try await connection.query(
          "SELECT $1::timestamptz = $2::timestamptz", [SQLValue(text), SQLValue(there)])
        #expect(try isSame.single(as: Bool.self), "\(text)")
      }
    }
  }

  @Test func infinitiesNeedATypeThatHasThem() async throws {
    try await TestServer.withConnection { connection in
      let row = try await connection.query(
        "SELECT 'infinity'::timestamptz AS until, '-infinity'::date, '2026-02-28'::date"
      ).rows[0]
      #expect(try row.decode(0, as: Extended<Timestamp>.self) == .infinity)
      #expect(try row.decode(1, as: Extended<CalendarDate>.self) == .negativeInfinity)
      #expect(try row.decode(2, as: CalendarDate.self).description == "2026-02-28")
      #expect(throws: PostgresError.self) { try row.decode("until", as: Timestamp.self) }
    }
  }

  @Test func localTimesAndOldDates() async throws {
    let local = try await value("'2026-11-23 08:15:02.5'::timestamp", as: Timestamp.self)
    #expect(local.rfc3339() == "2026-11-23T08:15:02.500Z")
    let ides = try await value("'0044-03-15 BC'::date", as: CalendarDate.self)
    #expect(ides.description == "0044-03-15 BC")
    #expect(ides.year == -43)
  }

  @Test func bytesInBothForms() async throws {
    let all = (0...255).map { UInt8($0) }
    try await TestServer.withConnection { connection in
      for form in ["hex", "escape"] {
        try await connection.execute("SET bytea_output = \(form)")
        let back = try await connection.query("SELECT $1::bytea", [SQLValue(all)])
        #expect(try back.single(as: [UInt8].self) == all)
      }
    }
  }

  @Test func arrays() async throws {
    #expect(try await value("'{1,2,3}'::int[]", as: [Int].self) == [1, 2, 3])
    #expect(try await value("'{(1,1),(0,0);(3,3),(2,2)}'::box[]", as: [String].self).count == 2)
    #expect(try await value("'{}'::int[]", as: [Int].self) == [])
    #expect(try await value("'[0:1]={7,8}'::int[]", as: [Int].self) == [7, 8])
    #expect(
      try await value("'{{1,2},{3,NULL}}'::int[]", as: [[Int?]].self) == [[1, 2], [3, nil]])
    let odd = ["a,b", "c\"d", "e\\f", "", "NULL", "{x}", "é 🙂", "(;)"]
    try await TestServer.withConnection { connection in
      let elements: [SQLValue?] = odd.map { SQLValue($0) } + [nil]
      let back = try await connection.query("SELECT $1::text[]", [SQLValue(array: elements)])
      #expect(try back.single(as: [String?].self) == odd.map { $0 } + [nil])
      let nested = try await connection.query(
        "SELECT ARRAY[ARRAY['a}', 'b{'], ARRAY['\"', NULL]]::text[]")
      #expect(try nested.single(as: [[String?]].self) == [["a}", "b{"], ["\"", nil]])
    }
    await #expect(throws: PostgresError.self) {
      try await value("'{1,NULL}'::int[]", as: [Int].self)
    }
  }

  @Test func jsonKeepsItsText() async throws {
    let text = try await value("'{\"a\":  1.0}'::json", as: JSONText.self)
    #expect(text.description == "{\"a\":  1.0}")
  }

  @Test func nullNeedsAnOptional() async throws {
    #expect(try await value("NULL::int", as: Int?.self) == nil)
    await #expect(throws: PostgresError.self) { try await value("NULL::int", as: Int.self) }
  }

  @Test func bytesThatAreNoTextAreReachable() async throws {
    try await TestServer.withDatabase { settings in
      let admin = try await Connection.open(settings, applicationName: "t")
      try await admin.execute(
        "CREATE DATABASE ascii_test ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
      await admin.close()
      let ascii = settings.with(["dbname": "ascii_test", "client_encoding": "SQL_ASCII"])
      let connection = try await Connection.open(ascii, applicationName: "t")
      #expect(connection.info.serverEncoding == "SQL_ASCII")
      try await connection.execute(
        bytes: Array("CREATE TABLE t AS SELECT '".utf8) + [0xFF, 0xE9] + Array("'::text AS x".utf8))
      let row = try await connection.query("SELECT x FROM t").rows[0]
      #expect(row.withBytes(of: 0) { $0.map(Array.init) } == [0xFF, 0xE9])
      #expect(throws: PostgresError.self) { try row.decode("x", as: String.self) }
      await connection.close()
      try await TestServer.shared.drop(database: "ascii_test")
    }
  }
}
