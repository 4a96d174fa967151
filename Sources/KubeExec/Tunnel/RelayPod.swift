internal import JSON

/// A pod of ours whose container connects to servers that only the cluster's network reaches.
public struct RelayPod: Sendable {
  /// Its name.
  public let name: String
  /// Its namespace.
  public let namespace: String
  private let client: KubeClient

  /// How long the pod may take to run: a node may have to be started for it.
  private static let patience: Duration = .seconds(180)

  /// Makes a pod and waits until it runs, after those are deleted whose owners are gone.
  ///
  /// - Parameter begun: gets a sentence for people when the pod is about to be made.
  /// - Throws: a `KubeError` that says what keeps it from running; it is deleted then.
  public static func start(
    _ settings: RelaySettings, in namespace: String, with client: KubeClient,
    _ begun: @Sendable (String) -> Void
  ) async throws -> RelayPod {
    let owner = ProcessOwner.current(name: settings.owner)
    for name in try await removeAbandoned(in: namespace, with: client, seenBy: owner) {
      begun("deleted pod \(name), which an earlier run has left behind")
    }
    let digits = String(UInt32.random(in: .min ... .max), radix: 36)
    let pod = RelayPod(name: "omcops-relay-\(digits)", namespace: namespace, client: client)
    begun("connecting through pod \(pod.name), which is deleted at the end")
    do {
      _ = try await client.create(
        .pods, settings.manifest(name: pod.name, owner: owner), in: namespace)
      try await pod.waitUntilItRuns(settings.image)
      return pod
    } catch {
      // A task of its own: when this one was cancelled the pod has to go, too. Whether it came to be
      // is not known then.
      await Task { try? await pod.delete() }.value
      throw error
    }
  }

  /// Deletes the pod; nothing happens where it is gone.
  public func delete() async throws {
    do {
      try await client.delete(.pods, name, in: namespace, gracePeriodSeconds: 1)
    } catch let error as KubeError where error.code == .notFound {
      return
    }
  }

  /// Deletes the pods that have ended, and those whose owner is provably gone; gives their names.
  static func removeAbandoned(
    in namespace: String, with client: KubeClient, seenBy me: ProcessOwner
  ) async throws -> [String] {
    let pods = try await client.list(
      ObjectQuery(.pods, namespace: namespace, labelSelector: RelaySettings.selector)
    ).items
    var removed: [String] = []
    for pod in pods where !pod.isTerminating {
      let hasEnded = ["Succeeded", "Failed"].contains(pod["status", "phase"]?.string)
      guard hasEnded || ProcessOwner(pod)?.isGone(seenBy: me) == true else { continue }
      do {
        try await client.delete(
          .pods, pod.name, in: namespace, uid: pod.uid, gracePeriodSeconds: 1)
        removed.append(pod.name)
      } catch let error as KubeError where [.notFound, .conflict].contains(error.code) {
        // Another run was faster.
      }
    }
    return removed
  }

  private func waitUntilItRuns(_ image: String) async throws {
    let deadline = ContinuousClock.now + RelayPod.patience
    while true {
      let pod = try await client.get(.pods, name, in: namespace)
      let phase = pod["status", "phase"]?.string
      if phase == "Running" { return }
      let troubles = PodTrouble.all(of: pod)
      // A node that has room may still come; an image that is not there will not.
      if let trouble = troubles.first(where: { $0.container != nil || phase == "Failed" }) {
        throw KubeError(
          .hopeless, "the relay does not start: \(trouble)",
          hint:
            "name an image with sh and netcat as database.relay.image, or a component of the service "
            + "as database.relay.component")
      }
      if ContinuousClock.now >= deadline {
        throw KubeError(
          .timedOut, "the relay pod \(name) does not run after 3 minutes",
          hint: "database.relay has node-selector and tolerations",
          details: troubles.map(\.description))
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }
}

extension LocalTunnel {
  /// A tunnel to a server by a command in a container.
  ///
  /// - Parameter choose: finds the pod for connections from now on, and the container.
  public static func relay(
    to host: String, port: Int, with client: KubeClient, container: String?,
    through choose: @escaping @Sendable () async throws -> KubeObject, watcher: Watcher
  ) async throws -> LocalTunnel {
    let chosen = ChosenPod({ (try await choose(), nil) }, moved: { _ in })
    _ = try await chosen.current(isFirst: true)
    return try LocalTunnel(
      RelayCarrier(client: client, host: host, port: port, container: container, chosen: chosen),
      watcher: watcher)
  }

  /// A tunnel to a server by a command in a relay pod.
  public static func relay(
    to host: String, port: Int, with client: KubeClient, through pod: RelayPod, watcher: Watcher
  ) async throws -> LocalTunnel {
    let reference = ObjectReference(.pods, pod.name, in: pod.namespace)
    return try await relay(
      to: host, port: port, with: client, container: "relay",
      through: { try await PodChoice(client).pod(of: reference) }, watcher: watcher)
  }
}
