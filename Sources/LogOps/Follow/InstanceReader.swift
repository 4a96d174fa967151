internal import KubeExec
internal import Synchronization

/// Reads one container instance to its end: does what `InstanceFollow` decides.
struct InstanceReader: Sendable {
  let shared: ReaderSurroundings
  let turn: InstanceTurn
  /// What comes before its turn.
  var held: HeldLog
  var identity: ContainerState.Identity
  /// When the instance was started, in seconds since 1970.
  var started: Int64?
  let namespace: String
  let pod: String
  var source: Int
  /// Makes the place ready that its lines go to, when its turn has come.
  var prepare: (@Sendable (Int) throws -> Void)?
  /// Whether the instance was there when reading began: only then `tail` counts.
  let wasThere: Bool
  /// Whether it writes no more.
  var isOver: Bool
  /// Whether another instance has taken its place already.
  var isRest = false
  /// Where the instance before was left, if that may have taken lines of this one for its own.
  var inherited: ResumePoint?

  var client: KubeClient { shared.client }
  var pipeline: LogPipeline { shared.pipeline }
  var options: FollowOptions { shared.options }
  var notices: LogNotices { shared.notices }
  private var ends: InstanceEnds { shared.ends }

  /// Comes back when there is no more to read. Gives where it stopped, if it may have taken lines of the
  /// next instance for its own. Throws `CancellationError` and what writing throws.
  func run() async throws -> ResumePoint? {
    try await turn.waitForBegin()
    if shared.gate.isFull {
      notices.tell("\(name): waits, since \(options.maximumStreams) logs are read")
    }
    try await shared.gate.enter()
    defer { shared.gate.leave() }
    turn.begin()
    // Where it is to go on from where an earlier run stopped, only its file says where that is.
    if turn.hasCome || isRest || wasThere && prepare != nil { try await takeTurn() }
    var hasMixed = false
    var requests = 0
    var follow = InstanceFollow(follows: options.follows && !options.previous)
    let begun = try await fillStart()
    let since = pipeline.begin(source)
    var step =
      isRest
      ? follow.startWithQuestion()
      : follow.start(since: since, acceptsGap: pipeline.newest(source) != nil && begun != nil)
    while true {
      try Task.checkCancellation()
      switch step {
      case .open(let query):
        let start = ContinuousClock.now
        let newest = pipeline.newest(source)
        let end = try await readFilling(query)
        try await takeTurn()
        // Another instance may run by the second request, and nothing tells its lines.
        requests += 1
        hasMixed = hasMixed || requests > 1 && newest == nil && pipeline.newest(source) != nil
        step = follow.ended(
          end, lived: start.duration(to: .now), broughtNews: pipeline.newest(source) != newest)
        if case .ask = step, case .broken(let reason) = end {
          notices.tell("\(name): \(reason); going on", isQuiet: true)
        }
      case .ask: step = try await ask(&follow)
      case .pause(let duration):
        let time = duration * Double.random(in: 0.75...1.25)
        let hasEnded = try await ends.pause(time, unlessEnds: identity)
        step = hasEnded ? follow.woken() : follow.paused()
      case .awaitChange:
        try await Task.sleep(for: .seconds(1))
        step = follow.changed()
      case .finish(let finish):
        try await takeTurn()
        if finish == .whole, !options.follows, let begun { try await fillRest(since: begun) }
        let isFilled =
          finish != .whole || options.follows ? try await fillEnd(isGone: finish == .gone) : false
        let last = pipeline.point(source)
        let point = follow.wasReplaced || hasMixed || last.hasGap ? last : nil
        try pipeline.end(source, isOver: isOver || options.follows)
        switch finish {
        case .cut(let reason): notices.lose("\(name): \(reason)")
        case .gone where !isFilled: notices.lose("\(name): the pod is gone")
        case .gone, .whole: break
        }
        return point
      }
    }
  }

  /// Waits until the instance before has been read to its end, and hands on what was held until then.
  private func takeTurn() async throws {
    if held.isOpen { return }
    let left = try await turn.come() ?? inherited
    try prepare?(source)
    if let started, let point = left?.passedOn(startingAt: started) {
      pipeline.go(on: source, from: point)
    }
    try held.open { try pipeline.feed($0, from: source) }
  }

