internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// `kube.annotate`: a note on one object itself; without a value it is taken away. Nothing that runs is
/// touched by it.
struct KubeAnnotateAction: Action {
  let cluster: RunCluster

  let name = "kube.annotate"
  let effect = Effect.write
  let parameters = [
    ActionParameter("target", .string, isRequired: true), KubeParameters.namespace,
    ActionParameter("name", .string, isRequired: true),
    ActionParameter("value", .optional(.string)),
  ]
  let result = Shape.object(["before": .optional(.string), "after": .optional(.string)])

  /// What stands there now; null where nothing does.
  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await note(call) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let object = try await object(call)
      let patch: JSON = [
        "metadata": ["annotations": .object([try name(call): JSON(call.with["value"]?.text)])]
      ]
      _ = try await cluster.session().client.patch(
        object.resource, object.name, in: object.namespace, patch, as: .merge)
      return ActionOutcome(result: ["before": call.before, "after": try await note(call)])
    }
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let now = try await note(call)
      return now == Value(call.with["value"]?.text)
        ? .there(["before": call.before, "after": now]) : .absent
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let name = with["name"]?.text ?? "NAME"
    let note = with["value"]?.text.map { shellQuoted("\(name)=\($0)") } ?? "\(name)-"
    return "kubectl annotate --overwrite \(shellQuoted(with["target"]?.text ?? "")) \(note)"
  }

  private func name(_ call: ActionCall) throws -> String {
    guard let name = call.with["name"]?.string, !name.isEmpty else {
      throw ActionError(.other, "name is empty")
    }
    return name
  }

  private func object(_ call: ActionCall) async throws -> ObjectReference {
    let found = try await cluster.workloads(call)
    guard found.count == 1, let object = found.first else {
      throw ActionError(.other, "target means \(found.count) objects; kube.annotate takes one")
    }
    return object
  }

  private func note(_ call: ActionCall) async throws -> Value {
    let object = try await object(call)
    let found = try await cluster.session().client.get(
      object.resource, object.name, in: object.namespace)
    return Value(found.annotation(try name(call)))
  }
}
