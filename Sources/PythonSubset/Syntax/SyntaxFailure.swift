public import Diagnostics

/// The source is not Python 3.12, or nests deeper than the parser goes. Worded as CPython words it
/// where its wording helps.
public struct SyntaxFailure: Failure, Equatable {
  /// Where the parser stopped.
  public let location: SourceLocation
  /// What is wrong there, without the place.
  public let reason: String

  /// Creates a failure.
  public init(location: SourceLocation, reason: String) {
    self.location = location
    self.reason = reason
  }

  /// The place and what is wrong there.
  public var message: String { "\(location): invalid Python syntax: \(reason)" }
  /// Nothing was run, so the usage status.
  public var status: ExitStatus { .usage }
}
