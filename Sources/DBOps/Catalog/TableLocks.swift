internal import Postgres

extension CatalogSession {
  /// Begins the transaction that the others share, with every table locked that will be read, so that
  /// what the catalogs say of it stays true; the snapshot is exported under the name that is given
  /// back. `connection` must be idle.
  ///
  /// The locks come before the snapshot, for which LOCK does not stand in need of one. Were it the
  /// other way round, as in pg_dump, a table that somebody rewrote or emptied while its lock was
  /// waited for would have no rows in the snapshot and be backed up as empty. In a snapshot that is
  /// younger than the locks every table must be one of those locked; else all begins anew.
  ///
  /// - Parameter selection: tables that are not wanted need no lock, and no right to read them.
  /// - Throws: `DBError` where tables come and go faster than they can be locked.
  static func lead(
    _ connection: Connection, locking selection: Selection
  ) async throws -> (CatalogSession, snapshot: String) {
    let session = try await prepare(connection)
    var last = "tables come and go"
    for _ in 0..<lockAttempts {
      let locked = try await session.lockable(selection)
      try await session.beginTransaction()
      do {
        try await session.lock(locked)
        let snapshot = try await session.exportSnapshot()
        let news = try await session.lockable(selection).subtracting(locked)
        guard let first = news.map(\.name).min() else { return (session, snapshot) }
        last = "the table \(first) is new"
      } catch let error as PostgresError
        where error.sqlState == "42P01" || error.sqlState == "3F000"
      {
        last = error.message
      }
      try await connection.execute("ROLLBACK")
    }
    throw DBError(
      .failed, "the tables change faster than they can be locked: \(last)",
      hint: "wait until the migration or whatever makes and drops them is done, then try again")
  }

  private static let lockAttempts = 10

  private struct LockableTable: Hashable {
    var oid: UInt32
    var name: String
  }

  private func lockable(_ selection: Selection) async throws -> Set<LockableTable> {
    let result = try await connection.query(Relation.lockQuery)
    return Set(
      try result.rows.compactMap { row in
        let row = CatalogRow(row: row)
        let name = QualifiedName(try row.text("nspname"), try row.text("relname"))
        guard selection.wants(name.schema, name.name) || row.flag("ispartition") else { return nil }
        return LockableTable(oid: try row.oid("oid"), name: name.sql)
      })
  }

  private func lock(_ tables: Set<LockableTable>) async throws {
    if tables.isEmpty { return }
    let list = tables.map(\.name).sorted().map { "ONLY \($0)" }.joined(separator: ", ")
    try await connection.execute("LOCK TABLE \(list) IN ACCESS SHARE MODE")
  }
}
