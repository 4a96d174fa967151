import Postgres
import Synchronization
import TestServer
import Testing
import Threads

/// Connections on a thread that does other things, too.
@Suite("Shared thread", .timeLimit(.minutes(1)))
struct SharedThreadTests {
  /// Runs `body` with the jobs of a thread.
  private func withThread(_ body: (JobQueue) async throws -> Void) async throws {
    let jobs = JobQueue()
    try startThread { jobs.run() }
    defer { jobs.close() }
    try await body(jobs)
  }

  @Test("the thread works on until the server answers, and a cancel ends the wait")
  func dialling() async throws {
    let silent = try SilentServer()
    let settings = ConnectionSettings(parameters: [
      "host": silent.folder, "dbname": "x", "user": "x",
    ])
    try await withThread { jobs in
      let opening = Task {
        try await Connection.open(settings, applicationName: "t", sharing: jobs)
      }
      // The thread is never idle while there are turns left.
      let turns = Mutex(100_000)
      @Sendable func work() {
        let left = turns.withLock { turns in
          turns -= 1
          return turns
        }
        if left > 0 { jobs.add { work() } }
      }
      jobs.add { work() }
      try silent.accept()
      while turns.withLock({ $0 }) > 0 { try await Task.sleep(for: .milliseconds(1)) }
      opening.cancel()
      await #expect(throws: CancellationError.self) { try await opening.value }
    }
  }

  @Test(
    "statements run on it, are cancelled on it, and hold it up until the connection has its own")
  func statements() async throws {
    try await TestServer.withDatabase { settings in
      let observer = try await Connection.open(settings, applicationName: "observer")
      try await withThread { jobs in
        let connection = try await Connection.open(settings, applicationName: "t", sharing: jobs)
        let sleeps =
          "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = \(connection.info.backendPID)"
        let ran = Mutex(false)
        let blocked = Task { try await connection.query("SELECT pg_sleep(60)") }
        try await observer.waitUntil(sleeps)
        jobs.add { ran.withLock { $0 = true } }
        try await observer.query("SELECT pg_sleep(0.1)")
        #expect(!ran.withLock { $0 })
        blocked.cancel()
        await #expect(throws: CancellationError.self) { try await blocked.value }
        await jobs.letOthersRun()
        #expect(ran.withLock { $0 })

        try await connection.takeOwnThread()
        try await connection.takeOwnThread()
        let apart = Task { try await connection.query("SELECT pg_sleep(60)") }
        try await observer.waitUntil(sleeps)
        await jobs.letOthersRun()
        apart.cancel()
        await #expect(throws: CancellationError.self) { try await apart.value }
        #expect(try await connection.query("SELECT 1").single(as: Int.self) == 1)
        await connection.close()
      }
      await observer.close()
    }
  }

  @Test("a cancel is heard when it comes as the wait turns into a long one")
  func cancelledThen() async throws {
    try await TestServer.withDatabase { settings in
      for step in 0..<16 {
        try await withThread { jobs in
          let connection = try await Connection.open(settings, applicationName: "t", sharing: jobs)
          let sleeping = Task { try await connection.query("SELECT pg_sleep(600)") }
          try await Task.sleep(for: .microseconds(98_000 + step * 250))
          sleeping.cancel()
          await #expect(throws: CancellationError.self) { try await sleeping.value }
          await connection.close()
        }
      }
    }
  }
}
