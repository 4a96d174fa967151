internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import SystemPackage

/// Carries a run from where it stands to its end: asks the sequencer what comes next, does it, and
/// writes every step of the way into the journal before and after.
final class RunDriver {
  let runbook: Runbook
  let surroundings: Surroundings
  let folder: RunFolder
  let options: RunOptions
  let identity: RunIdentity
  let masker: Masker
  let performer: Performer
  let prober: Prober
  let tell: @Sendable (RunEvent) -> Void
  private let contexts: [String: Value]
  private let journal: JournalWriter
  private(set) var state: RunState
  /// Signals that are behind us: what is still to be done is not disturbed by them again.
  var knownSignals = 0

  init(
    _ prepared: PreparedRun, journal: JournalWriter, state: RunState, options: RunOptions,
    tell: @escaping @Sendable (RunEvent) -> Void
  ) {
    runbook = prepared.runbook
    surroundings = prepared.surroundings
    folder = prepared.folder
    identity = prepared.identity
    masker = prepared.masker
    contexts = prepared.contexts
    performer = prepared.performer
    prober = Prober(performer: prepared.performer)
    self.journal = journal
    self.state = state
    self.options = options
    self.tell = tell
  }

  /// Writes a record and takes it into the state.
  func record(_ event: JournalEvent) throws {
    state.apply(try journal.append(event, at: surroundings.now()))
  }

  /// What expressions see now.
  func scope() -> Scope {
    var views: OrderedDictionary<String, StepView> = [:]
    var measures: OrderedDictionary<String, Value> = [:]
    for step in runbook.allSteps {
      let now = state[step.id]
      views[step.id] = StepView(
        status: now.status.rawValue, outputs: now.outputs, startedAt: now.startedAt,
        finishedAt: now.finishedAt)
      if let measure = step.measure, now.finishedAt != nil {
        measures[measure] = .duration(.milliseconds(now.milliseconds))
      }
    }
    var contexts = contexts
    contexts["measures"] = .object(measures)
    return Scope(contexts: contexts, steps: views, now: surroundings.now())
  }

  /// Goes on until there is nothing left to do, and gives what the run came to.
  func drive() async throws -> ExitStatus {
    let sequencer = Sequencer(runbook)
    while true {
      try takeSignals()
      switch sequencer.next(in: state) {
      case .guards: try await askGuards()
      case .step(let id), .finally(let id):
        if let step = runbook.step(id) { try await StepRun(step, of: self).run() }
      case .ask(let id): try await askOperator(id)
      case .undo(let id):
        if let step = runbook.step(id) { try await UndoRun(step, of: self).run() }
      case .finish(let status, let exit):
        try record(.runFinish(status: status, exit: exit.rawValue, detail: nil))
        tell(.finished(status: status, exit: exit))
        return exit
      }
    }
  }

  /// Records a signal that came between two steps.
  func takeSignals() throws {
    let received = surroundings.interrupts.received
    guard received.count > knownSignals else { return }
    knownSignals = received.count
    // An undo that is under way is not left half done.
    if let signal = received.last, !state.isUndoing { try record(.signal(signal)) }
  }

  private func askGuards() async throws {
    for assertion in runbook.guards {
      let verdict = try await settle(assertion) { self.scope() }
      let reason = verdict.reason.map { explain(assertion, $0) }
      try record(
        .guards(step: nil, name: assertion.name, ok: verdict == .holds, detail: reason))
      tell(.assertion(assertion.name, holds: verdict == .holds, detail: reason))
      if verdict != .holds { return }
    }
    state.passGuards()
  }

  /// Waits for an assertion within its own times; a signal ends the wait.
  func settle(
    _ assertion: Assertion, in scope: () -> Scope, shielded: Bool = false
  ) async throws -> Prober.Verdict {
    let now = scope()
    let prober = prober
    do {
      let bounds = Bounds(
        time: nil, interrupts: shielded ? nil : surroundings.interrupts, known: knownSignals)
      return try await bounds.run { () async throws -> Prober.Verdict in
        try await prober.settle(assertion, in: { now })
      }
    } catch let obstacle as Obstacle {
      guard case .interrupted = obstacle else { throw obstacle }
      return .unknown("interrupted")
    }
  }

  /// What an assertion found, with what its author says to it.
  func explain(_ assertion: Assertion, _ found: String) -> String {
    assertion.because.map { "\(found); \($0.singleLine)" } ?? found
  }

  private func askOperator(_ id: String) async throws {
    let step = runbook.step(id)
    var answer = "stop"
    if let operators = surroundings.operators {
      let line = try await operators.ask(
        "Step \"\(step?.name ?? id)\" did not succeed: \(state[id].detail ?? "")",
        prompt: "retry, undo or stop? ")
      switch line?.lowercased().first {
      case "r": answer = "retry"
      case "u": answer = "undo"
      default: answer = "stop"
      }
    }
    try record(
      .confirm(step: id, by: surroundings.user, how: "terminal", answer: answer))
  }
}

extension Sequencer {
  /// The order of a runbook's steps.
  init(_ runbook: Runbook) {
    self.init(
      steps: runbook.steps.map(StepOutline.init), finally: runbook.finally.map(StepOutline.init))
  }
}

extension Sequencer.StepOutline {
  init(_ step: Step) {
    id = step.id
    continuesOnError = step.continuesOnError
    switch step.undo {
    case .action(let action): undo = .action(until: action.until)
    case .none: undo = .none
    case .unspecified: undo = step.work == nil ? .none : .missing
    }
  }
}
