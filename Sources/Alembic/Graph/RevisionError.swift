public import Diagnostics

/// Revisions that do not form a graph, or a wish that the graph cannot fulfil.
///
/// The messages are Alembic's own words where it has any, as people search for them.
public struct RevisionError: Failure {
  /// What is wrong, for those who word it anew.
  public enum Kind: Hashable, Sendable {
    /// A revision is its own ancestor.
    case cycle
    /// Two scripts carry one identifier or one label.
    case duplicate
    /// A script follows or needs one that does not exist.
    case missing
    /// An identifier holds `@`, `-`, `+` or `:`.
    case illegalIdentifier
    /// Nothing, or more than one thing, is meant by a name.
    case resolution(argument: String)
    /// One head was asked for, and there are several.
    case multipleHeads(heads: [String], argument: String)
    /// The lower end of a range is no ancestor of the upper.
    case rangeNotAncestor(lower: String, upper: String)
    /// Anything else that Alembic calls an error.
    case other
  }

  /// What is wrong.
  public var kind: Kind
  /// The same in words.
  public var message: String
  /// What to do.
  public var hint: String?
  /// Wrong input, unless the state of a database is to blame.
  public var status: ExitStatus

  init(_ kind: Kind, _ message: String, hint: String? = nil, status: ExitStatus = .usage) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.status = status
  }

  static func cycle(_ revisions: [String], kind: String = "Cycle") -> RevisionError {
    RevisionError(
      .cycle, "\(kind) is detected in revisions (\(revisions.joined(separator: ", ")))")
  }

  static func resolution(_ message: String, _ argument: String) -> RevisionError {
    RevisionError(.resolution(argument: argument), message)
  }

  static func multipleHeads(_ heads: [String], _ argument: String) -> RevisionError {
    RevisionError(
      .multipleHeads(heads: heads, argument: argument),
      "Multiple heads are present for given argument '\(argument)'; "
        + heads.joined(separator: ", "))
  }

  static func rangeNotAncestor(lower: String, upper: String) -> RevisionError {
    RevisionError(
      .rangeNotAncestor(lower: lower, upper: upper),
      "Revision \(lower.isEmpty ? "base" : lower) is not an ancestor of revision "
        + (upper.isEmpty ? "base" : upper))
  }

  static func relative(_ text: String) -> RevisionError {
    let count = text.drop { $0 == "+" || $0 == "-" }
    return RevisionError(
      .other, "Relative revision \(text) didn't produce \(count) migrations")
  }
}
