internal import ArgumentParser
internal import Configuration
internal import HTTPClient

/// Which Alertmanager a command means.
struct AlertmanagerOptions: ParsableArguments {
  @OptionGroup var global: GlobalOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Environment of omcops.yaml, whose Alertmanager is meant.", valueName: "name"))
  var environment: String?

  @Option(help: "Address of an Alertmanager; wins over the environment's own.")
  var url: String?

  /// An Alertmanager, and the environment that asks for the operator's word before it is changed.
  struct Chosen {
    var alertmanager: Alertmanager
    var protected: String?
  }

  /// Finds out which one is meant; opens the tunnel to it where it is behind one.
  func choose(_ context: Context) async throws -> Chosen {
    let configuration = try Configuration.load(
      path: global.config, from: context.workingDirectory, variables: context.environment)
    for warning in configuration.warnings {
      context.error.write("\(global.style(context).yellow("warning:")) \(warning)\n")
    }
    let name = try configuration.chosen(environment, variables: context.environment)
    let isProtected = name.flatMap { configuration.environments[$0]?.isProtected?.value } ?? false
    let protected = isProtected ? name : nil
    if let url {
      var settings = HTTPConfiguration()
      settings.proxies = HTTPProxies(environment: context.environment)
      let base = url.hasSuffix("/") ? String(url.dropLast()) : url
      let server = ServerClient("alertmanager at \(SecretMask.url(base))", base: base, settings)
      return Chosen(alertmanager: Alertmanager(server: server), protected: protected)
    }
    let session = try name.flatMap { try configuration.cluster(of: $0, context) }
    guard let targets = EnvironmentTargets(name, in: configuration, session, context) else {
      throw NoTarget(environment: nil, section: "alertmanager")
    }
    let server = try await targets.server(.alertmanager)
    return Chosen(alertmanager: Alertmanager(server: server), protected: protected)
  }
}
