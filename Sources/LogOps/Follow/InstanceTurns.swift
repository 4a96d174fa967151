internal import Synchronization

/// The rows in which the instances of each container stand: the last lines of one are shown before the
/// first of the next, whichever the servers give first.
final class InstanceTurns: Sendable {
  /// What the instances that wait hold in memory.
  let room = HeldRoom()
  private let last = Mutex<[String: InstanceTurn]>([:])
  /// So many rows are kept of which nobody is read.
  private static let limit = 1000

  /// The place behind all instances of the container that have got one. A pod that takes the name of
  /// another stands behind that one.
  func queue(_ state: ContainerState) -> InstanceTurn {
    let row = "\(state.namespace)/\(state.pod)/\(state.identity.container)"
    return last.withLock { last in
      if last.count > InstanceTurns.limit { last = last.filter { !$0.value.isOver } }
      let turn = InstanceTurn(row: row, behind: last[row])
      last[row] = turn
      return turn
    }
  }

  /// An instance has been read to its end, or will not be.
  ///
  /// - Parameter point: where reading stopped, if it may have taken lines of the next instance for its
  ///   own.
  func end(_ turn: InstanceTurn, leaving point: ResumePoint?) {
    last.withLock { last in
      // Without a point there is nothing to say to the next one.
      if point == nil, last[turn.row] === turn { last[turn.row] = nil }
    }
    turn.end(leaving: point)
  }
}

/// The place of one instance in its container's row.
final class InstanceTurn: Sendable {
  fileprivate let row: String
  private let before: Mutex<InstanceTurn?>
  private let begun = Latch()
  private let over = Latch()
  private let left = Mutex<ResumePoint?>(nil)

  fileprivate init(row: String, behind before: InstanceTurn?) {
    self.row = row
    self.before = Mutex(before)
  }

  fileprivate var isOver: Bool { over.isOpen }

  /// Whether the instance before has been read to its end.
  var hasCome: Bool { before.withLock { $0?.isOver ?? true } }

  /// The instance is being read.
  func begin() { begun.open() }

  /// Waits until the instance before is being read: it must not be kept from that by this one.
  func waitForBegin() async throws {
    let before = before.withLock { $0 }
    try await before?.begun.wait()
  }

  /// Waits until the instance before has been read to its end. Gives where that stopped, if it may have
  /// taken lines of this one for its own.
  func come() async throws -> ResumePoint? {
    guard let previous = before.withLock({ $0 }) else { return nil }
    try await previous.over.wait()
    // Rows of containers that restart for ever do not grow.
    before.withLock { $0 = nil }
    return previous.left.withLock { left in
      defer { left = nil }
      return left
    }
  }

  fileprivate func end(leaving point: ResumePoint?) {
    left.withLock { $0 = point }
    begun.open()
    over.open()
  }
}
