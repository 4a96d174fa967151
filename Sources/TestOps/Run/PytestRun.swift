internal import Glibc
internal import Postgres
internal import Processes
internal import Synchronization

/// A run of a suite of pytest's: interpreters that live as long as the run, each with a database of its
/// own, that take the tests as they are done with others.
public struct PytestRun: Sendable {
  /// The interpreter, a whole path.
  public var interpreter: String
  /// pytest's arguments.
  public var arguments: [String]
  /// The folder that the suite is run in.
  public var folder: String
  /// What the interpreters have in their environment, beside their database.
  public var environment: [String: String]
  /// Where tests find their database.
  public var variables: DatabaseVariables
  /// The workers' databases; nil where the suite needs none.
  public var databases: TestDatabases?
  /// The services that each worker has for itself.
  public var services: TestServices?
  /// What is asked of coverage.py.
  public var coverage = CoverageWish()
  /// What is run, and how often.
  public var options: RunOptions
  /// Files, by their whole paths, where only the tests are meant that they may have an effect on.
  public var changed: [String]?
  /// The pods that the interpreters are in; nil for this machine.
  public var pods: TestPods?
  /// What merges here what is measured in pods; nil where that stays there.
  public var coverageTool: CoverageTool?

  /// Whether modules are looked for in the folder first, or where nothing that is installed has them.
  public var folderFirst = false

  /// Describes a run.
  public init(
    interpreter: String, arguments: [String], folder: String, environment: [String: String],
    variables: DatabaseVariables = DatabaseVariables(), databases: TestDatabases?,
    options: RunOptions
  ) {
    self.interpreter = interpreter
    self.arguments = arguments
    self.folder = folder
    self.environment = environment
    // The same for all: what is made from a set has to come out in one order everywhere.
    if environment["PYTHONHASHSEED"].flatMap({ UInt32($0) }) == nil {
      self.environment["PYTHONHASHSEED"] = String(UInt32.random(in: 1 ... .max))
    }
    self.variables = variables
    self.databases = databases
    self.options = options
  }

  /// Runs the suite to its end.
  ///
  /// Whatever befalls the interpreters and databases is part of the result. When the task is cancelled
  /// all of them are ended and removed.
  ///
  /// - Parameters:
  ///   - folder: an empty folder of our own, for the program that the interpreters run.
  ///   - onEvent: is told of what happens, on any thread, one thing after the other.
  ///   - onTick: is told ten times a second how far it is.
  /// - Throws: what making the template throws; `ProcessFailure` when there is no such interpreter;
  ///   `CancellationError`.
  public func run(
    in privateFolder: String, onEvent: @escaping @Sendable (RunEvent) -> Void,
    onTick: @escaping @Sendable (RunSnapshot) -> Void = { _ in }
  ) async throws -> TestRun {
    let data = try CoverageFiles(in: privateFolder)
    let start = wallClock()
    let began = ContinuousClock().now
    try await databases?.prepare()
    let board = CrewBoard(Crew(options, hasDatabases: databases != nil), onEvent)
    do {
      let place = try place(privateFolder)
      let follower = pods.map { pods in Task { await pods.follow() } }
      defer { follower?.cancel() }
      try await withThrowingTaskGroup(of: Void.self) { group in
        let watch = Task { await board.watch(onTick) }
        defer { watch.cancel() }
        for worker in 0..<max(1, options.workers) {
          group.addTask { try await WorkerLoop(self, place, data, board, worker).run() }
        }
        try await group.waitForAll()
      }
      try Task.checkCancellation()
      if let left = await databases?.close(), !left.isEmpty {
        board.update { $0.note(TestDatabases.left(left)) }
      }
    } catch {
      // A task of its own: the databases have to go when this one was cancelled, too.
      await Task { _ = await databases?.close() }.value
      throw error
    }
    let merged = bringsCoverage ? try await merged(data) : CoverageOutcome()
    var run = board.finished(
      TestRun(
        suite: options.suite, start: start, duration: (ContinuousClock().now - began).seconds,
        workers: options.workers))
    run.add(merged)
    return run
  }

