/// Decides how one container instance is read to its end, whatever happens on the way: no clock, no
/// I/O, events in, steps out.
///
/// An instance is one start of a container: a pod's UID, the container and its containerID. The end of
/// a stream is no end of the instance: load balancers, API servers and the kubelet's own limit of four
/// hours end streams. So the pod is asked, and reading goes on where it stopped; what an instance wrote
/// at its very end is fetched once more when it has ended.
struct InstanceFollow {
  /// A request for the log.
  struct Query: Equatable, Sendable {
    var follows: Bool
    /// From this second on; nil: as the user's own options say.
    var since: Int64?
    /// The last terminated instance instead of the present one.
    var previous: Bool
    /// Whether lines are taken that nothing known comes before. They are of another instance where one
    /// has taken this one's place and the pod does not say so yet.
    var acceptsGap = false
  }

  /// What to do next.
  enum Step: Equatable, Sendable {
    case open(Query)
    /// Ask for the instance's present state.
    case ask
    case pause(Duration)
    /// Wait until the watch shows the pod to have changed.
    case awaitChange
    case finish(Finish)
  }

  /// How reading an instance ended.
  enum Finish: Equatable, Sendable {
    /// Everything that it wrote and the server had.
    case whole
    /// The last part may be missing, and why.
    case cut(String)
    /// The pod is gone, and what the server had not given yet.
    case gone
  }

  /// How a stream ended.
  enum StreamEnd: Equatable, Sendable {
    case clean
    case broken(String)
    /// The silence was too long although there are newer lines: the file was rotated.
    case stalled
    /// Lines that may be another instance's.
    case doubtful
    /// Lines are missing before one of this time.
    case gap(LogTime)
    /// An answer that is no log (3.4 of the protocol's facts).
    case refused(status: Int, message: String)
  }

  /// What the pod says about the instance.
  enum Present: Equatable, Sendable {
    /// Not started yet: no log.
    case waiting
    case running
    case terminated
    /// Another instance took its place: `previous` reads this one as long as it is the last.
    case replaced(isLast: Bool)
    /// The pod is gone, and its logs.
    case gone
    /// The API did not answer.
    case unknown(String)
  }

  private enum Phase { case idle, following, rest, asking }

  private var phase = Phase.idle
  private var failures = 0
  private var lastEnd = StreamEnd.clean
  /// Whether a pause has just been made.
  private var hasPaused = false
  private let follows: Bool
  /// How often in a row lines were doubtful, and the pod asked.
  private var doubts = 0
  /// Whether another instance has taken this one's place, whose lines may have been taken for its own.
  private(set) var wasReplaced = false
  /// Whether the log of the last terminated instance was asked for.
  private var hasAskedForRest = false
  /// A pod says within seconds that its container was restarted; after so many questions, two seconds
  /// apart, it was not, and the gap is one.
  private static let mostDoubts = 6
  /// How often the rest of it was refused.
  private var refusals = 0
  private static let mostRefusals = 4

  /// - Parameter follows: whether the instance is read until it ends, or only what is there now.
  init(follows: Bool) { self.follows = follows }

  /// The first step.
  ///
  /// - Parameters:
  ///   - since: where to go on, as `ResumePoint.begin` says.
  ///   - acceptsGap: whether lines are taken that nothing known comes before.
  mutating func start(since: Int64?, acceptsGap: Bool = false) -> Step {
    phase = .following
    return .open(
      Query(follows: follows, since: since, previous: false, acceptsGap: acceptsGap))
  }

  /// The first step where another instance may have taken the place of one that was being read when
  /// an earlier run stopped.
  mutating func startWithQuestion() -> Step {
    phase = .asking
    return .ask
  }

