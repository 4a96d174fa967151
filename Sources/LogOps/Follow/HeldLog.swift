internal import Synchronization

/// What comes of an instance's log before its turn: it is held, within bounds, so that a rotation takes
/// nothing away while the end of the instance before is fetched.
final class HeldLog: Sendable {
  /// What became of bytes.
  enum Fate: Equatable {
    /// Handed on.
    case passed
    /// Handed on, and nothing more is wanted.
    case enough
    /// Held until its turn.
    case held
    /// Not taken: there is no room for more.
    case refused
  }

  typealias Feed = (UnsafeRawBufferPointer) throws -> Bool

  /// So much is held of one log.
  static let limit = 256 << 10

  private struct State {
    var isOpen = false
    var isFull = false
    var bytes: [UInt8] = []
  }

  private let state = Mutex(State())
  private let room: HeldRoom

  init(_ room: HeldRoom) { self.room = room }

  deinit { room.give(state.withLock { $0.bytes.count }) }

  /// Whether its turn has come.
  var isOpen: Bool { state.withLock { $0.isOpen } }

  /// Takes what came. What comes while `open` hands on waits for that.
  func take(_ bytes: UnsafeRawBufferPointer, _ feed: Feed) throws -> Fate {
    try state.withLock { state in
      if state.isOpen { return try feed(bytes) ? .passed : .enough }
      // Behind what was refused nothing may come.
      guard !state.isFull, state.bytes.count + bytes.count <= HeldLog.limit,
        room.take(bytes.count)
      else {
        state.isFull = true
        return .refused
      }
      state.bytes.append(contentsOf: bytes)
      return .held
    }
  }

  /// Its turn has come: hands on what was held.
  func open(_ feed: Feed) throws {
    try state.withLock { state in
      state.isOpen = true
      let held = state.bytes
      state.bytes = []
      room.give(held.count)
      if !held.isEmpty { _ = try held.withUnsafeBytes { try feed($0) } }
    }
  }
}

/// How much all logs together may hold.
final class HeldRoom: Sendable {
  private let free: Atomic<Int>

  init(_ bytes: Int = 16 << 20) { free = Atomic(bytes) }

  /// Takes so much, if it is there.
  func take(_ count: Int) -> Bool {
    if free.subtract(count, ordering: .relaxed).newValue >= 0 { return true }
    give(count)
    return false
  }

  func give(_ count: Int) { free.add(count, ordering: .relaxed) }
}
