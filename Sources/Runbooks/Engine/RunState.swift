internal import OrderedCollections
internal import Quantities

/// Where a run stands: the fold over the records of its journal.
///
/// The live run applies every record that it writes, a resumed run applies those that it reads;
/// so both see the same state by construction.
struct RunState: Sendable {
  /// Where one step stands.
  struct StepState: Sendable {
    var status = StepStatus.pending
    var attempt = 0
    /// What was seen before the first attempt; later attempts would see their predecessor's work.
    var before: Value?
    var outputs: OrderedDictionary<String, Value>?
    var withheld: [String] = []
    var startedAt: Timestamp?
    var finishedAt: Timestamp?
    var digest: String?
    var detail: String?
    var exit: Int32 = 0
    var decision: FailureDecision?
    /// Whether the action may have had an effect: it was started by this run.
    var hasBegun = false
    /// Whether nobody knows if the last attempt had its effect.
    var isInDoubt = false
    /// The last attempt's action, where it was recorded as done.
    var completedAction: JournalEvent.ActionRecord?
    var resolution: Resolution?
    var undo = UndoState.none
    /// How often the undo was begun: its evidence is named for it.
    var undoAttempt = 0
    /// Who has given their word, and the SHA-256 of what they were shown; nil where nobody else's
    /// was wanted.
    var approvals: [(by: String, shown: String?)] = []
    var milliseconds: Int64 = 0
    /// The run of another runbook that the step has begun, and that of its undo.
    var called: String?
    var undoCalled: String?
  }

  enum UndoState: Sendable {
    case none, started, done, failed
  }

  struct Finish: Sendable {
    var status: String
    var exit: Int32
    var detail: String?
  }

  private(set) var start: JournalEvent.RunStart?
  private(set) var startedAt: Timestamp?
  /// The steps of which anything is known, in the order in which they were first heard of.
  private(set) var steps: OrderedDictionary<String, StepState> = [:]
  /// Whether the runbook's own guards held; they are asked before anything is done, and not again
  /// when a run goes on in the midst of its steps.
  private(set) var guardsHold = false
  private(set) var failedGuard: String?
  /// Whether the run is being taken back.
  private(set) var isUndoing = false
  /// Whether it is taken back because somebody asked for it, and not after a failure.
  private(set) var undoIsWanted = false
  private(set) var signal: Int32?
  /// Whether the operator left an undo or the final steps half done.
  private(set) var isAbandoned = false
  private(set) var finish: Finish?
  /// The last moment of the journal.
  private(set) var time: Timestamp?
  /// The hash of the runbook's file that counts now.
  private(set) var runbookDigest: String?
  private(set) var legs = 0
  /// What the run reports; only where it ended well.
  private(set) var outputs: OrderedDictionary<String, Value> = [:]
  /// Whether somebody has ended it for good; nothing but its final steps is left to do.
  private(set) var isAborting = false

  init() {}

  /// The runbook's guards were asked and hold.
  mutating func passGuards() { guardsHold = true }

  /// Takes it that a step was taken back: for looking ahead.
  mutating func assumeUndone(_ step: String) { update(step) { $0.endUndo(true, nil) } }

  /// Whether no later leg can do any more of its steps.
  var isOver: Bool { ["done", "undone", "aborted"].contains(finish?.status) }

  init(_ records: [JournalRecord]) {
    for record in records { apply(record) }
  }

  subscript(step: String) -> StepState { steps[step] ?? StepState() }

  /// Takes a record in.
  mutating func apply(_ record: JournalRecord) {
    time = record.time
    switch record.event {
    case .runStart(let event):
      start = event
      startedAt = record.time
      runbookDigest = event.sha256
      legs = 1
    case .plan, .lock, .check: break
    case .guards(let step, let name, let ok, _):
      if step == nil, !ok { failedGuard = failedGuard ?? name }
    case .stepStart(let step, let attempt, let digest, let before):
      guardsHold = true
      update(step) { $0.begin(attempt, digest, before, at: record.time) }
    case .action(let action):
      if !action.isUndo { update(action.step) { $0.apply(action) } }
    case .confirm(let step, let by, _, let answer, let shown): confirm(step, by, answer, shown)
    case .stepFinish(let finish):
      guardsHold = true
      if finish.decision == .undo { isUndoing = true }
      update(finish.step) { $0.end(finish, at: record.time) }
    case .undoStart(let step):
      isUndoing = true
      update(step) {
        $0.undo = .started
        $0.undoAttempt += 1
      }
    case .undoFinish(let step, let ok, let detail):
      update(step) { $0.endUndo(ok, detail) }
    case .signal(let number, let abandons):
      signal = signal ?? number
      if abandons { isAbandoned = true }
    case .resume(let resume): apply(resume)
    case .resolve(let step, let resolution, _):
      if resolution == .undo { isUndoing = true }
      update(step) { $0.resolution = resolution }
    case .called(let step, let run, _, let isUndo):
      update(step) {
        if isUndo { $0.undoCalled = run } else { $0.called = run }
      }
    case .approval(let step, let by, _, _, let shown):
      update(step) { $0.approvals.append((by, shown)) }
    case .outputs(let outputs): self.outputs = outputs
    case .abort: abort()
    case .runFinish(let status, let exit, let detail):
      finish = Finish(status: status, exit: exit, detail: detail)
    }
  }

