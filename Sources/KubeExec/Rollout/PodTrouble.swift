internal import JSON

/// Why a pod does not run.
public struct PodTrouble: Hashable, Sendable, CustomStringConvertible {
  /// The pod.
  public var pod: String
  /// The container; nil where it is the pod as a whole.
  public var container: String?
  /// A word: `ImagePullBackOff`, `CrashLoopBackOff`, `Unschedulable`.
  public var reason: String
  /// A sentence of the kubelet or the scheduler; may be empty.
  public var message: String

  /// `pod web-1: container app: ImagePullBackOff: Back-off pulling image "x"`.
  public var description: String {
    "pod \(pod): " + (container.map { "container \($0): " } ?? "") + reason
      + (message.isEmpty ? "" : ": \(message)")
  }

  /// What ails a pod; empty for one that runs, or is on its way.
  public static func all(of pod: KubeObject) -> [PodTrouble] {
    if pod.isTerminating { return [] }
    var found: [PodTrouble] = []
    if let scheduled = pod.condition("PodScheduled"), scheduled["status"]?.string == "False" {
      found.append(
        PodTrouble(
          pod: pod.name, reason: scheduled["reason"]?.string ?? "Unschedulable",
          message: scheduled["message"]?.string ?? ""))
    }
    for key in ["initContainerStatuses", "containerStatuses"] {
      for status in pod["status", key]?.array ?? [] {
        if let trouble = PodTrouble(pod: pod, status) { found.append(trouble) }
      }
    }
    if pod["status", "phase"]?.string == "Failed", found.isEmpty {
      found.append(
        PodTrouble(
          pod: pod.name, reason: pod["status", "reason"]?.string ?? "Failed",
          message: pod["status", "message"]?.string ?? ""))
    }
    return found
  }

  private init(pod: String, container: String? = nil, reason: String, message: String) {
    self.pod = pod
    self.container = container
    self.reason = reason
    self.message = message
  }

  /// Nil for a container that runs, or waits for what always comes first.
  private init?(pod: KubeObject, _ status: JSON) {
    guard let waiting = status["state"]?["waiting"], let reason = waiting["reason"]?.string,
      !["ContainerCreating", "PodInitializing"].contains(reason)
    else { return nil }
    self.init(
      pod: pod.name, container: status["name"]?.string, reason: reason,
      message: waiting["message"]?.string ?? "")
    // The back-off says nothing of why the container ended.
    if reason == "CrashLoopBackOff", let last = status["lastState"]?["terminated"] {
      let code = last["exitCode"]?.int.map { " with exit code \($0)" } ?? ""
      message =
        "the container ended\(code) (\(last["reason"]?.string ?? "Error")), restarted "
        + "\(status["restartCount"]?.int ?? 0) times"
      if let words = last["message"]?.string, !words.isEmpty { message += ": \(words)" }
    }
  }
}
