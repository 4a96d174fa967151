public import Diagnostics
public import OrderedCollections

/// How a run came to its end for now, as the operator is told: what, where, and what to do next.
public struct RunEnding: Sendable {
  /// `done`, `failed`, `blocked`, `in-doubt`, `interrupted`, `undone`, `partly-undone`,
  /// `undo-failed`.
  public var status: String
  /// The exit status that it leads to.
  public var exit: ExitStatus
  /// The name of the step that it stopped at, and why; masked.
  public var stoppedAt: (step: String, reason: String)?
  /// Whether anything was changed and not taken back.
  public var changed: Bool
  /// What the run reports, as texts; masked.
  public var outputs: OrderedDictionary<String, String>
  /// What to do next: a sentence each, some with a command in backquotes.
  public var advice: [String]
  /// The folder with the journal, the evidence and the report.
  public var folder: String

  init(_ driver: RunDriver, _ report: RunReport) {
    let state = driver.state
    status = state.finish?.status ?? ""
    exit = report.exit
    changed = report.changed
    outputs = status == "done" ? report.texts : [:]
    folder = driver.folder.path.string
    let stopped = driver.stopped
    stoppedAt = stopped.map { ($0.name, $0.reason) }
    advice = RunEnding.advice(
      state, exit, stopped: stopped?.id, back: driver.sequencer.undoable(in: state),
      driver.folder.shortID)
    // What a drill changed is gone with its throwaways.
    if driver.options.mode == .drill { (changed, advice) = (false, []) }
  }

  private static func advice(
    _ state: RunState, _ exit: ExitStatus, stopped: String?, back: [String], _ run: String
  ) -> [String] {
    let goOn = "omcops runbook resume \(run)"
    let undo =
      back.isEmpty
      ? [] : ["Take back \(back.joined(separator: ", ")): `omcops runbook undo \(run)`"]
    switch state.finish?.status {
    case "done", "undone", "aborted": return []
    case "abort-failed":
      return ["Mend the cause, and end it again: `omcops runbook abort \(run)`"]
    case "blocked" where state.failedGuard != nil:
      return ["Go on when the guard holds: `\(goOn)`"]
    case _ where exit == .inDoubt:
      let step = stopped ?? "STEP"
      return [
        "Look whether step \"\(step)\" had its effect, then go on with one of:",
        "`\(goOn) --resolve \(step)=done`   it is there: go on after it",
        "`\(goOn) --resolve \(step)=again`  it is not there: run it again",
        "`\(goOn) --resolve \(step)=undo`   take the run back",
      ]
    case "interrupted" where state.isUndoing, "undo-failed":
      return ["Try the undo again from where it stopped: `omcops runbook undo \(run)`"]
    case "partly-undone":
      return ["Some steps have no undo that is still valid; see the report."]
    case "interrupted": return ["Go on where it stopped: `\(goOn)`"] + undo
    case _ where exit == .refused: return ["Be asked again: `\(goOn)`"] + undo
    default: return ["Go on when the cause is mended: `\(goOn)`"] + undo
    }
  }
}

extension RunDriver {
  /// The step that the run, or its undoing, has stopped at, and why; masked.
  var stopped: (id: String, name: String, reason: String)? {
    let stopped = runbook.allSteps.first { step in
      let now = state[step.id]
      if state.isUndoing { return now.undo == .failed || now.undo == .started }
      return !now.status.isSettled && now.status != .pending && now.decision != .goOn
    }
    return stopped.map {
      ($0.id, $0.name, masker.mask(state[$0.id].detail ?? "it was stopped"))
    }
  }
}
