internal import Diagnostics
internal import OrderedCollections
internal import Quantities

/// Walks through a runbook as a run would, but only looks.
///
/// What rests on a step that has not run cannot be told. What an earlier step is going to change may
/// be otherwise by then: a guard that does not hold now and stands behind such a step does not block.
struct Planner: Sendable {
  private let prepared: PreparedRun
  private let runbook: Runbook
  private let performer: Performer
  private let prober: Prober
  private let contexts: [String: Value]
  private var plan: RunPlan
  /// The steps whose outcome is known; the others are absent, so that asking for them is an error.
  private var known: OrderedDictionary<String, StepView> = [:]
  /// The last step before this one that would change something.
  private var lastChange: Int?

  init(_ prepared: PreparedRun, _ inputs: OrderedDictionary<String, Value>) {
    self.prepared = prepared
    runbook = prepared.runbook
    performer = prepared.performer
    prober = Prober(performer: prepared.performer)
    contexts = prepared.contexts
    plan = RunPlan(
      runbook: runbook.name, title: runbook.title, file: runbook.source.file,
      sha256: runbook.source.sha256, target: prepared.target.name,
      identities: prepared.target.identities, inputs: inputs, called: prepared.called.digests)
  }

  mutating func plan() async throws -> RunPlan {
    for assertion in runbook.guards {
      plan.guards.append(try await ask(assertion, isGuard: true, scope))
    }
    for (index, step) in runbook.steps.enumerated() {
      plan.steps.append(try await look(at: step, number: index + 1))
    }
    for step in runbook.finally { plan.finally.append(outline(step, number: nil)) }
    return plan
  }

  private var scope: Scope {
    Scope(contexts: contexts, steps: known, now: performer.surroundings.now())
  }

  // MARK: A step

  /// What can be said without asking anything: the condition, the command, the undo.
  private func outline(_ step: Step, number: Int?) -> RunPlan.Step {
    var found = RunPlan.Step(id: step.id, name: step.name, number: number)
    found.undo = undo(of: step)
    found.command = step.work.flatMap { performer.command(for: $0, knownIn: scope) }
    if performer.effect(of: step.work) == .human { found.reason = "asks a person" }
    if let condition = step.condition {
      do {
        if try !condition.isTrue(in: scope) {
          found.verdict = .skipped
          found.command = nil
        }
      } catch {
        settle(&found, error, reading: [condition], own: step.id)
      }
    }
    return found
  }

  private mutating func look(at step: Step, number: Int) async throws -> RunPlan.Step {
    var found = outline(step, number: number)
    if found.verdict == .wouldRun, let missing = performer.missing(in: step, scope) {
      found.verdict = .blocked
      found.reason = "this program does not offer \(missing)"
    }
    if found.verdict == .wouldRun { try await ask(guardsOf: step, &found) }
    let effect = performer.effect(of: step.work)
    if found.verdict == .wouldRun || found.verdict == .depends, let work = step.work {
      if effect == .read {
        if found.verdict == .wouldRun { try await read(step, work, &found) }
      } else {
        try await askWhetherDone(step, work, &found)
        if found.verdict == .wouldRun {
          if let call = work.call {
            try await descend(call, step, &found)
          } else {
            try await showChanges(of: work, &found)
          }
        }
      }
    } else if found.verdict == .wouldRun {
      try await ask(checksOf: step, nil, &found)
    }
    if found.verdict == .skipped {
      known[step.id] = StepView(status: "skipped", outputs: [:])
    } else if effect == .write || effect == .destroy, found.verdict != .satisfied {
      lastChange = number
    }
    return found
  }

  private func ask(guardsOf step: Step, _ found: inout RunPlan.Step) async throws {
    for assertion in step.guards {
      let answer = try await ask(assertion, isGuard: true, scope)
      found.assertions.append(answer)
      guard answer.answer != .holds, found.verdict == .wouldRun else { continue }
      block(&found, answer, reading: assertion.expressions, own: step.id)
    }
  }

