internal import Diagnostics
internal import OrderedCollections
internal import Quantities

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
  let sequencer: Sequencer
  let tell: @Sendable (RunEvent) -> Void
  private let contexts: [String: Value]
  private let journal: JournalWriter
  private(set) var state: RunState
  /// What keeps other runs away: the locks of the run and of those that call it.
  var locks: [HeldGroup] = []
  let engine: Engine
  /// The runbooks that it calls, and where all of them run.
  let called: CalledRunbooks
  let target: Target
  private let caller: RunCaller?
  /// Signals that are behind us: what is still to be done is not disturbed by them again.
  private(set) var knownSignals = 0
  /// When this leg of the run has to end, on the clock.
  private var deadline: Duration?
  /// Outputs that must not stand in the journal, by their steps: they live as long as the process.
  private var secretOutputs: [String: OrderedDictionary<String, Value>] = [:]

  init(
    _ prepared: PreparedRun, of engine: Engine, journal: JournalWriter, state: RunState,
    options: RunOptions, caller: RunCaller?
  ) {
    self.engine = engine
    self.caller = caller
    called = prepared.called
    target = prepared.target
    locks = caller?.locks ?? []
    knownSignals = caller?.knownSignals ?? 0
    runbook = prepared.runbook
    surroundings = prepared.surroundings
    folder = prepared.folder
    identity = prepared.identity
    masker = prepared.masker
    contexts = prepared.contexts
    performer = prepared.performer
    prober = Prober(performer: prepared.performer)
    sequencer = Sequencer(prepared.runbook, effect: prepared.performer.effect)
    self.journal = journal
    self.state = state
    self.options = options
    tell = engine.tell
  }

  /// Writes a record and takes it into the state.
  func record(_ event: JournalEvent) throws {
    state.apply(try journal.append(event, at: surroundings.now()))
  }

  /// Keeps what a step gave and the journal must not hold.
  func keepSecret(_ outputs: OrderedDictionary<String, Value>, of step: String) {
    secretOutputs[step] = outputs
  }

  /// What expressions see now.
  func scope() -> Scope {
    var views: OrderedDictionary<String, StepView> = [:]
    var measures: OrderedDictionary<String, Value> = [:]
    for step in runbook.allSteps {
      let now = state[step.id]
      var outputs = now.outputs
      outputs?.merge(secretOutputs[step.id] ?? [:]) { $1 }
      views[step.id] = StepView(
        status: now.status.rawValue, outputs: outputs, startedAt: now.startedAt,
        finishedAt: now.finishedAt)
      if let measure = step.measure, now.finishedAt != nil {
        measures[measure] = .duration(.milliseconds(now.milliseconds))
      }
    }
    var contexts = contexts
    contexts["measures"] = .object(measures)
    return Scope(contexts: contexts, steps: views, now: surroundings.now())
  }

  // MARK: The way

  /// Goes on until there is nothing left to do, and gives what the run came to.
  func drive() async throws -> ExitStatus {
    let own = try runbook.timeout.map { try $0.evaluate(in: scope()) + surroundings.clock.elapsed }
    deadline = [own, caller?.deadline].compactMap(\.self).min()
    while true {
      let decision = sequencer.next(in: state)
      do {
        if decision.isShielded {
          knownSignals = surroundings.interrupts.received.count
        } else if let signal = surroundings.interrupts.received.dropFirst(knownSignals).last {
          throw Obstacle.interrupted(signal)
        }
        if case .finish(let status, let exit) = decision {
          if status == "done" { try reportOutputs() }
          try record(
            .runFinish(status: status, exit: exit.rawValue, detail: reasonForStop(status)))
          return exit
        }
        try await carryOut(decision)
      } catch Obstacle.interrupted(let signal) {
        knownSignals = surroundings.interrupts.received.count
        try record(.signal(signal, abandons: decision.isShielded))
        tell(.interrupted(finally: sequencer.next(in: state).isFinally))
      }
    }
  }

  private func carryOut(_ decision: Sequencer.Decision) async throws {
    switch decision {
    case .guards: try await askGuards()
    case .step(let id):
      if let step = runbook.step(id) { try await StepRun(step, of: self).run() }
    case .finally(let id):
      if let step = runbook.step(id) { try await StepRun(step, of: self, isFinal: true).run() }
    case .ask(let id): try await askOperator(id)
    case .undo(let id):
      if let step = runbook.step(id) { try await UndoRun(step, of: self).run() }
    case .finish: break
    }
  }

  /// Why a run that was to ask has stopped, for the record.
  private func reasonForStop(_ status: String) -> String? {
    guard status == "failed" || status == "blocked", state.failedGuard == nil else { return nil }
    return reasonNotToAsk
  }

  /// Writes down what the run reports, for whoever called it. Secrets are not reported.
  private func reportOutputs() throws {
    let scope = scope()
    var outputs: OrderedDictionary<String, Value> = [:]
    for (name, output) in runbook.outputs where !output.isSecret {
      // What rests on a step that did not run has no value.
      if let value = try? output.value.evaluate(in: scope) { outputs[name] = value }
    }
    if !outputs.isEmpty { try record(.outputs(outputs)) }
  }

  private func askGuards() async throws {
    for assertion in runbook.guards {
      tell(.asks(assertion.name))
      let finding: Prober.Finding
      do {
        finding = try await find(assertion) { $0 }
      } catch Obstacle.overdue {
        finding = .init(verdict: .unknown("the time of the whole run was over"))
      }
      let verdict = finding.verdict
      let reason = verdict.reason.map { explain(assertion, $0) }
      try record(
        .guards(
          step: nil, name: assertion.name, ok: verdict == .holds, detail: reason ?? finding.saw))
      tell(.assertion(assertion.name, holds: verdict == .holds, detail: reason))
      if verdict != .holds { return }
    }
    state.passGuards()
  }
}

