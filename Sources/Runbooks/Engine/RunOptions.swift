/// What the operator says to a run besides its inputs.
public struct RunOptions: Sendable {
  /// The phrases that confirm steps, by the step's id, for runs without a terminal.
  public var approvals: [String: String]
  /// Whether the confirmations of a runbook of low risk are answered with yes.
  public var assumesYes: Bool
  /// What is to become of steps in doubt, by their ids.
  public var resolutions: [String: Resolution]
  /// Whether a resume asks the checks of finished steps again before it goes on.
  public var rechecks: Bool
  /// Whether steps that have not begun may differ from the file that the run began with.
  public var acceptsChanges: Bool
  /// Whether every check of a step is asked before it, where else the first that does not hold is
  /// enough: a drill wants to know which of them say nothing.
  public var asksEveryCheck: Bool

  /// Who carries out the steps that change something.
  var mode = RunMode.run

  /// Creates options; the defaults answer nothing.
  public init(
    approvals: [String: String] = [:], assumesYes: Bool = false,
    resolutions: [String: Resolution] = [:], rechecks: Bool = false, acceptsChanges: Bool = false,
    asksEveryCheck: Bool = false
  ) {
    self.approvals = approvals
    self.assumesYes = assumesYes
    self.resolutions = resolutions
    self.rechecks = rechecks
    self.acceptsChanges = acceptsChanges
    self.asksEveryCheck = asksEveryCheck
  }
}

/// What the operator is told while a run goes on.
public indirect enum RunEvent: Sendable {
  /// What begins: a run, or another leg of one.
  public enum Leg: Sendable {
    case run, walk, resume, undo, abort
  }

  /// The run has begun, goes on, or is taken back.
  case begins(run: String, runbook: String, as: Leg)
  /// A step begins; its number counts from 1, and is nil for a final step.
  case stepBegins(String, number: Int?, of: Int)
  /// A step's `if` is not true.
  case stepSkipped(String, number: Int?, of: Int)
  /// How far its action is.
  case progress(String)
  /// Words for the operator.
  case message(String)
  /// A guard or a check is being asked, perhaps for as long as it may take to hold.
  case asks(String)
  /// A person is being asked at the terminal, which is theirs until the next event.
  case prompts
  /// A guard or a check was asked.
  case assertion(String, holds: Bool, detail: String?)
  /// A step has ended.
  case stepEnds(String, Duration, detail: String?)
  /// A step is being taken back.
  case undoBegins(String)
  /// It was taken back, or why not.
  case undoEnds(failed: String?)
  /// A signal has stopped what went on; `finally` says whether final steps run now.
  case interrupted(finally: Bool)
  /// Something that happens in a run that a step has called.
  case called(RunEvent)
  /// The run has ended for now.
  case finished(RunEnding)
}
