internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Runbooks

/// An action on clusters that a drill plays on a simulated one.
struct SimulatedAction: Action {
  let real: any Action
  let cluster: SimulatedCluster

  var name: String { real.name }
  var effect: Effect { real.effect }
  var parameters: [ActionParameter] { real.parameters }
  var result: Shape { real.result }

  /// Whether an action can be played on a simulated cluster.
  static func plays(_ name: String) -> Bool { played.contains(name) }

  private static let played: Set<String> = [
    "kube.scale", "kube.suspend", "kube.rollout", "kube.cordon", "kube.drain", "kube.apply",
    "kube.delete", "kube.rollout.status", "kube.get", "kube.wait", "kube.events", "kube.exec",
    "kube.job", "logs.expect",
  ]

  func command(for with: OrderedDictionary<String, Value>) -> String { real.command(for: with) }

  func observe(_ call: ActionCall) async throws -> Value {
    try cluster.change { state in
      switch name {
      case "kube.scale": .array(try scaling(call, &state).map { state.state(of: $0.name) })
      case "kube.suspend":
        .array(try suspension(call, &state).map { state.suspension(of: $0.name) })
      case "kube.rollout": .array(try rollout(call, &state).map { state.images(of: $0.name) })
      case "kube.cordon", "kube.drain":
        .array(try nodes(call, &state).map { state.cordon(of: $0.name) })
      default: .null
      }
    }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    ActionOutcome(result: try cluster.change { try perform(call, &$0) })
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    let before = try await observe(call)
    guard before != .null else { return .unknown }
    let isThere = try cluster.change { state in
      switch name {
      case "kube.scale":
        try scaling(call, &state).allSatisfy { state.workloads[$0.name]?.replicas == $0.count }
      case "kube.suspend":
        try suspension(call, &state).allSatisfy { state.cronJobs[$0.name] == $0.isSuspended }
      case "kube.cordon":
        try nodes(call, &state).allSatisfy { state.nodes[$0.name] == $0.isCordoned }
      default: false
      }
    }
    return isThere ? .there(["before": call.before, "after": before]) : .absent
  }

  // MARK: What each does

  private func perform(_ call: ActionCall, _ state: inout SimulatedCluster.State) throws -> Value {
    switch name {
    case "kube.scale":
      let wanted = try scaling(call, &state)
      for (name, count) in wanted { state.workloads[name]?.replicas = count }
      return ["before": call.before, "after": .array(wanted.map { state.state(of: $0.name) })]
    case "kube.suspend":
      let wanted = try suspension(call, &state)
      for (name, isSuspended) in wanted { state.cronJobs[name] = isSuspended }
      return ["before": call.before, "after": .array(wanted.map { state.suspension(of: $0.name) })]
    case "kube.rollout":
      let wanted = try rollout(call, &state)
      for (name, images) in wanted {
        state.workloads[name]?.images.merge(images) { $1 }
        state.workloads[name]?.revision += 1
      }
      return ["before": call.before, "after": .array(wanted.map { state.images(of: $0.name) })]
    case "kube.cordon", "kube.drain":
      let wanted = try nodes(call, &state)
      for (name, isCordoned) in wanted { state.nodes[name] = isCordoned }
      let after = Value.array(wanted.map { state.cordon(of: $0.name) })
      return ["before": call.before, "after": after, "gone": []]
    case "kube.apply": return apply(call, &state)
    case "kube.delete": return delete(call, &state)
    default: return try look(call, &state)
    }
  }

  private func look(_ call: ActionCall, _ state: inout SimulatedCluster.State) throws -> Value {
    switch name {
    case "kube.rollout.status":
      let names = try state.workloads(of: call)
      let count = names.reduce(0) { $0 + (state.workloads[$1]?.replicas ?? 0) }
      return [
        "complete": true, "failed": false, "updated": .int(count), "ready": .int(count),
        "message": .string("\(count) of \(count) pods are ready (simulated)"),
      ]
    case "kube.get": return try get(call, state)
    case "kube.wait": return try wait(call, state)
    case "kube.events": return ["items": []]
    case "kube.exec": return ["exit-code": 0, "stdout": "", "stderr": ""]
    case "kube.job":
      return [
        "job": .string(call.with["name"]?.text ?? "simulated"),
        "namespace": .string(SimulatedCluster.namespace), "succeeded": 1, "failed": 0,
        "stdout": "",
      ]
    // The pods say what is wanted of them, and nothing that is not.
    case "logs.expect":
      return ["records": .array(call.with["match"].map { [$0] } ?? [])]
    default: throw ActionError(.other, "a drill cannot play \(name)")
    }
  }

