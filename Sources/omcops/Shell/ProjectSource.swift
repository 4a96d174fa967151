internal import Alembic
internal import Configuration
internal import DBOps
internal import Glibc

/// A project of revisions as omcops.yaml and a command's options name it; nothing of it is read yet.
struct ProjectSource: Sendable {
  /// Where its files are.
  var locator: ProjectLocator
  /// What stands above its `env.py`.
  var overrides = EnvironmentOverrides()
  /// What `-x` gives, as KEY=VALUE: those of omcops.yaml first, so that the command's win.
  var arguments: [String] = []
  /// What `--tag` gives.
  var tag: String?

  /// What omcops.yaml says, with a command's own words above it.
  ///
  /// - Parameters:
  ///   - files: the files that the command names; they stand above `ALEMBIC_CONFIG`, and that above
  ///     omcops.yaml.
  ///   - section: the section that the command names.
  init(
    _ configuration: AlembicConfiguration?, files: [String] = [], section: String? = nil,
    arguments: [String] = [], _ context: Context
  ) {
    var files = files
    if files.isEmpty, (context.environment["ALEMBIC_CONFIG"] ?? "").isEmpty,
      let file = configuration?.config
    {
      files = [file.value]
    }
    locator = ProjectLocator(
      files: files, section: section ?? configuration?.section?.value ?? "alembic",
      scriptLocation: configuration?.scriptLocation?.value,
      workingFolder: context.workingDirectory, variables: context.environment)
    self.arguments =
      (configuration?.arguments.map { "\($0.key)=\($0.value.value)" } ?? []) + arguments
    overrides.versionTable = configuration?.versionTable?.value
    overrides.versionTableSchema = configuration?.versionTableSchema?.value
    overrides.isTransactionPerMigration = configuration?.isTransactionPerMigration?.value
    overrides.namingConvention = configuration?.namingConvention.map { naming in
      naming.value.isEmpty
        ? .none
        : .templates(Dictionary(uniqueKeysWithValues: naming.value.map { ($0.key, $0.value) }))
    }
    if let accepted = configuration?.accepted {
      overrides.accepted = Set(
        accepted.compactMap { EnvironmentNote.Subject(rawValue: $0.value) })
    }
  }

  /// Reads the project's options, without its scripts.
  func project() throws -> Project { try Project(locator) }

  /// Reads `env.py`.
  func environment(of project: Project) throws -> Alembic.Environment {
    try Alembic.Environment(of: project, overriding: overrides)
  }

  /// How the scripts of a run are set up.
  func runnerSettings(
    _ options: EnvironmentOptions, isOffline: Bool, _ context: Context
  ) -> PythonRunner.Settings {
    var settings = PythonRunner.Settings(
      options, isOffline: isOffline, variables: context.environment)
    settings.arguments = arguments
    settings.tag = tag
    return settings
  }

  /// What brings a database to another revision of the project.
  func migrator(
    _ scripts: ScriptDirectory, _ options: EnvironmentOptions, run: String = "",
    _ context: Context
  ) -> Migrator {
    Migrator(
      scripts, options: options,
      performer: ScriptPerformer(
        scripts, runnerSettings(options, isOffline: false, context)
      ) { context.error.write($0) },
      holder: AdvisoryLock.Holder(
        user: context.user, host: context.host, pid: getpid(), run: run, since: .now()))
  }
}
