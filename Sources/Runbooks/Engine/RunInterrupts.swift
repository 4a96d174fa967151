internal import Synchronization

/// The signals that ask a run to stop; the executable's signal handling delivers them.
///
/// The engine decides what a signal means at the moment it comes: it cancels a step, but never an
/// undo that is under way.
public final class RunInterrupts: Sendable {
  private struct State {
    var received: [Int32] = []
    var waiting: [Int: CheckedContinuation<Int32?, Never>] = [:]
    var nextTicket = 0
  }

  private let state = Mutex(State())

  /// Creates the object; nothing has been delivered.
  public init() {}

  /// Tells the engine that a signal has come.
  public func deliver(_ signal: Int32) {
    let waiting = state.withLock { state in
      state.received.append(signal)
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(returning: signal) }
  }

  /// The signals that have come so far.
  var received: [Int32] { state.withLock { $0.received } }

  /// Waits for the signal after the first `count`; nil when the waiting task is cancelled.
  func next(after count: Int) async -> Int32? {
    let ticket = state.withLock { state in
      state.nextTicket += 1
      return state.nextTicket
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let known: Int32?? = state.withLock { state in
          if Task.isCancelled { return .some(nil) }
          if state.received.count > count { return .some(state.received[count]) }
          state.waiting[ticket] = continuation
          return .none
        }
        if let known { continuation.resume(returning: known) }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(returning: nil)
    }
  }
}
