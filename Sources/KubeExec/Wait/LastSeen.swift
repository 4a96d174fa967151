internal import Synchronization

/// What was seen last, for the one who reports that time is over.
final class LastSeen: Sendable {
  private struct State {
    var text = "nothing was seen of it"
    var outage: String?
  }

  private let state = Mutex(State())

  /// What was seen, or why nothing can be seen now.
  var words: String {
    get { state.withLock { $0.outage ?? $0.text } }
    set { state.withLock { $0.text = newValue } }
  }

  /// Takes that the server cannot be reached, or can be again.
  func note(_ outage: ObjectWatch.Outage) {
    state.withLock { state in
      switch outage {
      case .begun(let error): state.outage = error.message
      case .over: state.outage = nil
      }
    }
  }
}

/// Which object a wait began with.
final class Beginning: Sendable {
  private let value = Mutex<String?>(nil)

  var uid: String? {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}
