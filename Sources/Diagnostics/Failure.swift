/// What the process says to its caller when it ends; the table is part of the interface and stands
/// in the README.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// All was done.
  case done = 0
  /// It failed.
  case failed = 1
  /// Wrong usage, input or configuration; nothing was changed.
  case usage = 2
  /// A check or a guard did not hold.
  case blocked = 3
  /// Refused or declined: unsafe, protected, unsupported, not confirmed.
  case refused = 4
  /// Somebody else holds the lock.
  case locked = 5
  /// It failed and was wholly undone.
  case undone = 6
  /// It failed and the undo failed too.
  case undoFailed = 7
  /// In doubt: a resume needs a decision.
  case inDoubt = 8
  /// A drill's objective was missed.
  case objectiveMissed = 9
  /// Ended by SIGINT.
  case interrupted = 130
  /// Ended by SIGTERM.
  case terminated = 143

  /// What the status says, as the table in a command's help words it.
  public var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "failed"
    case .usage: "wrong usage, input or configuration"
    case .blocked: "a check or guard did not hold"
    case .refused: "refused or declined"
    case .locked: "somebody else holds the lock"
    case .undone: "failed and wholly undone"
    case .undoFailed: "failed and the undo failed too"
    case .inDoubt: "in doubt, resume needs a decision"
    case .objectiveMissed: "a drill's objective was missed"
    case .interrupted: "interrupted"
    case .terminated: "terminated"
    }
  }
}

/// An error that is fit to be shown to a person.
///
/// Every error type of the libraries conforms, so that the executable has one way to print errors
/// and one way to choose the exit status. None of the texts may hold a secret.
public protocol Failure: Error, Sendable, CustomStringConvertible {
  /// What happened, to what and why: lower case, one line, no full stop.
  var message: String { get }
  /// What to do next, as a sentence of its own; nil where there is nothing to say.
  var hint: String? { get }
  /// Context, a line each: the statement, the server's detail, the place.
  var details: [String] { get }
  /// The exit status that the failure leads to when nothing handles it.
  var status: ExitStatus { get }
}

extension Failure {
  /// Nothing to say.
  public var hint: String? { nil }
  /// No context.
  public var details: [String] { [] }
  /// Failed.
  public var status: ExitStatus { .failed }
  /// The message.
  public var description: String { message }
}

/// A place in a text file, counted from one.
public struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  /// The file's path as the user named it.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column in characters, from 1.
  public var column: Int

  /// Creates a location; both numbers count from 1.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, as editors understand it.
  public var description: String { "\(file):\(line):\(column)" }
}
