internal import Postgres

/// Puts one database in the place of another and keeps the old one under a third name.
///
/// Both renames, the mark and who may connect are one transaction: at any moment, whatever is
/// killed, the name belongs either to the old database or to the new one, and the mark tells which.
public struct DatabaseSwap: Sendable {
  /// The name that clients use.
  public var live: String
  /// The database that shall have it.
  public var incoming: String
  /// The name that the present one gets.
  public var keepAs: String
  /// The comment that the new live database gets.
  public var mark: String
  /// How long clients may keep the databases in use.
  public var deadline = Duration.seconds(30)

  /// Describes a swap.
  public init(live: String, incoming: String, keepAs: String, mark: String) {
    self.live = live
    self.incoming = incoming
    self.keepAs = keepAs
    self.mark = mark
  }

  /// What was done.
  public struct Outcome: Hashable, Sendable {
    /// Whether an earlier attempt had done it all.
    public var wasDone: Bool
    /// How many sessions were ended.
    public var endedSessions: Int
  }

  /// Does it; nothing happens when this very swap has been done before.
  ///
  /// - Throws: `DBError` when a name is missing, taken or in use; `PostgresError`.
  public func run(on server: DatabaseServer) async throws -> Outcome {
    let state = try await state(on: server)
    if isDone(state) { return Outcome(wasDone: true, endedSessions: 0) }
    try check(state)
    try await server.withMaintenance(refusePreparedTransactions)
    let statements = statements
    let ender = SessionEnder(server: server, databases: [live, incoming], deadline: deadline)
    let ended = try await ender.run { connection in
      try await connection.transaction { connection in
        for statement in statements { try await connection.execute(statement) }
      }
    }
    return Outcome(wasDone: false, endedSessions: ended)
  }

  /// The databases of the three names that exist.
  public func state(on server: DatabaseServer) async throws -> [DatabaseEntry] {
    try await server.withMaintenance { connection in
      try await DatabaseEntry.all(named: [live, incoming, keepAs], over: connection)
    }
  }

  /// Whether the swap has been done: the live database carries the mark, the old one is kept and
  /// nothing comes in any more.
  public func isDone(_ state: [DatabaseEntry]) -> Bool {
    state.contains { $0.name == live && $0.comment == mark }
      && state.contains { $0.name == keepAs } && !state.contains { $0.name == incoming }
  }

  private var statements: [String] {
    let (live, keepAs) = (quoteIdentifier(live), quoteIdentifier(keepAs))
    return [
      "ALTER DATABASE \(live) RENAME TO \(keepAs)",
      // Nobody is to write to what is no longer live, not even by its new name.
      "ALTER DATABASE \(keepAs) ALLOW_CONNECTIONS false",
      "ALTER DATABASE \(quoteIdentifier(incoming)) RENAME TO \(live)",
      "ALTER DATABASE \(live) ALLOW_CONNECTIONS true",
      "COMMENT ON DATABASE \(live) IS \(quoteLiteral(mark))",
    ]
  }

  private func check(_ state: [DatabaseEntry]) throws {
    guard Set([live, incoming, keepAs]).count == 3 else {
      throw DBError(
        .invalidRequest,
        "a swap needs three different names, not \(live), \(incoming) and \(keepAs)")
    }
    for name in [live, incoming] {
      guard let entry = state.first(where: { $0.name == name }) else {
        throw DBError.missing(database: name)
      }
      if entry.isSystem {
        throw DBError(.refused, "\"\(name)\" belongs to the server and is not renamed")
      }
    }
    if state.contains(where: { $0.name == keepAs }) {
      throw DBError(
        .targetExists, "there is a database \"\(keepAs)\" already",
        hint: "keep the old one under another name, or drop that one first")
    }
  }

  /// They survive their session, so that ending sessions does not free the database.
  private func refusePreparedTransactions(_ connection: Connection) async throws {
    let result = try await connection.query(
      "SELECT gid, database FROM pg_prepared_xacts WHERE database = ANY ($1::text[])",
      [SQLValue(array: [SQLValue(live), SQLValue(incoming)])])
    guard !result.rows.isEmpty else { return }
    throw DBError(
      .databaseInUse, "prepared transactions keep the databases in use",
      hint: "end each with COMMIT PREPARED or ROLLBACK PREPARED",
      details: result.rows.map { "\($0["database"] ?? ""): \($0["gid"] ?? "")" })
  }
}

/// A database in the server's list.
public struct DatabaseEntry: Hashable, Sendable {
  /// The name.
  public var name: String
  /// Whether anybody may connect.
  public var allowsConnections: Bool
  /// The comment.
  public var comment: String?
  /// Whether the server needs it: a template, or `postgres`.
  public var isSystem: Bool

  static func all(
    named names: [String], over connection: Connection
  ) async throws -> [DatabaseEntry] {
    let result = try await connection.query(
      """
      SELECT datname, datallowconn, shobj_description(oid, 'pg_database') AS comment,
        datistemplate OR datname = 'postgres' AS is_system
      FROM pg_database WHERE datname = ANY ($1::text[]) ORDER BY datname
      """, [SQLValue(array: names.map { SQLValue($0) })])
    return try result.rows.map { row in
      DatabaseEntry(
        name: try row.decode("datname"), allowsConnections: try row.decode("datallowconn"),
        comment: try row.decode("comment"), isSystem: try row.decode("is_system"))
    }
  }
}
