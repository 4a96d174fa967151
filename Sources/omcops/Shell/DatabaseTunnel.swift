internal import Configuration
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Postgres
internal import Terminal

extension DatabaseTarget {
  /// The same by a tunnel, where the environment says so and its server needs one. No cluster is asked
  /// where it does not.
  func reachable(_ configuration: Configuration, _ context: Context) async throws -> DatabaseTarget
  {
    let mode = environment.tunnel.value
    guard mode != .none, let name = environment.name?.value,
      let session = try configuration.cluster(of: name, context)
    else { return self }
    var target = self
    let server = try TunnelledServer(settings, environment, context)
    let tunnel = DatabaseTunnel(
      session: session, server: server, mode: mode,
      relay: configuration.environments[name]?.database.relay, context: context)
    guard
      let detour = try await context.tunnels.detour(
        to: "\(name) \(server.host):\(server.port)", { try await tunnel.open() })
    else { return self }
    target.settings["host"] = server.host
    target.settings["port"] = String(server.port)
    target.settings.detour = detour
    return target
  }
}

/// The server that a tunnel shall lead to.
private struct TunnelledServer: Sendable {
  var host: String
  var port: Int

  /// Throws where the settings do not name one server.
  init(
    _ settings: ConnectionSettings, _ environment: ResolvedEnvironment, _ context: Context
  ) throws {
    let name = environment.name?.value ?? ""
    guard let host = settings["host"] ?? settings["hostaddr"], settings["service"] == nil,
      !host.isEmpty, !host.contains(",")
    else {
      throw NoTunnel(
        message:
          "environment \"\(name)\": a tunnel leads to one server, and the database's address "
          + "does not name one by its host",
        hint: "give one host, or say tunnel: none")
    }
    let text = settings["port"] ?? context.environment["PGPORT"] ?? "5432"
    guard let port = Int(text), (1...65_535).contains(port) else {
      throw NoTunnel(message: "environment \"\(name)\": \"\(text)\" is not a port")
    }
    (self.host, self.port) = (host, port)
  }
}

/// Opens a tunnel to a database.
private struct DatabaseTunnel: Sendable {
  let session: KubeSession
  let server: TunnelledServer
  let mode: TunnelMode
  let relay: RelayConfiguration?
  let context: Context

  private var client: KubeClient { session.client }

  /// Nil where none is needed.
  func open() async throws -> Tunnels.Opened? {
    let routing = TunnelRouting(client, namespace: session.namespace)
    switch mode {
    case .none: return nil
    case .forward: return try await forward(to: try await routing.forwarded(server.host))
    case .relay: return try await relayed()
    case .auto:
      switch try await routing.route(to: server.host) {
      case .direct: return nil
      case .forward(let service): return try await forward(to: service)
      case .relay(let reason): return try await relayed(since: reason)
      }
    }
  }

  private func forward(to service: ForwardedService) async throws -> Tunnels.Opened {
    let troubles = Detour.Troubles()
    return opened(
      try await LocalTunnel.forward(
        to: service, port: server.port, with: client, watcher: troubles.watcher), troubles)
  }

  /// - Parameter reason: why a relay is needed; nil where somebody asked for one.
  private func relayed(since reason: String? = nil) async throws -> Tunnels.Opened {
    let troubles = Detour.Troubles()
    if let component = relay?.component {
      let target = PodTarget(session: session, word: component.value)
      guard session.components[component.value] != nil else {
        throw NoTunnel(
          message: "\(component.location): there is no component \"\(component.value)\""
            + Suggestion.phrase(for: component.value, among: session.components.keys))
      }
      let container = session.components[component.value]?.container?.value
      return opened(
        try await LocalTunnel.relay(
          to: server.host, port: server.port, with: client, container: container,
          through: { try await target.pod().object }, watcher: troubles.watcher), troubles)
    }
    if let reason { context.error.write("\(server.host) needs a relay: \(reason)\n") }
    let pod = try await RelayPod.start(
      settings, in: session.namespace, with: client, { context.error.write("\($0)\n") })
    do {
      let tunnel = try await LocalTunnel.relay(
        to: server.host, port: server.port, with: client, through: pod, watcher: troubles.watcher)
      return opened(tunnel, troubles, pod)
    } catch {
      await Task { try? await pod.delete() }.value
      throw error
    }
  }

  private func opened(
    _ tunnel: LocalTunnel, _ troubles: Detour.Troubles, _ pod: RelayPod? = nil
  ) -> Tunnels.Opened {
    let style = Style(for: context.error, environment: context.environment, disabled: false)
    return Tunnels.Opened(
      detour: Detour(port: tunnel.port, troubles: troubles), tunnel: tunnel, pod: pod,
      warn: KubeSession.warnings(context, style))
  }

  private var settings: RelaySettings {
    var settings = RelaySettings(owner: "\(context.user)@\(context.host)")
    if let image = relay?.image { settings.image = image.value }
    if let lifetime = relay?.lifetime { settings.lifetime = lifetime.value }
    for (key, value) in relay?.nodeSelector ?? [:] { settings.nodeSelector[key] = value }
    settings.tolerations = (relay?.tolerations ?? []).map { .object($0.mapValues(JSON.string)) }
    return settings
  }
}

extension Detour.Troubles {
  /// What writes down why connections end.
  fileprivate var watcher: LocalTunnel.Watcher {
    LocalTunnel.Watcher(began: { self.forget(port: $0) }, failed: { self.note($1, ofPort: $0) })
  }
}

/// No tunnel can be opened.
private struct NoTunnel: Failure {
  var message: String
  var hint: String?
  var status: ExitStatus { .usage }
}
