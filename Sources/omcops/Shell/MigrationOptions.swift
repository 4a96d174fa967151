internal import Alembic
internal import ArgumentParser
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Postgres
internal import Quantities
internal import Terminal

/// Which project a migration command means.
struct ProjectOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: """
      The project's alembic.ini or pyproject.toml, or both one after the other; the default is \
      ALEMBIC_CONFIG, then the working folder's. A .yaml file is omcops' own configuration.
      """, completion: .file(extensions: ["ini", "toml", "yaml", "yml"]))
  var config: [String] = []

  @Option(
    name: .shortAndLong,
    help: "Section of the .ini file; the default is omcops.yaml's alembic.section, then alembic.")
  var name: String?

  @Option(
    name: .customShort("x"),
    help: ArgumentHelp(
      "What scripts get from context.get_x_argument(); may be repeated.", valueName: "key=value"))
  var arguments: [String] = []

  @Flag(help: "No colour, even on a terminal; NO_COLOR says the same.")
  var noColor = false

  private static func isOwn(_ file: String) -> Bool {
    file.hasSuffix(".yaml") || file.hasSuffix(".yml")
  }

  /// The file of omcops itself, if one was named.
  var ownConfig: String? { config.last(where: ProjectOptions.isOwn) }

  /// The files of the project that were named.
  var files: [String] { config.filter { !ProjectOptions.isOwn($0) } }

  /// omcops' own configuration.
  func configuration(_ context: Context) throws -> Configuration {
    try Configuration.load(
      path: ownConfig, from: context.workingDirectory, variables: context.environment)
  }

  /// Which project is meant.
  func source(_ configuration: Configuration, _ context: Context) -> ProjectSource {
    ProjectSource(
      configuration.alembic, files: files, section: name, arguments: arguments, context)
  }

  /// Which project is meant.
  func source(_ context: Context) throws -> ProjectSource {
    source(try configuration(context), context)
  }

  /// Reads the project's scripts and shows what has no effect.
  func scripts(_ source: ProjectSource, _ context: Context) throws -> ScriptDirectory {
    let project = try source.project()
    for warning in project.warnings { warn(warning, context) }
    return try ScriptDirectory(project)
  }

  func warn(_ text: String, _ context: Context) {
    let style = Style(for: context.error, environment: context.environment, disabled: noColor)
    context.error.write("\(style.yellow("warning:")) \(text)\n")
  }
}

/// Which project and which database a migration command means.
struct MigrationOptions: ParsableArguments {
  @OptionGroup var project: ProjectOptions

  @Option(name: .shortAndLong, help: "Environment of omcops.yaml.")
  var environment: String?

  @Option(
    help: """
      Database URL or connection string, SQLAlchemy's spelling too; wins over the environment's \
      own. The project's sqlalchemy.url is used where nothing else names a database.
      """)
  var url: String?

  /// Finds out which database is meant; connects to nothing.
  func target(_ configuration: Configuration, _ context: Context) throws -> DatabaseTarget {
    let isAddressAll = url != nil && environment == nil && project.ownConfig == nil
    if !isAddressAll {
      for warning in configuration.warnings { project.warn(warning, context) }
    }
    var resolved = try configuration.resolve(
      Selection(environment: environment, url: url), variables: context.environment)
    if resolved.isUnnamed(context.environment),
      let own = try Project.databaseURL(project.source(configuration, context).locator)
    {
      resolved = ResolvedEnvironment(url: own)
    }
    if var url = resolved.url {
      url.value = try DatabaseURL.libpq(url.value)
      resolved.url = url
    }
    return try DatabaseTarget(resolved)
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

/// A word for the scripts of one run.
struct TagOptions: ParsableArguments {
  @Option(help: "What scripts get from context.get_tag_argument().")
  var tag: String?
}

/// How long a migration waits for what.
struct PatienceOptions: ParsableArguments {
  @Option(help: "How long to wait while somebody else migrates; 0s ends at once with status 5.")
  var lockWait = "5m"

  @Option(help: "How long a statement may wait for a lock; 0s is for ever.")
  var lockTimeout = "5s"

  @Option(help: "How long to try again when a lock was not to be had in that time.")
  var retryFor = "2m"

  @Option(help: "How long a statement may take; 0s is for ever.")
  var statementTimeout = "0s"

  func validate() throws {
    for (option, text) in [
      ("lock-wait", lockWait), ("lock-timeout", lockTimeout), ("retry-for", retryFor),
      ("statement-timeout", statementTimeout),
    ] where Duration(parsing: text) == nil {
      throw ValidationError("--\(option) is \(text); write it as 30s or 2m")
    }
  }

  var patience: MigrationPatience {
    func duration(_ text: String) -> Duration { Duration(parsing: text) ?? .zero }
    var patience = MigrationPatience()
    patience.lockWait = duration(lockWait)
    patience.lockTimeout = duration(lockTimeout) == .zero ? nil : duration(lockTimeout)
    patience.retry = duration(retryFor)
    patience.statementTimeout =
      duration(statementTimeout) == .zero ? nil : duration(statementTimeout)
    return patience
  }
}
