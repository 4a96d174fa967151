internal import Glibc
public import Postgres
public import Quantities

/// What a server says about itself and one of its databases.
public struct DatabaseInfo: Sendable {
  /// The database.
  public var database: String
  /// `15.18`.
  public var serverVersion: String
  /// `15`.
  public var serverMajor: Int
  /// Whether the server is a standby, which takes no writes.
  public var isInRecovery: Bool
  /// What tells this server's data from that of every other server; decimal digits.
  public var systemIdentifier: String
  /// The database's size on disk; nil where the role may not know.
  public var sizeBytes: Int64?
  /// The free room where the server keeps its data; nil where it cannot be known, as on another
  /// machine.
  public var freeBytes: Int64?
  /// The clients of the database but this one.
  public var connections: [ClientConnection]
  /// How many connections the server takes.
  public var maxConnections: Int
  /// The role that owns the database.
  public var owner: String
  /// Whether anybody may connect.
  public var allowsConnections: Bool
  /// The database's comment, where `swap` leaves its mark.
  public var comment: String?
  /// Alembic's revision, several joined by commas; nil without Alembic or where nobody may connect.
  public var alembicRevision: String?

  /// Reads everything about `settings`' database.
  ///
  /// A database that takes no connections is looked at from the maintenance database.
  /// - Throws: `PostgresError`; `DBError` when there is no such database.
  public static func read(
    _ settings: ConnectionSettings, applicationName: String
  ) async throws -> DatabaseInfo {
    let server = DatabaseServer(settings, applicationName: applicationName)
    do {
      return try await server.withConnection { connection in
        try await read(connection.info.database, over: connection)
      }
    } catch let error as PostgresError where error.sqlState == "55000" {
      guard let name = settings["dbname"] else { throw error }
      return try await server.withMaintenance { try await read(name, over: $0) }
    }
  }

  private static func read(
    _ name: String, over connection: Connection
  ) async throws -> DatabaseInfo {
    let options = TransactionOptions(isReadOnly: true)
    return try await connection.transaction(options) { connection in
      let result = try await connection.query(overview, [SQLValue(name)])
      guard let row = result.rows.first else { throw DBError.missing(database: name) }
      var info = DatabaseInfo(
        database: name, serverVersion: try row.decode("version"),
        serverMajor: connection.info.majorVersion, isInRecovery: try row.decode("in_recovery"),
        systemIdentifier: try row.decode("system_identifier"),
        sizeBytes: try row.decode("size"), freeBytes: nil, connections: [],
        maxConnections: try row.decode("max_connections"), owner: try row.decode("owner"),
        allowsConnections: try row.decode("allows_connections"),
        comment: try row.decode("comment"))
      info.connections = try await ClientConnection.all(of: name, over: connection)
      if connection.info.host.hasPrefix("/"), let folder = row["data_directory"] {
        info.freeBytes = freeBytes(at: folder)
      }
      if connection.info.database == name {
        info.alembicRevision = try await AlembicVersion.read(connection)
      }
      return info
    }
  }

  /// The bytes that an ordinary user may still write on the file system of a folder; nil when
  /// the folder cannot be looked at.
  public static func freeBytes(at folder: String) -> Int64? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    return Int64(status.f_bavail) * Int64(status.f_frsize)
  }

  // pg_settings hides data_directory from roles that may not see it; current_setting would fail.
  private static let overview = """
    SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS in_recovery,
      (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
      current_setting('max_connections')::int AS max_connections,
      CASE WHEN has_database_privilege(d.oid, 'CONNECT')
        OR pg_has_role('pg_read_all_stats', 'USAGE') THEN pg_database_size(d.oid) END AS size,
      pg_get_userbyid(d.datdba) AS owner, d.datallowconn AS allows_connections,
      shobj_description(d.oid, 'pg_database') AS comment,
      (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data_directory
    FROM pg_database d WHERE d.datname = $1
    """
}

/// A client that is connected to a database.
public struct ClientConnection: Hashable, Sendable {
  /// Its server process.
  public var pid: Int
  /// The role; nil where we may not know.
  public var user: String?
  /// What the client calls itself.
  public var application: String?
  /// Its address; nil for a local one.
  public var address: String?
  /// `active`, `idle`, `idle in transaction`.
  public var state: String?
  /// Since when it is connected.
  public var since: Timestamp?

  /// One line for people: `pid 4711, ada, psql from 10.0.0.7, idle`.
  public var summary: String {
    var parts = ["pid \(pid)"]
    if let user { parts.append(user) }
    let program = [application ?? "", address.map { "from \($0)" } ?? ""].filter { !$0.isEmpty }
    if !program.isEmpty { parts.append(program.joined(separator: " ")) }
    if let state { parts.append(state) }
    return parts.joined(separator: ", ")
  }

  static func all(of database: String, over connection: Connection) async throws
    -> [ClientConnection]
  {
    let result = try await connection.query(
      """
      SELECT pid, usename, application_name, host(client_addr) AS address, state, backend_start
      FROM pg_stat_activity
      WHERE datname = $1 AND backend_type = 'client backend' AND pid <> pg_backend_pid()
      ORDER BY backend_start, pid
      """, [SQLValue(database)])
    return try result.rows.map { row in
      ClientConnection(
        pid: try row.decode("pid"), user: row["usename"], application: row["application_name"],
        address: row["address"], state: row["state"], since: try row.decode("backend_start"))
    }
  }
}

/// The revision that Alembic says a database is at.
public enum AlembicVersion {
  /// The revision, several in byte order joined by commas; nil without a version table.
  public static func read(_ connection: Connection) async throws -> String? {
    let table = try await connection.query("SELECT to_regclass('alembic_version')::text")
    guard let name: String = try table.single(as: String?.self) else { return nil }
    // The text of a regclass is quoted where it has to be.
    let versions = try await connection.query("SELECT version_num FROM \(name) ORDER BY 1")
    return versions.rows.isEmpty ? nil : versions.rows.map { $0[0] ?? "" }.joined(separator: ",")
  }
}
