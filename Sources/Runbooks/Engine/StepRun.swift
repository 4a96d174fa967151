internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Quantities

/// Runs one step: `if`, what is there already, guards, the action, its outputs, its checks.
struct StepRun {
  let step: Step
  let driver: RunDriver
  private let began = ContinuousClock.now

  init(_ step: Step, of driver: RunDriver) {
    self.step = step
    self.driver = driver
  }

  private var now: RunState.StepState { driver.state[step.id] }
  private var effect: Effect { driver.performer.effect(of: step.work) }

  /// Runs the step to a `step.finish` record, or to a signal.
  func run() async throws {
    driver.tell(.stepBegins(step.name))
    do {
      try await proceed()
    } catch let error as ExpressionError {
      try fail(.failed, error.description, exit: .failed)
    } catch let obstacle as Obstacle {
      // The step stays as its last record left it: a resume finds out what became of it.
      guard case .interrupted = obstacle else {
        return try fail(.failed, "the step took too long", exit: .failed)
      }
      try driver.takeSignals()
    }
  }

  private func proceed() async throws {
    if now.resolution == .done { return try await recover(nil) }
    if !now.hasBegun, let condition = step.condition,
      !(try condition.isTrue(in: driver.scope()))
    {
      return try finish(.skipped)
    }
    guard driver.performer.offers(step.work) else {
      return try fail(
        .blocked, "this program does not offer \(step.work.map(driver.performer.name) ?? "")",
        exit: .refused)
    }
    if now.hasBegun, now.isInDoubt, now.resolution != .again {
      if try await settleDoubt() { return }
    } else if !now.hasBegun, try await isSatisfied() {
      return
    }
    guard try await guardsHold() else { return }
    try await act()
  }

  // MARK: - What is there already

  /// Whether the checks hold before anything was done; then the step is finished.
  private func isSatisfied() async throws -> Bool {
    guard let work = step.work, effect == .write || effect == .destroy, !step.checks.isEmpty
    else { return false }
    guard try await checksHold(.before) == true else { return false }
    switch step.whenSatisfied {
    case .run: return false
    case .fail:
      try fail(.failed, "its checks held before it ran", exit: .blocked)
      return true
    case .skip:
      let before = try await observe(work)
      try finish(.satisfied, outputs: try await recalled(work, before), before: before)
      return true
    }
  }

  /// Finds out what became of an attempt that a crash cut off; false when it is to be run again.
  private func settleDoubt() async throws -> Bool {
    guard let work = step.work, effect == .write || effect == .destroy else { return false }
    if now.completedAction?.resultIsWhole == true, let result = try keptResult() {
      try await conclude(result, status: .recovered)
      return true
    }
    if !step.checks.isEmpty {
      switch try await checksHold(.recover) {
      case true?:
        try await recover(work)
        return true
      case nil:
        try fail(.inDoubt, "nobody can tell whether it had its effect", exit: .inDoubt)
        return true
      case false?: return try refuseRepeat()
      }
    }
    switch try await recall(work, now.before ?? .null) {
    case .there(let result):
      try await conclude(result, status: .recovered)
      return true
    case .absent: return try refuseRepeat()
    case .unknown:
      try fail(.inDoubt, "nobody can tell whether it had its effect", exit: .inDoubt)
      return true
    }
  }

  private func refuseRepeat() throws -> Bool {
    guard step.isOnce else { return false }
    try fail(.inDoubt, "it is to run once, and it had begun", exit: .inDoubt)
    return true
  }

  private func recover(_ work: Work?) async throws {
    let outputs = try await work.asyncMap { try await recalled($0, now.before ?? .null) } ?? [:]
    try finish(.recovered, outputs: outputs)
  }

  /// The outputs of an effect that is there, from what the action finds of it.
  private func recalled(_ work: Work, _ before: Value) async throws -> OrderedDictionary<
    String, Value
  > {
    guard !step.outputs.isEmpty else { return [:] }
    let result: Value
    if case .there(let value) = try await recall(work, before) {
      result = Performer.adding(before, to: value)
    } else {
      result = ["before": before]
    }
    return try outputs(of: result)
  }

  private func recall(_ work: Work, _ before: Value) async throws -> Recollection {
    let (performer, scope) = (driver.performer, driver.scope())
    do {
      return try await bounds(nil).run {
        try await performer.recall(work, in: scope, before: before)
      }
    } catch is ActionError {
      return .unknown
    }
  }

  /// The result that was kept before the crash.
  private func keptResult() throws -> Value? {
    let path = driver.folder.evidence(resultName(now.attempt))
    guard let json = try? JSON(parsing: DurableFile.read(path)) else { return nil }
    return ValueCoding.decode(json)
  }

