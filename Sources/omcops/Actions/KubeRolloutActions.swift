internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.rollout.status`: whether rollouts are finished, without waiting for them.
struct KubeRolloutStatusAction: Action {
  let cluster: RunCluster

  let name = "kube.rollout.status"
  let effect = Effect.read
  let parameters = KubeParameters.workloads
  let result = Shape.object([
    "complete": .bool, "failed": .bool, "updated": .number, "ready": .number, "message": .string,
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors {
      let client = try cluster.session().client
      var (isComplete, isFailed, words) = (true, false, [String]())
      var (updated, ready): (Int64, Int64) = (0, 0)
      for object in try await cluster.workloads(call) {
        let found = try await client.get(object.resource, object.name, in: object.namespace)
        let status = found["status"]
        let isDaemonSet = found.kind == "DaemonSet"
        updated +=
          status?[isDaemonSet ? "updatedNumberScheduled" : "updatedReplicas"]?.int ?? 0
        ready += status?[isDaemonSet ? "numberReady" : "readyReplicas"]?.int ?? 0
        switch try RolloutJudgement(found) {
        case .finished(let text): words.append("\(object): \(text)")
        case .waiting(let text):
          isComplete = false
          words.append("\(object): \(text)")
        case .failed(let text):
          (isComplete, isFailed) = (false, true)
          words.append("\(object): \(text)")
        }
      }
      return ActionOutcome(
        result: [
          "complete": .bool(isComplete), "failed": .bool(isFailed), "updated": .int(updated),
          "ready": .int(ready), "message": .string(words.joined(separator: "; ")),
        ])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube rollout status \(KubeParameters.words(with)) --no-watch"
  }
}

/// `kube.rollout`: starts all pods of workloads anew, or takes the newest revision back.
struct KubeRolloutAction: Action {
  let cluster: RunCluster

  let name = "kube.rollout"
  let effect = Effect.write
  let parameters =
    KubeParameters.workloads + [
      ActionParameter("action", .string, isRequired: true),
      ActionParameter("to-revision", .number), ActionParameter("wait", .duration),
    ]
  static let states = Shape.array(
    .object([
      "object": .string, "namespace": .optional(.string), "revision": .optional(.number),
    ]))
  let result = Shape.object(["before": states, "after": states])

  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await states(of: try await cluster.workloads(call)) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let client = try cluster.session().client
      let objects = try await cluster.workloads(call)
      // All changes are known before the first one is made.
      var changes: [(ObjectReference, RolloutChange)] = []
      for object in objects { changes.append((object, try await change(of: object, call, client))) }
      for (object, change) in changes where change.action != nil {
        _ = try await change.run(with: client, on: object.resource)
      }
      let patience = call.duration("wait") ?? KubeScaleAction.patience
      if patience > .zero {
        for object in objects {
          var watch = RolloutWatch(
            client, object.resource, object.name, in: object.namespace ?? "")
          watch.timeout = patience
          _ = try await watch.run(call.progress)
        }
      }
      return ActionOutcome(
        result: ["before": call.before, "after": try await states(of: objects)])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let action = with["action"]?.text ?? "restart"
    let revision = with["to-revision"]?.text.map { " --to-revision \($0)" } ?? ""
    return "omcops kube rollout \(action) \(KubeParameters.words(with))\(revision)"
  }

  private func change(
    of object: ObjectReference, _ call: ActionCall, _ client: KubeClient
  ) async throws -> RolloutChange {
    let found = try await client.get(object.resource, object.name, in: object.namespace)
    switch call.with["action"]?.string {
    case "restart":
      return try .restart(found, at: Timestamp.now().rfc3339(fractionDigits: 3))
    case "undo":
      return try .undo(
        found, to: call.with["to-revision"]?.int, of: try await client.revisions(of: found))
    default:
      throw ActionError(
        .other, "action is \"\(call.with["action"]?.text ?? "")\"; it must be restart or undo")
    }
  }

  private func states(of objects: [ObjectReference]) async throws -> Value {
    let client = try cluster.session().client
    var states: [Value] = []
    for object in objects {
      let found = try await client.get(object.resource, object.name, in: object.namespace)
      let revision = try await client.revisions(of: found).last?.number
      states.append(object.value("revision", Value(revision)))
    }
    return .array(states)
  }
}
