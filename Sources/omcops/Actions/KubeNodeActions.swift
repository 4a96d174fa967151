internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.cordon`: whether nodes take new pods.
struct KubeCordonAction: KubeStateAction {
  let cluster: RunCluster

  let name = "kube.cordon"
  let effect = Effect.write
  let parameters = [
    ActionParameter("node", .string), ActionParameter("cordon", .bool),
    ActionParameter("to", .any),
  ]
  static let states = Shape.array(.object(["node": .string, "cordoned": .bool]))
  let result = Shape.object(["before": states, "after": states])

  typealias Goal = (node: String, isCordoned: Bool)

  func state(of goal: Goal, _ client: KubeClient) async throws -> Value {
    try await KubeCordonAction.state(of: goal.node, client)
  }

  /// What `before` says of a node.
  static func state(of node: String, _ client: KubeClient) async throws -> Value {
    let found = try await client.get(.nodes, node, in: nil)
    return [
      "node": .string(node), "cordoned": .bool(found["spec", "unschedulable"]?.bool ?? false),
    ]
  }

  func reach(_ goals: [Goal], _ call: ActionCall, _ client: KubeClient) async throws {
    for (node, isCordoned) in goals { _ = try await client.cordon(node, isCordoned) }
  }

  func isReached(_ goal: Goal, _ call: ActionCall, _ client: KubeClient) async throws -> Bool {
    try await state(of: goal, client)["cordoned"]?.bool == goal.isCordoned
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    if let to = with["to"] {
      return KubeParameters.commands(backTo: to) { _, state in
        let node = shellQuoted(state["node"]?.string ?? "NODE")
        return "omcops kube \(state["cordoned"] == .bool(true) ? "cordon" : "uncordon") \(node)"
      }
    }
    let verb = with["cordon"] == .bool(false) ? "uncordon" : "cordon"
    return "omcops kube \(verb) \(shellQuoted(with["node"]?.text ?? ""))"
  }

  func goals(_ call: ActionCall) async throws -> [Goal] {
    guard let to = call.with["to"] else {
      guard let node = call.with["node"]?.string, !node.isEmpty else {
        throw ActionError(.other, "kube.cordon needs node, or to")
      }
      return [(NodeName.plain(node), call.with["cordon"]?.bool ?? true)]
    }
    try call.refuse("node", "cordon", beside: "to")
    return try await goals(backTo: to) { entry in
      guard let node = entry["node"]?.string, let isCordoned = entry["cordoned"]?.bool else {
        return nil
      }
      return (node, isCordoned)
    }
  }
}

/// `kube.drain`: no pods on a node that may go elsewhere; disruption budgets are respected.
///
/// `before` is what `kube.cordon` takes as `to`: its undo lets the node take pods again.
struct KubeDrainAction: Action {
  let cluster: RunCluster

  let name = "kube.drain"
  let effect = Effect.destroy
  let parameters = [
    ActionParameter("node", .string, isRequired: true), ActionParameter("daemon-sets", .string),
    ActionParameter("empty-dirs", .string), ActionParameter("unmanaged", .string),
    ActionParameter("timeout", .duration),
  ]
  let result = Shape.object(["before": KubeCordonAction.states, "gone": .array(.string)])

  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors {
      let drain = try drain(call)
      try drain.check(try await drain.plan(asksBudgets: false))
      return [
        try await KubeCordonAction.state(of: try node(call), cluster.session().client)
      ]
    }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let outcome = try await drain(call).run(
        timeout: call.duration("timeout") ?? KubeScaleAction.patience, call.progress)
      guard outcome.left.isEmpty else {
        let pods = outcome.left.count == 1 ? "1 pod is" : "\(outcome.left.count) pods are"
        throw KubeError(
          outcome.left.allSatisfy(\.isLate) ? .timedOut : .hopeless,
          "\(pods) still on node \"\(try node(call))\"",
          details: outcome.left.map { "\($0.pod.namespace ?? "")/\($0.pod.name): \($0.reason)" })
      }
      let gone = outcome.gone.map { Value.string("\($0.namespace ?? "")/\($0.name)") }
      return ActionOutcome(result: ["before": call.before, "gone": .array(gone)])
    }
  }

  /// There when the node takes no pods and none is left that would have to go.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let found = try await cluster.session().client.get(.nodes, try node(call), in: nil)
      guard found["spec", "unschedulable"]?.bool == true else { return .absent }
      let steps = try await drain(call).plan(asksBudgets: false)
      guard !steps.contains(where: { $0.action == .evict }) else { return .absent }
      return .there(["before": call.before, "gone": []])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var words = "omcops kube drain \(shellQuoted(with["node"]?.text ?? ""))"
    if with["daemon-sets"] == .string("leave") { words += " --ignore-daemonsets" }
    if with["empty-dirs"] == .string("delete") { words += " --delete-emptydir-data" }
    if with["unmanaged"] == .string("delete") { words += " --force" }
    return words + " --timeout \(with["timeout"]?.text ?? KubeScaleAction.patience.canonical)"
  }

  private func drain(_ call: ActionCall) throws -> NodeDrain {
    var permissions = NodeDrain.Permissions()
    permissions.words = (
      daemonSets: "daemon-sets: leave", emptyDirs: "empty-dirs: delete",
      unmanaged: "unmanaged: delete"
    )
    permissions.ignoresDaemonSets = try choice("daemon-sets", "leave", call)
    permissions.deletesEmptyDirs = try choice("empty-dirs", "delete", call)
    permissions.includesUnmanaged = try choice("unmanaged", "delete", call)
    return NodeDrain(
      try cluster.session().client, node: try node(call), permissions)
  }

  private func node(_ call: ActionCall) throws -> String {
    guard let node = call.with["node"]?.string, !node.isEmpty else {
      throw ActionError(.other, "node is empty")
    }
    return NodeName.plain(node)
  }

  /// Whether a field says the one word that it may.
  private func choice(_ key: String, _ word: String, _ call: ActionCall) throws -> Bool {
    guard let given = call.with[key]?.string else { return false }
    guard given == word else {
      throw ActionError(.other, "\(key) is \"\(given)\"; it can only be \(word), or left out")
    }
    return true
  }
}
