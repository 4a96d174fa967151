internal import Synchronization

/// Looks after the requests that are open, hundreds of them: one task for all.
final class StreamWatch: Sendable {
  private let open = Mutex<[ObjectIdentifier: OpenLog]>([:])
  private let period: Duration

  /// - Parameter period: the time between two looks at each.
  init(every period: Duration) { self.period = period }

  func add(_ log: OpenLog) { open.withLock { $0[ObjectIdentifier(log)] = log } }

  /// Its answer has ended.
  func remove(_ log: OpenLog) {
    log.close()
    open.withLock { $0[ObjectIdentifier(log)] = nil }
  }

  /// Looks until the task is cancelled.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      while true {
        try await Task.sleep(for: period)
        for log in open.withLock({ Array($0.values) }) {
          guard log.look() == .ask else { continue }
          group.addTask { try await log.ask() }
        }
      }
    }
  }
}
