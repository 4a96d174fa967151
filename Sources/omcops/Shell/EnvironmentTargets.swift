internal import Configuration
internal import Diagnostics
internal import HTTPClient
internal import KubeExec
internal import OrderedCollections
internal import Postgres
internal import Terminal

/// A kind of server that an environment may have; the words are the sections of omcops.yaml.
enum ServerKind: String, Sendable {
  case prometheus, alertmanager, loki
}

/// What an environment says of servers, the cloud and the repository, and how they are reached.
struct EnvironmentTargets: Sendable {
  /// The environment's name.
  let environment: String
  /// What the file says.
  @Apart private(set) var targets: TargetsConfiguration
  /// Its cluster; nil where it has none.
  let session: KubeSession?
  let context: Context

  /// The targets of an environment; nil where the file has none of that name.
  init?(
    _ name: String?, in configuration: Configuration, _ session: KubeSession?, _ context: Context
  ) {
    guard let name, let environment = configuration.environments[name] else { return nil }
    self.environment = name
    targets = environment.targets
    self.session = session
    self.context = context
  }

  /// Speaks with one of its servers; opens the tunnel to it where a Service leads to it.
  func server(
    _ kind: ServerKind, connectTimeout: Duration? = nil
  ) async throws -> ServerClient {
    guard let configuration = configuration(of: kind) else {
      throw NoTarget(environment: environment, section: kind.rawValue)
    }
    var resolved = try configuration.resolve(variables: context.environment)
    if let session, !resolved.unread.isEmpty {
      let values = try await ClusterValues(session: session).read(resolved.unread)
      resolved = try configuration.resolve(variables: context.environment, values: values)
    }
    var settings = HTTPConfiguration()
    settings.tls.authorities = resolved.authorities
    if let connectTimeout { settings.connectTimeout = connectTimeout }
    var headers = HTTPHeaders()
    for (name, value) in resolved.headers { headers.set(name, value) }
    if let url = resolved.url {
      settings.proxies = HTTPProxies(environment: context.environment)
      return ServerClient(
        "\(kind.rawValue) at \(SecretMask.url(url))", base: url, headers: headers, settings)
    }
    guard let service = resolved.service, let session else {
      throw NoTarget(environment: environment, section: kind.rawValue)
    }
    let troubles = TunnelTroubles()
    return ServerClient(
      "\(kind.rawValue) at service \(service)",
      base: try await address(of: service, session, troubles), headers: headers, settings,
      troubles: troubles)
  }

  private func configuration(of kind: ServerKind) -> ServerConfiguration? {
    switch kind {
    case .prometheus: targets.prometheus
    case .alertmanager: targets.alertmanager
    case .loki: targets.loki
    }
  }

  /// Speaks with the repository's API.
  func repository() async throws -> (name: String, client: ServerClient) {
    guard let github = targets.github else {
      throw NoTarget(environment: environment, section: "github")
    }
    var resolved = try github.resolve(variables: context.environment)
    if let session, !resolved.unread.isEmpty {
      let values = try await ClusterValues(session: session).read(resolved.unread)
      resolved = try github.resolve(variables: context.environment, values: values)
    }
    var settings = HTTPConfiguration()
    settings.proxies = HTTPProxies(environment: context.environment)
    var headers: HTTPHeaders = [
      "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28",
    ]
    if let token = resolved.token { headers.set("Authorization", "Bearer \(token)") }
    let client = ServerClient(
      "GitHub at \(SecretMask.url(resolved.api))", base: resolved.api, headers: headers, settings)
    return (resolved.name, client)
  }

  /// A port of this machine that leads to a Service; from within the cluster, the Service itself.
  private func address(
    of service: ClusterService, _ session: KubeSession, _ troubles: TunnelTroubles
  ) async throws -> String {
    let host = "\(service.name).\(service.namespace).svc"
    if session.client.access.isInPod { return "http://\(host):\(service.port)" }
    let context = context
    let detour = try await context.tunnels.detour(to: "\(environment) \(host):\(service.port)") {
      let forwarded = try await TunnelRouting(
        session.client, namespace: session.namespace
      ).forwarded(host)
      let tunnel = try await LocalTunnel.forward(
        to: forwarded, port: service.port, with: session.client,
        watcher: LocalTunnel.Watcher(
          began: { _ in troubles.note(nil) }, failed: { _, reason in troubles.note(reason) }))
      let style = Style(for: context.error, environment: context.environment, disabled: false)
      return Tunnels.Opened(
        detour: Detour(port: tunnel.port), tunnel: tunnel, pod: nil,
        warn: KubeSession.warnings(context, style))
    }
    guard let detour else { throw NoTarget(environment: environment, section: "\(service)") }
    return "http://127.0.0.1:\(detour.port)"
  }
}

/// An environment lacks what a step or a command needs.
struct NoTarget: Failure {
  var environment: String?
  var section: String
  var message: String {
    environment.map { "environment \"\($0)\" says nothing of \(section)" }
      ?? "no environment of omcops.yaml is chosen, and so no \(section)"
  }
  var hint: String? {
    environment == nil
      ? "name one with -e" : "give it a section \"\(section)\" in omcops.yaml"
  }
  var status: ExitStatus { .usage }
}
