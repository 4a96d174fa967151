internal import Alembic
internal import Diagnostics
internal import Postgres
internal import Quantities
internal import Synchronization

/// One run under the lock: its attempts, and what is known between them.
struct MigrationRun {
  private let migrator: Migrator
  private let watcher: Connection
  private let onEvent: @Sendable (MigrationEvent) -> Void
  private let before: [String]
  private var state: Migrator.State
  private var applied: [MigrationSummary.Applied] = []
  /// Whether all version rows go before the first step.
  var isPurging = false

  init(
    _ migrator: Migrator, _ state: Migrator.State, watcher: Connection,
    onEvent: @escaping @Sendable (MigrationEvent) -> Void
  ) {
    self.migrator = migrator
    self.state = state
    self.watcher = watcher
    self.onEvent = onEvent
    before = state.heads
  }

  /// Runs the steps, a transaction again when a lock was not to be had in time.
  mutating func run(
    _ steps: [MigrationStep], over connection: Connection
  ) async throws -> MigrationSummary {
    try await connection.execute(settings(connection))
    if isPurging { try await purge(over: connection) }
    var rest = steps[...]
    let deadline = ContinuousClock.now + migrator.patience.retry
    var tries = 0
    while !rest.isEmpty {
      let (outcome, blockers) = try await attempt(Array(rest), over: connection)
      try keep(outcome.committed)
      rest = rest.dropFirst(outcome.committed.count)
      guard let failure = outcome.failure else { continue }
      if failure.error is CancellationError { throw CancellationError() }
      tries = outcome.committed.isEmpty ? tries + 1 : 1
      let pause = MigrationRun.pause(afterTry: tries)
      let mayRetry = failure.isLockTrouble && !outcome.isPartlyCommitted
      guard mayRetry, ContinuousClock.now + pause < deadline else {
        throw MigrationFailure(
          step: failure.step, reason: failure.error, committed: applied,
          isPartlyCommitted: outcome.isPartlyCommitted, blockers: blockers)
      }
      onEvent(.retrying(failure.step, attempt: tries + 1, after: pause))
      try await Task.sleep(for: pause)
    }
    return MigrationSummary(before: before, after: state.heads, applied: applied)
  }

  /// A second, then twice as long each time up to half a minute, give or take a quarter: so that
  /// two who wait for each other do not meet again.
  private static func pause(afterTry number: Int) -> Duration {
    let seconds = min(30, pow2(number - 1)) * Double.random(in: 0.75...1.25)
    return .milliseconds(Int64(seconds * 1000))
  }

  private static func pow2(_ exponent: Int) -> Double { Double(1 << min(exponent, 10)) }

  private func settings(_ connection: Connection) -> String {
    func milliseconds(_ duration: Duration?) -> Int64 {
      duration.map { max(1, $0.milliseconds) } ?? 0
    }
    return """
      SET lock_timeout = \(milliseconds(migrator.patience.lockTimeout));
      SET statement_timeout = \(milliseconds(migrator.patience.statementTimeout));
      SET idle_in_transaction_session_timeout = 0
      """
  }

  private mutating func purge(over connection: Connection) async throws {
    let table = VersionTable(migrator.options)
    try await connection.execute("\(table.createIfMissing); \(table.purge)")
    state = Migrator.State(tableExists: true, heads: [])
  }

  /// Moves the known version rows on.
  private mutating func keep(_ committed: [MigrationSummary.Applied]) throws {
    var rows = VersionHeads(state.heads, in: migrator.scripts.map)
    for item in committed { _ = try rows.apply(item.step) }
    if !committed.isEmpty { state.tableExists = true }
    state.heads = rows.heads.sorted()
    applied += committed
  }

  // MARK: - One attempt

  /// What came of an attempt.
  private struct Outcome: Sendable {
    var committed: [MigrationSummary.Applied] = []
    var failure: StepTrouble?
    var isPartlyCommitted = false
  }

  /// What went wrong in a step.
  private struct StepTrouble: Sendable {
    var step: MigrationStep
    var error: any Error

    /// Whether trying again may help: a lock was not to be had, or two waited for each other.
    var isLockTrouble: Bool {
      ["55P03", "40P01"].contains(sqlState)
    }