  /// A stream has ended.
  ///
  /// - Parameters:
  ///   - lived: how long it was open; after a minute the pauses begin anew.
  ///   - broughtNews: whether lines came that were not known: then the pauses are short.
  mutating func ended(_ end: StreamEnd, lived: Duration, broughtNews: Bool = false) -> Step {
    if lived >= .seconds(60) || broughtNews && lived >= .seconds(1) { failures = 0 }
    if broughtNews { failures = min(failures, 1) }
    hasPaused = false
    lastEnd = end
    if end == .doubtful {
      phase = .asking
      return .ask
    }
    doubts = 0
    if phase == .rest {
      switch end {
      case .clean: return .finish(.whole)
      case .refused(let status, let message) where status == 404 || status == 400:
        return .finish(.cut(message))
      case .refused(_, let message):
        // The next instance waits for this one, and a server that answers is there.
        refusals += 1
        return refusals > InstanceFollow.mostRefusals ? .finish(.cut(message)) : retry(message)
      case .broken(let message): return retry(message)
      case .stalled, .doubtful, .gap: return retry("no answer")
      }
    }
    switch end {
    case .clean where !follows: return .finish(.whole)
    case .refused(400, let message) where !follows: return .finish(.cut(message))
    default:
      phase = .asking
      return .ask
    }
  }

  /// The pod was asked after a stream had ended.
  ///
  /// - Parameter isCurrent: whether the kubelet has said since the last end that the log which it gives is
  ///   this instance's.
  mutating func found(_ present: Present, since: Int64?, isCurrent: Bool = false) -> Step {
    if isCurrent { doubts = InstanceFollow.mostDoubts }
    switch present {
    case .waiting: return .awaitChange
    case .gone:
      return .finish(lastEnd == .clean ? .whole : .gone)
    case .unknown(let reason):
      phase = .asking
      return retry(reason)
    case .running:
      if case .refused(let status, let message) = lastEnd, [401, 403].contains(status) {
        return .finish(.cut(message))
      }
      if let wait = doubt() { return wait }
      phase = .following
      return reopen(
        Query(follows: follows, since: since, previous: false, acceptsGap: doubts > 0))
    // What is left of an instance that has ended is fetched at once: the pauses before were for one
    // that runs, and its log may go any time.
    case .terminated:
      if let wait = doubt() { return wait }
      phase = .rest
      return .open(
        Query(follows: false, since: since, previous: false, acceptsGap: doubts > 0))
    case .replaced(let isLast):
      wasReplaced = true
      guard isLast else { return .finish(.cut("it was replaced more than once meanwhile")) }
      phase = .rest
      // Which instance is the last one may have changed since the pod was asked: what nothing known
      // comes before is taken only when the pod still says so.
      defer { hasAskedForRest = true }
      return .open(
        Query(
          follows: false, since: since, previous: true,
          acceptsGap: hasAskedForRest && lastEnd == .doubtful))
    }
  }

  /// Whether lines came that may be another instance's.
  var isDoubtful: Bool { lastEnd == .doubtful }

  /// Behind lines that are doubtful the pod is asked again for a while, until it names another instance.
  private mutating func doubt() -> Step? {
    guard lastEnd == .doubtful, doubts < InstanceFollow.mostDoubts else { return nil }
    doubts += 1
    phase = .asking
    put = nil
    return .pause(.seconds(2))
  }

  /// The request that a pause put off.
  private var put: Query?

  /// The pause is over.
  mutating func paused() -> Step {
    defer { put = nil }
    hasPaused = true
    if let query = put { return .open(query) }
    return .ask
  }

  /// The instance has ended while a pause was made: what was put off is not wanted any more.
  mutating func woken() -> Step {
    put = nil
    hasPaused = true
    return .ask
  }

  /// The watch has shown a change.
  mutating func changed() -> Step { .ask }

  private mutating func reopen(_ query: Query) -> Step {
    defer { failures += 1 }
    // Who was asked after a pause need not wait once more.
    guard failures > 0, !hasPaused else { return .open(query) }
    put = query
    let pause = InstanceFollow.pause(after: failures)
    // The kubelet ends the stream of a container that has ended before the API says so: seconds
    // before, on a busy node.
    return .pause(lastEnd == .clean ? min(pause, .seconds(2)) : pause)
  }

  private mutating func retry(_ reason: String) -> Step {
    failures += 1
    if failures > 10, phase == .rest { return .finish(.cut(reason)) }
    put = nil
    return .pause(InstanceFollow.pause(after: failures))
  }

  /// 1, 2, 4 ... 30 seconds.
  static func pause(after failures: Int) -> Duration {
    .seconds(min(30, 1 << min(5, max(0, failures - 1))))
  }
}
