internal import Diagnostics
internal import Postgres
internal import Synchronization

/// Ends the sessions of databases for as long as a change waits for them to be free.
///
/// `ALTER DATABASE ... RENAME` and `DROP DATABASE` lock the database against new sessions, then
/// wait up to five seconds for the old ones to go. A second session ends them meanwhile: nobody
/// can come back in between, and no setting has to be changed first that a crash would leave.
struct SessionEnder: Sendable {
  let server: DatabaseServer
  let databases: [String]
  /// How long clients may keep a database in use.
  let deadline: Duration

  /// Runs `change` on a connection to the maintenance database until it goes through; gives the
  /// number of sessions that were ended.
  func run(_ change: @escaping @Sendable (Connection) async throws -> Void) async throws -> Int {
    let ended = EndedSessions()
    try await server.withMaintenance { ending in
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await changeUntilDone(change) }
        group.addTask {
          while !Task.isCancelled {
            ended.add(try await endSessions(over: ending))
            try await Task.sleep(for: .milliseconds(50))
          }
        }
        // Ends the other task when the first has ended, well or not.
        defer { group.cancelAll() }
        try await group.next()
      }
    }
    return ended.count
  }

  private func changeUntilDone(
    _ change: @Sendable (Connection) async throws -> Void
  ) async throws {
    let clock = ContinuousClock()
    let end = clock.now + deadline
    try await server.withMaintenance { connection in
      try await connection.execute("SET statement_timeout = 0; SET lock_timeout = '5s'")
      while true {
        do {
          return try await change(connection)
        } catch let error as PostgresError where SessionEnder.isInUse(error) {
          if clock.now >= end { throw try await inUse(error, over: connection) }
        }
      }
    }
  }

  /// `object_in_use` after the server's own wait, or our lock timeout.
  private static func isInUse(_ error: PostgresError) -> Bool {
    error.sqlState == "55006" || error.sqlState == "55P03"
  }

  /// Asks the server to end every session that it lets us end.
  private func endSessions(over connection: Connection) async throws -> [Int] {
    let sessions = try await connection.query(
      """
      SELECT pid FROM pg_stat_activity
      WHERE datname = ANY ($1::text[]) AND pid <> pg_backend_pid()
        AND backend_type IN ('client backend', 'logical replication worker', 'walsender')
      """, [SQLValue(array: databases.map { SQLValue($0) })])
    var ended: [Int] = []
    for row in sessions.rows {
      let pid: Int = try row.decode("pid")
      do {
        let isSignalled: Bool = try await connection.query(
          "SELECT pg_terminate_backend($1)", [SQLValue(pid)]
        ).single()
        if isSignalled { ended.append(pid) }
      } catch let error as PostgresError where error.sqlState == "42501" {
        // Somebody else's session, which we may not end: it is named when the deadline passes.
        continue
      }
    }
    return ended
  }

  private func inUse(_ error: PostgresError, over connection: Connection) async throws -> DBError {
    var lines: [String] = []
    for name in databases {
      for client in try await ClientConnection.all(of: name, over: connection) {
        lines.append("\(name): \(client.summary)")
      }
    }
    return DBError(
      .databaseInUse, "\(error.message) after \(deadline.components.seconds) s",
      hint:
        "end these sessions, or use a role that may: their own, pg_signal_backend or a superuser",
      details: lines.isEmpty ? error.details : lines)
  }
}

/// The server processes that were ended.
private final class EndedSessions: Sendable {
  private let pids = Mutex<Set<Int>>([])

  var count: Int { pids.withLock { $0.count } }

  func add(_ more: [Int]) { pids.withLock { $0.formUnion(more) } }
}
