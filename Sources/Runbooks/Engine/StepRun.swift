internal import Diagnostics
internal import JSON
internal import OrderedCollections

/// Runs one step: `if`, what is there already, guards, the action, its outputs, its checks.
struct StepRun {
  let step: Step
  let driver: RunDriver
  /// Whether it stands in `finally`: then it is kept away from signals and from the run's time.
  let isFinal: Bool
  private let began: Duration

  init(_ step: Step, of driver: RunDriver, isFinal: Bool = false) {
    self.step = driver.options.mode == .drill ? step.inDrill : step
    self.driver = driver
    self.isFinal = isFinal
    began = driver.surroundings.clock.elapsed
  }

  /// Where the step stands now.
  var now: RunState.StepState { driver.state[step.id] }
  /// What its action does to the world.
  var effect: Effect { driver.performer.effect(of: step.work) }
  /// How long it has taken so far.
  var milliseconds: Int64 { (driver.surroundings.clock.elapsed - began).milliseconds }

  /// Runs the step to a `step.finish` record, or throws the `Obstacle` of a signal: then it stays as
  /// its last record left it, and a resume finds out what became of it.
  func run() async throws {
    do {
      if try isNeeded() { try await proceed() }
    } catch let error as ExpressionError {
      try fail(.failed, error.message, exit: .failed)
    } catch let error as ActionError {
      try end(after: error)
    } catch is LeftOut {
      try finish(.skipped)
      driver.tell(.stepEnds(StepStatus.skipped.rawValue, .milliseconds(milliseconds), detail: nil))
    } catch let end as CalledRunEnd {
      try fail(end.status, end.message, exit: end.exit)
    } catch Obstacle.overdue {
      try fail(.failed, StepRun.overdue, exit: .failed)
    }
  }

  /// What a step is told that comes too late.
  static let overdue = "the time of the whole run was over"

  /// Asks `if`, and tells the operator that the step begins or that it is passed over.
  private func isNeeded() throws -> Bool {
    let steps = driver.runbook.steps
    let number = steps.firstIndex { $0.id == step.id }.map { $0 + 1 }
    if try !isWanted() {
      try finish(.skipped)
      driver.tell(.stepSkipped(step.name, number: number, of: steps.count))
      return false
    }
    driver.tell(.stepBegins(step.name, number: number, of: steps.count))
    return true
  }

  /// Whether its `if` is true, and in a drill whether that plays it.
  private func isWanted() throws -> Bool {
    if driver.options.mode == .drill, step.drill == .skip { return false }
    guard !now.hasBegun, let condition = step.condition else { return true }
    return try condition.isTrue(in: driver.scope())
  }

  private func proceed() async throws {
    if now.resolution == .done { return try await acceptAsDone() }
    if let missing = driver.performer.missing(in: step, driver.scope()) {
      return try fail(.blocked, "this program does not offer \(missing)", exit: .refused)
    }
    if !isFinal, driver.isOverdue {
      return try fail(.blocked, StepRun.overdue, exit: .failed)
    }
    if now.resolution != .again {
      if now.hasBegun {
        if try await settleEarlierAttempt() { return }
      } else if try await isSatisfied() {
        return
      }
    }
    // A called run that goes on is past the guards of the step that began it.
    if try !isUnderWay() {
      guard try await guardsHold() else { return }
    }
    if effect == .write || effect == .destroy, !(try await driver.holdsLock()) {
      return try fail(
        .blocked, "the lock was lost, so that another run may have begun; a resume takes it again",
        exit: .failed)
    }
    try await attempt()
  }

  /// The limits of what this step does.
  func bounds(_ time: Duration? = nil) -> Bounds {
    isFinal ? driver.shielded("the final step \"\(step.name)\"", time) : driver.bounds(time)
  }

  // MARK: - What is there already

  /// Whether the checks hold before anything was done; then the step is finished.
  private func isSatisfied() async throws -> Bool {
    guard let work = step.work, effect != .read, !step.checks.isEmpty else { return false }
    guard try await checksHold(.before) == true else { return false }
    switch step.whenSatisfied {
    case .run: return false
    case .fail:
      try fail(.blocked, "its checks held before it ran", exit: .blocked)
      return true
    case .skip:
      let before = try await observe(work)
      try finish(.satisfied, outputs: try await recalledOutputs(work, before), before: before)
      return true
    }
  }

  /// Finds out what became of an earlier attempt; false when the step is to be run again.
  ///
  /// An attempt that failed beyond doubt is asked about too: somebody may have mended it since.
  func settleEarlierAttempt() async throws -> Bool {
    guard let work = step.work, effect != .read else { return false }
    if let call = CalledRun(work, of: step, driver) {
      // Its own journal says how far it came: it is asked nothing, and gone on with.
      guard case .done(_, let outputs) = try call.standing() else { return false }
      try await conclude(.object(outputs), status: .recovered)
      return true
    }
    let kept = keptResult()
    if now.isInDoubt, let kept {
      try await conclude(kept, status: .recovered)
      return true
    }
    switch try await presence(of: work, kept) {
    case .there(let outputs):
      try finish(.recovered, outputs: outputs)
      return true
    // Final steps run again behind every leg in any case.
    // The person who walks knows what was done, and is asked again.
    case .unknown where Walk(work, of: step, driver) != nil: return false
    case .unknown where now.isInDoubt && effect != .human && !isFinal:
      try fail(.inDoubt, "nobody can tell whether it had its effect", exit: .inDoubt)
      return true
    case .absent, .unknown:
      guard step.isOnce, effect != .human else { return false }
      try fail(.inDoubt, "it is to run once, and it had begun", exit: .inDoubt)
      return true
    }
  }

