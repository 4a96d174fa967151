public import Diagnostics

/// A project's files cannot be used as they are.
public struct ProjectError: Failure, Equatable {
  /// What is wrong, where.
  public var message: String
  /// What to do.
  public var hint: String?
  /// Wrong input, or refused where it is right and not supported.
  public var status: ExitStatus

  init(_ message: String, hint: String? = nil, status: ExitStatus = .usage) {
    self.message = message
    self.hint = hint
    self.status = status
  }

  init(at location: SourceLocation, _ message: String, hint: String? = nil) {
    self.init("\(location): \(message)", hint: hint)
  }
}
