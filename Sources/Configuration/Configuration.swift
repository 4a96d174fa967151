public import Diagnostics
public import OrderedCollections

/// What `omcops.yaml` says, read and checked but not yet resolved: variables and secret files are
/// looked at only for the environment that is used.
public struct Configuration: Sendable {
  /// The file it was read from; nil where there is none.
  public var file: String?
  /// The environment that is meant when nobody names one.
  public var defaultEnvironment: Located<String>?
  /// The environments in the order of the file.
  public var environments: OrderedDictionary<String, EnvironmentConfiguration> = [:]
  /// The folder of the team's runbooks, absolute.
  public var runbooks: Located<String>?
  /// Programs that are not on the path, by name, absolute.
  public var tools: OrderedDictionary<String, Located<String>> = [:]
  /// What stands above the files of the project of revisions; nil where nothing does.
  public var alembic: AlembicConfiguration?
  /// The parts of the service that run in a cluster.
  public var components: OrderedDictionary<String, ComponentConfiguration> = [:]
  /// The suites of tests.
  public var tests: OrderedDictionary<String, TestSuiteConfiguration> = [:]
  /// What is allowed but unwise.
  public var warnings: [String] = []

  /// The configuration of a machine that has none.
  public init() {}

  /// The keys of `tools`.
  public static let toolNames = ["psql", "postgres"]
}

/// One environment as the file has it.
public struct EnvironmentConfiguration: Sendable {
  /// The name.
  public var name: Located<String>
  /// Where its database is.
  public var database: DatabaseSource
  /// Whether changes need the operator's word.
  public var isProtected: Located<Bool>?
  /// The folder of its backups, absolute.
  public var backups: Located<String>?
  /// The file of their metrics, absolute.
  public var metrics: Located<String>?
  /// The cluster it runs in.
  public var kubernetes: KubernetesTarget?
  /// The address of the service's API.
  public var api: Located<TextSource>?
  /// What else procedures work with: monitoring, the cloud, the repository, names.
  @Apart public var targets = TargetsConfiguration()
}

/// Where a database is, in the file's words.
public struct DatabaseSource: Sendable {
  /// The whole address: a URL or a connection string.
  public var url: Located<TextSource>?
  /// libpq's keywords, which add to the address.
  public var parameters: OrderedDictionary<String, Located<TextSource>> = [:]
  /// The role that shall own what is restored.
  public var owner: Located<TextSource>?
  /// How it is reached; nil for `auto` where a part of the address stands in the cluster, else from
  /// here.
  public var tunnel: Located<TunnelMode>?
  /// The pod that connects to it where one has to.
  public var relay: RelayConfiguration?
}

/// Where a text comes from.
public indirect enum TextSource: Hashable, Sendable {
  // Indirect: the code that copies an environment has a part for everything inside of it, in
  // every type that holds one.
  /// It stands in the file.
  case literal(String)
  /// A variable of the process's environment.
  case variable(String)
  /// The contents of a file, without the newline at its end.
  case file(String)
  /// A value in the environment's cluster, without the newline at its end.
  case kubernetes(KubernetesKey)
}

/// A value and the place in the file where it stands.
public struct Located<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// Where it stands.
  public var location: SourceLocation

  init(_ value: Value, at location: SourceLocation) {
    self.value = value
    self.location = location
  }
}

/// The configuration cannot be used.
public struct ConfigurationError: Failure {
  /// What is wrong.
  public var message: String
  /// What to do next.
  public var hint: String?
  /// More of the same.
  public var details: [String]
  /// Wrong configuration.
  public var status: ExitStatus { .usage }

  init(_ message: String, hint: String? = nil, details: [String] = []) {
    self.message = message
    self.hint = hint
    self.details = details
  }
}