  /// Asks for the instance's present state, and the kubelet where that says too little.
  private func ask(_ follow: inout InstanceFollow) async throws -> InstanceFollow.Step {
    let newest = pipeline.newest(source)
    let since = pipeline.begin(source)
    var (present, isCurrent) = (await present(), false)
    if follow.isDoubtful, [.running, .terminated].contains(present) {
      switch try await isPrevious(newest) {
      case true?: present = .replaced(isLast: true)
      case false?: isCurrent = true
      case nil: break
      }
    }
    return follow.found(present, since: since, isCurrent: isCurrent)
  }

  var name: String { "\(pod)/\(identity.container)" }

  /// One request, and another where lines are missing that something else has.
  private func readFilling(
    _ query: InstanceFollow.Query
  ) async throws -> InstanceFollow.StreamEnd {
    var stops: ResumePoint.Stops = query.follows ? .jumps : []
    if !query.acceptsGap { stops.insert(.doubtfulLines) }
    if options.history != nil { stops.insert(.gaps) }
    pipeline.stop(source, at: stops)
    let end = try await read(query)
    guard case .gap(let first) = end else { return end }
    try await fillGap(before: first)
    var rest = query
    rest.since = pipeline.begin(source)
    return try await read(rest)
  }

  /// One request, to the end of its answer or until its silence is found to be wrong.
  private func read(_ query: InstanceFollow.Query) async throws -> InstanceFollow.StreamEnd {
    let log = OpenLog(self, follows: query.follows)
    shared.watch.add(log)
    defer { shared.watch.remove(log) }
    if held.isOpen { return try await stream(query, log) }
    // Its turn may come while it is read.
    return try await withThrowingTaskGroup(of: InstanceFollow.StreamEnd?.self) { group in
      group.addTask { try await stream(query, log) }
      group.addTask {
        try await takeTurn()
        return nil
      }
      defer { group.cancelAll() }
      while let end = try await group.next() { if let end { return end } }
      return .clean
    }
  }

  private func stream(
    _ query: InstanceFollow.Query, _ log: OpenLog
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
      try await client.streamLog(request, stop: log.stop) { [pipeline, source, held] bytes in
        log.hear()
        defer { log.hear() }
        switch try held.take(bytes, { try pipeline.feed($0, from: source) }) {
        case .passed, .held: break
        case .enough: throw Enough()
        case .refused: throw NoRoom()
        }
      }
      return .clean
    } catch is NoRoom {
      // When its turn has come it goes on behind what was held.
      return .clean
    } catch let early as EarlyEnd {
      return early.end
    } catch is Enough {
      throw CancellationError()
    } catch let error as KubeError {
      guard let answer = error.answer else { return .broken(error.message) }
      return .refused(status: answer.code, message: answer.message)
    }
  }

  /// How long the server may take to say what a log's last line is, or begin to answer.
  static let patience = Duration.seconds(30)

  /// Whether the last line that the server has is newer than the last one that came; nil where it gives
  /// no answer, on a connection that is there.
  func hasGoneOn() async throws -> Bool? {
    let asked = ContinuousClock.now
    do {
      guard let last = try await last(ofPrevious: false) else { return false }
      return pipeline.newest(source).map { last > $0 } ?? true
    } catch let error as KubeError {
      // Who cannot be asked now is asked again.
      let isSilent = error.code == .unreachable && asked.duration(to: .now) >= Self.patience
      return isSilent ? nil : false
    }
  }

  /// Whether the kubelet, which knows of a restart before the API does, gives this instance's log as that
  /// of the last terminated one: it holds what came last. Nil where it does not say so.
  private func isPrevious(_ newest: LogTime?) async throws -> Bool? {
    guard let newest else { return nil }
    do {
      return try await last(ofPrevious: true).map { $0 >= newest }
    } catch let error as KubeError {
      // There is none.
      return error.answer?.code == 400 ? false : nil
    }
  }

  /// The stamp of the last line that the server has.
  private func last(ofPrevious isPrevious: Bool) async throws -> LogTime? {
    var request = PodLogQuery(namespace: namespace, pod: pod, container: identity.container)
    request.tailLines = 1
    request.previous = isPrevious
    return try await stamp(of: request)
  }

  /// The stamp of the first line of an answer.
  func stamp(of request: PodLogQuery) async throws -> LogTime? {
    let found = Mutex<LogTime?>(nil)
    try await client.streamLog(request, timeout: Self.patience) { bytes in
      if let stamp = StampedLine.stamp(of: bytes.firstLine) {
        found.withLock { $0 = $0 ?? stamp.time }
      }
    }
    return found.withLock { $0 }
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

/// No more can be held before the instance's turn.
private struct NoRoom: Error {}
