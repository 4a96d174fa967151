internal import JSON

/// Empties a node: no new pods, and those that there are go to other nodes as far as disruption
/// budgets allow.
public struct NodeDrain: Sendable {
  /// What may be done to pods that would lose something.
  public struct Permissions: Sendable {
    /// Pods of DaemonSets are left where they are: their controller would bring them back.
    public var ignoresDaemonSets = false
    /// Pods with emptyDir volumes go, and what is in these with them.
    public var deletesEmptyDirs = false
    /// Pods that nobody brings back go.
    public var includesUnmanaged = false

    /// What one says to permit each of these: refusals name it. The options of `kube drain` where
    /// nobody says otherwise.
    public var words = (
      daemonSets: "--ignore-daemonsets", emptyDirs: "--delete-emptydir-data", unmanaged: "--force"
    )

    /// Permits nothing.
    public init() {}
  }

  /// What is done with a pod.
  public enum Action: Hashable, Sendable {
    case evict
    /// It stays, and why.
    case leave(String)
    /// Nothing may be done before somebody permits it, and how.
    case refuse(String)
  }

  /// A pod of the node.
  public struct Step: Sendable {
    /// The pod.
    public var pod: KubeObject
    /// What is done with it.
    public var action: Action
    /// Why it could not be evicted at this moment: the words of the disruption budget; nil where it
    /// could be.
    public var obstacle: String?
  }

  let client: KubeClient
  let node: String
  private let permissions: Permissions
  let gracePeriodSeconds: Int?

  /// Changes nothing yet.
  ///
  /// - Parameter gracePeriodSeconds: how long pods have to end; nil: as long as they say themselves.
  public init(
    _ client: KubeClient, node: String, _ permissions: Permissions, gracePeriodSeconds: Int? = nil
  ) {
    self.client = client
    self.node = node
    self.permissions = permissions
    self.gracePeriodSeconds = gracePeriodSeconds
  }

  /// Looks at the pods of the node.
  ///
  /// - Parameter asksBudgets: whether the server is asked for each pod, by a dry run, whether it may go
  ///   now.
  public func plan(asksBudgets: Bool) async throws -> [Step] {
    _ = try await client.get(.nodes, node, in: nil)
    let pods = try await client.list(
      ObjectQuery(.pods, namespace: nil, fieldSelector: "spec.nodeName=\(node)")
    ).items
    var steps = pods.map { Step(pod: $0, action: action(for: $0)) }
    guard asksBudgets else { return steps }
    for index in steps.indices where steps[index].action == .evict {
      let pod = steps[index].pod
      do {
        try await client.evict(
          pod: pod.name, in: pod.namespace ?? "", uid: pod.uid, isDryRun: true)
      } catch let error as KubeError where NodeDrain.isLeaving(error) {
        continue
      } catch let error as KubeError
        where [.tooManyRequests, .serverFailed].contains(error.code)
      {
        steps[index].obstacle = NodeDrain.reason(error)
      }
    }
    return steps
  }

  /// Throws a `KubeError` of code `refused` that names each pod that may not go without a word.
  public func check(_ steps: [Step]) throws {
    let refused = steps.compactMap { step -> String? in
      guard case .refuse(let why) = step.action else { return nil }
      return "\(NodeDrain.name(step.pod)): \(why)"
    }
    guard !refused.isEmpty else { return }
    throw KubeError(
      .refused,
      "\(refused.count) pod\(refused.count == 1 ? "" : "s") of node \"\(node)\" may not go without "
        + "your word; nothing was changed", details: refused)
  }

  private func action(for pod: KubeObject) -> Action {
    if pod.annotation("kubernetes.io/config.mirror") != nil {
      return .leave("it is a file of the node's, which only the kubelet ends")
    }
    if ["Succeeded", "Failed"].contains(pod["status", "phase"]?.string) { return .evict }
    let owner = (pod["metadata", "ownerReferences"]?.array ?? [])
      .first { $0["controller"]?.bool == true }
    if owner?["kind"]?.string == "DaemonSet" {
      return permissions.ignoresDaemonSets
        ? .leave("a DaemonSet keeps it here")
        : .refuse("a DaemonSet would bring it back: leave it with \(permissions.words.daemonSets)")
    }
    if pod.isTerminating { return .evict }
    if owner == nil, !permissions.includesUnmanaged {
      return .refuse(
        "no controller brings it back: take it away for good with \(permissions.words.unmanaged)")
    }
    let hasData = (pod["spec", "volumes"]?.array ?? []).contains { $0["emptyDir"] != nil }
    if hasData, !permissions.deletesEmptyDirs {
      return .refuse(
        "an emptyDir volume is lost with it: allow that with \(permissions.words.emptyDirs)")
    }
    return .evict
  }

  /// Whether an eviction was refused because the pod goes anyway, or is gone: it is deleted, another pod
  /// of its name stands there, or its namespace is about to go.
  static func isLeaving(_ error: KubeError) -> Bool {
    switch error.code {
    case .notFound: true
    case .conflict: error.answer?.reason == "Conflict"
    case .forbidden:
      error.answer?.causes.contains { $0.reason == "NamespaceTerminating" } == true
    default: false
    }
  }

  /// The words of a budget, which the server hides in the causes.
  static func reason(_ error: KubeError) -> String {
    let causes = error.answer?.causes.map(\.message).filter { !$0.isEmpty } ?? []
    return causes.isEmpty ? error.message : causes.joined(separator: "; ")
  }

  static func name(_ pod: KubeObject) -> String { "pod \(pod.namespace ?? "")/\(pod.name)" }
}

extension KubeClient {
  /// Lets a node take no new pods, or take them again.
  ///
  /// - Returns: whether that was otherwise before.
  public func cordon(
    _ node: String, _ isCordoned: Bool, isDryRun: Bool = false
  ) async throws -> Bool {
    let found = try await get(.nodes, node, in: nil)
    guard (found["spec", "unschedulable"]?.bool ?? false) != isCordoned else { return false }
    _ = try await patch(
      .nodes, node, in: nil, ["spec": ["unschedulable": isCordoned ? true : .null]], as: .merge,
      isDryRun: isDryRun)
    return true
  }
}
