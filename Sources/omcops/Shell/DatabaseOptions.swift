internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import OrderedCollections
internal import Postgres
internal import Terminal

/// Which database a command means.
struct DatabaseOptions: ParsableArguments {
  @OptionGroup var global: GlobalOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Environment of omcops.yaml.", valueName: "name"))
  var environment: String?

  @Option(help: "Database URL or connection string; wins over the environment's own.")
  var url: String?

  var selection: Selection { Selection(environment: environment, url: url) }

  var choice: DatabaseChoice {
    DatabaseChoice(
      selection: selection, configurationFile: global.config, isPlain: global.noColor)
  }

  /// Reads the configuration file and shows its warnings.
  func configuration(_ context: Context) throws -> Configuration {
    try choice.configuration(context)
  }

  /// Finds out which database is meant; connects to no server.
  func resolve(_ context: Context) async throws -> DatabaseTarget {
    try await choice.resolve(context)
  }
}

/// What the operator said about the database that a command means.
struct DatabaseChoice: Sendable {
  /// The environment and the address.
  var selection: Selection
  /// The file to read instead of the nearest omcops.yaml.
  var configurationFile: String?
  /// Whether warnings come without colour.
  var isPlain = false

  /// Reads the configuration file and shows its warnings.
  func configuration(_ context: Context) throws -> Configuration {
    let configuration = try Configuration.load(
      path: configurationFile, from: context.workingDirectory, variables: context.environment)
    let style = Style(for: context.error, environment: context.environment, disabled: isPlain)
    for warning in configuration.warnings {
      context.error.write("\(style.yellow("warning:")) \(warning)\n")
    }
    return configuration
  }

  /// Finds out which database is meant, and opens the tunnel to it where it is behind one; connects
  /// to no server.
  func resolve(_ context: Context) async throws -> DatabaseTarget {
    // Without an environment to look up, the file has nothing to say; variables have.
    let isAddressAll =
      selection.url != nil && selection.environment == nil && configurationFile == nil
    let configuration = try isAddressAll ? Configuration() : configuration(context)
    return try await DatabaseTarget(
      try await configuration.resolved(selection, context),
      tools: configuration.tools.mapValues(\.value)
    ).reachable(configuration, context)
  }

  /// What the configuration says beside the database: for those who need no server. No cluster is
  /// asked.
  func environment(_ context: Context) throws -> ResolvedEnvironment {
    try configuration(context).resolve(selection, variables: context.environment)
  }
}

/// A database and what the configuration says about it.
struct DatabaseTarget: Sendable {
  /// How to connect to it.
  var settings: ConnectionSettings
  /// The environment; without a name where the URL says all.
  var environment: ResolvedEnvironment
  /// Programs that are not on the path, by name.
  var tools: OrderedDictionary<String, String>

  init(
    _ environment: ResolvedEnvironment, tools: OrderedDictionary<String, String> = [:]
  ) throws {
    self.environment = environment
    self.tools = tools
    settings = try environment.connectionSettings()
  }

  /// Whether changes need the operator's word.
  var isProtected: Bool { environment.isProtected.value }

  /// The environment's name, or the database's address without secrets: for messages.
  var name: String { environment.name?.value ?? settings.redacted }

  /// The role that shall own what is restored.
  var owner: String? { environment.owner?.value }

  /// The folder of the backups.
  func backupsFolder() throws -> String { try environment.backupsFolder() }
}

extension ResolvedEnvironment {
  /// The folder of the backups.
  func backupsFolder() throws -> String {
    if let folder = backups { return folder.value }
    throw NoBackupStore(environment: name?.value)
  }

  /// The same in the words of libpq, which adds its own variables, files and defaults.
  func connectionSettings() throws -> ConnectionSettings {
    if let key = unread.first {
      throw ValueInCluster(message: "\(key.location): \(key.value) was not read from the cluster")
    }
    let settings = try url.map { try ConnectionSettings(url: $0.value) }
    let overrides = Dictionary(
      uniqueKeysWithValues: parameters.map { ($0.key, $0.value.value) })
    return (settings ?? ConnectionSettings(parameters: [:])).with(overrides)
  }
}

/// A value that nobody has asked the cluster for.
private struct ValueInCluster: Failure {
  var message: String
}

/// The environment does not say where its backups are.
private struct NoBackupStore: Failure {
  var environment: String?
  var message: String {
    guard let environment else { return "no environment is chosen, so there is no backup store" }
    return "environment \"\(environment)\" has no backup store"
  }
  var hint: String? { "set backups.path in omcops.yaml, or OMCOPS_BACKUPS" }
  var status: ExitStatus { .usage }
}