  /// Asks the checks that prove a step which changes nothing; one that fails would stop the run here.
  private func ask(
    checksOf step: Step, _ result: Value?, _ found: inout RunPlan.Step
  ) async throws {
    let scope = result.map { self.scope.with("result", $0) } ?? self.scope
    for assertion in step.checks {
      let answer = try await ask(assertion, isGuard: false, scope)
      found.assertions.append(answer)
      guard answer.answer != .holds, found.verdict == .wouldRun else { continue }
      block(&found, answer, reading: assertion.expressions, own: step.id)
    }
  }

  /// Reads, because what follows may need the outputs.
  private mutating func read(
    _ step: Step, _ work: Work, _ found: inout RunPlan.Step
  ) async throws {
    guard !step.outputs.isEmpty || !step.checks.isEmpty else { return }
    do {
      let (performer, scope) = (performer, scope)
      let time = try step.timeout?.evaluate(in: scope)
      let start = scope.now
      let done = try await Bounds(clock: performer.surroundings.clock, time: time).run {
        let done = try await performer.perform(work, in: scope)
        try done.requireSuccess(of: work)
        return done
      }
      var outputs: OrderedDictionary<String, Value> = [:]
      for (name, output) in step.outputs {
        let value = try output.value.evaluate(in: scope.with("result", done.result))
        if output.isSecret { performer.masker.register(value) }
        outputs[name] = value
      }
      known[step.id] = StepView(
        status: "done", outputs: outputs, startedAt: start,
        finishedAt: performer.surroundings.now())
      try await ask(checksOf: step, done.result, &found)
    } catch let error as ExpressionError {
      settle(&found, error, reading: work.expressions, own: step.id)
    } catch let error as ActionError {
      let answer = RunPlan.Assertion(
        name: step.name, isGuard: false, answer: .fails,
        reason: performer.masker.mask(error.message))
      block(&found, answer, reading: work.expressions, own: step.id)
    } catch Obstacle.timedOut(let time) {
      found.verdict = .blocked
      found.reason = "it took longer than \(time.readable)"
    }
  }

  /// Asks the checks of a step that changes something: is it done already?
  private mutating func askWhetherDone(
    _ step: Step, _ work: Work, _ found: inout RunPlan.Step
  ) async throws {
    for assertion in step.checks {
      let answer = try await ask(assertion, isGuard: false, scope)
      found.assertions.append(answer)
      if answer.answer != .holds { return }
    }
    guard found.verdict == .wouldRun, !step.checks.isEmpty else { return }
    switch step.whenSatisfied {
    case .run: found.reason = "its checks hold already"
    case .fail:
      found.verdict = .blocked
      found.reason = "its checks hold before it runs"
    case .skip:
      found.verdict = .satisfied
      found.command = nil
      if let outputs = try await recalled(step, work) {
        known[step.id] = StepView(status: "satisfied", outputs: outputs)
      }
    }
  }

  /// What the action says that it would change, such as the fields of an object that is applied.
  private func showChanges(of work: Work, _ found: inout RunPlan.Step) async throws {
    let (performer, scope) = (performer, scope)
    do {
      found.changes = try await Bounds(
        clock: performer.surroundings.clock, time: Prober.defaultTimeout
      ).run { try await performer.changes(work, in: scope) }
    } catch let error as ActionError {
      found.reason = "what it would change is not known: \(performer.masker.mask(error.message))"
    } catch Obstacle.timedOut(let time) {
      found.reason = "what it would change is not known: no answer within \(time.readable)"
    } catch is ExpressionError {
      // It rests on a step that has not run.
    }
  }