    private var sqlState: String? {
      (error as? StatementFailure)?.sqlState ?? (error as? UncaughtException)?.sqlState
    }
  }

  /// Runs the steps on the connection's thread, while the other session looks who blocks it.
  private func attempt(
    _ steps: [MigrationStep], over connection: Connection
  ) async throws -> (Outcome, [BlockingSession]) {
    let seen = BlockersSeen()
    let pid = connection.info.backendPID
    let (migrator, state, onEvent, watcher) = (migrator, state, onEvent, watcher)
    return try await withThrowingTaskGroup(of: Outcome?.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        try await connection.synchronously {
          MigrationRun.attempt(steps, migrator, state, over: $0, onEvent)
        }
      }
      group.addTask {
        // At least twice before a statement gives up.
        let interval = min(.seconds(1), (migrator.patience.lockTimeout ?? .seconds(3)) / 3)
        await MigrationRun.watch(pid, every: interval, over: watcher, seen, onEvent)
        return nil
      }
      while let ended = try await group.next() {
        guard let outcome = ended else { continue }
        group.cancelAll()
        // The watcher may be in the middle of a question; its session is needed again.
        while try await group.next() != nil {}
        return (outcome, seen.last)
      }
      throw CancellationError()
    }
  }

  /// Runs the steps; what goes wrong is part of the outcome, because so much else is then.
  private static func attempt(
    _ steps: [MigrationStep], _ migrator: Migrator, _ state: Migrator.State,
    over session: SynchronousSession, _ onEvent: @Sendable (MigrationEvent) -> Void
  ) -> Outcome {
    let server = ServerConnection(session)
    let connection = ScriptConnection(server)
    let driver = MigrationDriver(migrator.scripts.map, options: migrator.options)
    let runner = migrator.performer.runner(over: connection, isOffline: false)
    var outcome = Outcome()
    var current = steps[0]
    var open: [MigrationSummary.Applied] = []
    var start = ContinuousClock.now
    do {
      try driver.run(
        steps, from: state.heads, tableExists: state.tableExists, over: connection,
        perform: { try runner.perform($0, heads: $1) },
        events: { event in
          switch event {
          case .started(let step):
            current = step
            start = .now
            onEvent(.started(step))
          case .finished(let step, let isCommitted):
            let item = MigrationSummary.Applied(step: step, duration: ContinuousClock.now - start)
            onEvent(.finished(step, in: item.duration))
            if server.hasCommitted, !isCommitted {
              // The step committed what was open when it left the transaction.
              outcome.committed += open
              outcome.isPartlyCommitted = true
              open = []
              server.hasCommitted = false
            }
            open.append(item)
            guard isCommitted else { return }
            outcome.committed += open
            open = []
            server.hasCommitted = false
          case .committed:
            outcome.committed += open
            open = []
            server.hasCommitted = false
          }
        })
    } catch {
      outcome.failure = StepTrouble(step: current, error: error)
      if server.hasCommitted {
        outcome.committed += open
        outcome.isPartlyCommitted = true
      }
      // A transaction that the script began by a statement of its own.
      if session.isInTransaction { _ = try? server.execute("ROLLBACK") }
    }
    return outcome
  }

  /// Tells who blocks, whenever that changes; ends when its task is cancelled or the session goes.
  private static func watch(
    _ pid: Int, every interval: Duration, over watcher: Connection, _ seen: BlockersSeen,
    _ onEvent: @Sendable (MigrationEvent) -> Void
  ) async {
    while true {
      do {
        try await Task.sleep(for: interval)
        let blockers = try await BlockingSession.blocking(pid, watcher)
        if seen.note(blockers) { onEvent(.blocked(by: blockers)) }
      } catch { return }
    }
  }
}

/// Who was last seen blocking.
private final class BlockersSeen: Sendable {
  private let blockers = Mutex<(last: [BlockingSession], pids: Set<Int>)>(([], []))

  var last: [BlockingSession] { blockers.withLock { $0.last } }

  /// Whether there are others than before.
  func note(_ found: [BlockingSession]) -> Bool {
    blockers.withLock { known in
      if !found.isEmpty { known.last = found }
      let pids = Set(found.compactMap(\.pid))
      defer { known.pids = pids }
      return !pids.isEmpty && pids != known.pids
    }
  }
}
