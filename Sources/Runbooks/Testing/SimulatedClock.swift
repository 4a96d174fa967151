public import Quantities
internal import Synchronization

/// Time that passes only when somebody waits: a pause ends at once, and a limit is reached when
/// enough has been paused.
///
/// A pause that a limit falls into goes as far as the limit and then waits to be cancelled by whoever
/// set it, so that what takes too long always ends the same way.
public final class SimulatedClock: RunClock {
  private struct Limit: Sendable {
    var due: Duration
    var waiting: CheckedContinuation<Void, Never>?
  }

  private struct State: Sendable {
    var elapsed = Duration.zero
    var pauses: [Duration] = []
    var limits: [Int: Limit] = [:]
    var nextTicket = 0
    var onPause: (@Sendable () async -> Void)?

    /// Takes out the limits that are reached.
    mutating func reached() -> [CheckedContinuation<Void, Never>] {
      let reached = limits.filter { $0.value.due <= elapsed }
      for ticket in reached.keys { limits[ticket] = nil }
      return reached.values.compactMap(\.waiting)
    }
  }

  private let start: Timestamp
  private let state = Mutex(State())

  /// Begins at a moment.
  public init(at start: Timestamp = Timestamp(microseconds: 1_795_000_000_000_000)) {
    self.start = start
  }

  /// What has passed since the beginning.
  public var elapsed: Duration { state.withLock { $0.elapsed } }
  /// The time of day.
  public var now: Timestamp { start + elapsed }
  /// What was waited for, in order.
  var pauses: [Duration] { state.withLock { $0.pauses } }

  /// Lets the time pass at once.
  public func pause(_ time: Duration) async throws {
    try Task.checkCancellation()
    await state.withLock { $0.onPause }?()
    let (reached, isCut) = state.withLock { state in
      state.pauses.append(time)
      let end = state.elapsed + time
      let due = state.limits.values.map(\.due).min() ?? end + .seconds(1)
      state.elapsed = max(state.elapsed, min(due, end))
      return (state.reached(), due <= end)
    }
    for continuation in reached { continuation.resume() }
    if isCut { try await forever() }
  }

  /// Called before each pause: what others do meanwhile.
  func onPause(_ body: @escaping @Sendable () async -> Void) {
    state.withLock { $0.onPause = body }
  }

  /// Lets time pass without anybody waiting for it.
  func advance(by time: Duration) {
    let reached = state.withLock { state in
      state.elapsed += time
      return state.reached()
    }
    for continuation in reached { continuation.resume() }
  }

  /// Sets a limit from now on.
  public func limit(_ time: Duration) -> @Sendable () async throws -> Void {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      if time > .zero { state.limits[state.nextTicket] = Limit(due: state.elapsed + time) }
      return state.nextTicket
    }
    return { try await self.wait(for: ticket) }
  }

  private func wait(for ticket: Int) async throws {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if Task.isCancelled || state.limits[ticket] == nil { return true }
          state.limits[ticket]?.waiting = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.limits.removeValue(forKey: ticket)?.waiting }?.resume()
    }
    try Task.checkCancellation()
  }

  /// Waits until the waiting task is cancelled.
  func forever() async throws { try await limit(.seconds(1_000_000_000))() }
}
