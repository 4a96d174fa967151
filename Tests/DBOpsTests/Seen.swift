import Synchronization

/// Something that happens once, and can be waited for.
final class Seen: Sendable {
  private enum State {
    case pending([CheckedContinuation<Void, Never>])
    case reached
  }

  private let state = Mutex(State.pending([]))

  func reach() {
    let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
      guard case .pending(let waiters) = state else { return [] }
      state = .reached
      return waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isReached = state.withLock { state -> Bool in
        guard case .pending(let waiters) = state else { return true }
        state = .pending(waiters + [continuation])
        return false
      }
      if isReached { continuation.resume() }
    }
  }
}
