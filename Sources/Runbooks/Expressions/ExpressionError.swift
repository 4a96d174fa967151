public import Diagnostics

/// Why an expression cannot be read or has no value, and where in the file.
public struct ExpressionError: Failure, Hashable {
  /// What kind of error it is.
  public enum Kind: Hashable, Sendable {
    /// The text is no expression.
    case syntax
    /// What it asks for is not there: a null, an absent member, the outputs of a step that did not
    /// run. `default(x, y)` accepts these, and only these.
    case absent
    /// Types that do not fit, a number out of range, an unknown name.
    case value
  }

  /// What kind of error it is.
  public let kind: Kind
  /// What is wrong, without the place.
  public let reason: String
  /// Where it is.
  public let location: SourceLocation
  /// The expression and a caret under the place.
  public let details: [String]
  /// What to do about it.
  public let hint: String?

  init(
    _ kind: Kind, _ reason: String, location: SourceLocation, details: [String], hint: String?
  ) {
    self.kind = kind
    self.reason = reason
    self.location = location
    self.details = details
    self.hint = hint
  }

  /// The reason with its place.
  public var message: String { "\(location): \(reason)" }
  /// A syntax error is wrong input; the others fail what needs the value.
  public var status: ExitStatus { kind == .syntax ? .usage : .failed }
}

/// An error before it is known in which file the expression stands.
struct ExpressionFault: Error {
  var kind: ExpressionError.Kind = .value
  var reason: String
  /// Unicode scalars into the expression.
  var offset: Int
  var hint: String?
}
