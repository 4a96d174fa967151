internal import JSON
internal import KubeExec

/// One start of a container, and what it is doing.
struct ContainerState: Sendable, Equatable {
  /// What tells it from every other: `POD-UID/CONTAINER/CONTAINER-ID`.
  struct Identity: Hashable, Sendable {
    var podUID: String
    var container: String
    var containerID: String
  }

  enum Phase: Equatable, Sendable {
    case running
    case terminated(reason: String, exitCode: Int64)
  }

  var identity: Identity
  var namespace: String
  var pod: String
  var phase: Phase
  /// When it was started, in seconds since 1970; nil where the pod does not say so.
  var started: Int64?
  var restarts: Int64
  /// The instance before this one, as far as the pod still knows.
  var previousID: String?
  /// How that one ended.
  var previousPhase: Phase?
  /// When that one was started.
  var previousStarted: Int64?

  /// The instances that a pod tells of, one for each container that was ever started: the one whose
  /// log the kubelet gives.
  static func all(of pod: KubeObject) -> [ContainerState] {
    ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"].flatMap { key in
      (pod["status", key]?.array ?? []).compactMap { ContainerState(pod, $0) }
    }
  }

  private init?(_ pod: KubeObject, _ status: JSON) {
    guard let name = status["name"]?.string else { return nil }
    let state = status["state"]
    let last = status["lastState"]?["terminated"]
    let lastID = ContainerState.id(last?["containerID"])
    let id: String?
    if let running = state?["running"] {
      id = ContainerState.id(status["containerID"])
      phase = .running
      started = ContainerState.start(running)
    } else if let ended = state?["terminated"], let own = ContainerState.id(ended["containerID"]) {
      id = own
      phase = ContainerState.ended(ended)
      started = ContainerState.start(ended)
    } else {
      id = lastID
      phase = ContainerState.ended(last)
      started = ContainerState.start(last)
    }
    guard let id else { return nil }
    identity = Identity(podUID: pod.uid, container: name, containerID: id)
    namespace = pod.namespace ?? "default"
    self.pod = pod.name
    restarts = status["restartCount"]?.int ?? 0
    previousID = lastID == id ? nil : lastID
    previousPhase = previousID == nil ? nil : ContainerState.ended(last)
    previousStarted = previousID == nil ? nil : ContainerState.start(last)
  }

  private static func id(_ json: JSON?) -> String? {
    json?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func start(_ json: JSON?) -> Int64? {
    json?["startedAt"]?.string.flatMap { text in
      Array(text.utf8).withUnsafeBytes { StampedLine.stamp(of: $0)?.time.seconds }
    }
  }

  private static func ended(_ json: JSON?) -> Phase {
    .terminated(
      reason: json?["reason"]?.string ?? "Unknown", exitCode: json?["exitCode"]?.int ?? 0)
  }

  /// What the pod, as it is now, says about an instance.
  static func present(of identity: Identity, in pod: KubeObject?) -> InstanceFollow.Present {
    guard let pod, pod.uid == identity.podUID else { return .gone }
    guard let now = all(of: pod).first(where: { $0.identity.container == identity.container })
    else { return .waiting }
    if now.identity == identity { return now.phase == .running ? .running : .terminated }
    return .replaced(isLast: now.previousID == identity.containerID)
  }

  /// The instance before this one, as far as the pod still knows.
  var previous: Identity? {
    previousID.map {
      Identity(podUID: identity.podUID, container: identity.container, containerID: $0)
    }
  }

  /// `OOMKilled, exit code 137`.
  var ending: String? { ContainerState.words(for: phase) }

  /// The same of the instance before.
  var previousEnding: String? { ContainerState.words(for: previousPhase) }

  private static func words(for phase: Phase?) -> String? {
    guard case .terminated(let reason, let code) = phase else { return nil }
    return "\(reason), exit code \(code)"
  }
}