  /// What the called runbook would do; what blocks it blocks the step that calls it.
  private func descend(
    _ call: ActionReference, _ step: Step, _ found: inout RunPlan.Step
  ) async throws {
    guard let name = call.calledRunbook, let runbook = prepared.called[name] else { return }
    do {
      let inputs = try PreparedRun.inputs(
        of: runbook, called: performer.evaluate(call, in: scope), on: prepared.target,
        masker: performer.masker)
      let other = try await PreparedRun(
        runbook, inputs: inputs, target: prepared.target, identity: prepared.identity,
        folder: prepared.folder, called: prepared.called, catalog: performer.catalog,
        masker: performer.masker, in: performer.surroundings)
      var planner = Planner(other, inputs)
      let plan = try await planner.plan()
      found.called = plan
      guard !plan.isRunnable else { return }
      block(
        &found,
        RunPlan.Assertion(
          name: "\(name) would be blocked", isGuard: true, answer: .fails, reason: plan.obstacle),
        reading: call.parameters.values.flatMap(\.expressions), own: step.id)
    } catch let error as ExpressionError {
      settle(&found, error, reading: call.parameters.values.flatMap(\.expressions), own: step.id)
    } catch let error as any Failure {
      found.verdict = .blocked
      found.reason = performer.masker.mask(error.message)
    }
  }

  private func recalled(
    _ step: Step, _ work: Work
  ) async throws -> OrderedDictionary<String, Value>? {
    if step.outputs.isEmpty { return [:] }
    guard let before = try? await performer.observe(work, in: scope),
      case .there(let result)? = try? await performer.recall(work, in: scope, before: before)
    else { return nil }
    let seen = scope.with("result", Performer.adding(before, to: result))
    var outputs: OrderedDictionary<String, Value> = [:]
    for (name, output) in step.outputs {
      guard let value = try? output.value.evaluate(in: seen) else { return nil }
      outputs[name] = value
    }
    return outputs
  }

  // MARK: Verdicts

  private func ask(
    _ assertion: Assertion, isGuard: Bool, _ scope: Scope
  ) async throws -> RunPlan.Assertion {
    var found = RunPlan.Assertion(name: assertion.name, isGuard: isGuard, answer: .holds)
    switch try await prober.once(assertion, in: scope) {
    case .holds: break
    case .fails(let reason):
      found.answer = .fails
      found.reason = assertion.because.map { "\(reason); \($0.singleLine)" } ?? reason
    case .unknown(let reason):
      found.answer = .unknown
      found.reason = reason
    }
    if found.answer != .holds, let id = unknown(assertion.expressions, own: nil) {
      found.answer = .depends
      found.reason = number(of: id).map { "needs step \($0)" }
    }
    return found
  }

  /// A step that is not known yet and that one of the expressions reads.
  private func unknown(_ expressions: [Expression], own: String?) -> String? {
    expressions.lazy.flatMap(\.steps).first { known[$0] == nil && $0 != own }
  }

  private func number(of id: String) -> Int? {
    runbook.steps.firstIndex { $0.id == id }.map { $0 + 1 }
  }

  /// What an assertion that does not hold means: it blocks, unless an earlier step comes before it.
  private func block(
    _ found: inout RunPlan.Step, _ answer: RunPlan.Assertion, reading expressions: [Expression],
    own: String
  ) {
    found.reason = answer.name + (answer.reason.map { ": \($0)" } ?? "")
    if let id = unknown(expressions, own: own) {
      found.verdict = .depends
      found.dependsOn = number(of: id)
    } else if let lastChange {
      found.verdict = .depends
      found.dependsOn = lastChange
    } else {
      found.verdict = .blocked
    }
  }

  /// What an expression without a value means.
  private func settle(
    _ found: inout RunPlan.Step, _ error: ExpressionError, reading expressions: [Expression],
    own: String
  ) {
    if let id = unknown(expressions, own: own) {
      found.verdict = .depends
      found.dependsOn = number(of: id)
    } else {
      found.verdict = .blocked
      found.reason = performer.masker.mask(error.message)
    }
  }

  private func undo(of step: Step) -> String? {
    switch step.undo {
    case .unspecified: nil
    case .none(let reason): reason.map { "none, \($0)" } ?? "none"
    case .action(let undo):
      [
        undo.name ?? performer.name(of: undo.work),
        undo.until.map { "(until \($0) is done)" },
      ].compactMap(\.self).joined(separator: " ")
    }
  }
}
