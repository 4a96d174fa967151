internal import JSON

/// How a server is reached that this machine may not see.
public enum TunnelRoute: Sendable {
  /// From here.
  case direct
  /// By a port of the pod behind a Service, or of a pod of one.
  case forward(ForwardedService)
  /// By a pod that connects to it, and why.
  case relay(String)
}

/// A server in the cluster, by the name that its own clients use.
public struct ForwardedService: Sendable {
  /// The Service, as the cluster had it.
  let service: KubeObject
  /// The pod, where one was named.
  let pod: String?

  /// Finds the pod for a connection; of a Service it is one that is ready.
  func choose(_ client: KubeClient) async throws -> ChosenPod.Choice {
    let namespace = service.namespace
    if let pod {
      return (try await PodChoice(client).pod(of: ObjectReference(.pods, pod, in: namespace)), nil)
    }
    let current = try await client.get(.services, service.name, in: namespace)
    let reference = ObjectReference(.services, service.name, in: namespace)
    return (try await PodChoice(client).pod(of: reference), current)
  }
}

/// Finds out how to reach a server.
public struct TunnelRouting: Sendable {
  private let client: KubeClient
  private let namespace: String

  /// - Parameter namespace: the one whose pods the host's name is written for.
  public init(_ client: KubeClient, namespace: String) {
    self.client = client
    self.namespace = namespace
  }

  /// The best way to a host: a Service with pods by its port, what only the cluster's network reaches
  /// by a pod, all else from here.
  public func route(to host: String) async throws -> TunnelRoute {
    // A pod of the cluster sees what its neighbours see.
    if client.access.isInPod { return .direct }
    if host.hasPrefix("/") { return .direct }
    if host == "localhost" || Address(host)?.isLoopback == true {
      return .direct
    }
    if let found = try await service(host) {
      if let name = found.forwarded { return .forward(name) }
      return .relay("service \"\(found.name)\" has no pods")
    }
    let addresses = await Address.all(of: host)
    if addresses.isEmpty { return .relay("this machine does not know the name") }
    if addresses.contains(where: \.isLoopback) { return .direct }
    return addresses.contains(where: \.isPrivate)
      ? .relay("its address is one of a private network") : .direct
  }

  /// The Service or pod that a host's name means.
  ///
  /// - Throws: where it means none that connections can be forwarded to.
  public func forwarded(_ host: String) async throws -> ForwardedService {
    guard let found = try await service(host) else {
      throw KubeError(
        .invalidRequest,
        "\"\(host)\" is no Service for namespace \"\(namespace)\" of \(client.access.source)",
        hint: "give the name that pods use, as db or db.NAMESPACE; or say tunnel: relay")
    }
    guard let name = found.forwarded else {
      throw KubeError(
        .invalidRequest, "service \"\(found.name)\" has no selector, and so no pods to forward to",
        hint: "say tunnel: relay")
    }
    return name
  }

  private func service(
    _ host: String
  ) async throws -> (name: String, forwarded: ForwardedService?)? {
    for name in ClusterName.candidates(host, in: namespace) {
      let service: KubeObject
      do {
        guard let found = try await client.find(.services, name.service, in: name.namespace)
        else { continue }
        service = found
      } catch let error as KubeError
        where error.code == .forbidden && !name.isCertain && name.namespace != namespace
      {
        // Names with dots are mostly no Services, and nobody may look into a namespace by chance.
        continue
      }
      if name.pod == nil, LabelSelector.text(of: service) == nil { return (service.name, nil) }
      return (service.name, ForwardedService(service: service, pod: name.pod))
    }
    return nil
  }
}
