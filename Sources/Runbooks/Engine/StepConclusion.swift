internal import Diagnostics
internal import OrderedCollections
internal import Quantities

// The end of a step: outputs, then the checks that prove them, then the record.
extension StepRun {
  /// Evaluates the outputs, waits for the checks and finishes the step.
  ///
  /// - Throws: `ActionError` of kind `assertion` for the first check that does not hold.
  func conclude(_ result: Value, status: StepStatus) async throws {
    let outputs = try outputs(of: result)
    for assertion in step.checks {
      driver.tell(.asks(assertion.name))
      let finding = try await driver.find(assertion, within: bounds()) {
        var scope = $0
        scope.steps?[step.id]?.outputs = outputs
        return scope.with("result", result)
      }
      let verdict = finding.verdict
      let reason = verdict.reason.map { driver.explain(assertion, $0) }
      try driver.record(
        .check(
          step: step.id, phase: .after, name: assertion.name, ok: verdict == .holds,
          detail: reason ?? finding.saw))
      driver.tell(.assertion(assertion.name, holds: verdict == .holds, detail: reason))
      guard verdict == .holds else {
        throw ActionError(.assertion, "\(assertion.name): \(reason ?? "")")
      }
    }
    try finish(status, outputs: outputs, evidence: try await keepSightAfter())
  }

  /// The outputs over a result; those that are secret are masked from now on.
  func outputs(of result: Value) throws -> OrderedDictionary<String, Value> {
    let scope = driver.scope().with("result", result)
    var values: OrderedDictionary<String, Value> = [:]
    for (name, output) in step.outputs {
      guard let value = try value(of: output, in: scope) else { continue }
      if output.isSecret { driver.masker.register(value) }
      values[name] = value
    }
    return values
  }

  /// What a person did gives no result: then an output that is absent stays so, and whoever asks for
  /// it is told.
  private func value(of output: Output, in scope: Scope) throws -> Value? {
    do {
      return try output.value.evaluate(in: scope)
    } catch {
      guard driver.options.mode == .walk, error.kind == .absent else { throw error }
      return nil
    }
  }

  func finish(
    _ status: StepStatus, outputs: OrderedDictionary<String, Value> = [:], before: Value? = nil,
    evidence: OrderedDictionary<String, String> = [:]
  ) throws {
    let withheld = status == .skipped ? [] : step.outputs.filter(\.value.isSecret).map(\.key)
    driver.keepSecret(outputs.filter { withheld.contains($0.key) }, of: step.id)
    try driver.record(
      .stepFinish(
        .init(
          step: step.id, status: status, milliseconds: milliseconds,
          outputs: outputs.filter { !withheld.contains($0.key) }, withheld: withheld,
          before: before, evidence: evidence)))
    if status == .skipped { return }
    driver.tell(.stepEnds(status.rawValue, .milliseconds(milliseconds), detail: nil))
  }

  func fail(_ status: StepStatus, _ detail: String, exit: ExitStatus) throws {
    try driver.record(
      .stepFinish(
        .init(
          step: step.id, status: status, milliseconds: milliseconds, detail: detail,
          exit: exit.rawValue, decision: decision(status, exit))))
    driver.tell(
      .stepEnds(status.rawValue, .milliseconds(milliseconds), detail: driver.masker.mask(detail)))
    if wouldAsk(status, exit), let reason = driver.reasonNotToAsk { driver.tell(.message(reason)) }
  }

  /// What the last error of the step's action or check comes to.
  func end(after error: ActionError) throws {
    let text = error.hint.map { "\(error.message); \($0)" } ?? error.message
    switch error.kind {
    case _ where error.isInDoubt: try fail(.inDoubt, text, exit: .inDoubt)
    case .refused: try fail(.failed, text, exit: .refused)
    // Of a step that only checks, nothing failed: it blocks, as a guard does.
    case .assertion where step.work == nil: try fail(.blocked, text, exit: .blocked)
    default: try fail(.failed, text, exit: .failed)
    }
  }

  /// What comes after a failure: a question needs somebody who can answer it, and the end of a run is
  /// no reason to take it back.
  private func decision(_ status: StepStatus, _ exit: ExitStatus) -> FailureDecision {
    if step.continuesOnError { return .goOn }
    if !isOpen(status, exit) { return .stop }
    switch driver.runbook.onFailure {
    case .stop: return .stop
    case .undo: return .undo
    case .ask: return driver.surroundings.operators == nil ? .stop : .ask
    }
  }

  /// Whether `on-failure` has a say in what comes next.
  private func isOpen(_ status: StepStatus, _ exit: ExitStatus) -> Bool {
    !isFinal && status != .inDoubt && exit != .refused
  }

  private func wouldAsk(_ status: StepStatus, _ exit: ExitStatus) -> Bool {
    !step.continuesOnError && isOpen(status, exit) && driver.runbook.onFailure == .ask
  }
}