  private func resultName(_ attempt: Int) -> String { "\(step.id).\(attempt).result.json" }

  // MARK: - Guards and checks

  private func guardsHold() async throws -> Bool {
    for assertion in step.guards {
      let verdict = try await driver.settle(assertion) { driver.scope() }
      let reason = verdict.reason.map { driver.explain(assertion, $0) }
      try driver.record(
        .guards(step: step.id, name: assertion.name, ok: verdict == .holds, detail: reason))
      driver.tell(.assertion(assertion.name, holds: verdict == .holds, detail: reason))
      if verdict != .holds {
        try fail(.blocked, "\(assertion.name): \(reason ?? "")", exit: .blocked)
        return false
      }
    }
    return true
  }

  /// Asks every check once: true when all hold, nil when one cannot be asked.
  private func checksHold(_ phase: JournalEvent.CheckPhase) async throws -> Bool? {
    let scope = driver.scope()
    for assertion in step.checks {
      let verdict = try await driver.prober.once(assertion, in: scope)
      try driver.record(
        .check(
          step: step.id, phase: phase, name: assertion.name, ok: verdict == .holds,
          detail: verdict.reason))
      switch verdict {
      case .holds: continue
      case .fails: return false
      case .unknown: return phase == .before ? false : nil
      }
    }
    return true
  }

  // MARK: - The action

  private func observe(_ work: Work) async throws -> Value {
    let (performer, scope) = (driver.performer, driver.scope())
    return try await bounds(nil).run { try await performer.observe(work, in: scope) }
  }

  private func bounds(_ time: Duration?) -> Bounds {
    Bounds(time: time, interrupts: driver.surroundings.interrupts, known: driver.knownSignals)
  }

  private func act() async throws {
    guard let work = step.work else {
      try driver.record(
        .stepStart(step: step.id, attempt: now.attempt + 1, digest: step.digest, before: .null))
      return try await conclude(.null, status: .done)
    }
    let before: Value
    do {
      before = try await observe(work)
    } catch let error as ActionError {
      return try fail(.failed, error.message, exit: .failed)
    }
    var attempts = 0
    while true {
      attempts += 1
      try driver.record(
        .stepStart(step: step.id, attempt: now.attempt + 1, digest: step.digest, before: before))
      do {
        let result = try await perform(work, before: now.before ?? before)
        return try await conclude(result, status: .done)
      } catch let error as ActionError {
        guard try await mayRetry(error, after: attempts) else {
          return try end(after: error)
        }
      }
    }
  }

  private func perform(_ work: Work, before: Value) async throws -> Value {
    if let question = Question(work, of: step, driver) {
      try await question.ask()
      return .null
    }
    let scope = driver.scope()
    let attempt = now.attempt
    let keeping = Performer.Keeping(folder: driver.folder, prefix: "\(step.id).\(attempt)")
    let (performer, tell) = (driver.performer, driver.tell)
    let start = ContinuousClock.now
    do {
      let done = try await bounds(try step.timeout?.evaluate(in: scope)).run {
        let performance = try await performer.perform(
          work, in: scope, before: before, keeping: keeping
        ) { tell(.progress($0)) }
        try performance.requireSuccess(of: work)
        return performance
      }
      try recordAction(work, done, milliseconds: (ContinuousClock.now - start).milliseconds)
      return done.result
    } catch let Obstacle.timedOut(time) {
      let error = ActionError(
        .timeout, "it took longer than \(time.readable)", isInDoubt: effect != .read)
      try recordFailure(work, error, since: start)
      throw error
    } catch let error as ActionError {
      try recordFailure(work, error, since: start)
      throw error
    }
  }

  private func recordAction(
    _ work: Work, _ done: Performer.Performance, milliseconds: Int64
  ) throws {
    var evidence = done.evidence
    let masked = driver.masker.mask(done.result)
    let name = resultName(now.attempt)
    let bytes = Array(ValueCoding.encode(masked).text(.pretty).utf8)
    try DurableFile.write(bytes, to: driver.folder.evidence(name))
    evidence[name] = JournalContents.digest(of: bytes)
    try driver.record(
      .action(
        .init(
          step: step.id, attempt: now.attempt, uses: driver.performer.name(of: work),
          isUndo: false, ok: true, milliseconds: milliseconds, error: nil, isInDoubt: false,
          evidence: evidence, resultIsWhole: masked == done.result)))
  }

  private func recordFailure(
    _ work: Work, _ error: ActionError, since start: ContinuousClock.Instant
  ) throws {
    try driver.record(
      .action(
        .init(
          step: step.id, attempt: now.attempt, uses: driver.performer.name(of: work),
          isUndo: false, ok: false, milliseconds: (ContinuousClock.now - start).milliseconds,
          error: error.message, isInDoubt: error.isInDoubt, evidence: [:], resultIsWhole: false)))
  }

