internal import Postgres

/// Drops a whole database.
public struct DatabaseDrop: Sendable {
  /// The database.
  public var name: String
  /// The databases that live services use: they are never dropped.
  public var liveNames: Set<String>
  /// How long clients may keep the database in use.
  public var deadline = Duration.seconds(30)

  /// Describes what to drop and what must not be.
  public init(name: String, liveNames: Set<String>) {
    self.name = name
    self.liveNames = liveNames
  }

  /// What was done.
  public struct Outcome: Hashable, Sendable {
    /// Whether there was such a database.
    public var existed: Bool
    /// How many sessions were ended.
    public var endedSessions: Int
  }

  /// Ends the database's sessions and drops it, and what a restore into its name left half done;
  /// nothing happens when there is neither.
  ///
  /// - Throws: `DBError` when it must not be dropped or cannot be freed; `PostgresError`.
  public func run(on server: DatabaseServer) async throws -> Outcome {
    let name = name
    try await server.withMaintenance { connection in
      try await StagingDatabase.removeLeftover(for: name, on: server, over: connection)
    }
    guard let entry = try await entry(on: server) else {
      return Outcome(existed: false, endedSessions: 0)
    }
    try check(entry)
    let ender = SessionEnder(server: server, databases: [name], deadline: deadline)
    let ended = try await ender.run { connection in
      // With FORCE the server ends the sessions itself, while it holds the lock.
      let force = connection.info.majorVersion >= 13 ? " WITH (FORCE)" : ""
      try await connection.execute("DROP DATABASE IF EXISTS \(quoteIdentifier(name))\(force)")
    }
    return Outcome(existed: true, endedSessions: ended)
  }

  /// Whether there is neither the database nor what a restore into its name left half done.
  public func isGone(on server: DatabaseServer) async throws -> Bool {
    let name = name
    return try await server.withMaintenance { connection in
      let entries = try await DatabaseEntry.all(named: [name], over: connection)
      let isLeft = try await StagingDatabase.exists(for: name, on: server, over: connection)
      return entries.isEmpty && !isLeft
    }
  }

  /// The database in the server's list; nil when there is none.
  public func entry(on server: DatabaseServer) async throws -> DatabaseEntry? {
    try await server.withMaintenance { connection in
      try await DatabaseEntry.all(named: [name], over: connection).first
    }
  }

  /// Whether a restore into this name was left half done.
  public func hasLeftover(on server: DatabaseServer) async throws -> Bool {
    try await server.withMaintenance {
      try await StagingDatabase.exists(for: name, on: server, over: $0)
    }
  }

  private func check(_ entry: DatabaseEntry) throws {
    if liveNames.contains(name) {
      throw DBError(
        .refused, "\"\(name)\" is a live database of the configuration and is not dropped",
        hint: "swap it out first; then drop what was kept")
    }
    if entry.isSystem {
      throw DBError(.refused, "\"\(name)\" belongs to the server and is not dropped")
    }
  }
}
