internal import Quantities

/// What ended some work from outside.
enum Obstacle: Error, Sendable {
  /// The work took longer than it may.
  case timedOut(Duration)
  /// The whole run took longer than it may.
  case overdue
  /// The operator's signal.
  case interrupted(Int32)
}

/// Runs work within limits: its own time, the run's time, and the operator's signals.
struct Bounds: Sendable {
  let clock: any RunClock
  /// How long it may take; nil is for ever.
  var time: Duration?
  /// When the whole run must have ended, on the clock; nil is never.
  var deadline: Duration?
  /// Waits for the signal that ends the work; nil, or an answer of nil, leaves it in peace.
  var stop: (@Sendable () async -> Int32?)?

  private enum Event<Result: Sendable>: Sendable {
    case result(Result)
    case obstacle(Obstacle)
    case nothing
  }

  /// Gives the work's result, or throws its error or the `Obstacle` that ended it.
  ///
  /// The work is cancelled by an obstacle and then waited for; if it has come to its end all the
  /// same, its result counts.
  func run<Result: Sendable>(
    _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withThrowingTaskGroup(of: Event<Result>.self) { group in
      // The limits first: they begin before the work does.
      addLimits(to: &group)
      group.addTask { .result(try await work()) }
      defer { group.cancelAll() }
      while let event = try await group.next() {
        switch event {
        case .result(let result): return result
        case .nothing: continue
        case .obstacle(let obstacle):
          group.cancelAll()
          if let result = await lastResult(of: &group) { return result }
          throw obstacle
        }
      }
      throw CancellationError()
    }
  }

  private func addLimits<Result: Sendable>(
    to group: inout ThrowingTaskGroup<Event<Result>, any Error>
  ) {
    if let time {
      let reached = clock.limit(time)
      group.addTask {
        try await reached()
        return .obstacle(.timedOut(time))
      }
    }
    if let deadline {
      let reached = clock.limit(max(.zero, deadline - clock.elapsed))
      group.addTask {
        try await reached()
        return .obstacle(.overdue)
      }
    }
    if let stop {
      group.addTask { (await stop()).map { .obstacle(.interrupted($0)) } ?? .nothing }
    }
  }

  private func lastResult<Result: Sendable>(
    of group: inout ThrowingTaskGroup<Event<Result>, any Error>
  ) async -> Result? {
    var found: Result?
    while let next = await group.nextResult() {
      if case .success(.result(let result)) = next { found = result }
    }
    return found
  }
}
