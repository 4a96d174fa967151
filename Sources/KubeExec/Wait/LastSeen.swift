internal import Synchronization

/// What was seen last, for the one who reports that time is over.
final class LastSeen: Sendable {
  private let text = Mutex("nothing was seen of it")

  var words: String {
    get { text.withLock { $0 } }
    set { text.withLock { $0 = newValue } }
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
