internal import JSON

/// Finds a pod to talk to.
public struct PodChoice: Sendable {
  private let client: KubeClient

  /// Chooses nothing yet.
  public init(_ client: KubeClient) { self.client = client }

  /// The pods of an object: of a pod itself, of what makes pods, and of a Service.
  public func pods(of object: ObjectReference) async throws -> [KubeObject] {
    let found = try await client.get(object.resource, object.name, in: object.namespace)
    if object.resource == .pods { return [found] }
    guard let selector = LabelSelector.text(of: found) else {
      throw KubeError(
        .invalidRequest, "\(object) selects no pods",
        hint: "name a pod, a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or Service")
    }
    return try await client.list(
      ObjectQuery(.pods, namespace: object.namespace, labelSelector: selector)
    ).items
  }

  /// The best of an object's pods: one that is ready, and longest.
  ///
  /// - Throws: a `KubeError` that says what ails them when none runs.
  public func pod(of object: ObjectReference) async throws -> KubeObject {
    let all = try await pods(of: object)
    if let best = PodChoice.best(of: all) { return best }
    if object.resource == .pods, let only = all.first, !only.isTerminating,
      PodTrouble.all(of: only).isEmpty
    {
      throw KubeError(
        .hopeless,
        "\(object) is \(only["status", "phase"]?.string ?? "in no state") and runs no command")
    }
    throw KubeError(
      .hopeless,
      all.isEmpty ? "\(object) has no pods" : "no pod of \(object) runs",
      details: all.flatMap(PodTrouble.all).map(\.description))
  }

  /// The best of some pods; nil where none runs.
  public static func best(of pods: [KubeObject]) -> KubeObject? {
    pods.filter { !$0.isTerminating && $0["status", "phase"]?.string == "Running" }
      .min(by: isBetter)
  }

  /// The container that is meant when nobody names one: by annotation, else the first.
  public static func container(of pod: KubeObject, named name: String?) throws(KubeError) -> String
  {
    let names = ["containers", "initContainers", "ephemeralContainers"].flatMap { key in
      (pod["spec", key]?.array ?? []).compactMap { $0["name"]?.string }
    }
    if let name {
      if names.contains(name) { return name }
      throw KubeError(
        .invalidRequest, "pod \"\(pod.name)\" has no container \"\(name)\"",
        hint: "it has \(names.joined(separator: ", "))")
    }
    if let chosen = pod.annotation("kubectl.kubernetes.io/default-container"),
      names.contains(chosen)
    {
      return chosen
    }
    return names.first ?? ""
  }

  private static func isBetter(_ a: KubeObject, _ b: KubeObject) -> Bool {
    let isReady = { (pod: KubeObject) in pod.condition("Ready")?["status"]?.string == "True" }
    if isReady(a) != isReady(b) { return isReady(a) }
    return (a["metadata", "creationTimestamp"]?.string ?? "", a.name)
      < (b["metadata", "creationTimestamp"]?.string ?? "", b.name)
  }
}
