internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Quantities

// The action: observed, journalled, done, proved; and tried again where the file says so.
extension StepRun {
  /// Attempts until one succeeds or `retry` gives up.
  func attempt() async throws {
    var attempts = 0
    while true {
      attempts += 1
      do {
        return try await attemptOnce()
      } catch let error as ActionError {
        guard let wait = try await pause(after: error, attempts) else { throw error }
        driver.tell(.progress("\(error.message); once more in \(wait.readable)"))
        let clock = driver.surroundings.clock
        try await bounds().run { try await clock.pause(wait) }
        // What may have happened all the same is not done twice.
        if error.isInDoubt, try await settleEarlierAttempt() { return }
      }
    }
  }

  private func attemptOnce() async throws {
    let before: Value
    if let known = now.before {
      before = known
    } else if let work = step.work {
      before = try await observe(work)
    } else {
      before = .null
    }
    try driver.record(
      .stepStart(step: step.id, attempt: now.attempt + 1, digest: step.digest, before: before))
    let sight = try keepSight(before, .before)
    let result =
      try await step.work.asyncMap { try await perform($0, before: before, sight) }
      ?? .null
    try await conclude(result, status: .done)
  }

  /// What is there before, as the action sees it.
  func observe(_ work: Work) async throws -> Value {
    let (performer, scope) = (driver.performer, driver.scope())
    return try await bounds().run { try await performer.observe(work, in: scope) }
  }

  private func perform(
    _ work: Work, before: Value, _ sight: OrderedDictionary<String, String>
  ) async throws -> Value {
    let time = try step.timeout?.evaluate(in: driver.scope())
    if let question = Question(work, of: step, driver) {
      try await question.ask(within: bounds(time))
      return .null
    }
    if let walk = Walk(work, of: step, driver) {
      return try await perform(work, by: walk, before: before, within: bounds(time))
    }
    let scope = driver.scope()
    // Raw output would hold what a secret output is made of before anybody knows the secret.
    let keeping =
      step.outputs.values.contains(where: \.isSecret)
      ? nil
      : Performer.Keeping(
        folder: driver.folder, prefix: "\(step.id).\(now.attempt)",
        channels: step.keptChannels)
    let (performer, tell) = (driver.performer, driver.tell)
    let start = driver.surroundings.clock.elapsed
    var done: Performer.Performance
    do {
      if let call = CalledRun(work, of: step, driver) {
        let result = try await call.run(in: scope, within: bounds(time), isShielded: isFinal)
        done = Performer.Performance(result: result)
      } else {
        done = try await bounds(time).run {
          try await performer.perform(work, in: scope, before: before, keeping: keeping) {
            tell(.progress($0))
          }
        }
      }
    } catch let error as ActionError {
      try record(
        work, error, sight.merging(keeping?.found() ?? [:]) { $1 }, resultIsWhole: false,
        since: start)
      throw error
    } catch let end as CalledRunEnd {
      let error = ActionError(.other, end.message, isInDoubt: end.status == .inDoubt)
      try record(work, error, sight, resultIsWhole: false, since: start)
      throw end
    } catch let obstacle as Obstacle {
      guard let error = error(for: obstacle) else { throw obstacle }
      try record(
        work, error, sight.merging(keeping?.found() ?? [:]) { $1 }, resultIsWhole: false,
        since: start)
      throw error
    }
    registerSecrets(in: done.result)
    done.evidence.merge(sight) { $1 }
    let failure = done.failure(of: work)
    try record(work, done, failure, since: start)
    if let failure { throw failure }
    return done.result
  }

  /// The person does it; what it gave is what the action finds of it.
  private func perform(
    _ work: Work, by walk: Walk, before: Value, within bounds: Bounds
  ) async throws -> Value {
    let scope = driver.scope()
    let answer = try await walk.ask(
      work, in: scope, canSkip: walk.canBeLeftOut, within: bounds)
    if answer == .skip { throw LeftOut() }
    if case .there(let result) = try await recall(work, before) {
      return Performer.adding(before, to: result)
    }
    return ["before": before]
  }