  /// Whether what the interpreters measure comes to this machine.
  var bringsCoverage: Bool { pods == nil || coverageTool != nil }

  /// What the coverage of all interpreters comes to.
  private func merged(_ data: CoverageFiles) async throws -> CoverageOutcome {
    guard !data.written.isEmpty else {
      guard coverage.isMeasured || data.isRequired else { return CoverageOutcome() }
      return CoverageOutcome(failure: TestFailure("nothing was measured by coverage.py"))
    }
    let tool = coverageTool ?? CoverageTool(interpreter: interpreter, environment: environment)
    let merge = CoverageMerge(tool: tool, folder: folder, wish: coverage)
    do {
      let lost = data.lost
      let note = "of \(lost) of \(data.given) interpreters there is no coverage"
      return CoverageOutcome(coverage: try await merge.run(data), note: lost > 0 ? note : nil)
    } catch let error as TestFailure {
      return CoverageOutcome(failure: error)
    }
  }
}

extension PytestRun {
  /// Where the interpreters are, with everything there that they need.
  private func place(_ privateFolder: String) throws -> any WorkerPlace {
    if let pods {
      pods.prepare(changed: changed, local: folder)
      return pods
    }
    return LocalPlace(
      interpreter: interpreter, program: try WorkerFile(in: privateFolder, changed: changed).path,
      folder: folder, folderFirst: folderFirst)
  }
}

/// The crew, for those who work at the same time.
final class CrewBoard: Sendable {
  private struct State {
    var crew: Crew
    var sessions: [(any WorkerSession)?]
  }

  private let state: Mutex<State>
  private let onEvent: @Sendable (RunEvent) -> Void

  init(_ crew: Crew, _ onEvent: @escaping @Sendable (RunEvent) -> Void) {
    state = Mutex(
      State(crew: crew, sessions: Array(repeating: nil, count: max(1, crew.options.workers))))
    self.onEvent = onEvent
  }

  /// Changes the crew, and tells what came of it; in the order in which it happened, so under the lock.
  func update<Result: Sendable>(_ body: (inout Crew) -> Result) -> Result {
    state.withLock { state in
      let result = body(&state.crew)
      for event in state.crew.takeEvents() { onEvent(event) }
      return result
    }
  }

  /// The interpreter of a worker is this one from now on; nil for none.
  func took(_ session: (any WorkerSession)?, for worker: Int) {
    state.withLock { state in
      state.sessions[worker] = session
      if session != nil { state.crew.started(worker, now: ContinuousClock().now) }
    }
  }

  /// Tells people something that is neither a test's nor trouble.
  func say(_ text: String) { state.withLock { _ in onEvent(.said(text)) } }

  /// Ends tests and interpreters that take too long, and shows how far the run is, until it is
  /// cancelled.
  func watch(_ onTick: @Sendable (RunSnapshot) -> Void) async {
    while (try? await Task.sleep(for: .milliseconds(100))) != nil {
      let now = ContinuousClock().now
      let snapshot = state.withLock { state in
        for (worker, session) in state.sessions.enumerated() {
          guard let overdue = state.crew.overdue(worker, now: now) else { continue }
          switch overdue {
          // pytest's faulthandler writes then where every thread stands.
          case .abort: session?.abort()
          case .kill: session?.kill()
          }
        }
        return state.crew.snapshot(now: now)
      }
      onTick(snapshot)
    }
  }

  func finished(_ run: TestRun) -> TestRun {
    var run = run
    let crew = update { crew in
      crew.finish()
      return crew
    }
    (run.results, run.troubles, run.notes) = (crew.results, crew.troubles, crew.notes)
    return run
  }
}

/// Seconds since 1970.
func wallClock() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
