internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.delete`: takes objects away and waits until they are gone.
struct KubeDeleteAction: Action {
  let cluster: RunCluster

  let name = "kube.delete"
  let effect = Effect.destroy
  let parameters = KubeParameters.objects + [ActionParameter("wait", .duration)]
  let result = Shape.object(["before": .array(.string), "after": .array(.string)])

  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await names(call) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let (session, objects) = try objects(call)
      let resource = try await objects.resource()
      let found = try await objects.read().map {
        ObjectReference(resource, $0.name, in: $0.namespace)
      }
      let deletion = Deletion(session.client, propagation: .background)
      let steps = try await deletion.plan(found, isMissingFine: true)
      try await deletion.run(steps)
      let wait = call.duration("wait") ?? KubeScaleAction.patience
      let left = wait > .zero ? try await deletion.wait(steps, timeout: wait) : []
      guard left.isEmpty else {
        throw KubeError(
          .timedOut, "not gone after \(wait.canonical)",
          details: left.map { "\($0.reference): \($0.reason)" })
      }
      return ActionOutcome(result: ["before": call.before, "after": try await names(call)])
    }
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let now = try await names(call)
      return now == [] ? .there(["before": call.before, "after": now]) : .absent
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube delete \(KubeParameters.words(with))"
  }

  private func objects(_ call: ActionCall) throws -> (KubeSession, KubeObjects) {
    guard call.with["name"] != nil || call.with["selector"] != nil else {
      throw ActionError(.other, "kube.delete needs name or selector: it never takes all of a kind")
    }
    let session = try cluster.session(for: call)
    return (session, KubeObjects(session: session, with: call.with))
  }

  private func names(_ call: ActionCall) async throws -> Value {
    .array(try await objects(call).1.read().map { .string("\($0.kind.lowercased())/\($0.name)") })
  }
}
