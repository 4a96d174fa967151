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
  /// The version rows, as they were when the session began.
  let state: Migrator.State

  /// Reads the scripts while the connection is made and the version table is read, hands all of it to
  /// `body` and closes the connection.
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
    let project = try choice.project.project(source, context)
    let environment = try source.environment(of: project)
    async let opening = open(server, environment.online)
    let scripts = try ScriptDirectory(project)
    let (connection, state) = try await opening
    let session = MigrationSession(
      source: source, scripts: scripts, environment: environment, target: target, server: server,
      connection: connection, state: state)
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

  private static func open(
    _ server: DatabaseServer, _ options: EnvironmentOptions
  ) async throws -> (Connection, Migrator.State) {
    let connection = try await Connection.open(
      server.settings, applicationName: server.applicationName)
    do {
      return (connection, try await Migrator.State.read(options, over: connection))
    } catch {
      await connection.close()
      throw error
    }
  }
}
