import Postgres
import TestServer
import Testing

@Suite struct CopyTests {
  @Test func dataGoesOutAndInUnchanged() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute(
        """
        CREATE TABLE a (n int, t text, b bytea);
        INSERT INTO a SELECT n, repeat(E'x\\t\\n\\\\é', n % 7), decode(md5(n::text), 'hex')
          FROM generate_series(1, 5000) n;
        INSERT INTO a VALUES (0, NULL, NULL);
        CREATE TABLE b (LIKE a)
        """)
      let pieces = Collector<[UInt8]>()
      let out = try await connection.copyOut("COPY a TO STDOUT") { pieces.append(Array($0)) }
      #expect(out == 5001)
      #expect(pieces.all.count == 5001)
      let position = Tally()
      let rows = pieces.all
      let read = try await connection.copyIn("COPY b FROM STDIN") { send in
        guard position.value < rows.count else { return false }
        try rows[position.value].withUnsafeBytes { try send($0) }
        position.add(1)
        return true
      }
      #expect(read == 5001)
      let difference = try await connection.query(
        "SELECT count(*) FROM (TABLE a EXCEPT TABLE b UNION ALL (TABLE b EXCEPT TABLE a)) d")
      #expect(try difference.single(as: Int.self) == 0)
    }
  }

  @Test func aRowOfManyMegabytesGoesThrough() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (x text)")
      let size = 40 << 20
      let sent = Tally()
      let rows = try await connection.copyIn("COPY t FROM STDIN") { send in
        if sent.value == size { return false }
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 10 << 20)
        try piece.withUnsafeBytes { try send($0) }
        sent.add(piece.count)
        return true
      }
      #expect(rows == 1)
      let longest = Tally()
      _ = try await connection.copyOut("COPY t TO STDOUT") { longest.add($0.count) }
      #expect(longest.value == size + 1)
    }
  }

  @Test func aReaderThatThrowsEndsTheCopy() async throws {
    struct Full: Error {}
    try await TestServer.withConnection { connection in
      await #expect(throws: Full.self) {
        try await connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") {
          _ in throw Full()
        }
      }
      let one = try await connection.query("SELECT 1").single(as: Int.self)
      #expect(one == 1)
    }
  }

  @Test func aWriterThatThrowsUndoesTheCopy() async throws {
    struct Broken: Error {}
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int)")
      let calls = Tally()
      await #expect(throws: Broken.self) {
        try await connection.copyIn("COPY t FROM STDIN") { send in
          if calls.value == 3 { throw Broken() }
          calls.add(1)
          try Array("1\n".utf8).withUnsafeBytes { try send($0) }
          return true
        }
      }
      #expect(try await connection.query("SELECT count(*) FROM t").single(as: Int.self) == 0)
    }
  }

  /// The cancel may reach the server before it has read all of the statement.
  @Test func aCopyThatIsGivenUpAtOnceLeavesNothingOfItBehind() async throws {
    struct Broken: Error {}
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int)")
      for round in 0..<200 {
        await #expect(throws: Broken.self) {
          try await connection.copyIn("COPY t FROM STDIN") { _ in throw Broken() }
        }
        let number = try await connection.query("SELECT \(round)").single(as: Int.self)
        #expect(number == round)
      }
    }
  }

  @Test func badDataNamesItsLine() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int)")
      let calls = Tally()
      let error = await #expect(throws: PostgresError.self) {
        try await connection.copyIn("COPY t FROM STDIN") { send in
          if calls.value == 1 { return false }
          calls.add(1)
          try Array("1\nzwei\n".utf8).withUnsafeBytes { try send($0) }
          return true
        }
      }
      #expect(error?.sqlState == "22P02")
      #expect(error?.context?.contains("line 2") == true)
    }
  }

  @Test func aStatementThatIsNoCopyIsRefused() async throws {
    try await TestServer.withConnection { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.copyOut("SELECT 1") { _ in }
      }
      #expect(error?.kind == .misuse)
      let other = await #expect(throws: PostgresError.self) {
        try await connection.execute("COPY (SELECT generate_series(1, 100000)) TO STDOUT")
      }
      #expect(other?.kind == .misuse)
      try await connection.execute("CREATE TABLE t (n int)")
      await #expect(throws: PostgresError.self) {
        try await connection.query("COPY t FROM STDIN")
      }
      let one = try await connection.query("SELECT 1").single(as: Int.self)
      #expect(one == 1)
    }
  }
}