// MARK: - Limits

extension RunDriver {
  /// The limits of work in a step: its own time, the run's time, the operator's signals.
  func bounds(_ time: Duration? = nil) -> Bounds {
    let (interrupts, known) = (surroundings.interrupts, knownSignals)
    return Bounds(
      clock: surroundings.clock, time: time, deadline: deadline,
      stop: { await interrupts.next(after: known) })
  }

  /// The limits of work that cleans up: neither the run's time nor a single signal ends it.
  func shielded(_ what: String, _ time: Duration? = nil) -> Bounds {
    let shield = Shield(
      interrupts: surroundings.interrupts, operators: surroundings.operators,
      clock: surroundings.clock, what: what, known: knownSignals, tell: tell)
    return Bounds(clock: surroundings.clock, time: time, stop: { await shield.wait() })
  }

  /// Whether nobody else can have begun a run of the group meanwhile.
  func holdsLock() async throws -> Bool {
    do {
      for held in locks {
        let lock = held.lock
        guard try await bounds(.seconds(10)).run({ await lock.isHeld() }) else { return false }
      }
      return true
    } catch Obstacle.timedOut {
      return false
    }
  }

  /// Whether the whole run has taken longer than it may.
  var isOverdue: Bool { deadline.map { surroundings.clock.elapsed >= $0 } ?? false }

  /// Waits for an assertion within its own times; throws the `Obstacle` that ends the wait.
  ///
  /// - Parameter adding: what the assertion sees besides what all see. The time of day goes on
  ///   while it is asked again.
  func settle(
    _ assertion: Assertion, waits: Bool = true, within bounds: Bounds? = nil,
    adding: (Scope) -> Scope
  ) async throws -> Prober.Verdict {
    try await find(assertion, waits: waits, within: bounds, adding: adding).verdict
  }

  /// The same, with what the expectation saw.
  func find(
    _ assertion: Assertion, waits: Bool = true, within bounds: Bounds? = nil,
    adding: (Scope) -> Scope
  ) async throws -> Prober.Finding {
    let seen = adding(scope())
    let (prober, now) = (prober, surroundings.now)
    return try await (bounds ?? self.bounds()).run {
      try await prober.settle(assertion, waits: waits) {
        var scope = seen
        scope.now = now()
        return scope
      }
    }
  }

  /// What an assertion found, with what its author says to it.
  func explain(_ assertion: Assertion, _ found: String) -> String {
    assertion.because.map { "\(found); \($0.singleLine)" } ?? found
  }
}

extension Sequencer.Decision {
  fileprivate var isFinally: Bool { if case .finally = self { true } else { false } }
}

extension Sequencer {
  /// The order of a runbook's steps.
  init(_ runbook: Runbook, effect: (Work?) -> Effect) {
    self.init(
      steps: runbook.steps.map { StepOutline($0, effect: effect($0.work)) },
      finally: runbook.finally.map { StepOutline($0, effect: effect($0.work)) })
  }
}

extension Sequencer.StepOutline {
  init(_ step: Step, effect: Effect) {
    id = step.id
    switch step.undo {
    case .action(let action): undo = .action(until: action.until)
    case .none: undo = .none
    // A run of another runbook is taken back by taking that run back.
    // What only looks or asks leaves nothing to take back.
    case .unspecified where step.work?.call != nil: undo = .action(until: nil)
    case .unspecified: undo = effect == .write || effect == .destroy ? .missing : .none
    }
  }
}