  /// What running out of time means: a write may have had its effect all the same.
  private func error(for obstacle: Obstacle) -> ActionError? {
    let isWrite = effect == .write || effect == .destroy
    switch obstacle {
    case .interrupted: return nil
    case .overdue: return ActionError(.timeout, StepRun.overdue, isInDoubt: isWrite)
    case .timedOut(let time):
      return ActionError(.timeout, "it took longer than \(time.readable)", isInDoubt: isWrite)
    }
  }

  private func registerSecrets(in result: Value) {
    let scope = driver.scope().with("result", result)
    for output in step.outputs.values where output.isSecret {
      if let value = try? output.value.evaluate(in: scope) { driver.masker.register(value) }
    }
  }

  /// Writes a value that is masked already into the folder of evidence and gives the file's hash.
  private func keep(_ masked: Value, as name: String) throws -> String {
    let bytes = Array(ValueCoding.encode(masked).text(.pretty).utf8)
    try DurableFile.write(bytes, to: driver.folder.evidence(name))
    return JournalContents.digest(of: bytes)
  }

  /// Keeps what the action sees of the world before or after it, where the file asks for it and the
  /// action sees anything.
  func keepSight(
    _ sight: Value, _ kind: Step.Evidence
  ) throws -> OrderedDictionary<String, String> {
    guard step.evidence.contains(kind), sight != .null else { return [:] }
    let name = "\(step.id).\(now.attempt).\(kind.rawValue).json"
    return [name: try keep(driver.masker.mask(sight), as: name)]
  }

  /// What the action sees when the checks hold. That it cannot look is no failure of the step.
  func keepSightAfter() async throws -> OrderedDictionary<String, String> {
    guard step.evidence.contains(.after), let work = step.work else { return [:] }
    do {
      return try keepSight(try await observe(work), .after)
    } catch let error as ActionError {
      driver.tell(.progress("what is there afterwards was not kept: \(error.message)"))
      return [:]
    }
  }

  private func record(
    _ work: Work, _ done: Performer.Performance, _ failure: ActionError?,
    since start: Duration
  ) throws {
    var evidence = done.evidence
    let masked = driver.masker.mask(done.result)
    evidence[resultName(now.attempt)] = try keep(masked, as: resultName(now.attempt))
    try record(
      work, failure, evidence, resultIsWhole: failure == nil && masked == done.result, since: start)
  }

  private func record(
    _ work: Work, _ failure: ActionError?, _ evidence: OrderedDictionary<String, String>,
    resultIsWhole: Bool, since start: Duration
  ) throws {
    let elapsed = driver.surroundings.clock.elapsed - start
    try driver.record(
      .action(
        .init(
          step: step.id, attempt: now.attempt, uses: driver.performer.name(of: work),
          isUndo: false, ok: failure == nil, milliseconds: elapsed.milliseconds,
          error: failure?.message, isInDoubt: failure?.isInDoubt ?? false, evidence: evidence,
          resultIsWhole: resultIsWhole)))
  }

  /// How long to wait before the next attempt; nil when there is none.
  private func pause(after error: ActionError, _ attempts: Int) async throws -> Duration? {
    guard let retry = step.retry else { return nil }
    return try retry.pause(after: error, attempts, in: driver.scope())
  }
}

extension Step {
  /// The streams that are kept as evidence.
  var keptChannels: [String] {
    [Step.Evidence.stdout, .stderr].filter(evidence.contains).map(\.rawValue)
  }
}

extension Retry {
  /// How long to wait after so many attempts; nil when it is not to be tried again.
  func pause(after error: ActionError, _ attempts: Int, in scope: Scope) throws -> Duration? {
    guard attempts < self.attempts else { return nil }
    let scope = scope.with("error", error.value)
    if let condition, !(try condition.isTrue(in: scope)) { return nil }
    var wait = try delay.evaluate(in: scope).seconds
    let longest = try maximumDelay.evaluate(in: scope).seconds
    for _ in 1..<attempts where wait < longest { wait *= backoff }
    // Jitter, so that several clients that failed together do not come back together.
    return .seconds(min(wait, longest) * Double.random(in: 0.5...1))
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