  private func isUnderWay() throws -> Bool {
    guard case .unfinished? = try CalledRun(step.work, of: step, driver)?.standing() else {
      return false
    }
    return true
  }

  private enum Presence {
    case there(OrderedDictionary<String, Value>)
    case absent, unknown
  }

  /// Asks the step's checks, or where it has none the action itself, for the effect.
  private func presence(of work: Work, _ kept: Value?) async throws -> Presence {
    let before = now.before ?? .null
    guard !step.checks.isEmpty else {
      switch try await recall(work, before) {
      case .there(let result):
        return .there(try outputs(of: Performer.adding(before, to: result)))
      case .absent: return .absent
      case .unknown: return .unknown
      }
    }
    // A check that reads what only the lost result could say is no answer.
    let readsItself = step.checks.flatMap(\.expressions)
      .contains { $0.stepsWhoseOutputsAreRead.contains(step.id) }
    if readsItself, kept == nil { return .unknown }
    switch try await checksHold(.recover) {
    case true?:
      let known = try kept.map { try outputs(of: $0) }
      if let known { return .there(known) }
      return .there(try await recalledOutputs(work, before))
    case false?: return .absent
    case nil: return .unknown
    }
  }

  /// The operator says that the effect is there; outputs that cannot be found out are left out, and
  /// what asks for them says so.
  private func acceptAsDone() async throws {
    var result = keptResult()
    if result == nil, let work = step.work,
      case .there(let value) = try await recall(work, now.before ?? .null)
    {
      result = value
    }
    let seen = Performer.adding(now.before ?? .null, to: result ?? .null)
    let scope = driver.scope().with("result", seen)
    var outputs: OrderedDictionary<String, Value> = [:]
    for (name, output) in step.outputs {
      if let value = try? output.value.evaluate(in: scope) { outputs[name] = value }
    }
    try finish(.recovered, outputs: outputs)
  }

  /// The outputs of an effect that is there, from what the action finds of it.
  private func recalledOutputs(
    _ work: Work, _ before: Value
  ) async throws -> OrderedDictionary<String, Value> {
    guard !step.outputs.isEmpty else { return [:] }
    if case .there(let value) = try await recall(work, before) {
      return try outputs(of: Performer.adding(before, to: value))
    }
    return try outputs(of: ["before": before])
  }

  func recall(_ work: Work, _ before: Value) async throws -> Recollection {
    if case .done(_, let outputs)? = try CalledRun(work, of: step, driver)?.standing() {
      return .there(.object(outputs))
    }
    let (performer, scope) = (driver.performer, driver.scope())
    do {
      return try await bounds().run {
        try await performer.recall(work, in: scope, before: before)
      }
    } catch is ActionError {
      return .unknown
    }
  }

  /// The result that was kept of the last attempt, if its action had come to its end and the file is
  /// what the journal says.
  private func keptResult() -> Value? {
    guard let action = now.completedAction, action.resultIsWhole else { return nil }
    let name = resultName(action.attempt)
    guard let bytes = try? DurableFile.read(driver.folder.evidence(name)),
      action.evidence[name] == JournalContents.digest(of: bytes),
      let json = try? JSON(parsing: bytes)
    else { return nil }
    return ValueCoding.decode(json)
  }

  /// The evidence file with the result of an attempt.
  func resultName(_ attempt: Int) -> String { "\(step.id).\(attempt).result.json" }

  // MARK: - Guards and checks

  private func guardsHold() async throws -> Bool {
    for assertion in step.guards {
      driver.tell(.asks(assertion.name))
      let finding = try await driver.find(assertion, within: bounds()) { $0 }
      let verdict = finding.verdict
      let reason = verdict.reason.map { driver.explain(assertion, $0) }
      try driver.record(
        .guards(
          step: step.id, name: assertion.name, ok: verdict == .holds,
          detail: reason ?? finding.saw))
      driver.tell(.assertion(assertion.name, holds: verdict == .holds, detail: reason))
      if verdict != .holds {
        try fail(.blocked, "\(assertion.name): \(reason ?? "")", exit: .blocked)
        return false
      }
    }
    return true
  }

  /// Asks every check without waiting for it: true when all hold, nil when one cannot be asked.
  private func checksHold(_ phase: JournalEvent.CheckPhase) async throws -> Bool? {
    var all = true
    for assertion in step.checks {
      // What is not asked says nothing of a check that is asked another time.
      if driver.options.asksEveryCheck, let condition = assertion.condition,
        (try? condition.isTrue(in: driver.scope())) == false
      {
        continue
      }
      let finding = try await driver.find(assertion, waits: false, within: bounds()) { $0 }
      let verdict = finding.verdict
      try driver.record(
        .check(
          step: step.id, phase: phase, name: assertion.name, ok: verdict == .holds,
          detail: verdict.reason ?? finding.saw))
      switch verdict {
      case .holds: continue
      case .fails where phase == .before, .unknown where phase == .before:
        guard driver.options.asksEveryCheck else { return false }
        all = false
      case .fails: return false
      case .unknown: return nil
      }
    }
    return all
  }
}
