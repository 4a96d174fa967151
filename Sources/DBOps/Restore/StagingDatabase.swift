internal import Digest
internal import Postgres
internal import Quantities

/// The database that a restore fills before it gets its final name.
///
/// The final name never exists half-restored: the database is made under a name of its own, which
/// says what it is, and is renamed in the transaction that ends the restore. Its maker holds an
/// advisory lock on that name in a session of the maintenance database; the server lets that go
/// when the maker dies in whatever way, which is how a leftover is told from work in progress.
struct StagingDatabase: Sendable {
  /// The name that it gets in the end.
  let target: String
  /// The name that it has until then.
  let name: String
  private let maintenance: Connection
  /// How to connect to it.
  private let server: ConnectionSettings

  private static let marker = "__omcops_restoring_"
  /// How the comment on an unfinished database begins.
  private static let comment = "half-restored by omcops"

  init(for target: String, on server: ConnectionSettings, maintenance: Connection) {
    self.target = target
    self.server = server
    self.maintenance = maintenance
    name = StagingDatabase.name(for: target)
  }

  /// At most 63 bytes, the same for the same target, and unlike those of other targets.
  static func name(for target: String) -> String {
    let suffix = marker + SHA256.hex(of: target).prefix(8)
    var prefix = Substring(target)
    while prefix.utf8.count + suffix.utf8.count > 63 { prefix.removeLast() }
    return prefix + suffix
  }

  private static func lockKey(_ name: String) -> Int64 {
    let digits = SHA256.hex(of: "omcops restore \(name)").prefix(16)
    return Int64(bitPattern: UInt64(digits, radix: 16) ?? 0)
  }

  // MARK: Beginning

  /// Takes the lock, sees that the target is free and removes what dead restores left.
  func claim() async throws {
    guard try await lock(name) else { throw try await lockedBySomebody() }
    guard try await !exists(target) else {
      throw DBError(
        .targetExists, "the database \"\(target)\" exists already",
        hint: "restore into a name that does not exist, then swap the two: omcops db swap")
    }
    if try await exists(name) { try await drop(name) }
    try await sweep()
  }

  /// Makes it, marked as unfinished.
  func create(_ statement: String) async throws {
    try await maintenance.execute(statement)
    let text = "\(StagingDatabase.comment), to become \(target); begun \(Timestamp.now().rfc3339())"
    try await maintenance.execute(
      "COMMENT ON DATABASE \(quoteIdentifier(name)) IS \(quoteLiteral(text))")
  }

  private func lock(_ name: String) async throws -> Bool {
    try await maintenance.query(
      "SELECT pg_catalog.pg_try_advisory_lock($1)",
      [SQLValue(StagingDatabase.lockKey(name))]
    ).single(as: Bool.self)
  }

  private func unlock(_ name: String) async throws {
    try await maintenance.query(
      "SELECT pg_catalog.pg_advisory_unlock($1)", [SQLValue(StagingDatabase.lockKey(name))])
  }

  private func exists(_ name: String) async throws -> Bool {
    try await maintenance.query(
      "SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1)", [SQLValue(name)]
    ).single(as: Bool.self)
  }

  private func lockedBySomebody() async throws -> DBError {
    // A key of 64 bits stands in two halves.
    let rows = try await maintenance.query(
      """
      SELECT a.usename, a.application_name, a.client_addr::text, a.backend_start::text
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::bigint << 32) | l.objid::bigint = $1
      """, [SQLValue(StagingDatabase.lockKey(name))]
    ).rows
    let holder = rows.first.map { row in
      "\(row[0] ?? "somebody") (\(row[1] ?? "-")) from \(row[2] ?? "this server's machine")"
        + " since \(row[3] ?? "-")"
    }
    return DBError(
      .locked, "another restore into \"\(target)\" is running: \(holder ?? "it has just ended")",
      hint: "wait for it to end")
  }

  // MARK: Ending

