internal import JSON

/// Whether a rollout is finished, by the rules of kubectl.
public enum RolloutJudgement: Hashable, Sendable {
  /// All that is wanted runs, and nothing else.
  case finished(String)
  /// Not yet; why.
  case waiting(String)
  /// It will not finish by itself; why.
  case failed(String)

  /// Judges a Deployment, StatefulSet or DaemonSet. A number that is missing counts as 0, replicas
  /// that are not given as 1.
  public init(_ object: KubeObject) throws(KubeError) {
    switch object.kind {
    case "Deployment": self = .deployment(object)
    case "StatefulSet": self = try .statefulSet(object)
    case "DaemonSet": self = try .daemonSet(object)
    default:
      throw KubeError(
        .invalidRequest,
        "a \(object.kind) has no rollout; a Deployment, StatefulSet or DaemonSet has")
    }
  }

  private static func deployment(_ object: KubeObject) -> RolloutJudgement {
    guard object.generation <= object.count("status", "observedGeneration") else {
      return .waiting("the change has not been seen yet")
    }
    if let progressing = object.condition("Progressing"),
      progressing["reason"]?.string == "ProgressDeadlineExceeded"
    {
      return .failed(
        "exceeded its progress deadline: \(progressing["message"]?.string ?? "no progress")")
    }
    let wanted = object["spec", "replicas"]?.int ?? 1
    let updated = object.count("status", "updatedReplicas")
    let replicas = object.count("status", "replicas")
    let available = object.count("status", "availableReplicas")
    if updated < wanted { return .waiting("\(updated) of \(wanted) new replicas updated") }
    if replicas > updated { return .waiting("\(replicas - updated) old replicas still there") }
    if available < updated { return .waiting("\(available) of \(updated) replicas available") }
    return .finished("\(available) of \(wanted) replicas available")
  }

  private static func daemonSet(_ object: KubeObject) throws(KubeError) -> RolloutJudgement {
    try requireRollingUpdate(object)
    guard object.generation <= object.count("status", "observedGeneration") else {
      return .waiting("the change has not been seen yet")
    }
    let wanted = object.count("status", "desiredNumberScheduled")
    let updated = object.count("status", "updatedNumberScheduled")
    let available = object.count("status", "numberAvailable")
    if updated < wanted { return .waiting("\(updated) of \(wanted) new pods updated") }
    if available < wanted { return .waiting("\(available) of \(wanted) pods available") }
    return .finished("\(available) of \(wanted) pods available")
  }

  private static func statefulSet(_ object: KubeObject) throws(KubeError) -> RolloutJudgement {
    try requireRollingUpdate(object)
    let observed = object.count("status", "observedGeneration")
    guard observed != 0, object.generation <= observed else {
      return .waiting("the change has not been seen yet")
    }
    let wanted = object["spec", "replicas"]?.int ?? 1
    let ready = object.count("status", "readyReplicas")
    let updated = object.count("status", "updatedReplicas")
    if ready < wanted { return .waiting("\(ready) of \(wanted) pods ready") }
    if let partition = object["spec", "updateStrategy", "rollingUpdate", "partition"]?.int,
      partition > 0
    {
      let part = max(0, wanted - partition)
      if updated < part { return .waiting("\(updated) of \(part) new pods updated") }
      return .finished("\(updated) new pods updated, up to the partition at \(partition)")
    }
    let current = object["status", "currentRevision"]?.string
    if object["status", "updateRevision"]?.string != current {
      return .waiting("\(updated) of \(wanted) pods at the new revision")
    }
    return .finished("\(ready) of \(wanted) pods ready")
  }

  private static func requireRollingUpdate(_ object: KubeObject) throws(KubeError) {
    let strategy = object["spec", "updateStrategy", "type"]?.string ?? "RollingUpdate"
    guard strategy == "RollingUpdate" else {
      throw KubeError(
        .refused,
        "\(object.kind.lowercased()) \"\(object.name)\" has the update strategy \(strategy): its "
          + "pods change only when somebody deletes them, so no rollout ends")
    }
  }
}
