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

  /// Runs the undo to an `undo.finish` record.
  func run() async throws {
    guard case .action(let undo) = step.undo else { return }
    let wasCutOff = driver.state[step.id].undo == .started
    driver.tell(.undoBegins(undo.name ?? step.name))
    if !wasCutOff { try driver.record(.undoStart(step: step.id)) }
    var failure: String?
    do {
      try await takeBack(undo, wasCutOff: wasCutOff)
    } catch let error as ActionError {
      failure = error.message
    } catch let error as ExpressionError {
      failure = error.description
    } catch Obstacle.timedOut(let time) {
      failure = "it took longer than \(time.readable)"
    }
    try driver.record(.undoFinish(step: step.id, ok: failure == nil, detail: failure))
    driver.tell(.undoEnds(failed: failure.map(driver.masker.mask)))
  }

  private func takeBack(_ undo: UndoAction, wasCutOff: Bool) async throws {
    let scope = try scope()
    if let condition = undo.condition, !(try condition.isTrue(in: scope)) { return }
    let (performer, work) = (driver.performer, undo.work)
    let time = try undo.timeout?.evaluate(in: scope)
    try await Bounds(time: time).run {
      let before = try await performer.observe(work, in: scope)
      // What a crash cut off may have had its effect.
      if wasCutOff, case .there = try await performer.recall(work, in: scope, before: before) {
        return
      }
      let done = try await performer.perform(work, in: scope, before: before)
      try done.requireSuccess(of: work)
    }
    for assertion in undo.checks {
      let verdict = try await driver.settle(assertion, in: { scope }, shielded: true)
      try driver.record(
        .check(
          step: step.id, phase: .undo, name: assertion.name, ok: verdict == .holds,
          detail: verdict.reason))
      if let reason = verdict.reason {
        throw ActionError(.assertion, "\(assertion.name): \(reason)")
      }
    }
  }

  /// A step that failed has no outputs; those that rest on what was seen before are known.
  private func scope() throws -> Scope {
    var scope = driver.scope()
    let now = driver.state[step.id]
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
