public import Diagnostics

/// Why a suite could not be run at all.
public struct TestFailure: Failure {
  /// What happened, to what and why.
  public let message: String
  /// What to do next.
  public let hint: String?
  /// The last lines of what a program said.
  public let details: [String]
  /// 2 for what the configuration says, 3 where there is nothing to run, else 1.
  public let status: ExitStatus

  /// Describes it.
  public init(
    _ message: String, hint: String? = nil, details: [String] = [], status: ExitStatus = .failed
  ) {
    self.message = message
    self.hint = hint
    self.details = details
    self.status = status
  }

  /// The failure with every text as `mask` gives it back.
  public func masked(by mask: (String) -> String) -> TestFailure {
    TestFailure(
      mask(message), hint: hint.map(mask), details: details.map(mask), status: status)
  }
}
