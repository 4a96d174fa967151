public import Diagnostics

/// Something that a script does and that the evaluator or a host does not have. Not a Python
/// exception: `except` does not catch it, `finally` and `with` do not run, the script is abandoned.
///
/// A host throws it without a place; the evaluator fills in where the script stands.
public struct Unsupported: Failure, Equatable {
  /// What the script does, in the words of Python: `open()`, `sqlalchemy.event.listen`.
  public let construct: String
  /// Where it does it.
  public var location: SourceLocation?
  /// What to do about it.
  public let hint: String?

  /// Creates a refusal.
  public init(_ construct: String, at location: SourceLocation? = nil, hint: String? = nil) {
    self.construct = construct
    self.location = location
    self.hint = hint
  }

  /// The place and the construct.
  public var message: String {
    (location.map { "\($0): " } ?? "") + "\(construct) is not supported"
  }
  /// Refused.
  public var status: ExitStatus { .refused }
}

/// A script did more than it may: ran too many steps, nested too deeply, built too much. Passes
/// through the script as ``Unsupported`` does.
public struct LimitExceeded: Failure, Equatable {
  /// Which limit.
  public enum Limit: String, Sendable {
    case steps, depth, memory, size
  }
  /// Which limit.
  public let limit: Limit
  /// What was exceeded, with figures.
  public let reason: String
  /// Where the script stood.
  public var location: SourceLocation?

  /// Creates a failure.
  public init(_ limit: Limit, _ reason: String, at location: SourceLocation? = nil) {
    self.limit = limit
    self.reason = reason
    self.location = location
  }

  /// The place and the reason.
  public var message: String { (location.map { "\($0): " } ?? "") + reason }
  /// Refused.
  public var status: ExitStatus { .refused }
}