  private func get(_ call: ActionCall, _ state: SimulatedCluster.State) throws -> Value {
    let kind = call.with["kind"]?.string ?? ""
    let objects = state.objects(of: kind)
    guard let name = call.with["name"]?.string else { return ["items": .array(objects)] }
    if let found = objects.first(where: { $0["metadata"]?["name"]?.string == name }) {
      return found
    }
    throw ActionError(.assertion, "there is no \(kind) \"\(name)\" in the simulated cluster")
  }

  private func wait(_ call: ActionCall, _ state: SimulatedCluster.State) throws -> Value {
    let text = call.with["until"]?.string ?? ""
    let until = try Expression(
      parsing: text, at: SourceLocation(file: "until", line: 1, column: 1))
    var items = state.objects(of: call.with["kind"]?.string ?? "")
    if let name = call.with["name"]?.string {
      items = items.filter { $0["metadata"]?["name"]?.string == name }
    }
    let scope = Scope(contexts: ["items": .array(items), "item": items.first ?? .null])
    guard (try? until.isTrue(in: scope)) == true else {
      throw ActionError(.assertion, "not true in the simulated cluster: \(text)")
    }
    return ["items": .array(items)]
  }

  private func apply(_ call: ActionCall, _ state: inout SimulatedCluster.State) -> Value {
    let given = call.with["manifest"] ?? .null
    let objects = given.array ?? [given]
    for object in objects {
      let kind = SimulatedName.kind(object["kind"]?.string ?? "object")
      let name = object["metadata"]?["name"]?.text ?? "simulated"
      state.objects["\(kind)/\(name)"] = object
    }
    return ["before": call.before, "after": .array(objects), "changes": []]
  }

  private func delete(_ call: ActionCall, _ state: inout SimulatedCluster.State) -> Value {
    let kind = SimulatedName.kind(call.with["kind"]?.string ?? "")
    let gone = state.objects.keys.filter { key in
      key.hasPrefix(kind + "/")
        && (call.with["name"]?.string).map { key == "\(kind)/\($0)" } ?? true
    }
    for key in gone { state.objects[key] = nil }
    return ["before": .array(gone.map { .string($0) }), "after": []]
  }

  // MARK: What is meant

  private func scaling(
    _ call: ActionCall, _ state: inout SimulatedCluster.State
  ) throws -> [(name: String, count: Int64)] {
    if let entries = call.with["to"]?.array {
      return entries.map { ($0["object"]?.string ?? "", $0["replicas"]?.int ?? 0) }
    }
    guard let count = call.with["replicas"]?.int else {
      throw ActionError(.other, "kube.scale needs replicas, a whole number from 0, or to")
    }
    return try state.workloads(of: call).map { ($0, count) }
  }

  private func suspension(
    _ call: ActionCall, _ state: inout SimulatedCluster.State
  ) throws -> [(name: String, isSuspended: Bool)] {
    if let entries = call.with["to"]?.array {
      return entries.map { ($0["object"]?.string ?? "", $0["suspended"]?.bool ?? false) }
    }
    let isSuspended = call.with["suspend"]?.bool ?? true
    return state.cronJobs(of: call).map { ($0, isSuspended) }
  }

  private func rollout(
    _ call: ActionCall, _ state: inout SimulatedCluster.State
  ) throws -> [(name: String, images: OrderedDictionary<String, Value>)] {
    if let entries = call.with["to"]?.array {
      return entries.map { ($0["object"]?.string ?? "", $0["images"]?.object ?? [:]) }
    }
    let container = call.with["container"]?.string ?? "app"
    let images: OrderedDictionary<String, Value> =
      call.with["image"].map { [container: $0] } ?? [:]
    return try state.workloads(of: call).map { ($0, images) }
  }

  private func nodes(
    _ call: ActionCall, _ state: inout SimulatedCluster.State
  ) throws -> [(name: String, isCordoned: Bool)] {
    if let entries = call.with["to"]?.array {
      return entries.map { ($0["node"]?.string ?? "", $0["cordoned"]?.bool ?? false) }
    }
    let node = call.with["node"]?.string ?? ""
    if state.nodes[node] == nil { state.nodes[node] = false }
    return [(node, name == "kube.drain" ? true : call.with["cordon"]?.bool ?? true)]
  }
}
