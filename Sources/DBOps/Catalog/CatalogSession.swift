internal import Diagnostics
internal import Postgres

/// A session that reads a database in one snapshot, whatever others do meanwhile.
struct CatalogSession {
  let connection: Connection

  /// The settings under which the server's texts are complete and mean the same anywhere. Ones
  /// that only some servers have are set where they exist.
  private static let settings = """
    SET client_encoding = '%';
    SET datestyle = ISO; SET intervalstyle = postgres; SET extra_float_digits = 3;
    SET timezone = 'UTC';
    SET synchronize_seqscans = off; SET statement_timeout = 0; SET lock_timeout = 0;
    SET idle_in_transaction_session_timeout = 0; SET row_security = off; SET search_path = '';
    SET standard_conforming_strings = on; SET quote_all_identifiers = off;
    SET bytea_output = hex; SET xmloption = content;
    SELECT set_config(s.name, v.value, false) FROM pg_settings AS s
      JOIN (VALUES ('restrict_nonsystem_relation_kind', 'view, foreign-table'),
        ('transaction_timeout', '0'), ('idle_session_timeout', '0')) AS v(name, value)
      ON v.name = s.name
    """

  /// The encoding in which a database is written down: UTF-8 holds what every other encoding does.
  /// Only SQL_ASCII has no meaning that could be converted; its bytes are taken as they are.
  static func encoding(of info: ConnectionInfo) -> String {
    info.serverEncoding == "SQL_ASCII" ? "SQL_ASCII" : "UTF8"
  }

  /// The server's major versions whose catalogs are known.
  static let knownVersions = 12...18

  /// Begins the transaction that the others share; the snapshot is exported under the name that is
  /// given back. `connection` must be idle.
  static func lead(_ connection: Connection) async throws -> (CatalogSession, snapshot: String) {
    let version = connection.info.majorVersion
    guard knownVersions.contains(version) else {
      throw UnknownServerVersion(version: connection.info.serverVersionText)
    }
    let session = CatalogSession(connection: connection)
    try await session.begin()
    let snapshot: String = try await connection.query("SELECT pg_export_snapshot()").single()
    return (session, snapshot)
  }

  /// Begins a transaction in a snapshot that another session has exported and still holds.
  static func follow(_ connection: Connection, snapshot: String) async throws -> CatalogSession {
    let session = CatalogSession(connection: connection)
    try await session.begin()
    try await connection.execute("SET TRANSACTION SNAPSHOT \(quoteLiteral(snapshot))")
    return session
  }

  private func begin() async throws {
    let encoding = CatalogSession.encoding(of: connection.info)
    let parts = CatalogSession.settings.split(separator: "%", maxSplits: 1)
    try await connection.execute(parts.joined(separator: encoding))
    try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
  }

  /// Locks every table that will be read, so that what the catalogs say of it stays true. It must
  /// come before anything else is read: the server's texts show the catalogs of the moment.
  ///
  /// - Parameter selection: tables that are not wanted need no lock, and no right to read them.
  func lockTables(_ selection: Selection = Selection()) async throws {
    let result = try await connection.query(Relation.lockQuery)
    let names = try result.rows.compactMap { row -> String? in
      let row = CatalogRow(row: row)
      let name = QualifiedName(try row.text("nspname"), try row.text("relname"))
      let isWanted = selection.wants(name.schema, name.name) || row.flag("ispartition")
      return isWanted ? name.sql : nil
    }
    if names.isEmpty { return }
    let list = names.map { "ONLY \($0)" }.joined(separator: ", ")
    try await connection.execute("LOCK TABLE \(list) IN ACCESS SHARE MODE")
  }
}

/// The server is older or newer than those whose catalogs are known.
struct UnknownServerVersion: Failure {
  var version: String

  var message: String { "cannot back up a server of version \(version)" }
  var hint: String? {
    let known = CatalogSession.knownVersions
    return "versions \(known.lowerBound) to \(known.upperBound) are supported"
  }
  var status: ExitStatus { .refused }
}
