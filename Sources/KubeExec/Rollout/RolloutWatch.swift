internal import JSON
internal import Synchronization

/// Waits for the end of a rollout, and finds out why it does not come.
public struct RolloutWatch: Sendable {
  private let client: KubeClient
  private let resource: KubeResource
  private let name: String
  private let namespace: String
  /// How long to wait in all; nil for as long as it takes.
  public var timeout: Duration?
  /// How long a pod of the new revision may be in trouble before the rollout counts as failed.
  public var patience: Duration = .seconds(30)

  /// Waits for nothing yet.
  public init(_ client: KubeClient, _ resource: KubeResource, _ name: String, in namespace: String)
  {
    self.client = client
    self.resource = resource
    self.name = name
    self.namespace = namespace
  }

  private var subject: String { "\(resource.singular) \"\(name)\"" }

  /// Waits until the rollout is finished.
  ///
  /// - Parameter report: gets each step once, in words.
  /// - Throws: a `KubeError` of code `hopeless` or `timedOut`, whose details name the pods that do
  ///   not run and why.
  /// - Returns: the last step in words.
  public func run(_ report: @escaping @Sendable (String) -> Void) async throws -> String {
    let seen = Seen()
    return try await withThrowingTaskGroup(of: String.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await follow(seen, report) }
      group.addTask { try await watchPods(seen) }
      if let timeout {
        group.addTask {
          try await Task.sleep(for: timeout)
          let why = seen.words.map { ": \($0)" } ?? ""
          throw KubeError(
            .timedOut, "\(subject) was not rolled out within \(timeout.brief)\(why)",
            details: seen.troubles.map(\.description))
        }
      }
      return try await group.next() ?? ""
    }
  }

  private func follow(
    _ seen: Seen, _ report: @escaping @Sendable (String) -> Void
  ) async throws -> String {
    let query = ObjectQuery(resource, namespace: namespace, name: name)
    return try await ObjectWatch(client, query).first { news in
      switch news {
      case .state(let objects):
        guard let object = objects.first else {
          throw KubeError(.notFound, "there is no \(subject) in namespace \"\(namespace)\"")
        }
        return try judge(object, seen, report)
      case .changed(let object): return try judge(object, seen, report)
      case .deleted: throw KubeError(.hopeless, "\(subject) was deleted")
      case .outage(let outage):
        report("\(outage)")
        return nil
      }
    }
  }

  private func judge(
    _ object: KubeObject, _ seen: Seen, _ report: (String) -> Void
  ) throws -> String? {
    switch try RolloutJudgement(object) {
    case .finished(let words): return words
    case .waiting(let words):
      if seen.note(object, words) { report("\(subject): \(words)") }
      return nil
    case .failed(let words):
      throw KubeError(
        .hopeless, "\(subject) \(words)", details: seen.troubles.map(\.description))
    }
  }

  /// Looks after the pods of the new revision while the rollout is under way; comes back only by an
  /// error.
  private func watchPods(_ seen: Seen) async throws -> String {
    var since: [PodTrouble.Key: ContinuousClock.Instant] = [:]
    while true {
      try await Task.sleep(for: .seconds(1))
      guard let object = seen.object else { continue }
      let troubles: [PodTrouble]
      do {
        troubles = try await RolloutPods(client: client).new(of: object).flatMap(PodTrouble.all)
      } catch let error as KubeError where [.forbidden, .unreachable].contains(error.code) {
        continue  // who may not look at pods still sees the workload itself
      }
      seen.troubles = troubles
      let keys = Set(troubles.map(\.key))
      since = since.filter { keys.contains($0.key) }
      for trouble in troubles {
        let start = since[trouble.key] ?? .now
        since[trouble.key] = start
        if start.duration(to: .now) >= patience {
          throw KubeError(
            .hopeless, "\(subject) is stuck: \(trouble)",
            hint: "`omcops kube rollout undo \(resource.singular)/\(name) -n \(namespace)` goes "
              + "back to the revision before",
            details: troubles.filter { $0 != trouble }.map(\.description))
        }
      }
    }
  }

  /// What the tasks know together.
  private final class Seen: Sendable {
    private let state = Mutex<(object: KubeObject?, words: String?, troubles: [PodTrouble])>(
      (nil, nil, []))

    var object: KubeObject? { state.withLock { $0.object } }
    var words: String? { state.withLock { $0.words } }
    var troubles: [PodTrouble] {
      get { state.withLock { $0.troubles } }
      set { state.withLock { $0.troubles = newValue } }
    }

    /// Whether the words are new.
    func note(_ object: KubeObject, _ words: String) -> Bool {
      state.withLock { state in
        defer { (state.object, state.words) = (object, words) }
        return state.words != words
      }
    }
  }
}

extension PodTrouble {
  /// One trouble of one container, however its back-off is called just now.
  fileprivate struct Key: Hashable {
    var pod: String
    var container: String?
  }

  fileprivate var key: Key { Key(pod: pod, container: container) }
}

extension Duration {
  /// `90s`, `5m`: for messages.
  var brief: String {
    let seconds = components.seconds
    return seconds >= 60 && seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds)s"
  }
}

/// Finds the pods of a workload.
struct RolloutPods {
  let client: KubeClient

  /// Those of the revision that is being rolled out.
  func new(of workload: KubeObject) async throws -> [KubeObject] {
    let query = ObjectQuery(
      .pods, namespace: workload.namespace, labelSelector: LabelSelector.text(of: workload))
    let pods = try await client.list(query).items
    switch workload.kind {
    case "Deployment":
      let number = workload.annotation("deployment.kubernetes.io/revision").flatMap(Int64.init)
      let newest = try await client.revisions(of: workload).last { $0.number == number }
      guard let uid = newest?.object.uid else { return [] }
      return pods.filter { $0.isOwned(by: uid) }
    case "StatefulSet":
      let revision = workload["status", "updateRevision"]?.string
      return pods.filter {
        $0.isOwned(by: workload.uid) && $0.label("controller-revision-hash") == revision
      }
    default:
      let newest = try await client.revisions(of: workload).last
      let hash = newest?.object.label("controller-revision-hash")
      return pods.filter {
        $0.isOwned(by: workload.uid) && $0.label("controller-revision-hash") == hash
      }
    }
  }
}
