internal import Postgres

/// Sessions in which databases are made, renamed and dropped.
enum Maintenance {
  /// Connects to the server's `postgres` database, or to `template1` where there is none.
  static func connect(
    _ server: ConnectionSettings, _ applicationName: String
  ) async throws -> Connection {
    do {
      return try await open(server.with(database: "postgres"), applicationName)
    } catch let error as PostgresError where error.sqlState == "3D000" {
      return try await open(server.with(database: "template1"), applicationName)
    }
  }

  private static func open(
    _ settings: ConnectionSettings, _ applicationName: String
  ) async throws -> Connection {
    let connection = try await Connection.open(settings, applicationName: applicationName)
    var settings = [
      "SET default_transaction_read_only = off", "SET statement_timeout = 0",
      "SET lock_timeout = 0",
    ]
    // It waits while other sessions do the work.
    if connection.info.serverVersion >= 140000 { settings.append("SET idle_session_timeout = 0") }
    try await connection.execute(settings.joined(separator: "; "))
    return connection
  }
}
