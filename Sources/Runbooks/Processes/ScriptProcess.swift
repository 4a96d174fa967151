internal import Processes

extension GroupProcess {
  /// Runs it as part of an action: that it cannot be started is the action's failure.
  func runInAction(
    _ receive: @escaping @Sendable (Channel, UnsafeRawBufferPointer) -> Void
  ) async throws -> End {
    do {
      return try await run(receive)
    } catch let error as ProcessFailure {
      throw ActionError(.other, error.message, hint: error.hint)
    }
  }
}
