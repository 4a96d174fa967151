internal import ArgumentParser
internal import DBOps
internal import Quantities

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

  /// What was said.
  var choice: ProjectChoice {
    ProjectChoice(config: config, section: name, arguments: arguments, isPlain: noColor)
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

  /// What was said.
  var choice: MigrationChoice {
    MigrationChoice(project: project.choice, environment: environment, url: url)
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
