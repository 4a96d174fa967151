internal import Alembic
internal import DBOps
internal import Diagnostics
internal import Glibc
internal import Postgres
internal import Quantities
internal import Terminal

/// A project and its database, ready for a command.
struct MigrationSession: Sendable {
  let scripts: ScriptDirectory
  let environment: Alembic.Environment
  let target: DatabaseTarget
  let server: DatabaseServer
  let connection: Connection

  /// Reads the project while the connection is made, hands both to `body` and closes the connection.
  static func with<Result: Sendable>(
    _ options: MigrationOptions, command: String, _ context: Context,
    _ body: (MigrationSession) async throws -> Result
  ) async throws -> Result {
    let target = try options.target(context)
    let server = DatabaseServer(
      target.settings, applicationName: context.applicationName(command))
    async let connecting = Connection.open(
      server.settings, applicationName: server.applicationName)
    let scripts = try options.project.scripts(context)
    let environment = try Alembic.Environment(of: scripts.project)
    let connection = try await connecting
    let session = MigrationSession(
      scripts: scripts, environment: environment, target: target, server: server,
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
    MigrationSession.migrator(scripts, environment.online, context)
  }

  static func migrator(
    _ scripts: ScriptDirectory, _ options: EnvironmentOptions, _ context: Context
  ) -> Migrator {
    let settings = PythonRunner.Settings(
      naming: options.namingConvention, variables: context.environment)
    return Migrator(
      scripts, options: options,
      performer: ScriptPerformer(scripts, settings) { context.error.write($0) },
      holder: AdvisoryLock.Holder(
        user: context.user, host: context.host, pid: getpid(), run: "", since: .now()))
  }

  /// The version rows.
  func state(_ context: Context) async throws -> Migrator.State {
    try await migrator(context).state(over: connection)
  }
}
