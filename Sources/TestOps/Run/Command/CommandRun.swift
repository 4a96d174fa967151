internal import Quantities

/// A run of a suite whose command runs the tests by itself: once for each shard, each with a database of
/// its own.
public struct CommandRun: Sendable {
  /// The command.
  public var program: CommandProgram
  /// The folder that the suite is run in.
  public var folder: String
  /// What the command has in its environment, beside its database.
  public var environment: [String: String]
  /// Where tests find their database.
  public var variables: DatabaseVariables
  /// The shards' databases; nil where the suite needs none.
  public var databases: TestDatabases?
  /// The services that each shard has for itself.
  public var services: TestServices?
  /// What is run, and how often. Its workers are how many shards are run at the same time.
  public var options: RunOptions
  /// In how many parts the tests are run.
  public var shards = 1
  /// How long one run of the command may take; nil is for ever.
  public var limit: Duration?

  /// Describes a run.
  public init(
    _ program: CommandProgram, folder: String, environment: [String: String],
    variables: DatabaseVariables = DatabaseVariables(), databases: TestDatabases?,
    options: RunOptions
  ) {
    self.program = program
    self.folder = folder
    self.environment = environment
    self.variables = variables
    self.databases = databases
    self.options = options
  }

  /// Runs the suite to its end.
  ///
  /// Whatever befalls the commands and databases is part of the result. When the task is cancelled all of
  /// them are ended and removed.
  ///
  /// - Parameters:
  ///   - traces: what knows of the run's folder and processes.
  ///   - onEvent: is told of what happens, on any thread, one thing after the other.
  ///   - onTick: is told ten times a second how far it is.
  /// - Throws: what making the template throws; `TestFailure` or `ProcessFailure` when there is no such
  ///   program; `CancellationError`.
  public func run(
    _ traces: RunTraces, onEvent: @escaping @Sendable (RunEvent) -> Void,
    onTick: @escaping @Sendable (RunSnapshot) -> Void = { _ in }
  ) async throws -> TestRun {
    let start = wallClock()
    let began = ContinuousClock().now
    let board = CommandBoard(onEvent)
    let watch = Task { await board.watch(onTick) }
    defer { watch.cancel() }
    try await databases?.prepare()
    do {
      for round in 1...max(1, options.rounds) where !board.isStopped {
        try await self.round(round, traces, board)
      }
      try Task.checkCancellation()
      if let left = await databases?.close(), !left.isEmpty {
        board.note(TestDatabases.left(left))
      }
    } catch {
      // A task of its own: the databases have to go when this one was cancelled, too.
      await Task { _ = await databases?.close() }.value
      throw error
    }
    return board.finished(
      TestRun(
        suite: options.suite, start: start, duration: (ContinuousClock().now - began).seconds,
        workers: min(options.workers, shards)))
  }

  /// All shards, and then what failed in them again.
  private func round(_ round: Int, _ traces: RunTraces, _ board: CommandBoard) async throws {
    let chosen = options.chosen.map { Array($0.tests).sorted() }
    let parts = (1...shards).map {
      CommandPart(shard: $0, shards: shards, round: round, tests: chosen)
    }
    var results = try await run(parts, traces, board)
    if let choice = options.chosen, round == 1 {
      let met = Set(results.map(\.id)).intersection(choice.tests).count
      board.note("\(met) of the \(choice.tests.count) tests \(choice.phrase)")
    }
    checkShards(results, board)
    for attempt in 2...(options.retries + 2) {
      let failed = results.filter(\.outcome.isBad)
      guard attempt <= options.retries + 1, !failed.isEmpty, !board.isStopped else { return }
      // These leave out what depends on a test that failed, and call it skipped.
      let takesSkipped = program.runner == .playwright || program.runner == .vitest
      let ids = results.filter { $0.outcome.isBad || takesSkipped && $0.outcome == .skipped }
        .map(\.id)
      guard CommandFilter.fits(ids) else {
        return board.note("\(failed.count) tests failed: they are too many to be tried again")
      }
      let again = CommandPart(round: round, attempt: attempt, tests: ids)
      results = try await run([again], traces, board)
    }
  }

  /// As many at the same time as there are workers.
  private func run(
    _ parts: [CommandPart], _ traces: RunTraces, _ board: CommandBoard
  ) async throws -> [TestResult] {
    try await withThrowingTaskGroup(of: (Int, [TestResult]).self) { group in
      var waiting = parts[...]
      var results: [TestResult] = []
      func begin(on worker: Int) {
        guard !board.isStopped, let part = waiting.popFirst() else { return }
        group.addTask {
          let shard = ShardRun(self, part, worker: worker, traces, board)
          return (worker, try await shard.run())
        }
      }
      for worker in 0..<max(1, min(options.workers, parts.count)) { begin(on: worker) }
      for try await (worker, found) in group {
        results += found
        if options.failFast, found.contains(where: \.outcome.isBad), !board.isStopped {
          board.stop()
          board.note("ended at the first failure")
        }
        begin(on: worker)
      }
      if !waiting.isEmpty {
        board.note("\(waiting.count) of \(parts.count) shards not run")
      }
      return results
    }
  }

  /// A command that does not look at its shard runs everything in each.
  private func checkShards(_ results: [TestResult], _ board: CommandBoard) {
    guard shards > 1 else { return }
    var tests: [Int: Set<String>] = [:]
    for result in results { tests[result.worker, default: []].insert(result.id) }
    let told = tests.values.map { $0 }
    guard told.count == shards, let first = told.first, told.allSatisfy({ $0 == first }) else {
      return
    }
    board.add(
      [],
      [
        Trouble(
          .other,
          "every shard ran the same tests: the command does not look at OMCOPS_TEST_SHARD")
      ], isFinal: { _ in true })
  }
}
