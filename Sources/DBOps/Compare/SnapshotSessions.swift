internal import Postgres

/// How a live database writes its rows, so that they can be compared with those of an archive.
struct TextForm: Sendable {
  /// The encoding; nil for that of backups.
  var encoding: String?
  /// Whether timestamps are in the time zone that the server or the database has by default, as
  /// pg_dump writes them, rather than in UTC.
  var isOfServerTimeZone = false
}

/// Connections to one database that all see it at the same moment, as many as are used at once.
actor SnapshotSessions {
  private let server: DatabaseServer
  private let snapshot: String
  private let texts: TextForm
  private var idle: [CatalogSession]
  private var connections: [Connection]

  /// Takes the snapshot.
  static func begin(_ server: DatabaseServer, _ texts: TextForm) async throws -> SnapshotSessions {
    let connection = try await Connection.open(
      server.settings, applicationName: server.applicationName)
    do {
      let (leader, snapshot) = try await CatalogSession.lead(connection)
      try await leader.choose(texts)
      return SnapshotSessions(server, leader, snapshot, texts)
    } catch {
      await connection.close()
      throw error
    }
  }

  private init(
    _ server: DatabaseServer, _ leader: CatalogSession, _ snapshot: String, _ texts: TextForm
  ) {
    self.server = server
    self.snapshot = snapshot
    self.texts = texts
    idle = [leader]
    connections = [leader.connection]
  }

  /// Runs `body` with a session that nobody else uses meanwhile. One that failed is not used again.
  nonisolated func with<Result: Sendable>(
    _ body: @Sendable (CatalogSession) async throws -> Result
  ) async throws -> Result {
    let session = try await take()
    let result = try await body(session)
    await giveBack(session)
    return result
  }

  private func take() async throws -> CatalogSession {
    if let session = idle.popLast() { return session }
    let connection = try await Connection.open(
      server.settings, applicationName: server.applicationName)
    connections.append(connection)
    let session = try await CatalogSession.follow(connection, snapshot: snapshot)
    try await session.choose(texts)
    return session
  }

  private func giveBack(_ session: CatalogSession) { idle.append(session) }

  /// Ends all of them.
  func close() async {
    for connection in connections { await connection.close() }
    connections = []
    idle = []
  }
}

extension CatalogSession {
  fileprivate func choose(_ texts: TextForm) async throws {
    if let encoding = texts.encoding {
      try await connection.execute("SET client_encoding = \(quoteLiteral(encoding))")
    }
    if texts.isOfServerTimeZone { try await connection.execute("RESET timezone") }
  }
}
