internal import Synchronization

/// Lets so many in at the same time; others wait in the order in which they came.
final class StreamGate: Sendable {
  private struct State {
    var free: Int
    var nextID = 0
    var queue: [(id: Int, continuation: CheckedContinuation<Void, any Error>)] = []
  }

  private let state: Mutex<State>

  init(_ count: Int) { state = Mutex(State(free: max(1, count))) }

  /// Whether somebody who comes now must wait.
  var isFull: Bool { state.withLock { $0.free == 0 } }

  /// Waits for a place. Throws `CancellationError` when the task is cancelled meanwhile.
  func enter() async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let isIn: Bool? = state.withLock { state in
          if Task.isCancelled { return nil }
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.queue.append((id, continuation))
          return false
        }
        switch isIn {
        case true: continuation.resume()
        case nil: continuation.resume(throwing: CancellationError())
        default: break
        }
      }
    } onCancel: {
      let waiting = state.withLock { state -> CheckedContinuation<Void, any Error>? in
        guard let index = state.queue.firstIndex(where: { $0.id == id }) else { return nil }
        return state.queue.remove(at: index).continuation
      }
      waiting?.resume(throwing: CancellationError())
    }
  }

  /// Gives the place to the next.
  func leave() {
    let next = state.withLock { state -> CheckedContinuation<Void, any Error>? in
      guard state.queue.isEmpty else { return state.queue.removeFirst().continuation }
      state.free += 1
      return nil
    }
    next?.resume()
  }
}
