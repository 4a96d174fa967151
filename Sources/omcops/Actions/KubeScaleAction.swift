internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.scale`: how many pods workloads have; waits until they are there and ready, or gone.
struct KubeScaleAction: KubeStateAction {
  let cluster: RunCluster

  let name = "kube.scale"
  let effect = Effect.write
  let parameters =
    KubeParameters.workloads + [
      ActionParameter("replicas", .number), ActionParameter("to", .any),
      ActionParameter("wait", .duration),
    ]
  static let states = Shape.array(
    .object(["object": .string, "namespace": .optional(.string), "replicas": .number]))
  let result = Shape.object(["before": states, "after": states])

  /// How long pods may take to come or to go where the step does not say it.
  static let patience = Duration.seconds(300)

  typealias Goal = (object: ObjectReference, replicas: Int64)

  func state(of goal: Goal, _ client: KubeClient) async throws -> Value {
    let count = try await Scaling(client, goal.object, to: goal.replicas).current()
    return goal.object.value("replicas", .int(count))
  }

  func reach(_ goals: [Goal], _ call: ActionCall, _ client: KubeClient) async throws {
    for (object, replicas) in goals { try await Scaling(client, object, to: replicas).run() }
    let patience = call.duration("wait") ?? KubeScaleAction.patience
    guard patience > .zero else { return }
    for (object, replicas) in goals {
      call.progress("waiting for \(replicas) pods of \(object)")
      try await wait(object, replicas, patience, call, client)
    }
  }

  /// There only when the pods are as they have to be, too.
  func isReached(_ goal: Goal, _ call: ActionCall, _ client: KubeClient) async throws -> Bool {
    let (object, replicas) = goal
    guard try await Scaling(client, object, to: replicas).current() == replicas else {
      return false
    }
    if call.duration("wait") == .zero { return true }
    let found = try await client.get(object.resource, object.name, in: object.namespace)
    return try await replicas == 0
      ? pods(of: found, client).isEmpty
      : found["status", "readyReplicas"]?.int ?? 0 == replicas
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    if let to = with["to"] {
      return KubeParameters.commands(backTo: to) { object, state in
        "omcops kube scale \(object) --replicas \(state["replicas"]?.text ?? "N") --wait"
      }
    }
    let count = with["replicas"]?.text ?? "N"
    return "omcops kube scale \(KubeParameters.words(with)) --replicas \(count) --wait"
  }

  /// Each workload and the number that it shall have.
  func goals(_ call: ActionCall) async throws -> [Goal] {
    try call.refuse("target", "deployments", "replicas", beside: "to")
    if let to = call.with["to"] {
      let client = try cluster.session().client
      return try await goals(backTo: to) { entry in
        guard let replicas = entry["replicas"]?.int else { return nil }
        return (try await ObjectReference(entry, with: client), replicas)
      }
    }
    guard let replicas = call.with["replicas"]?.int, (0...1_000_000).contains(replicas) else {
      throw ActionError(.other, "kube.scale needs replicas, a whole number from 0, or to")
    }
    return try await cluster.workloads(call).map { ($0, replicas) }
  }

  private func wait(
    _ object: ObjectReference, _ replicas: Int64, _ patience: Duration, _ call: ActionCall,
    _ client: KubeClient
  ) async throws {
    if replicas > 0 { return try await Scaling(client, object, to: replicas).wait(patience) }
    var left: [KubeObject] = []
    let isGone = try await call.poll(for: patience) { () -> Bool? in
      let found = try await client.get(object.resource, object.name, in: object.namespace)
      left = try await pods(of: found, client)
      return left.isEmpty ? true : nil
    }
    guard isGone == nil else { return }
    throw KubeError(
      .timedOut,
      "\(left.count) pods of \(object) are still there after \(patience.canonical): "
        + left.map(\.name).joined(separator: ", "))
  }

  /// The pods that have not ended; those that are told to end may still write.
  private func pods(of workload: KubeObject, _ client: KubeClient) async throws -> [KubeObject] {
    guard let selector = LabelSelector.text(of: workload) else { return [] }
    return try await client.list(
      ObjectQuery(.pods, namespace: workload.namespace, labelSelector: selector)
    ).items.filter { !["Succeeded", "Failed"].contains($0["status", "phase"]?.string) }
  }
}
