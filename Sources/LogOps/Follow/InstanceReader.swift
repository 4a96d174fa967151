internal import KubeExec
internal import Synchronization

/// Reads one container instance to its end: does what `InstanceFollow` decides.
struct InstanceReader: Sendable {
  let client: KubeClient
  let pipeline: LogPipeline
  let options: FollowOptions
  let gate: StreamGate
  let ends: InstanceEnds
  let notices: LogNotices
  var identity: ContainerState.Identity
  let namespace: String
  let pod: String
  var source: Int
  /// Whether the instance was there when reading began: only then `tail` counts.
  let wasThere: Bool
  /// Whether it writes no more.
  var isOver: Bool
  /// Whether an earlier run was in the middle of it, and another instance has taken its place.
  var isRest = false

  /// Comes back when there is no more to read. Throws `CancellationError` and what writing throws.
  func run() async throws {
    if gate.isFull { notices.tell("\(name): waits, since \(options.maximumStreams) logs are read") }
    try await gate.enter()
    defer { gate.leave() }
    var follow = InstanceFollow(follows: options.follows && !options.previous)
    let since = pipeline.begin(source)
    var step = isRest ? follow.startWithQuestion() : follow.start(since: since)
    while true {
      try Task.checkCancellation()
      switch step {
      case .open(let query):
        let start = ContinuousClock.now
        let newest = pipeline.newest(source)
        if !query.acceptsGap { pipeline.doubtGaps(source) }
        let end = try await read(query)
        step = follow.ended(
          end, lived: start.duration(to: .now), broughtNews: pipeline.newest(source) != newest)
        if case .ask = step, case .broken(let reason) = end {
          notices.tell("\(name): \(reason); going on", isQuiet: true)
        }
      case .ask: step = follow.found(await present(), since: pipeline.begin(source))
      case .pause(let duration):
        try await Task.sleep(for: duration * Double.random(in: 0.75...1.25))
        step = follow.paused()
      case .awaitChange:
        try await Task.sleep(for: .seconds(1))
        step = follow.changed()
      case .finish(let finish):
        try pipeline.end(source, isOver: isOver || options.follows)
        if case .cut(let reason) = finish { notices.lose("\(name): \(reason)") }
        return
      }
    }
  }

  private var name: String { "\(pod)/\(identity.container)" }

  /// One request, to the end of its answer or until its silence is found to be wrong.
  private func read(_ query: InstanceFollow.Query) async throws -> InstanceFollow.StreamEnd {
    let watch = SilenceWatch(usual: options.silence)
    return try await withThrowingTaskGroup(of: InstanceFollow.StreamEnd.self) { group in
      group.addTask { try await stream(query, watch) }
      if query.follows { group.addTask { try await findStall(watch) } }
      defer { group.cancelAll() }
      return try await group.next() ?? .clean
    }
  }

  private func stream(
    _ query: InstanceFollow.Query, _ watch: SilenceWatch
  ) async throws -> InstanceFollow.StreamEnd {
    var request = PodLogQuery(namespace: namespace, pod: pod, container: identity.container)
    request.follows = query.follows
    request.previous = query.previous || options.previous
    request.sinceSecond = query.since ?? options.sinceSecond
    // Both limits would apply to a request that goes on.
    if query.since == nil {
      request.tailLines = wasThere ? options.tail : nil
      request.limitBytes = options.limitBytes
    }
    do {
      try await client.streamLog(request) { [pipeline, source] bytes in
        watch.hear()
        defer { watch.hear() }
        guard try pipeline.feed(bytes, from: source) else { throw Enough() }
      }
      return .clean
    } catch is DoubtfulLines {
      return .doubtful
    } catch is Enough {
      throw CancellationError()
    } catch let error as KubeError {
      guard let answer = error.answer else { return .broken(error.message) }
      return .refused(status: answer.code, message: answer.message)
    }
  }

  /// So long after the end of a container nothing more comes by a stream that is still open.
  private static let afterEnd = Duration.seconds(3)

  /// Comes back when the log has gone on without the stream, as after a rotation on old kubelets, or
  /// when the container has ended and the stream has not.
  private func findStall(_ watch: SilenceWatch) async throws -> InstanceFollow.StreamEnd {
    let look = min(options.silence / 4, .seconds(1))
    while true {
      try await Task.sleep(for: look)
      guard pipeline.keepsUp else {
        watch.excuse()
        continue
      }
      if ends.hasEnded(identity, for: Self.afterEnd),
        watch.lastHeard.duration(to: .now) >= Self.afterEnd
      {
        return .stalled
      }
      guard watch.isTimeToAsk else { continue }
      let heard = watch.lastHeard
      guard let hasGoneOn = try await hasGoneOn() else {
        notices.tellOfSilence(Self.patience)
        return .broken("the API server gives no answer")
      }
      // The answer may have overtaken the stream.
      guard watch.lastHeard == heard else { continue }
      if hasGoneOn {
        let silence = heard.duration(to: .now)
        notices.tell("\(name): stalled for \(silence.readableSeconds), reconnected")
        return .stalled
      }
      watch.askedInVain()
    }
  }

  /// How long the server may take to say what a log's last line is.
  private static let patience = Duration.seconds(30)

  /// Whether the last line that the server has is newer than the last one that came; nil where it gives
  /// no answer, on a connection that is there.
  private func hasGoneOn() async throws -> Bool? {
    var request = PodLogQuery(namespace: namespace, pod: pod, container: identity.container)
    request.tailLines = 1
    let asked = ContinuousClock.now
    let found = Mutex<LogTime?>(nil)
    do {
      try await client.streamLog(request, timeout: Self.patience) { bytes in
        if let stamp = StampedLine.stamp(of: bytes.firstLine) {
          found.withLock { $0 = $0 ?? stamp.time }
        }
      }
    } catch let error as KubeError {
      // Who cannot be asked now is asked again.
      let isSilent = error.code == .unreachable && asked.duration(to: .now) >= Self.patience
      return isSilent ? nil : false
    }
    guard let last = found.withLock({ $0 }) else { return false }
    return pipeline.newest(source).map { last > $0 } ?? true
  }

  private func present() async -> InstanceFollow.Present {
    do {
      return ContainerState.present(
        of: identity, in: try await client.find(.pods, pod, in: namespace))
    } catch let error as KubeError {
      return .unknown(error.message)
    } catch {
      return .unknown("\(error)")
    }
  }
}

/// The pipeline wants no more.
private struct Enough: Error {}

/// When something came last.
private final class SilenceWatch: Sendable {
  private struct State {
    var rule: SilenceRule
    var heard = ContinuousClock.now
  }

  private let state: Mutex<State>

  init(usual: Duration) { state = Mutex(State(rule: SilenceRule(usual: usual, now: .now))) }

  func hear() {
    let now = ContinuousClock.now
    state.withLock { state in
      state.rule.hear(now)
      state.heard = now
    }
  }

  var lastHeard: ContinuousClock.Instant { state.withLock { $0.heard } }

  var isTimeToAsk: Bool { state.withLock { $0.rule.isTime(.now) } }

  func excuse() { state.withLock { $0.rule.excuse(.now) } }

  func askedInVain() { state.withLock { $0.rule.askedInVain(.now) } }
}

extension Duration {
  fileprivate var readableSeconds: String { "\(components.seconds) s" }
}
