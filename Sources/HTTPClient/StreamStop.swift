internal import Synchronization

/// Ends a stream from outside: for whoever looks after many of them, and is not the task that reads.
public final class StreamStop: Sendable {
  private enum State {
    case idle
    case running(Transfer, Engine)
    case stopped(any Error)
  }

  private let state = Mutex(State.idle)

  /// Stops nothing yet.
  public init() {}

  /// Has the stream that runs end with an error, and each that begins later with this handle. What was
  /// given to its sink before is all that it gets.
  public func stop(throwing error: any Error) {
    let running = state.withLock { state -> (Transfer, Engine)? in
      defer { state = .stopped(error) }
      guard case .running(let transfer, let engine) = state else { return nil }
      return (transfer, engine)
    }
    if let (transfer, engine) = running { engine.post(.end(transfer, error)) }
  }

  /// A transfer has been given to its engine.
  func began(_ transfer: Transfer, on engine: Engine) {
    let error = state.withLock { state -> (any Error)? in
      if case .stopped(let error) = state { return error }
      state = .running(transfer, engine)
      return nil
    }
    if let error { engine.post(.end(transfer, error)) }
  }

  /// The transfer is over.
  func ended() {
    state.withLock { state in
      if case .running = state { state = .idle }
    }
  }
}
