internal import JSON
public import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Synchronization

/// The pods that the interpreters of a run are in.
public final class TestPods: WorkerPlace {
  /// Which pod is a worker's.
  public enum Assignment: Sendable {
    /// The best that runs: all workers are in the same one.
    case best
    /// The one whose index of a Job is the worker's number.
    case byIndex
  }

  /// Speaks with the cluster.
  public let client: KubeClient
  /// Where the pods are.
  public let namespace: String
  /// The container of each.
  public let container: String
  /// The interpreter in it: a path, or a name in its `PATH`.
  public let interpreter: String
  /// The suite's folder in it; nil for the container's own working folder.
  public let folder: String?

  private let query: ObjectQuery
  private let assignment: Assignment
  private let patience: Duration
  private let whyNone: @Sendable () async -> (reason: String, isFinal: Bool)?
  let board = PodBoard()
  private let content = Mutex(Content())

  private struct Content {
    var files: OrderedDictionary<String, JSON> = [:]
    /// The pod of each worker's interpreter.
    var current: [Int: KubeObject] = [:]
    /// Those that an interpreter was in.
    var used: Set<String> = []
  }

  /// Describes pods.
  ///
  /// - Parameters:
  ///   - query: finds them.
  ///   - patience: how long a worker waits for its pod.
  ///   - whyNone: is asked, where a worker's pod is not even made, for what keeps it from that, and whether
  ///     that is for good.
  public init(
    client: KubeClient, query: ObjectQuery, assignment: Assignment, container: String,
    interpreter: String, folder: String?, patience: Duration,
    whyNone: @escaping @Sendable () async -> (reason: String, isFinal: Bool)? = { nil }
  ) {
    self.client = client
    self.query = query
    namespace = query.namespace ?? client.access.namespace
    self.assignment = assignment
    self.container = container
    self.interpreter = interpreter
    self.folder = folder
    self.patience = patience
    self.whyNone = whyNone
  }

  /// What each interpreter's own folder holds.
  var files: OrderedDictionary<String, JSON> { content.withLock { $0.files } }

  /// Prepares what interpreters are given.
  ///
  /// - Parameters:
  ///   - changed: files of this machine, by their whole paths, where only the tests are meant that
  ///     they may have an effect on.
  ///   - local: the suite's folder on this machine.
  func prepare(changed: [String]?, local: String) {
    var files: OrderedDictionary<String, JSON> = [
      "omcops_worker.py": .string(WorkerProgram.source)
    ]
    if let changed {
      let paths = changed.map { RemotePath(folder: folder ?? "", local: local).path(of: $0) }
      files["omcops_affected.py"] = .string(AffectedProgram.source)
      files["changed.json"] = .string(JSON.array(paths.map(JSON.string)).text())
    }
    content.withLock { $0.files = files }
  }

  /// Follows the pods until the task is cancelled.
  func follow() async { await board.follow(query, with: client) }

  // MARK: WorkerPlace

  func label(_ worker: Int) -> String? {
    if case .byIndex = assignment { "shard \(worker)" } else { nil }
  }

  private func title(_ worker: Int) -> String { label(worker) ?? "worker \(worker)" }

  func session(_ launch: WorkerLaunch) throws -> any WorkerSession {
    let pod = content.withLock { content in
      let pod = content.current[launch.worker]
      if let pod { content.used.insert(pod.uid) }
      return pod
    }
    guard let pod else { throw CancellationError() }
    return PodSession(self, in: pod, launch)
  }

