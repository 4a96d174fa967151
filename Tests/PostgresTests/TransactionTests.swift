import Postgres
import TestServer
import Testing

@Suite struct TransactionTests {
  @Test func itCommitsWhatItsBodyDid() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int)")
      let count = try await connection.transaction { connection in
        try await connection.query("INSERT INTO t VALUES (1)")
        return try await connection.query("SELECT count(*) FROM t").single(as: Int.self)
      }
      #expect(count == 1)
      #expect(await connection.state == .idle)
    }
  }

  @Test func itRollsBackWhenItsBodyThrows() async throws {
    struct No: Error {}
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int)")
      await #expect(throws: No.self) {
        try await connection.transaction { connection in
          try await connection.query("INSERT INTO t VALUES (1)")
          throw No()
        }
      }
      #expect(try await connection.query("SELECT count(*) FROM t").single(as: Int.self) == 0)
      #expect(await connection.state == .idle)
    }
  }

  @Test func aCommitThatTheServerTurnsIntoARollbackIsAnError() async throws {
    try await TestServer.withConnection { connection in
      let error = await #expect(throws: PostgresError.self) {
        try await connection.transaction { connection in
          do { try await connection.query("SELECT 1/0") } catch {}
        }
      }
      #expect(error?.message.contains("rolled back") == true)
      #expect(await connection.state == .idle)
    }
  }

  @Test func itsModesReachTheServer() async throws {
    try await TestServer.withConnection { connection in
      let options = TransactionOptions(
        isolation: .serializable, isReadOnly: true, isDeferrable: true)
      let modes = try await connection.transaction(options) { connection in
        try await connection.query(
          """
          SELECT current_setting('transaction_isolation'), current_setting('transaction_read_only'),
                 current_setting('transaction_deferrable')
          """)
      }
      #expect((0..<3).map { modes.rows[0][$0] } == ["serializable", "on", "on"])
      let error = await #expect(throws: PostgresError.self) {
        try await connection.transaction(TransactionOptions(isReadOnly: true)) { connection in
          try await connection.execute("CREATE TABLE t ()")
        }
      }
      #expect(error?.sqlState == "25006")
    }
  }
}
