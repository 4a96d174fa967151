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
    "restarted-at": .optional(.timestamp),
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors {
      let client = try cluster.session().client
      var (isComplete, isFailed, words) = (true, false, [String]())
      var (updated, ready): (Int64, Int64) = (0, 0)
      var restarts: [Timestamp?] = []
      for object in try await cluster.workloads(call) {
        let found = try await client.get(object.resource, object.name, in: object.namespace)
        let status = found["status"]
        restarts.append(restart(of: found))
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
          "restarted-at": earliest(restarts).map(Value.timestamp) ?? .null,
        ])
    }
  }

  /// When somebody last wished for new pods by a restart, as `kubectl rollout restart` notes it too.
  private func restart(of workload: KubeObject) -> Timestamp? {
    let notes = workload["spec", "template", "metadata", "annotations"]
    return notes?["kubectl.kubernetes.io/restartedAt"]?.string.flatMap(Timestamp.init(parsing:))
  }

  /// The earliest of the restarts; nil where a workload was never restarted.
  private func earliest(_ restarts: [Timestamp?]) -> Timestamp? {
    let known = restarts.compactMap(\.self)
    return known.count == restarts.count ? known.min() : nil
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube rollout status \(KubeParameters.words(with)) --no-watch"
  }
}
