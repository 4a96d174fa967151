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

  /// Begins a transaction whose snapshot is exported under the name that is given back; nothing is
  /// locked. `connection` must be idle.
  static func lead(_ connection: Connection) async throws -> (CatalogSession, snapshot: String) {
    let session = try await prepare(connection)
    try await session.beginTransaction()
    return (session, try await session.exportSnapshot())
  }

  /// Begins a transaction in a snapshot that another session has exported and still holds.
  static func follow(_ connection: Connection, snapshot: String) async throws -> CatalogSession {
    let session = try await prepare(connection)
    try await session.beginTransaction()
    try await connection.execute("SET TRANSACTION SNAPSHOT \(quoteLiteral(snapshot))")
    return session
  }

  /// A session that is set up, before its transaction.
  static func prepare(_ connection: Connection) async throws -> CatalogSession {
    guard knownVersions.contains(connection.info.majorVersion) else {
      throw UnknownServerVersion(version: connection.info.serverVersionText)
    }
    let encoding = CatalogSession.encoding(of: connection.info)
    let parts = CatalogSession.settings.split(separator: "%", maxSplits: 1)
    try await connection.execute(parts.joined(separator: encoding))
    return CatalogSession(connection: connection)
  }

  func beginTransaction() async throws {
    try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
  }

  func exportSnapshot() async throws -> String {
    try await connection.query("SELECT pg_export_snapshot()").single()
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
