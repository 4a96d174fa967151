public import Diagnostics

/// A program could not be started or watched.
public struct ProcessFailure: Failure {
  /// What happened.
  public let message: String
  /// What to do next.
  public let hint: String?

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}