  func wait(
    for worker: Int, while isNeeded: @Sendable () -> Bool, say: @Sendable (String) -> Void
  ) async throws -> WorkerReadiness {
    let began = ContinuousClock.now
    var asked = began
    while true {
      if let failure = board.failure { throw failure }
      guard isNeeded() else { return .notNeeded }
      let pods = candidates(worker)
      if let pod = chosen(pods) {
        content.withLock { $0.current[worker] = pod }
        return .ready
      }
      if let reason = hopeless(pods) { return .impossible(reason) }
      for trouble in pods.flatMap(PodTrouble.all).map(\.description) where board.isNews(trouble) {
        say("\(title(worker)) waits: \(trouble)")
      }
      let now = ContinuousClock.now
      if pods.allSatisfy(PodBoard.isOver), now - began > .seconds(3), now - asked > .seconds(3) {
        asked = now
        if let why = await whyNone() {
          if why.isFinal { return .impossible(why.reason) }
          if board.isNews(why.reason) { say("\(title(worker)) waits: \(why.reason)") }
        }
      }
      if now - began > patience { return .impossible(await late(pods)) }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  private func late(_ pods: [KubeObject]) async -> String {
    let troubles = pods.flatMap(PodTrouble.all).map(\.description)
    let why: String? = if let first = troubles.first { first } else { await whyNone()?.reason }
    return "no pod of it runs after \(patience.canonical)" + (why.map { ": \($0)" } ?? "")
  }

  private func candidates(_ worker: Int) -> [KubeObject] {
    switch assignment {
    case .best: board.pods
    case .byIndex: board.pods.filter { ShardLabels.index(of: $0) == worker }
    }
  }

  private func chosen(_ pods: [KubeObject]) -> KubeObject? {
    PodChoice.best(of: pods.filter { PodBoard.runs(container, in: $0) })
  }

  /// Why waiting has no use: an image that is not there, a program that is not in it.
  private func hopeless(_ pods: [KubeObject]) -> String? {
    let used = content.withLock { $0.used }
    for pod in pods where !pod.isTerminating {
      if let trouble = PodTrouble.all(of: pod).first(where: { $0.container == container }),
        !["CrashLoopBackOff"].contains(trouble.reason) || assignmentIsByIndex
      {
        return trouble.description
      }
      // A shard's pod that ended before anything was run in it will end so again.
      if assignmentIsByIndex, !used.contains(pod.uid),
        let end = PodBoard.end(of: container, in: pod)
      {
        return "container \(container) of pod \(pod.name) \(end)"
      }
    }
    return nil
  }

  private var assignmentIsByIndex: Bool { if case .byIndex = assignment { true } else { false } }

  // MARK: Fates

  /// Waits until a pod is lost, and says how.
  func fate(of pod: KubeObject) async throws -> String {
    while true {
      if let fate = board.fate(of: pod, container: container) { return fate }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  /// How a pod was lost, where that becomes known within the time that a node takes to tell of it.
  func soonFate(of pod: KubeObject) async throws -> String? {
    for _ in 0..<30 {
      if let fate = board.fate(of: pod, container: container) { return fate }
      try await Task.sleep(for: .milliseconds(100))
    }
    return nil
  }
}

/// Where a file of this machine is in an image that has the same project elsewhere.
struct RemotePath {
  /// The suite's folder in the image; empty for the working folder of its interpreter.
  let folder: String
  /// The same on this machine.
  let local: String

  /// The path of a file in the image.
  func path(of file: String) -> String {
    var (own, other) = (local.split(separator: "/")[...], file.split(separator: "/")[...])
    while let first = own.first, first == other.first {
      own = own.dropFirst()
      other = other.dropFirst()
    }
    let steps = own.map { _ in ".." } + other.map(String.init)
    return (folder.isEmpty ? steps : [folder] + steps).joined(separator: "/")
  }
}

/// The labels of a run's shards.
enum ShardLabels {
  static let name = "app.kubernetes.io/name"
  static let manager = "app.kubernetes.io/managed-by"
  static let run = "omcops.test/run"
  static let index = "omcops.test/index"

  /// What is on everything that omcops makes for tests.
  static let selector = "\(name)=omcops-test,\(manager)=omcops"

  /// The index of a pod in its Job: an annotation of the Job controller, or our own label where there is
  /// a Job for each.
  static func index(of pod: KubeObject) -> Int? {
    let text =
      pod.annotation("batch.kubernetes.io/job-completion-index")
      ?? pod.label("batch.kubernetes.io/job-completion-index") ?? pod.label(index)
    return text.flatMap { Int($0) }
  }
}
