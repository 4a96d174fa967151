internal import Alembic
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Postgres
internal import Terminal

/// What the operator said about the project that a migration command means.
struct ProjectChoice: Sendable {
  /// The project's files, and those of omcops itself.
  var config: [String] = []
  /// The section of the .ini file.
  var section: String?
  /// What scripts get from `context.get_x_argument()`.
  var arguments: [String] = []
  /// Whether warnings come without colour.
  var isPlain = false

  private static func isOwn(_ file: String) -> Bool {
    file.hasSuffix(".yaml") || file.hasSuffix(".yml")
  }

  /// The file of omcops itself, if one was named.
  var ownConfig: String? { config.last(where: ProjectChoice.isOwn) }

  /// The files of the project that were named.
  var files: [String] { config.filter { !ProjectChoice.isOwn($0) } }

  /// omcops' own configuration.
  func configuration(_ context: Context) throws -> Configuration {
    try Configuration.load(
      path: ownConfig, from: context.workingDirectory, variables: context.environment)
  }

  /// Which project is meant.
  func source(_ configuration: Configuration, _ context: Context) -> ProjectSource {
    ProjectSource(
      configuration.alembic, files: files, section: section, arguments: arguments, context)
  }

  /// Which project is meant.
  func source(_ context: Context) throws -> ProjectSource {
    source(try configuration(context), context)
  }

  /// Reads the project's options and shows what has no effect.
  func project(_ source: ProjectSource, _ context: Context) throws -> Project {
    let project = try source.project()
    for warning in project.warnings { warn(warning, context) }
    return project
  }

  /// Reads the project's scripts.
  func scripts(_ source: ProjectSource, _ context: Context) throws -> ScriptDirectory {
    try ScriptDirectory(try project(source, context))
  }

  /// Reads the scripts of the project that is meant.
  func scripts(_ context: Context) throws -> ScriptDirectory {
    try scripts(try source(context), context)
  }

  /// Shows a warning.
  func warn(_ text: String, _ context: Context) {
    let style = Style(for: context.error, environment: context.environment, disabled: isPlain)
    context.error.write("\(style.yellow("warning:")) \(text)\n")
  }
}

/// What the operator said about the project and the database that a migration command means.
struct MigrationChoice: Sendable {
  /// The project.
  var project = ProjectChoice()
  /// The environment of omcops.yaml.
  var environment: String?
  /// The database; wins over the environment's own.
  var url: String?

  /// Finds out which database is meant; connects to no server.
  func target(_ configuration: Configuration, _ context: Context) async throws -> DatabaseTarget {
    let isAddressAll = url != nil && environment == nil && project.ownConfig == nil
    if !isAddressAll {
      for warning in configuration.warnings { project.warn(warning, context) }
    }
    var resolved = try await configuration.resolved(
      Selection(environment: environment, url: url), context)
    if resolved.isUnnamed(context.environment),
      let own = try Project.databaseURL(project.source(configuration, context).locator)
    {
      resolved = ResolvedEnvironment(url: own)
    }
    if var url = resolved.url {
      url.value = try DatabaseURL.libpq(url.value)
      resolved.url = url
    }
    return try await DatabaseTarget(resolved).reachable(configuration, context)
  }
}

extension ResolvedEnvironment {
  /// Whether nothing says which database is meant.
  fileprivate func isUnnamed(_ variables: [String: String]) -> Bool {
    name == nil && url == nil && parameters.isEmpty
      && ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"].allSatisfy {
        (variables[$0] ?? "").isEmpty
      }
  }
}