  /// Gives it its final name, owner, rights and settings in one transaction; from then on, and not
  /// a moment before, the target exists.
  func finish(_ statements: [String], owner: String?, comment: String) async throws {
    let (from, to) = (quoteIdentifier(name), quoteIdentifier(target))
    try await waitUntilLeft()
    try await maintenance.transaction { connection in
      // Everything before was written without waiting for the disk: this commit waits for all.
      try await connection.execute("SET LOCAL synchronous_commit = on")
      try await connection.execute("ALTER DATABASE \(from) RENAME TO \(to)")
      if let owner {
        try await connection.execute("ALTER DATABASE \(to) OWNER TO \(quoteIdentifier(owner))")
      }
      for statement in statements { try await connection.execute(statement) }
      try await connection.execute(comment)
    }
  }

  /// Waits a moment for the restore's own sessions, which have just been closed, and for an automatic
  /// vacuum, which a superuser may end: while one is left the server ends it and puts off the new name
  /// by a tenth of a second.
  private func waitUntilLeft() async throws {
    for _ in 0..<20 {
      let left = try await maintenance.query(
        """
        SELECT backend_type = 'autovacuum worker' AND pg_catalog.pg_terminate_backend(pid)
        FROM pg_catalog.pg_stat_activity
        WHERE datname = $1 AND (backend_type = 'client backend'
          OR backend_type = 'autovacuum worker' AND current_setting('is_superuser') = 'on')
        """, [SQLValue(name)])
      if left.rows.isEmpty { return }
      try await Task.sleep(for: .milliseconds(3))
    }
  }

  /// Removes it, with whoever is connected to it.
  static func drop(
    for target: String, on server: ConnectionSettings, with connection: Connection
  ) async throws {
    try await StagingDatabase(for: target, on: server, maintenance: connection)
      .drop(name(for: target))
  }

  /// Whether a restore into the name, going on or killed, has a database of its own.
  static func exists(
    for target: String, on server: DatabaseServer, over connection: Connection
  ) async throws -> Bool {
    let staging = StagingDatabase(for: target, on: server.settings, maintenance: connection)
    return try await staging.exists(staging.name)
  }

  /// Removes what a restore into the name left when it was killed; one that goes on is left alone.
  static func removeLeftover(
    for target: String, on server: DatabaseServer, over connection: Connection
  ) async throws {
    let staging = StagingDatabase(for: target, on: server.settings, maintenance: connection)
    guard try await staging.exists(staging.name), try await staging.lock(staging.name) else {
      return
    }
    try await staging.drop(staging.name)
    try await staging.unlock(staging.name)
  }

  private func drop(_ name: String) async throws {
    let quoted = quoteIdentifier(name)
    try await dropSubscriptions(name)
    if maintenance.info.serverVersion >= 130000 {
      try await maintenance.execute("DROP DATABASE IF EXISTS \(quoted) WITH (FORCE)")
      return
    }
    try await maintenance.query(
      """
      SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE datname = $1
      """, [SQLValue(name)])
    try await maintenance.execute("DROP DATABASE IF EXISTS \(quoted)")
  }

  /// The server keeps a database that has subscriptions. Those of a restore have never had a slot,
  /// so that nobody else needs to hear of their end.
  private func dropSubscriptions(_ name: String) async throws {
    let rows = try await maintenance.query(
      """
      SELECT s.subname FROM pg_catalog.pg_subscription s
      JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = $1
      """, [SQLValue(name)]
    ).rows
    if rows.isEmpty { return }
    let connection = try await Connection.open(
      server.with(database: name), applicationName: "omcops db restore")
    do {
      for subscription in rows.compactMap({ $0[0] }).map(quoteIdentifier) {
        try await connection.execute("ALTER SUBSCRIPTION \(subscription) DISABLE")
        try await connection.execute("ALTER SUBSCRIPTION \(subscription) SET (slot_name = NONE)")
        try await connection.execute("DROP SUBSCRIPTION \(subscription)")
      }
      await connection.close()
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Removes the databases that restores into other names left when they were killed.
  private func sweep() async throws {
    let rows = try await maintenance.query(
      """
      SELECT d.datname FROM pg_catalog.pg_database d
      WHERE pg_catalog.shobj_description(d.oid, 'pg_database') LIKE $1 || '%'
        AND pg_catalog.strpos(d.datname, $2) > 0 AND d.datname <> $3
        AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
      """, [SQLValue(StagingDatabase.comment), SQLValue(StagingDatabase.marker), SQLValue(name)]
    ).rows
    for row in rows {
      guard let other = row[0], try await lock(other) else { continue }
      try await drop(other)
      try await unlock(other)
    }
  }
}
