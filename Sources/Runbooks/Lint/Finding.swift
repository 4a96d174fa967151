public import Diagnostics

/// Something that is wrong, or doubtful, in a runbook that can be read.
public struct Finding: Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Sendable, CaseIterable {
    /// It will not work, or not safely.
    case error
    /// It may be meant.
    case warning
  }

  /// The rules, by the names that findings carry.
  public enum Rule: String, Sendable, CaseIterable {
    /// The file is no runbook: what the parser reports.
    case format
    /// Types that do not fit, names that do not exist.
    case type
    /// What may be null is used as if it never were.
    case maybeNull = "maybe-null"
    /// A step is named that does not exist or comes later.
    case reference
    /// The outputs of a step are read that may not have run.
    case maybeSkipped = "maybe-skipped"
    /// A shell step that changes something has no check.
    case noCheck = "no-check"
    /// A check that cannot be evaluated before its step.
    case checkOwnOutputs = "check-own-outputs"
    /// A step that changes something, and neither an undo nor a reason why there is none.
    case noUndo = "no-undo"
    /// An undo that needs outputs which a failed step does not have.
    case undoOwnOutputs = "undo-own-outputs"
    /// A retry of something whose effect nobody can see.
    case blindRetry = "blind-retry"
    /// A secret where it would be seen.
    case secretExposed = "secret-exposed"
    /// Something is declared and never used.
    case unused
    /// An expression in a text that is shown as it stands.
    case notEvaluated = "not-evaluated"
    /// An action that this program cannot run.
    case notOffered = "not-offered"
    /// A check that cannot fail, or cannot hold.
    case vacuous
    /// A step that can never run, or a condition that is always true.
    case unreachable
    /// A limit that is longer than the objective which it has to serve.
    case objective
    /// An alert without a rule, without a runbook, or with two.
    case alert
    /// A call of another runbook that is not there, is given the wrong inputs, or runs in a circle.
    case call
    /// What shellcheck says.
    case shell
  }

  /// How bad it is.
  public var severity: Severity
  /// Which rule it breaks.
  public var rule: Rule
  /// Where it is.
  public var location: SourceLocation
  /// What is wrong, lower case, without a full stop.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// Creates a finding.
  public init(
    _ severity: Severity, _ rule: Rule, _ message: String, at location: SourceLocation,
    hint: String? = nil
  ) {
    self.severity = severity
    self.rule = rule
    self.location = location
    self.message = message
    self.hint = hint
  }
}

/// Gathers findings; one and the same is kept once.
final class FindingList {
  private(set) var findings: [Finding] = []
  private var seen: Set<Finding> = []

  func add(
    _ severity: Finding.Severity, _ rule: Finding.Rule, _ message: String,
    at location: SourceLocation, hint: String? = nil
  ) {
    let finding = Finding(severity, rule, message, at: location, hint: hint)
    if seen.insert(finding).inserted { findings.append(finding) }
  }

  /// In the order of the file.
  var sorted: [Finding] {
    findings.sorted {
      ($0.location.line, $0.location.column, $0.message)
        < ($1.location.line, $1.location.column, $1.message)
    }
  }
}
