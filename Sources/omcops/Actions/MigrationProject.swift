internal import Alembic
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Runbooks
internal import SystemPackage

/// The project of revisions that the steps of a run mean: the one of omcops.yaml, or of the folder.
struct MigrationProject: Sendable {
  private let configuration: AlembicConfiguration?
  private let cluster: RunCluster
  private let context: Context

  /// What the actions on migrations take beside their own.
  static let parameters = [
    ActionParameter("to", .string), ActionParameter("direction", .string),
    ActionParameter("project", .string), ActionParameter("image-of", .string),
    ActionParameter("database", .string),
  ]

  init(_ configuration: AlembicConfiguration?, _ cluster: RunCluster, _ context: Context) {
    self.configuration = configuration
    self.cluster = cluster
    self.context = context
  }

  /// Runs `body` with what reads the project and moves its database.
  func withMigrator<Result: Sendable>(
    _ call: ActionCall, on server: DatabaseServer,
    _ body: (Migrator, MigrationProject.Scripts) async throws -> Result
  ) async throws -> Result {
    guard let workload = call.with["image-of"]?.string else {
      let files = call.with["project"]?.string.map { [$0] } ?? []
      return try await run(
        ProjectSource(configuration, files: files, context), call, body)
    }
    let image = ImageProject(
      session: try cluster.session(for: call), workload: workload,
      file: call.with["project"]?.string ?? "alembic.ini")
    let base = ProjectSource(configuration, files: ["alembic.ini"], context)
    return try await TemporaryFolder.with { folder in
      let copied = try await kubeErrors { try await image.copy(into: folder, base) }
      return try await run(copied, call, body)
    }
  }

  private func run<Result: Sendable>(
    _ source: ProjectSource, _ call: ActionCall,
    _ body: (Migrator, MigrationProject.Scripts) async throws -> Result
  ) async throws -> Result {
    let directory = try ScriptDirectory(try source.project())
    let scripts = Scripts(
      source: source, directory: directory,
      environment: try source.environment(of: directory.project))
    let migrator = source.migrator(
      directory, scripts.environment.online, run: call.run.id, context)
    return try await body(migrator, scripts)
  }

  /// The scripts of a project, read.
  struct Scripts: Sendable {
    var source: ProjectSource
    var directory: ScriptDirectory
    var environment: Alembic.Environment

    /// Throws when `env.py` does what could change a migration and is not done here.
    func check() throws { try EnvironmentReport.refuse(environment) }
  }
}

/// Where a step goes: its `to` and `direction`.
struct MigrationTarget: Sendable {
  var revision: String
  var direction: MigrationPosition.Direction

  /// Reads both.
  ///
  /// - Parameter isFixed: whether it must be the same place when the step is run again.
  init(_ call: ActionCall, isFixed: Bool) throws {
    let word = call.with["direction"]?.string ?? "up"
    guard let direction = MigrationPosition.Direction(rawValue: word) else {
      throw ActionError(.other, "direction is \"\(word)\"; it must be up or down")
    }
    self.direction = direction
    revision = call.with["to"]?.string ?? ""
    if revision.isEmpty {
      guard direction == .up else {
        throw ActionError(.other, "direction: down needs the revision to go to", hint: "set to")
      }
      revision = "heads"
    }
    if revision == "image" { revision = "heads" }
    if isFixed, revision.contains("-") || revision.contains("+") {
      throw ActionError(
        .other, "to is \"\(revision)\", which is another revision each time it is run",
        hint: "name the revision; db.migrate.status tells where a distance leads as target")
    }
  }

  var goal: Migrator.Goal {
    direction == .up ? .upgrade(to: revision) : .downgrade(to: revision)
  }
}
