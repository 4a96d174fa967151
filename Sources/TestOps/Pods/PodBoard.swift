internal import KubeExec
internal import Synchronization

/// The pods of a run as their watch shows them.
final class PodBoard: Sendable {
  private struct State {
    /// By uid.
    var pods: [String: KubeObject] = [:]
    /// The uids of those that are gone.
    var gone: Set<String> = []
    /// What was told of them.
    var told: Set<String> = []
    /// Why they cannot be watched.
    var failure: (any Error)?
  }

  private let state = Mutex(State())

  /// All that are there.
  var pods: [KubeObject] { state.withLock { Array($0.pods.values) } }

  /// Why nothing more is heard of them.
  var failure: (any Error)? { state.withLock { $0.failure } }

  /// Follows pods until the task is cancelled.
  func follow(_ query: ObjectQuery, with client: KubeClient) async {
    do {
      let _: Never = try await ObjectWatch(client, query).first { news in
        take(news)
        return nil
      }
    } catch {
      state.withLock { $0.failure = error }
    }
  }

  private func take(_ news: ObjectWatch.News) {
    state.withLock { state in
      switch news {
      case .state(let pods):
        state.pods = Dictionary(pods.map { ($0.uid, $0) }, uniquingKeysWith: { $1 })
      case .changed(let pod): state.pods[pod.uid] = pod
      case .deleted(let pod):
        state.pods[pod.uid] = nil
        state.gone.insert(pod.uid)
      case .outage: break  // tried again
      }
    }
  }

  /// Whether something is told for the first time.
  func isNews(_ words: String) -> Bool { state.withLock { $0.told.insert(words).inserted } }

  /// What has become of a pod, as the end of a sentence; nil while it runs.
  func fate(of pod: KubeObject, container: String) -> String? {
    let (last, isGone) = state.withLock { ($0.pods[pod.uid], $0.gone.contains(pod.uid)) }
    if isGone { return "lost pod \(pod.name), which was deleted" }
    guard let last else { return nil }
    if let end = PodBoard.end(of: container, in: last) {
      return "lost pod \(pod.name), whose container \(end)"
    }
    if last.isTerminating { return "lost pod \(pod.name), which is being deleted" }
    guard ["Failed", "Succeeded"].contains(last["status", "phase"]?.string) else { return nil }
    let reason = last["status", "reason"]?.string ?? "it has ended"
    let message = last["status", "message"]?.string.map { " (\($0))" } ?? ""
    return "lost pod \(pod.name): \(reason)\(message)"
  }

  /// `ended with exit code 137 (OOMKilled)`; nil while it runs.
  static func end(of container: String, in pod: KubeObject) -> String? {
    let status = (pod["status", "containerStatuses"]?.array ?? []).first {
      $0["name"]?.string == container
    }
    guard let end = status?["state"]?["terminated"] else { return nil }
    let words = end["message"]?.string.map { ": \($0)" } ?? ""
    return "ended with exit code \(end["exitCode"]?.int ?? 0) (\(end["reason"]?.string ?? "Error"))"
      + words
  }

  /// Whether a pod has come to its end, or will without having run.
  static func isOver(_ pod: KubeObject) -> Bool {
    pod.isTerminating || ["Failed", "Succeeded"].contains(pod["status", "phase"]?.string)
  }

  /// Whether commands can be run in a container.
  static func runs(_ container: String, in pod: KubeObject) -> Bool {
    guard !pod.isTerminating, pod["status", "phase"]?.string == "Running" else { return false }
    return (pod["status", "containerStatuses"]?.array ?? []).contains {
      $0["name"]?.string == container && $0["state"]?["running"] != nil
    }
  }
}
