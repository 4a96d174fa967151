internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.scale`: how many pods workloads have; waits until they are there and ready, or gone.
struct KubeScaleAction: Action {
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

  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await states(of: try await wanted(call)) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let wanted = try await wanted(call)
      let client = try cluster.session().client
      // Nothing is changed when one of them is not there.
      let before = try await states(of: wanted)
      for (object, replicas) in wanted { try await Scaling(client, object, to: replicas).run() }
      let patience = call.duration("wait") ?? KubeScaleAction.patience
      if patience > .zero {
        for (object, replicas) in wanted {
          call.progress("waiting for \(replicas) pods of \(object)")
          try await wait(object, replicas, patience, call, client)
        }
      }
      return ActionOutcome(
        result: [
          "before": call.before == .null ? before : call.before,
          "after": try await states(of: wanted),
        ])
    }
  }

  /// There only when the pods are as they have to be, too.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let wanted = try await wanted(call)
      let client = try cluster.session().client
      for (object, replicas) in wanted {
        guard try await Scaling(client, object, to: replicas).current() == replicas else {
          return .absent
        }
        if call.duration("wait") == .zero { continue }
        let found = try await client.get(object.resource, object.name, in: object.namespace)
        let isSettled =
          try await replicas == 0
          ? pods(of: found, client).isEmpty
          : found["status", "readyReplicas"]?.int ?? 0 == replicas
        if !isSettled { return .absent }
      }
      let now = try await states(of: wanted)
      return .there(["before": call.before == .null ? now : call.before, "after": now])
    }
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
  private func wanted(
    _ call: ActionCall
  ) async throws -> [(object: ObjectReference, replicas: Int64)] {
    try call.refuse("target", "deployments", beside: "to")
    if let to = call.with["to"] {
      guard let entries = to.array, call.with["replicas"] == nil else {
        throw ActionError(
          .other, "\"to\" is the \"before\" of another kube.scale, without replicas")
      }
      let client = try cluster.session().client
      var wanted: [(object: ObjectReference, replicas: Int64)] = []
      for entry in entries {
        guard let replicas = entry["replicas"]?.int else {
          throw ActionError(.other, "an element of \"to\" says no number of replicas")
        }
        wanted.append((try await ObjectReference(entry, with: client), replicas))
      }
      return wanted
    }
    guard let replicas = call.with["replicas"]?.int, (0...1_000_000).contains(replicas) else {
      throw ActionError(.other, "kube.scale needs replicas, a whole number from 0, or to")
    }
    return try await cluster.workloads(call).map { ($0, replicas) }
  }

  private func states(
    of wanted: [(object: ObjectReference, replicas: Int64)]
  ) async throws -> Value {
    let client = try cluster.session().client
    var states: [Value] = []
    for (object, replicas) in wanted {
      let count = try await Scaling(client, object, to: replicas).current()
      states.append(object.value("replicas", .int(count)))
    }
    return .array(states)
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
