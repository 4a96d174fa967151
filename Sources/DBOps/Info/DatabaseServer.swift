public import Postgres

/// A server as somebody who changes whole databases sees it: through the maintenance database,
/// since nobody can rename or drop the database that he is connected to.
public struct DatabaseServer: Sendable {
  /// How to connect to the database that is meant.
  public var settings: ConnectionSettings
  /// What the server's administrators see.
  public var applicationName: String

  /// Names a server and the database on it.
  public init(_ settings: ConnectionSettings, applicationName: String) {
    self.settings = settings
    self.applicationName = applicationName
  }

  /// Connects to the database that the settings name, or to `database`.
  public func withConnection<Result: Sendable>(
    to database: String? = nil, _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    let settings = database.map(settings.with(database:)) ?? settings
    let connection = try await Connection.open(settings, applicationName: applicationName)
    do {
      let result = try await body(connection)
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Connects to a database that is always there: `postgres`, or `template1` where it was dropped.
  public func withMaintenance<Result: Sendable>(
    _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    let connection = try await openMaintenance()
    do {
      let result = try await body(connection)
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  /// A connection to the maintenance database, which the caller closes.
  func openMaintenance() async throws -> Connection {
    do {
      return try await Connection.open(
        settings.with(database: "postgres"), applicationName: applicationName)
    } catch let error as PostgresError where error.sqlState == "3D000" {
      return try await Connection.open(
        settings.with(database: "template1"), applicationName: applicationName)
    }
  }
}
