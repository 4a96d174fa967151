internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// `kube.apply`: objects as the file describes them, by server-side apply.
struct KubeApplyAction: Action {
  let cluster: RunCluster

  let name = "kube.apply"
  let effect = Effect.write
  let parameters = [
    ActionParameter("manifest", .any, isRequired: true), KubeParameters.namespace,
    ActionParameter("force-conflicts", .bool),
  ]
  let result = Shape.object(["before": .any, "after": .any, "changes": .array(.string)])

  /// What the server says would become of each object: a dry run.
  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { .array(try await plan(call).steps.map(value)) }
  }

  /// The fields that a dry run changes.
  func changes(_ call: ActionCall) async throws -> [String] {
    try await kubeErrors {
      try await plan(call).steps.flatMap { step in
        let fields = changes(step)
        return fields.isEmpty ? ["\(step.reference) \(step.action.rawValue)"] : fields
      }
    }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let (applier, steps) = try await plan(call)
      var after: [Value] = []
      try await applier.run(steps) { _, object in after.append(Value(object)) }
      return ActionOutcome(
        result: [
          "before": call.before, "after": .array(after),
          "changes": .array(steps.flatMap(changes).map { .string($0) }),
        ])
    }
  }

  /// There when a dry run would change nothing.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let steps = try await plan(call).steps
      guard steps.allSatisfy({ $0.action == .none }) else { return .absent }
      return .there(["before": call.before, "after": .null, "changes": []])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let force = with["force-conflicts"]?.bool == true ? " --force-conflicts" : ""
    let text = KubeParameters.manifest(with["manifest"] ?? .null)
    return "omcops kube apply -f - \(KubeParameters.words(with))\(force) <<< \(shellQuoted(text))"
  }

  private func plan(_ call: ActionCall) async throws -> (applier: Applier, steps: [Applier.Step]) {
    let session = try cluster.session(for: call)
    let applier = Applier(
      session.client, namespace: session.namespace,
      isForced: call.with["force-conflicts"]?.bool ?? false)
    let bytes = Array(KubeParameters.manifest(call.with["manifest"] ?? .null).utf8)
    return (applier, try await applier.plan(try Manifest.read(bytes, file: "manifest")))
  }

  private func value(_ step: Applier.Step) -> Value {
    [
      "object": .string("\(step.reference)"), "namespace": Value(step.reference.namespace),
      "action": .string(step.action.rawValue),
      "changes": .array(changes(step).map { .string($0) }),
    ]
  }

  private func changes(_ step: Applier.Step) -> [String] {
    step.changes.map { "\(step.reference) \($0.text)" }
  }
}
