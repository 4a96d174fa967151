public import Diagnostics
public import YAML

/// A runbook that cannot be used.
public struct RunbookError: Failure, Hashable {
  /// What kind of error it is.
  public struct Code: Hashable, Sendable {
    let raw: String
    /// The file says something that a runbook cannot say.
    public static let invalid = Code(raw: "invalid")
    /// There is no such runbook.
    public static let notFound = Code(raw: "not-found")
    /// The file cannot be read.
    public static let unreadable = Code(raw: "unreadable")
  }

  /// What kind of error it is.
  public let code: Code
  /// What is wrong, with the place of the first problem.
  public let message: String
  /// An excerpt, and the other problems with their places.
  public let details: [String]
  /// What to do.
  public let hint: String?
  /// Everything that is wrong in the file, in the order of the file.
  public let problems: [YAMLProblem]

  init(_ code: Code, _ message: String, details: [String] = [], hint: String? = nil) {
    self.code = code
    self.message = message
    self.details = details
    self.hint = hint
    problems = []
  }

  init(_ error: YAMLError) {
    code = .invalid
    message = error.message
    details = error.details
    hint = error.hint
    problems = error.problems
  }

  /// Wrong input.
  public var status: ExitStatus { .usage }
}
