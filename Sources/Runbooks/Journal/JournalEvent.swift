internal import JSON
internal import OrderedCollections
internal import Quantities

/// How a step stands; the raw values are those of `steps.<id>.status` and of `step.finish`.
enum StepStatus: String, Sendable, CaseIterable {
  case pending, running, done, satisfied, recovered, skipped, blocked, failed
  case inDoubt = "in-doubt"
  case undone

  /// Whether the run goes on to the next step.
  var isSettled: Bool {
    switch self {
    case .done, .satisfied, .recovered, .skipped: true
    default: false
    }
  }
}

/// Who carries out the steps that change something.
enum RunMode: String, Sendable {
  /// The program.
  case run
  /// The person at the terminal, who is shown each step.
  case walk
  /// The program, on throwaways that are gone when it is over.
  case drill
}

/// What happens after a step that did not succeed.
enum FailureDecision: String, Sendable {
  case stop, undo, ask, retry, goOn = "go-on"
}

/// What the operator says about a step in doubt.
public enum Resolution: String, Sendable, CaseIterable {
  /// The effect is there: go on after the step.
  case done
  /// Run it again.
  case again
  /// Take the run back.
  case undo
}

/// What a record of the journal says.
enum JournalEvent: Sendable {
  case runStart(RunStart)
  case plan(sha256: String, summary: String)
  case lock(group: String, kind: String)
  case guards(step: String?, name: String, ok: Bool, detail: String?)
  case stepStart(step: String, attempt: Int, digest: String, before: Value)
  case action(ActionRecord)
  case check(step: String, phase: CheckPhase, name: String, ok: Bool, detail: String?)
  /// `shown` is the SHA-256 of what a person was shown whose word counts beside that of others.
  case confirm(step: String, by: String, how: String, answer: String, shown: String? = nil)
  case stepFinish(StepFinish)
  case undoStart(step: String)
  case undoFinish(step: String, ok: Bool, detail: String?)
  /// `abandons`: it ended an undo or the final steps, which signals are kept away from.
  case signal(Int32, abandons: Bool)
  case resume(ResumeRecord)
  case resolve(step: String, resolution: Resolution, by: String)
  case runFinish(status: String, exit: Int32, detail: String?)
  /// A step begins a run of another runbook; the id is that of the called run.
  case called(step: String, run: String, runbook: String, isUndo: Bool)
  /// Somebody else has approved a step; `shown` is the SHA-256 of what they were shown.
  case approval(step: String, by: String, host: String, at: Timestamp, shown: String)
  /// What the run reports; only where it ended well and reports anything.
  case outputs(OrderedDictionary<String, Value>)
  /// Somebody ends the run for good.
  case abort(by: String, host: String)

  struct RunStart: Sendable {
    var runbook: String
    var file: String
    var sha256: String
    var id: String
    var user: String
    var host: String
    var workingDirectory: String
    var version: String
    var mode = RunMode.run
    /// The run, and its step, that called this one.
    var caller: CallerReference?
    /// What proves which systems it works on.
    var identities: [String: String] = [:]
  }

  struct CallerReference: Sendable, Hashable {
    var run: String
    var step: String
  }

  struct ActionRecord: Sendable {
    var step: String
    var attempt: Int
    var uses: String
    var isUndo: Bool
    var ok: Bool
    var milliseconds: Int64
    var error: String?
    var isInDoubt: Bool
    /// Name of a file in `evidence/` to its SHA-256.
    var evidence: OrderedDictionary<String, String>
    /// Whether the kept result is what the action gave, without anything masked in it.
    var resultIsWhole: Bool
  }

  struct StepFinish: Sendable {
    var step: String
    var status: StepStatus
    var milliseconds: Int64
    var outputs: OrderedDictionary<String, Value> = [:]
    /// Names of outputs that are secret and therefore not in the journal.
    var withheld: [String] = []
    /// What was seen before; only where no `step.start` has it.
    var before: Value?
    /// What was kept after the checks held: name of a file in `evidence/` to its SHA-256.
    var evidence: OrderedDictionary<String, String> = [:]
    var detail: String?
    /// The exit status that a stop here leads to.
    var exit: Int32 = 0
    var decision: FailureDecision?
  }

  struct ResumeRecord: Sendable {
    var user: String
    var host: String
    var isUndo: Bool
    /// The hash of the runbook's file that counts from here on.
    var sha256: String
    var rechecks: Bool
    /// The steps of `finally` that are to run again, because more of the run comes before them.
    var finallyAgain: [String] = []
  }

  enum CheckPhase: String, Sendable {
    case before, after, undo, recover, recheck
  }

  /// The word in the record's `type`.
  var type: String {
    switch self {
    case .runStart: "run.start"
    case .plan: "plan"
    case .lock: "lock"
    case .guards: "guard"
    case .stepStart: "step.start"
    case .action: "action"
    case .check: "check"
    case .confirm: "confirm"
    case .stepFinish: "step.finish"
    case .undoStart: "undo.start"
    case .undoFinish: "undo.finish"
    case .signal: "signal"
    case .resume: "resume"
    case .resolve: "resolve"
    case .runFinish: "run.finish"
    case .called: "call"
    case .approval: "approval"
    case .outputs: "outputs"
    case .abort: "abort"
    }
  }
}
