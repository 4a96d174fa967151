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

  /// Reads the project while the connection is made and the version table is read, hands all of it to
  /// `body` and closes the connection.
  ///
  /// - Parameter extent: `headers` for what reads on by itself before it runs anything.
  static func with<Result: Sendable>(
    _ choice: MigrationChoice, command: String, tag: String? = nil,
    reading extent: ScriptDirectory.Extent = .whole, _ context: Context,
    _ body: (MigrationSession) async throws -> Result
  ) async throws -> Result {
    let configuration = try choice.project.configuration(context)
    let target = try await choice.target(configuration, context)
    var source = choice.project.source(configuration, context)
    source.tag = tag
    let server = DatabaseServer(
      target.settings, applicationName: context.applicationName(command))
    let session = try await opened(source, extent, choice, target, server, context)
    do {
      let result = try await body(session)
      await session.connection.close()
      return result
    } catch {
      await session.connection.close()
      throw error
    }
  }

  func migrator(_ context: Context) -> Migrator {
    source.migrator(scripts, environment.online, context)
  }

  /// A server takes longer to start a session than most projects take to be read, so it is asked first.
  private static func opened(
    _ source: ProjectSource, _ extent: ScriptDirectory.Extent, _ choice: MigrationChoice,
    _ target: DatabaseTarget, _ server: DatabaseServer, _ context: Context
  ) async throws -> MigrationSession {
    try await withThrowingTaskGroup(of: Connection.self) { connecting in
      connecting.addImmediateTask(executorPreference: context.thread) {
        try await Connection.open(
          server.settings, applicationName: server.applicationName, sharing: context.thread?.jobs)
      }
      await context.letOthersRun()
      let project = try choice.project.project(source, context)
      await context.letOthersRun()
      let environment = try source.environment(of: project)
      async let reading = ScriptDirectory.reading(extent, of: project, context.letOthersRun)
      // On one thread, the question would hold it up.
      if context.thread != nil { _ = try await reading }
      let answer: Result<(Connection, Migrator.State), any Error>
      do {
        answer = .success(try await state(environment.online, over: &connecting))
      } catch {
        answer = .failure(error)
      }
      // What is wrong with the project is told before what is wrong with the server.
      let scripts = try await reading
      let (connection, state) = try answer.get()
      return MigrationSession(
        source: source, scripts: scripts, environment: environment, target: target, server: server,
        connection: connection, state: state)
    }
  }

  private static func state(
    _ options: EnvironmentOptions, over connecting: inout ThrowingTaskGroup<Connection, any Error>
  ) async throws -> (Connection, Migrator.State) {
    guard let connection = try await connecting.next() else { throw CancellationError() }
    return (connection, try await Migrator.State.read(options, over: connection))
  }
}
