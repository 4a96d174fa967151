import Postgres
import TestServer
import Testing

@Suite struct CancellationTests {
  @Test(.timeLimit(.minutes(1)))
  func cancellingTheTaskEndsTheQueryAndKeepsTheSession() async throws {
    try await TestServer.withDatabase { settings in
      let connection = try await Connection.open(settings, applicationName: "t")
      let observer = try await Connection.open(settings, applicationName: "observer")
      let pid = connection.info.backendPID
      for _ in 0..<5 {
        let query = Task { try await connection.query("SELECT pg_sleep(60)") }
        try await observer.waitUntil(
          "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = \(pid)")
        query.cancel()
        await #expect(throws: CancellationError.self) { try await query.value }
        let one = try await connection.query("SELECT 1").single(as: Int.self)
        #expect(one == 1)
      }
      await connection.close()
      await observer.close()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aTransactionThatIsCancelledIsRolledBack() async throws {
    try await TestServer.withDatabase { settings in
      let connection = try await Connection.open(settings, applicationName: "t")
      let observer = try await Connection.open(settings, applicationName: "observer")
      try await connection.execute("CREATE TABLE t (n int)")
      let work = Task {
        try await connection.transaction { connection in
          try await connection.query("INSERT INTO t VALUES (1)")
          try await connection.query("SELECT pg_sleep(60)")
        }
      }
      let pid = connection.info.backendPID
      try await observer.waitUntil(
        "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = \(pid)")
      work.cancel()
      await #expect(throws: CancellationError.self) { try await work.value }
      #expect(await connection.state == .idle)
      #expect(try await connection.query("SELECT count(*) FROM t").single(as: Int.self) == 0)
      await connection.close()
      await observer.close()
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aCopyOutIsCancelledInTheMiddle() async throws {
    try await TestServer.withConnection { connection in
      let rows = Tally()
      let copy = Task {
        try await connection.copyOut(
          "COPY (SELECT generate_series(1, 1000000000)) TO STDOUT"
        ) { _ in rows.add(1) }
      }
      while rows.value < 1000 { await Task.yield() }
      copy.cancel()
      await #expect(throws: CancellationError.self) { try await copy.value }
      let one = try await connection.query("SELECT 1").single(as: Int.self)
      #expect(one == 1)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aCopyInIsCancelledAndKeepsNothing() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int)")
      let pieces = Tally()
      let copy = Task {
        try await connection.copyIn("COPY t FROM STDIN") { send in
          pieces.add(1)
          try Array("1\n2\n3\n".utf8).withUnsafeBytes { try send($0) }
          return true
        }
      }
      while pieces.value < 100 { await Task.yield() }
      copy.cancel()
      await #expect(throws: CancellationError.self) { try await copy.value }
      #expect(try await connection.query("SELECT count(*) FROM t").single(as: Int.self) == 0)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func anAttemptToConnectIsGivenUp() async throws {
    // A socket that listens and never answers.
    let silent = try SilentServer()
    let settings = ConnectionSettings(parameters: [
      "host": silent.folder, "dbname": "x", "user": "x",
    ])
    let attempt = Task { try await Connection.open(settings, applicationName: "t") }
    try silent.accept()
    attempt.cancel()
    await #expect(throws: CancellationError.self) { try await attempt.value }
  }

  @Test(.timeLimit(.minutes(1)))
  func aServerThatNeverAnswersIsTimedOut() async throws {
    let silent = try SilentServer()
    let settings = ConnectionSettings(parameters: [
      "host": silent.folder, "dbname": "x", "user": "x", "connect_timeout": "2",
    ])
    let error = await #expect(throws: PostgresError.self) {
      try await Connection.open(settings, applicationName: "t")
    }
    #expect(error?.kind == .connectionFailed)
    #expect(error?.message.contains("no answer in time") == true)
  }
}
