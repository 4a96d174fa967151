internal import Synchronization

/// Turns positions in a file into the bytes since the last one.
final class ReadingPosition: Sendable {
  private let last = Mutex<Int64>(0)

  func advance(to position: Int64) -> Int64 {
    last.withLock { last in
      defer { last = position }
      return position - last
    }
  }
}
