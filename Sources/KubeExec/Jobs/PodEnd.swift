internal import OrderedCollections
internal import Synchronization

/// How a container of a Job's pod ended, or the pod as a whole.
public struct PodEnd: Hashable, Sendable, CustomStringConvertible {
  /// The pod.
  public var pod: String
  /// The container; nil where the pod was ended as a whole, as by an eviction.
  public var container: String?
  /// The exit code; nil where the pod was ended as a whole.
  public var exitCode: Int64?
  /// A word: `Error`, `OOMKilled`, `Evicted`, `DeadlineExceeded`.
  public var reason: String
  /// A sentence of the kubelet's, or what the container left as its last words; may be empty.
  public var message: String

  /// Whether it ended well.
  public var isGood: Bool { exitCode == 0 }

  /// `pod import-x2x: container app: exit code 3 (Error)`.
  public var description: String {
    "pod \(pod): " + (container.map { "container \($0): " } ?? "")
      + (exitCode.map { "exit code \($0) (\(reason))" } ?? reason)
      + (message.isEmpty ? "" : ": \(message)")
  }
}

/// The ends of a Job's containers as the watch shows them: a pod may be gone before the Job is over.
final class PodEnds: Sendable {
  private struct Key: Hashable {
    var uid: String
    var container: String?
    var restarts: Int64
  }

  private let found = Mutex<OrderedDictionary<Key, PodEnd>>([:])

  /// All that are known, in the order in which they became known.
  var all: [PodEnd] { found.withLock { Array($0.values) } }

  /// Looks at a pod and gives the ends that were not known.
  func take(_ pod: KubeObject) -> [PodEnd] {
    var ends: OrderedDictionary<Key, PodEnd> = [:]
    for key in ["initContainerStatuses", "containerStatuses"] {
      for status in pod["status", key]?.array ?? [] {
        let restarts = status["restartCount"]?.int ?? 0
        for (state, number) in [("lastState", restarts - 1), ("state", restarts)] {
          guard let end = status[state]?["terminated"] else { continue }
          let name = status["name"]?.string
          ends[Key(uid: pod.uid, container: name, restarts: number)] = PodEnd(
            pod: pod.name, container: name, exitCode: end["exitCode"]?.int ?? 0,
            reason: end["reason"]?.string ?? "Error", message: end["message"]?.string ?? "")
        }
      }
    }
    if pod["status", "phase"]?.string == "Failed", let reason = pod["status", "reason"]?.string {
      ends[Key(uid: pod.uid, container: nil, restarts: 0)] = PodEnd(
        pod: pod.name, reason: reason, message: pod["status", "message"]?.string ?? "")
    }
    return found.withLock { found in
      ends.filter { found.updateValue($0.value, forKey: $0.key) == nil }.map(\.value)
    }
  }
}