  private mutating func update(_ step: String, _ change: (inout StepState) -> Void) {
    change(&steps[step, default: StepState()])
  }

  private mutating func confirm(
    _ step: String, _ by: String, _ answer: String, _ shown: String?
  ) {
    switch answer {
    case "approved": update(step) { $0.approvals.append((by, shown)) }
    case "undo":
      isUndoing = true
      update(step) { $0.decision = .undo }
    case "stop": update(step) { $0.decision = .stop }
    case "retry": update(step) { $0.prepareForRetry() }
    default: break
    }
  }

  /// What stopped the run counts no longer. Final steps that did not succeed are tried again.
  private mutating func abort() {
    isAborting = true
    signal = nil
    isAbandoned = false
    finish = nil
    // What had not begun has nothing to clean up.
    guardsHold = steps.values.contains { $0.hasBegun || $0.status.isSettled }
    for id in Array(steps.keys) { update(id) { $0.prepareForRetry() } }
  }

  /// Another leg of the run begins: what stopped the last one is tried again, and `finally` will
  /// have to run again behind it.
  private mutating func apply(_ resume: JournalEvent.ResumeRecord) {
    legs += 1
    runbookDigest = resume.sha256
    signal = nil
    isAbandoned = false
    finish = nil
    guardsHold = steps.values.contains { $0.hasBegun || $0.status.isSettled }
    failedGuard = nil
    if resume.isUndo {
      undoIsWanted = !isUndoing || undoIsWanted
      isUndoing = true
    }
    let isUndoing = isUndoing
    for id in Array(steps.keys) {
      update(id) { step in
        if resume.finallyAgain.contains(id), step.status.isSettled || !step.hasBegun {
          // The attempts go on counting: their evidence must not be written over.
          step = StepState(attempt: step.attempt)
          return
        }
        if step.undo == .failed { step.undo = .started }
        if !isUndoing, step.decision != .goOn { step.prepareForRetry() }
      }
    }
  }
}

extension RunState.StepState {
  fileprivate mutating func begin(
    _ attempt: Int, _ digest: String, _ before: Value, at time: Timestamp
  ) {
    if !hasBegun || self.before == nil { self.before = before }
    self.attempt = attempt
    self.digest = digest
    startedAt = startedAt ?? time
    finishedAt = nil
    status = .running
    hasBegun = true
    isInDoubt = true
    completedAction = nil
    resolution = nil
    decision = nil
  }

  /// An attempt that failed without doubt has had no effect that a resume must look for.
  fileprivate mutating func apply(_ action: JournalEvent.ActionRecord) {
    completedAction = action.ok ? action : nil
    if !action.ok { isInDoubt = action.isInDoubt }
  }

  fileprivate mutating func end(_ finish: JournalEvent.StepFinish, at time: Timestamp) {
    status = finish.status
    startedAt = startedAt ?? time
    finishedAt = time
    milliseconds = finish.milliseconds
    outputs = finish.outputs
    withheld = finish.withheld
    if let before = finish.before { self.before = before }
    detail = finish.detail
    exit = finish.exit
    decision = finish.decision
    isInDoubt = finish.status == .inDoubt
    if finish.status.isSettled { resolution = nil }
  }

  /// The step did not succeed and is to be tried again, with what is known of its last attempt.
  fileprivate mutating func prepareForRetry() {
    switch status {
    case .failed, .blocked, .inDoubt, .running:
      status = .pending
      decision = nil
      exit = 0
    case .pending, .done, .satisfied, .recovered, .skipped, .undone: break
    }
  }

  fileprivate mutating func endUndo(_ ok: Bool, _ detail: String?) {
    undo = ok ? .done : .failed
    if ok {
      status = .undone
    } else {
      self.detail = detail
    }
  }
}
