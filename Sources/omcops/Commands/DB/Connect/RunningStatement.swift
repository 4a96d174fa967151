internal import Synchronization

/// The statement that runs now, so that a signal can end it.
final class RunningStatement: Sendable {
  private let cancellation = Mutex<(@Sendable () -> Void)?>(nil)

  /// Runs `body` in a task of its own, which `cancel` ends.
  func run<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let task = Task { try await body() }
    cancellation.withLock { $0 = { task.cancel() } }
    defer { cancellation.withLock { $0 = nil } }
    return try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// Ends what runs; false when nothing does.
  func cancel() -> Bool {
    guard let cancel = cancellation.withLock({ $0 }) else { return false }
    cancel()
    return true
  }
}
