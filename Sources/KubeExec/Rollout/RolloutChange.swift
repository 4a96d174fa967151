internal import JSON
internal import OrderedCollections

/// A change of a workload's rollout, known before it is made.
public struct RolloutChange: Sendable {
  /// What is changed.
  public var workload: KubeObject
  /// What would be done, in words; nil where nothing is to do, for the reason in `reason`.
  public var action: String?
  /// Why nothing is to do.
  public var reason: String?
  let patch: JSON
  let kind: PatchKind

  /// Starts all pods anew, as a rollout.
  public static func restart(_ workload: KubeObject, at time: String) throws(KubeError)
    -> RolloutChange
  {
    try requireWorkload(workload)
    try requireUnpaused(workload, to: "restarted")
    return RolloutChange(
      workload: workload, action: "start all pods anew",
      patch: [
        "spec": [
          "template": [
            "metadata": ["annotations": ["kubectl.kubernetes.io/restartedAt": .string(time)]]
          ]
        ]
      ], kind: .strategic)
  }

  /// Holds a Deployment's rollout, or lets it go on.
  public static func pause(
    _ workload: KubeObject, _ isPaused: Bool
  ) throws(KubeError) -> RolloutChange {
    guard workload.kind == "Deployment" else {
      throw KubeError(.invalidRequest, "a \(workload.kind) cannot be paused; a Deployment can")
    }
    var change = RolloutChange(
      workload: workload, action: isPaused ? "pause its rollout" : "let its rollout go on",
      patch: ["spec": ["paused": .bool(isPaused)]], kind: .merge)
    if (workload["spec", "paused"]?.bool ?? false) == isPaused {
      change.action = nil
      change.reason = isPaused ? "it is paused already" : "it is not paused"
    }
    return change
  }

  /// Goes back to a revision; without a number, to the one before the newest.
  public static func undo(
    _ workload: KubeObject, to number: Int64?, of revisions: [RolloutRevision]
  ) throws(KubeError) -> RolloutChange {
    try requireWorkload(workload)
    try requireUnpaused(workload, to: "undone")
    let target = try revision(workload, number, revisions)
    let isDeployment = workload.kind == "Deployment"
    let action = "go back to revision \(target.number)"
    var change =
      isDeployment
      ? RolloutChange(
        workload: workload, action: action, patch: deploymentPatch(workload, target.object),
        kind: .operations)
      : RolloutChange(
        workload: workload, action: action, patch: target.object.json["data"] ?? [:],
        kind: .strategic)
    let isSame =
      isDeployment
      ? template(target.object) == workload["spec", "template"]
      : workload["status", "updateRevision"]?.string == target.object.name
        || revisions.last?.number == target.number
    if isSame {
      change.action = nil
      change.reason = "revision \(target.number) is what it has already"
    }
    return change
  }

  /// Makes the change.
  public func run(
    with client: KubeClient, on resource: KubeResource, isDryRun: Bool = false
  ) async throws -> KubeObject {
    try await client.patch(
      resource, workload.name, in: workload.namespace, patch, as: kind, isDryRun: isDryRun)
  }

  private static func revision(
    _ workload: KubeObject, _ number: Int64?, _ revisions: [RolloutRevision]
  ) throws(KubeError) -> RolloutRevision {
    let known = revisions.map { String($0.number) }.joined(separator: ", ")
    let subject = "\(workload.kind.lowercased()) \"\(workload.name)\""
    if let number, number > 0 {
      // Who asks again for the revision that an undo has brought back means what has another number now.
      let found =
        revisions.first { $0.number == number } ?? revisions.last { $0.former.contains(number) }
      if let found { return found }
      throw KubeError(
        .notFound, "\(subject) has no revision \(number)",
        hint: known.isEmpty ? nil : "it has \(known)")
    }
    guard revisions.count >= 2 else {
      throw KubeError(.refused, "\(subject) has no revision before this one")
    }
    return revisions[revisions.count - 2]
  }

  /// The pods' template of a ReplicaSet without the label that tells its pods from others'.
  private static func template(_ replicaSet: KubeObject) -> JSON {
    (replicaSet["spec", "template"] ?? [:]).removing("metadata", "labels", "pod-template-hash")
  }

  /// The annotations are those of the old revision, but for those that say what the Deployment is now.
  private static func deploymentPatch(_ workload: KubeObject, _ replicaSet: KubeObject) -> JSON {
    let own: Set<String> = [
      "kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision",
      "deployment.kubernetes.io/revision-history", "deployment.kubernetes.io/desired-replicas",
      "deployment.kubernetes.io/max-replicas", "deprecated.deployment.rollback.to",
    ]
    var annotations: OrderedDictionary<String, JSON> = [:]
    // A note that an image is not to be deployed again outlives the revisions.
    for (key, value) in workload["metadata", "annotations"]?.object ?? [:]
    where own.contains(key) || key.hasPrefix("refused.omcops/") {
      annotations[key] = value
    }
    for (key, value) in replicaSet["metadata", "annotations"]?.object ?? [:]
    where !own.contains(key) && !key.hasPrefix("refused.omcops/") {
      annotations[key] = value
    }
    return [
      ["op": "replace", "path": "/spec/template", "value": template(replicaSet)],
      ["op": "add", "path": "/metadata/annotations", "value": .object(annotations)],
    ]
  }

  static func requireWorkload(_ object: KubeObject) throws(KubeError) {
    guard ["Deployment", "StatefulSet", "DaemonSet"].contains(object.kind) else {
      throw KubeError(
        .invalidRequest,
        "a \(object.kind) has no rollout; a Deployment, StatefulSet or DaemonSet has")
    }
  }

  static func requireUnpaused(
    _ object: KubeObject, to what: String
  ) throws(KubeError) {
    guard object["spec", "paused"]?.bool == true else { return }
    throw KubeError(
      .refused, "\(object.kind.lowercased()) \"\(object.name)\" is paused and cannot be \(what)",
      hint: "`omcops kube rollout resume` lets it go on")
  }
}
