internal import OrderedCollections
internal import Quantities

/// Takes one step back. A signal does not disturb it: half an undo is worse than none.
struct UndoRun {
  let step: Step
  let driver: RunDriver

  init(_ step: Step, of driver: RunDriver) {
    self.step = step
    self.driver = driver
  }

  private var now: RunState.StepState { driver.state[step.id] }
  /// The step may have had no effect, or half of it: it failed, or was cut off.
  private var isUncertain: Bool { ![.done, .recovered].contains(now.status) }

  /// Runs the undo to an `undo.finish` record, or throws the `Obstacle` of an operator who gave it
  /// up.
  func run() async throws {
    let undo: UndoAction?
    switch step.undo {
    case .action(let action): undo = action
    case .unspecified where step.work?.call != nil: undo = nil
    case .unspecified, .none: return
    }
    driver.tell(.undoBegins(undo?.name ?? step.name))
    var failure: String?
    do {
      if let undo {
        try await takeBack(undo, wasBegun: now.undo == .started)
      } else {
        try driver.record(.undoStart(step: step.id))
        try await CalledRun(step.work, of: step, driver)?.takeBack(within: bounds())
      }
    } catch let error as ActionError {
      failure = error.hint.map { "\(error.message); \($0)" } ?? error.message
    } catch let error as ExpressionError {
      failure = error.message
    } catch let error as RunError where error.code == .unsupported {
      failure = error.message
    } catch Obstacle.timedOut(let time) {
      failure = "it took longer than \(time.readable)"
    }
    try driver.record(.undoFinish(step: step.id, ok: failure == nil, detail: failure))
    driver.tell(.undoEnds(failed: failure.map(driver.masker.mask)))
  }

  private func takeBack(_ undo: UndoAction, wasBegun: Bool) async throws {
    let scope = try scope()
    if let condition = undo.condition, !(try condition.isTrue(in: scope)) {
      return try driver.record(.undoStart(step: step.id))
    }
    let mayBeBack = wasBegun || isUncertain
    var attempts = 0
    while true {
      attempts += 1
      try driver.record(.undoStart(step: step.id))
      do {
        if try await isBack(undo, in: scope, asksChecks: mayBeBack || attempts > 1) { return }
        try await perform(undo, in: scope)
        return try await prove(undo, in: scope)
      } catch let error as ActionError {
        guard let wait = try undo.retry?.pause(after: error, attempts, in: scope) else {
          throw error
        }
        driver.tell(.progress("\(error.message); once more in \(wait.readable)"))
        let clock = driver.surroundings.clock
        try await bounds().run { try await clock.pause(wait) }
      }
    }
  }

  // MARK: Whether there is anything to take back

  private func isBack(
    _ undo: UndoAction, in scope: Scope, asksChecks: Bool
  ) async throws -> Bool {
    if isUncertain, try await nothingHappened() { return true }
    if asksChecks, !undo.checks.isEmpty {
      for assertion in undo.checks {
        let verdict = try await driver.settle(assertion, waits: false, within: bounds()) { _ in
          scope
        }
        guard verdict == .holds else { return false }
      }
      return true
    }
    let (performer, work) = (driver.performer, undo.work)
    // The undo's own action may find that what it does is done: somebody did it by hand.
    let found = try await bounds().run {
      try await performer.recall(work, in: scope, before: .null)
    }
    if case .there = found { return true }
    return false
  }

  /// Whether what the step was to change looks as it did before it.
  private func nothingHappened() async throws -> Bool {
    guard let work = step.work, let before = now.before, before != .null else { return false }
    let (performer, scope) = (driver.performer, driver.scope())
    return try await bounds().run { try await performer.observe(work, in: scope) } == before
  }

  // MARK: Taking it back

  private func perform(_ undo: UndoAction, in scope: Scope) async throws {
    let work = undo.work
    let time = try undo.timeout?.evaluate(in: scope)
    if let question = Question(work, of: step, driver) {
      return try await question.ask(within: bounds(time))
    }
    if let walk = Walk(work, of: step, driver) {
      _ = try await walk.ask(work, in: scope, canSkip: false, within: bounds(time))
      return
    }
    let (performer, tell) = (driver.performer, driver.tell)
    let keeping = Performer.Keeping(
      folder: driver.folder, prefix: "\(step.id).undo.\(now.undoAttempt)",
      channels: step.keptChannels)
    let start = driver.surroundings.clock.elapsed
    var failure: ActionError?
    do {
      if let call = CalledRun(work, of: step, driver, isUndo: true) {
        _ = try await call.run(in: scope, within: bounds(time), isShielded: true)
      } else {
        let done = try await bounds(time).run {
          let before = try await performer.observe(work, in: scope)
          return try await performer.perform(work, in: scope, before: before, keeping: keeping) {
            tell(.progress($0))
          }
        }
        try done.requireSuccess(of: work)
      }
    } catch let error as ActionError {
      failure = error
    } catch let end as CalledRunEnd {
      failure = ActionError(.other, end.message, isInDoubt: end.status == .inDoubt)
    } catch Obstacle.timedOut(let time) {
      failure = ActionError(.timeout, "it took longer than \(time.readable)", isInDoubt: true)
    }
    let elapsed = driver.surroundings.clock.elapsed - start
    try driver.record(
      .action(
        .init(
          step: step.id, attempt: now.undoAttempt, uses: performer.name(of: work), isUndo: true,
          ok: failure == nil, milliseconds: elapsed.milliseconds, error: failure?.message,
          isInDoubt: failure?.isInDoubt ?? false, evidence: keeping.found(),
          resultIsWhole: false)))
    if let failure { throw failure }
  }

  private func prove(_ undo: UndoAction, in scope: Scope) async throws {
    for assertion in undo.checks {
      let verdict = try await driver.settle(assertion, within: bounds()) { _ in scope }
      try driver.record(
        .check(
          step: step.id, phase: .undo, name: assertion.name, ok: verdict == .holds,
          detail: verdict.reason))
      driver.tell(
        .assertion(assertion.name, holds: verdict == .holds, detail: verdict.reason))
      if let reason = verdict.reason {
        throw ActionError(.assertion, "\(assertion.name): \(driver.explain(assertion, reason))")
      }
    }
  }

  private func bounds(_ time: Duration? = nil) -> Bounds { driver.shielded("the undo", time) }

  /// A step that failed has no outputs; those that rest on what was seen before are known.
  private func scope() throws -> Scope {
    var scope = driver.scope()
    guard now.outputs?.isEmpty ?? true, let before = now.before, before != .null else {
      return scope
    }
    let seen = scope.with("result", ["before": before])
    var outputs: OrderedDictionary<String, Value> = [:]
    for (name, output) in step.outputs {
      if let value = try? output.value.evaluate(in: seen) { outputs[name] = value }
    }
    scope.steps?[step.id]?.outputs = outputs
    return scope
  }
}
