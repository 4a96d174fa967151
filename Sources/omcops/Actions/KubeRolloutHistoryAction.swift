internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.rollout.history`: the revisions of one workload that can be gone back to, oldest first.
struct KubeRolloutHistoryAction: Action {
  let cluster: RunCluster

  let name = "kube.rollout.history"
  let effect = Effect.read
  let parameters = [
    KubeParameters.namespace, ActionParameter("target", .string, isRequired: true),
    ActionParameter("revision", .number),
  ]
  static let revision: Shape = .object([
    "revision": .number, "images": .map(.string), "annotations": .map(.string),
    "created": .optional(.timestamp), "change-cause": .optional(.string),
  ])
  let result = Shape.object([
    "revisions": .array(KubeRolloutHistoryAction.revision),
    "current": KubeRolloutHistoryAction.revision,
    "earlier": .optional(KubeRolloutHistoryAction.revision),
  ])

  /// `earlier` is the revision that is asked for, or the one before the newest.
  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors {
      let client = try cluster.session().client
      let workloads = try await cluster.workloads(call)
      guard workloads.count == 1, let object = workloads.first else {
        throw ActionError(
          .assertion,
          "\(workloads.count) workloads are meant, where the history of one is asked for",
          hint: "name one: \(workloads.map(\.description).joined(separator: ", "))")
      }
      let found = try await client.get(object.resource, object.name, in: object.namespace)
      let revisions = try await client.revisions(of: found)
      guard let current = revisions.last else {
        throw KubeError(
          .notFound, "\(object) has no revision yet", hint: "its controller has not seen it yet")
      }
      var earlier = revisions.dropLast().last
      if let number = call.with["revision"]?.int, number > 0 {
        earlier = revisions.first { $0.number == number }
        guard earlier != nil else {
          throw KubeError(
            .notFound, "\(object) has no revision \(number)",
            hint: "it has " + revisions.map { String($0.number) }.joined(separator: ", "))
        }
      }
      return ActionOutcome(result: [
        "revisions": .array(revisions.map(value)),
        "current": value(current), "earlier": earlier.map(value) ?? .null,
      ])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube rollout history \(KubeParameters.words(with))"
  }

  private func value(_ revision: RolloutRevision) -> Value {
    let images = revision.images.map { ($0.container, Value.string($0.image)) }
    let notes = revision.annotations.sorted { $0.key < $1.key }.map {
      ($0.key, Value.string($0.value))
    }
    return [
      "revision": .int(revision.number),
      "images": .object(OrderedDictionary(images) { first, _ in first }),
      "annotations": .object(OrderedDictionary(uniqueKeysWithValues: notes)),
      "created": Timestamp(parsing: revision.created).map(Value.timestamp) ?? .null,
      "change-cause": Value(revision.changeCause),
    ]
  }
}