  private func mayRetry(_ error: ActionError, after attempts: Int) async throws -> Bool {
    guard let retry = step.retry, attempts < retry.attempts, !error.isInDoubt else { return false }
    let scope = driver.scope().with("error", error.value)
    if let condition = retry.condition, !(try condition.isTrue(in: scope)) { return false }
    var delay = try retry.delay.evaluate(in: scope).seconds
    for _ in 1..<attempts { delay *= retry.backoff }
    delay = min(delay, try retry.maximumDelay.evaluate(in: scope).seconds)
    // Jitter, so that several clients that failed together do not come back together.
    let wait = Duration.seconds(delay * Double.random(in: 0.5...1))
    driver.tell(.progress("\(error.message); once more in \(wait.readable)"))
    try await bounds(nil).run { try await Task.sleep(for: wait) }
    return true
  }

  private func end(after error: ActionError) throws {
    let text = error.hint.map { "\(error.message); \($0)" } ?? error.message
    if error.isInDoubt { return try fail(.inDoubt, text, exit: .inDoubt) }
    try fail(.failed, text, exit: error.kind == .refused ? .refused : .failed)
  }

  // MARK: - The end

  /// Outputs, then the checks that prove them, then the record.
  private func conclude(_ result: Value, status: StepStatus) async throws {
    let outputs = try outputs(of: result)
    for assertion in step.checks {
      let verdict = try await driver.settle(assertion) {
        var scope = driver.scope()
        scope.steps?[step.id]?.outputs = outputs
        return scope.with("result", result)
      }
      if case .unknown("interrupted") = verdict { return try driver.takeSignals() }
      let reason = verdict.reason.map { driver.explain(assertion, $0) }
      try driver.record(
        .check(
          step: step.id, phase: .after, name: assertion.name, ok: verdict == .holds,
          detail: reason))
      driver.tell(.assertion(assertion.name, holds: verdict == .holds, detail: reason))
      guard verdict == .holds else {
        return try fail(
          .failed, "\(assertion.name): \(reason ?? "")", exit: step.work == nil ? .blocked : .failed
        )
      }
    }
    try finish(status, outputs: outputs)
  }

  private func outputs(of result: Value) throws -> OrderedDictionary<String, Value> {
    let scope = driver.scope().with("result", result)
    var values: OrderedDictionary<String, Value> = [:]
    for (name, output) in step.outputs {
      let value = try output.value.evaluate(in: scope)
      if output.isSecret, let text = value.text { driver.masker.register(text) }
      values[name] = value
    }
    return values
  }

  private func finish(
    _ status: StepStatus, outputs: OrderedDictionary<String, Value> = [:], before: Value? = nil
  ) throws {
    let withheld = step.outputs.filter(\.value.isSecret).map(\.key)
    let shown = outputs.filter { !withheld.contains($0.key) }
    let milliseconds = (ContinuousClock.now - began).milliseconds
    try driver.record(
      .stepFinish(
        .init(
          step: step.id, status: status, milliseconds: milliseconds, outputs: shown,
          withheld: withheld, before: before)))
    driver.tell(.stepEnds(status.rawValue, .milliseconds(milliseconds), detail: nil))
  }

  private func fail(_ status: StepStatus, _ detail: String, exit: ExitStatus) throws {
    let milliseconds = (ContinuousClock.now - began).milliseconds
    try driver.record(
      .stepFinish(
        .init(
          step: step.id, status: status, milliseconds: milliseconds, detail: detail,
          exit: exit.rawValue, decision: decision(status, exit))))
    driver.tell(
      .stepEnds(status.rawValue, .milliseconds(milliseconds), detail: driver.masker.mask(detail)))
  }

  /// What comes after a failure: a question needs somebody who can answer it.
  private func decision(_ status: StepStatus, _ exit: ExitStatus) -> FailureDecision {
    if step.continuesOnError { return .goOn }
    if status == .inDoubt || exit == .refused { return .stop }
    switch driver.runbook.onFailure {
    case .stop: return .stop
    case .undo: return .undo
    case .ask: return driver.surroundings.operators == nil ? .stop : .ask
    }
  }
}

extension Optional {
  fileprivate func asyncMap<T>(_ body: (Wrapped) async throws -> T) async throws -> T? {
    guard let self else { return nil }
    return try await body(self)
  }
}

extension ActionError {
  /// The `error` context of `retry.if`.
  var value: Value {
    [
      "kind": .string(kind.rawValue), "message": .string(message),
      "exit-code": exitCode.map { .int(Int64($0)) } ?? .null,
      "sqlstate": sqlState.map(Value.string) ?? .null,
    ]
  }
}
