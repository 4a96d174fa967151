import Diagnostics
import Postgres
import TestServer
import Testing

@Suite struct ConnectionTests {
  @Test func itKnowsTheServer() async throws {
    try await TestServer.withConnection { connection in
      let info = connection.info
      #expect(info.serverVersion >= 100_000)
      #expect(info.user == "postgres")
      #expect(info.database.hasPrefix("test_"))
      #expect(info.serverEncoding == "UTF8")
      let pid = try await connection.query("SELECT pg_backend_pid()").single(as: Int.self)
      #expect(info.backendPID == pid)
      let name = try await connection.query("SHOW application_name").single(as: String.self)
      #expect(name == "omcops tests")
    }
  }

  @Test func parametersAreValuesAndNeverText() async throws {
    try await TestServer.withConnection { connection in
      let odd = "'; DROP TABLE x; --\\ \"é\" 🙂"
      let result = try await connection.query(
        "SELECT $1::text, $2::int8, $3::bool, $4::float8, $5::bytea, $6::text",
        [SQLValue(odd), 42, true, -1.5, SQLValue([0, 1, 255]), nil])
      let row = result.rows[0]
      #expect(row[0] == odd)
      #expect(try row.decode(1, as: Int64.self) == 42)
      #expect(try row.decode(2, as: Bool.self))
      #expect(try row.decode(3, as: Double.self) == -1.5)
      #expect(try row.decode(4, as: [UInt8].self) == [0, 1, 255])
      #expect(row[5] == nil)
    }
  }

  @Test func textWithNULIsRefusedRatherThanCut() async throws {
    try await TestServer.withConnection { connection in
      await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1\0") }
      await #expect(throws: PostgresError.self) {
        try await connection.query("SELECT $1::text", ["a\0b"])
      }
      let one = try await connection.query("SELECT 1").single(as: Int.self)
      #expect(one == 1)
    }
  }

  @Test func severalStatementsGiveAResultEach() async throws {
    try await TestServer.withConnection { connection in
      let results = try await connection.execute(
        "CREATE TABLE t (n int); INSERT INTO t VALUES (1), (2); SELECT * FROM t ORDER BY n")
      #expect(results.map(\.commandTag) == ["CREATE TABLE", "INSERT 0 2", "SELECT 2"])
      #expect(results[1].affectedRows == 2)
      #expect(results[2].rows.map { $0[0] } == ["1", "2"])
    }
  }

  @Test func aFailingStatementUndoesThoseBeforeItAndIsNumbered() async throws {
    try await TestServer.withConnection { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.execute("CREATE TABLE t (n int); SELECT 1; SELECT 1/0; SELECT 2")
      }
      #expect(error?.sqlState == "22012")
      #expect(error?.statementIndex == 2)
      let exists = try await connection.query("SELECT to_regclass('t') IS NOT NULL")
      #expect(try exists.single(as: Bool.self) == false)
    }
  }

  @Test func aPipelineRunsManyStatementsInOrder() async throws {
    try await TestServer.withConnection { connection in
      let statements = (0..<500).map { Statement("SELECT $1::int + 1", [SQLValue($0)]) }
      let results = try await connection.pipeline(statements)
      #expect(try results.map { try $0.single(as: Int.self) } == Array(1...500))
      #expect(await connection.state == .idle)
    }
  }

  @Test func aPipelineThatFailsNamesTheStatementAndKeepsNothing() async throws {
    try await TestServer.withConnection { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.pipeline([
          Statement("CREATE TABLE t (n int)"), Statement("SELECT nothing"), Statement("SELECT 1"),
        ])
      }
      #expect(error?.statementIndex == 1)
      #expect(error?.sqlState == "42703")
      #expect(error?.excerpt == ["LINE 1: SELECT nothing", "               ^"])
      let exists = try await connection.query("SELECT to_regclass('t') IS NOT NULL")
      #expect(try exists.single(as: Bool.self) == false)
    }
  }

  @Test func rowsStreamWithoutBeingCollected() async throws {
    try await TestServer.withConnection { connection in
      let sum = Tally()
      let end = try await connection.stream(
        "SELECT n FROM generate_series(1, $1::int) n", [20_000]
      ) { row in
        sum.add(try row.decode(0, as: Int.self))
      }
      #expect(sum.value == 20_000 * 20_001 / 2)
      #expect(end.affectedRows == 20_000)
    }
  }

  @Test func aConsumerThatThrowsStopsTheQuery() async throws {
    struct Enough: Error {}
    try await TestServer.withConnection { connection in
      await #expect(throws: Enough.self) {
        try await connection.stream("SELECT generate_series(1, 1000000000)") { row in
          if row.number == 3 { throw Enough() }
        }
      }
      let one = try await connection.query("SELECT 1").single(as: Int.self)
      #expect(one == 1)
    }
  }

  @Test func noticesGoToTheCallback() async throws {
    try await TestServer.withDatabase { settings in
      let notices = Collector<Notice>()
      let connection = try await Connection.open(settings, applicationName: "t") {
        notices.append($0)
      }
      try await connection.execute(
        "DO $$ BEGIN RAISE WARNING 'careful' USING HINT = 'look'; END $$")
      await connection.close()
      #expect(notices.all.map(\.severity) == ["WARNING"])
      #expect(notices.all.first?.message == "careful")
      #expect(notices.all.first?.hint == "look")
    }
  }

  @Test func aSessionWithAnotherDateStyleStillReadsTimes() async throws {
    try await TestServer.withDatabase { settings in
      let odd = settings.with(["options": "-c datestyle=German"])
      let connection = try await Connection.open(odd, applicationName: "t")
      let text = try await connection.query("SELECT '2026-11-23'::date").single(as: String.self)
      #expect(text == "2026-11-23")
      await connection.close()
    }
  }

  @Test func aClosedConnectionSaysSo() async throws {
    try await TestServer.withConnection { connection in
      await connection.close()
      let error = await #expect(throws: PostgresError.self) {
        try await connection.query("SELECT 1")
      }
      #expect(error?.kind == .connectionLost)
    }
  }

  @Test func aSessionThatTheServerEndsGivesTheServersReason() async throws {
    try await TestServer.withDatabase { settings in
      let victim = try await Connection.open(settings, applicationName: "victim")
      let killer = try await Connection.open(settings, applicationName: "killer")
      let pid = victim.info.backendPID
      let sleep = Task { try await victim.query("SELECT pg_sleep(60)") }
      try await killer.waitUntil("SELECT state = 'active' FROM pg_stat_activity WHERE pid = \(pid)")
      try await killer.query("SELECT pg_terminate_backend($1)", [SQLValue(pid)])
      let error = await #expect(throws: PostgresError.self) { try await sleep.value }
      #expect(error?.sqlState == "57P01")
      #expect(await victim.state == .closed)
      await killer.close()
    }
  }
}
