internal import Glibc
internal import Processes
internal import Quantities
internal import Synchronization

/// What is known of a run of commands, for those that run at the same time.
final class CommandBoard: Sendable {
  private struct Running {
    var part: CommandPart
    var since: ContinuousClock.Instant
    var line = ""
    /// How many tests it told of.
    var count = 0
  }

  private struct State {
    var results: [TestResult] = []
    var troubles: [Trouble] = []
    var notes: [String] = []
    var running: [Int: Running] = [:]
    var controls: [Int: ProcessControl] = [:]
    /// The workers whose command was told to end.
    var givenUp: Set<Int> = []
    /// Which shard told of a test first, by round and id.
    var owners: [String: Int] = [:]
    var done = 0
    var failed = 0
    var isStopped = false
  }

  private let state = Mutex(State())
  private let onEvent: @Sendable (RunEvent) -> Void

  init(_ onEvent: @escaping @Sendable (RunEvent) -> Void) { self.onEvent = onEvent }

  /// Whether nothing more shall begin.
  var isStopped: Bool { state.withLock(\.isStopped) }

  func began(_ part: CommandPart, on worker: Int) {
    state.withLock { $0.running[worker] = Running(part: part, since: ContinuousClock().now) }
  }

  /// It said something; how many tests it has told of, where that is known.
  func heard(_ line: String?, count: Int, from worker: Int) {
    state.withLock { state in
      if let line { state.running[worker]?.line = line }
      state.running[worker]?.count = count
    }
  }

  func ended(on worker: Int) { state.withLock { $0.running[worker] = nil } }

  /// Adds what a part brought.
  ///
  /// - Parameter isFinal: whether a test that failed is not tried again.
  func add(_ results: [TestResult], _ troubles: [Trouble], isFinal: (TestResult) -> Bool) {
    state.withLock { state in
      for var result in results {
        Self.name(&result, &state.owners)
        state.results.append(result)
        let isLast = isFinal(result)
        if isLast {
          state.done += 1
          if result.outcome.isBad { state.failed += 1 }
        }
        onEvent(.ended(result, isFinal: isLast))
      }
      for trouble in troubles {
        state.troubles.append(trouble)
        onEvent(.trouble(trouble))
      }
    }
  }

  /// Tests of one name in two shards are two tests: neither is a second try of the other.
  private static func name(_ result: inout TestResult, _ owners: inout [String: Int]) {
    let name = result.id
    for number in 2... {
      let key = "\(result.round)\0\(result.id)"
      guard result.attempt == 1, let owner = owners[key], owner != result.worker else {
        owners[key] = owners[key] ?? result.worker
        return
      }
      result.id = "\(name) #\(number)"
    }
  }

  func note(_ text: String) {
    state.withLock { if !$0.notes.contains(text) { $0.notes.append(text) } }
  }

  /// The process of a worker is this one from now on.
  func took(_ control: ProcessControl?, for worker: Int) {
    state.withLock { $0.controls[worker] = control }
  }

  /// Whether the command of a worker was told to end: then its results are not whole.
  func hasGivenUp(_ worker: Int) -> Bool { state.withLock { $0.givenUp.contains(worker) } }

  /// Nothing more shall begin, and what runs shall end; it has five seconds for that.
  func stop() {
    let controls = state.withLock { state in
      state.isStopped = true
      state.givenUp = Set(state.controls.keys)
      return Array(state.controls.values)
    }
    if controls.isEmpty { return }
    controls.forEach { $0.signalGroup(SIGTERM) }
    Task {
      try? await Task.sleep(for: .seconds(5))
      controls.forEach { $0.signalGroup(SIGKILL) }
    }
  }

  /// Shows how far the run is until it is cancelled.
  func watch(_ onTick: @Sendable (RunSnapshot) -> Void) async {
    while (try? await Task.sleep(for: .milliseconds(100))) != nil {
      let now = ContinuousClock().now
      onTick(
        state.withLock { state in
          var snapshot = RunSnapshot(done: state.done, failed: state.failed)
          for (_, running) in state.running.sorted(by: { $0.key < $1.key }) {
            let count = running.count > 0 ? " \(running.count) tests" : ""
            let line = running.line.isEmpty ? "" : ": \(running.line)"
            snapshot.running.append(
              .init(id: running.part.words + count + line, time: now - running.since))
          }
          return snapshot
        })
    }
  }

  func finished(_ run: TestRun) -> TestRun {
    var run = run
    state.withLock { (run.results, run.troubles, run.notes) = ($0.results, $0.troubles, $0.notes) }
    // An empty shard beside others that ran tests lacks nothing.
    if !run.results.isEmpty {
      let empty = run.troubles.filter { $0.kind == .nothingRan }
      run.troubles.removeAll { $0.kind == .nothingRan }
      run.notes += empty.map(\.message)
    }
    return run
  }
}
