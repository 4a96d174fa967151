internal import Alembic
internal import DBOps
internal import Diagnostics
internal import Glibc
internal import Postgres
internal import Quantities
internal import Terminal

/// A project and its database, ready for a command.
struct MigrationSession: Sendable {
  let source: ProjectSource
  let scripts: ScriptDirectory
  let environment: Alembic.Environment
  let target: DatabaseTarget
  let server: DatabaseServer
  let connection: Connection

  /// Reads the project while the connection is made, hands both to `body` and closes the connection.
  static func with<Result: Sendable>(
    _ choice: MigrationChoice, command: String, tag: String? = nil, _ context: Context,
    _ body: (MigrationSession) async throws -> Result
  ) async throws -> Result {
    let configuration = try choice.project.configuration(context)
    let target = try choice.target(configuration, context)
    var source = choice.project.source(configuration, context)
    source.tag = tag
    let server = DatabaseServer(
      target.settings, applicationName: context.applicationName(command))
    async let connecting = Connection.open(
      server.settings, applicationName: server.applicationName)
    let scripts = try choice.project.scripts(source, context)
    let environment = try source.environment(of: scripts.project)
    let connection = try await connecting
    let session = MigrationSession(
      source: source, scripts: scripts, environment: environment, target: target, server: server,
      connection: connection)
    do {
      let result = try await body(session)
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  func migrator(_ context: Context) -> Migrator {
    source.migrator(scripts, environment.online, context)
  }

  /// The version rows.
  func state(_ context: Context) async throws -> Migrator.State {
    try await migrator(context).state(over: connection)
  }
}
