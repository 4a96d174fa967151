internal import Quantities

/// What ended some work from outside.
enum Obstacle: Error, Sendable {
  case timedOut(Duration)
  case interrupted(Int32)
}

/// Runs work within limits: a time, and the operator's signals.
struct Bounds: Sendable {
  /// How long it may take; nil is for ever.
  var time: Duration?
  /// The signals that end it; nil shields it from them.
  var interrupts: RunInterrupts?
  /// How many signals had come when the run began to listen: these count no more.
  var known = 0

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
    let time = time
    let interrupts = interrupts
    let known = known
    return try await withThrowingTaskGroup(of: Event<Result>.self) { group in
      group.addTask { .result(try await work()) }
      if let time {
        group.addTask {
          try await Task.sleep(for: time)
          return .obstacle(.timedOut(time))
        }
      }
      if let interrupts {
        group.addTask {
          let signal = await interrupts.next(after: known)
          return signal.map { .obstacle(.interrupted($0)) } ?? .nothing
        }
      }
      defer { group.cancelAll() }
      while let event = try await group.next() {
        switch event {
        case .result(let result): return result
        case .nothing: continue
        case .obstacle(let obstacle):
          group.cancelAll()
          if let last = try? await firstResult(of: &group), case .result(let result) = last {
            return result
          }
          throw obstacle
        }
      }
      throw CancellationError()
    }
  }

  private func firstResult<Result: Sendable>(
    of group: inout ThrowingTaskGroup<Event<Result>, any Error>
  ) async throws -> Event<Result>? {
    var found: Event<Result>?
    while let next = await group.nextResult() {
      if case .success(let event) = next, case .result = event { found = event }
    }
    return found
  }
}
