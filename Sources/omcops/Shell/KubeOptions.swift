internal import ArgumentParser
internal import COmc
internal import Configuration
internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Terminal

/// Which cluster a command means, and as whom: the words that people know from kubectl.
struct KubeOptions: ParsableArguments {
  @OptionGroup var cluster: ClusterOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Environment of omcops.yaml, whose cluster is meant.", valueName: "name"))
  var environment: String?

  /// What every command takes.
  var global: GlobalOptions { cluster.global }

  /// Finds out which cluster is meant; connects to nothing yet.
  func session(_ context: Context, readsInput: Bool = false) throws -> KubeSession {
    try cluster.session(context, environment: environment, readsInput: readsInput)
  }
}

/// The same but for the environment, whose letter means something else to `omcops logs`.
struct ClusterOptions: ParsableArguments {
  @OptionGroup var global: GlobalOptions

  @Option(
    help: ArgumentHelp("The only kubeconfig to read.", valueName: "file"), completion: .file())
  var kubeconfig: String?

  @Option(help: ArgumentHelp("Context of the kubeconfig.", valueName: "name"))
  var context: String?

  @Option(help: ArgumentHelp("Cluster of the kubeconfig.", valueName: "name"))
  var cluster: String?

  @Option(help: ArgumentHelp("User of the kubeconfig.", valueName: "name"))
  var user: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("Namespace.", valueName: "name"))
  var namespace: String?

  @Option(name: .shortAndLong, help: ArgumentHelp("URL of the API server.", valueName: "url"))
  var server: String?

  @Option(help: ArgumentHelp("Make the requests as somebody else.", valueName: "user"))
  var `as`: String?

  @Option(help: ArgumentHelp("A group to have with --as; may be given again.", valueName: "group"))
  var asGroup: [String] = []

  @Option(help: ArgumentHelp("The unique id to have with --as.", valueName: "uid"))
  var asUid: String?

  @Flag(help: "Do not look at the server's certificate.")
  var insecureSkipTlsVerify = false

  @Option(
    help: ArgumentHelp("How long the server may take for an answer.", valueName: "duration"))
  var requestTimeout: DurationArgument?

  func validate() throws {
    if `as` == nil, !asGroup.isEmpty || asUid != nil {
      throw ValidationError("--as-group and --as-uid need --as: whom to be")
    }
  }

  /// Finds out which cluster is meant; connects to nothing yet.
  func session(
    _ context: Context, environment: String?, readsInput: Bool = false
  ) throws -> KubeSession {
    let configuration = try Configuration.load(
      path: global.config, from: context.workingDirectory, variables: context.environment)
    let style = global.style(context)
    let warn = KubeSession.warnings(context, style)
    for warning in configuration.warnings { warn(warning) }
    let chosen = try configuration.kubernetes(environment, variables: context.environment)
    return try KubeSession(
      configuration, environment: chosen?.name, selection(chosen?.target), context,
      isInteractive: context.input.isTerminal && !readsInput,
      requestTimeout: requestTimeout?.duration ?? .seconds(60), warn: warn)
  }

  /// What the command line says stands above the environment, and that above the kubeconfig.
  private func selection(_ target: KubernetesTarget?) -> AccessSelection {
    var selection = AccessSelection()
    selection.kubeconfig = kubeconfig ?? target?.kubeconfig?.value
    // A context of the environment is one of its kubeconfig: with another file it means nothing.
    selection.context = context ?? (kubeconfig == nil ? target?.context?.value : nil)
    selection.namespace =
      namespace ?? (context == nil && kubeconfig == nil ? target?.namespace?.value : nil)
    selection.cluster = cluster
    selection.user = user
    selection.server = server
    selection.isInsecure = insecureSkipTlsVerify
    selection.impersonation = `as`.map {
      Impersonation(user: $0, uid: asUid, groups: asGroup)
    }
    return selection
  }
}

/// A duration on the command line: `90s`, `5m`; `0` is none.
struct DurationArgument: ExpressibleByArgument, Sendable {
  var duration: Duration

  var defaultValueDescription: String { duration == .zero ? "0" : duration.canonical }

  init?(argument: String) {
    if argument == "0" {
      duration = .zero
    } else if let parsed = Duration(parsing: argument) {
      duration = parsed
    } else {
      return nil
    }
  }
}

/// A cluster, and what omcops.yaml says about it.
struct KubeSession: Sendable {
  /// Speaks with it.
  var client: KubeClient
  /// The environment that asks for the operator's word; nil where none does.
  var environment: String?
  /// The parts of the service by name.
  var components: OrderedDictionary<String, ComponentConfiguration>

  /// The namespace that is meant where nobody names another.
  var namespace: String

  /// Finds out which cluster is meant; connects to nothing yet.
  init(
    _ configuration: Configuration, environment name: String?, _ selection: AccessSelection,
    _ context: Context, isInteractive: Bool, requestTimeout: Duration = .seconds(60),
    warn: @escaping @Sendable (String) -> Void
  ) throws {
    let surroundings = AccessSurroundings(
      variables: context.environment, workingDirectory: context.workingDirectory,
      isInteractive: isInteractive)
    let access = try ClusterAccess.resolve(selection, in: surroundings)
    client = KubeClient(
      access, in: surroundings, userAgent: "omcops/\(Omcops.version) (linux)",
      requestTimeout: requestTimeout, warn: warn)
    environment = configuration.protectedEnvironment(name, context: access.context)
    components = configuration.components
    namespace = access.namespace
  }

  /// Where warnings of the kubeconfig and the server go.
  static func warnings(_ context: Context, _ style: Style) -> @Sendable (String) -> Void {
    { [error = context.error] text in
      error.write("\(style.yellow("warning:")) \(text.harmless)\n")
    }
  }

  /// Goes on in a protected environment only with the operator's word.
  func require(_ confirmation: Confirmation, for action: String, _ context: Context) throws {
    guard let environment else { return }
    try confirmation.require(environment, for: "\(action) in \(environment)", context)
  }
}
