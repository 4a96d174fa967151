internal import Diagnostics
internal import OrderedCollections

// What steps must not do, whatever the types.
extension Lint {
  func checkSteps() {
    let finally = Set(runbook.finally.map(\.id))
    for step in runbook.allSteps {
      checkEffect(step)
      checkUndo(step)
      checkOwnOutputs(step)
      checkOffer(step)
      checkReferences(from: step, isFinal: finally.contains(step.id))
    }
    for assertion in runbook.guards { if let probe = assertion.probe { offer(probe, nil) } }
  }

  /// Whether a step changes something that only its check can see.
  private func isBlind(_ step: Step) -> Bool {
    guard step.checks.isEmpty else { return false }
    switch step.work {
    case nil: return false
    case .script(let script)?: return !script.isReadOnly
    case .action(let action)?:
      guard let entry = catalog[action.name], entry.isOffered else { return false }
      return (entry.effect == .write || entry.effect == .destroy) && !entry.isObservable
    }
  }

  private func changes(_ step: Step) -> Bool {
    switch step.work {
    case nil: false
    case .script(let script)?: !script.isReadOnly
    case .action(let action)?: catalog[action.name].map { $0.effect != .read } ?? true
    }
  }

  private func checkEffect(_ step: Step) {
    guard isBlind(step) else { return }
    findings.add(
      .warning, .noCheck, "step \"\(step.id)\" changes something, but has no \"check\"",
      at: step.location,
      hint: "Without one nobody knows whether it worked, and a resume has to ask. Say read-only: "
        + "true if it changes nothing.")
    guard step.retry != nil else { return }
    findings.add(
      .error, .blindRetry,
      "step \"\(step.id)\" is retried, but nothing shows whether it had happened",
      at: step.location, hint: "Give it a \"check\": a failed attempt may have done its work.")
  }

  /// Whoever reads an undo has to know whether what stays was meant to.
  private func checkUndo(_ step: Step) {
    guard changes(step), case .none(nil) = step.undo else { return }
    findings.add(
      .warning, .noUndo,
      "step \"\(step.id)\" changes something, and \"undo\" says none without a word",
      at: step.location,
      hint: "Write undo: { none: WHY }; the page of the runbook and its plans show the reason.")
  }

  // MARK: A step's own outputs

  private func checkOwnOutputs(_ step: Step) {
    if changes(step) {
      for assertion in step.checks {
        for reference in references(to: step.id, in: assertion.expressions) {
          findings.add(
            .error, .checkOwnOutputs,
            "the check of \"\(step.id)\" reads its own step's \(reference.member)",
            at: reference.location,
            hint:
              "A check is evaluated before its step too, when there are no outputs yet. Ask the "
              + "system itself.")
        }
      }
    }
    guard case .action(let undo) = step.undo else { return }
    for reference in references(to: step.id, in: undo.expressions)
    where !isBefore(step.outputs[reference.output ?? ""]) {
      findings.add(
        .error, .undoOwnOutputs,
        "the undo of \"\(step.id)\" reads its own step's \(reference.member)",
        at: reference.location,
        hint: "A step that failed half-way has none. Outputs made of result.before alone are there "
          + "all the same.")
    }
  }

  private func references(
    to id: String, in expressions: [Expression]
  ) -> [(member: String, output: String?, location: SourceLocation)] {
    expressions.flatMap { expression in
      expression.stepReferences
        .filter { $0.step == id && ($0.member == "outputs" || $0.member == "finished-at") }
        .map { ($0.member ?? "", $0.output, expression.location(of: $0.offset)) }
    }
  }

  /// Whether an output is made of nothing but what was observed before the step.
  private func isBefore(_ output: Output?) -> Bool {
    guard let expressions = output?.value.expressions, !expressions.isEmpty else { return false }
    var isBefore = true
    for expression in expressions {
      var results = 0
      var befores = 0
      expression.visit { node in
        if case .context("result") = node.kind { results += 1 }
        if let (base, name) = node.constantMember, name == "before",
          case .context("result") = base.kind
        {
          befores += 1
        }
      }
      if results != befores { isBefore = false }
    }
    return isBefore
  }

  // MARK: Actions that this program lacks

  private func checkOffer(_ step: Step) {
    if let work = step.work { offer(work, step.condition) }
    for assertion in step.guards + step.checks {
      if let probe = assertion.probe { offer(probe, step.condition ?? assertion.condition) }
    }
    if case .action(let undo) = step.undo { offer(undo.work, step.condition ?? undo.condition) }
  }

  /// A condition may keep it from running, so only steps without one are told.
  private func offer(_ work: Work, _ condition: Expression?) {
    guard case .action(let action) = work, condition == nil, catalog.hasOffers,
      !catalog.offers(action.name), action.calledRunbook == nil
    else { return }
    findings.add(
      .warning, .notOffered, "this omcops cannot run \(action.name)", at: action.location,
      hint: "A run is refused as long as nothing keeps the step from running.")
  }

  // MARK: Steps that may not have run

  private func checkReferences(from step: Step, isFinal: Bool) {
    let guarded = statusesAsked(by: [step.condition].compactMap(\.self))
    for expression in step.expressions {
      let known = guarded.union(statusesAsked(by: [expression]))
      for reference in unsheltered(expression)
      where reference.step != step.id && !known.contains(reference.step) {
        guard let other = runbook.step(reference.step) else { continue }
        if isFinal {
          findings.add(
            .error, .maybeSkipped,
            "step \"\(other.id)\" may not have run when \"finally\" begins",
            at: expression.location(of: reference.offset),
            hint: "Add if: steps.\(other.id).status == 'done', or use default(x, y).")
        } else if mayBeSkipped(other, seenFrom: step) {
          findings.add(
            .warning, .maybeSkipped, "step \"\(other.id)\" may be skipped and has no outputs then",
            at: expression.location(of: reference.offset),
            hint: "Ask steps.\(other.id).status first, or use default(x, y).")
        }
      }
    }
  }

  private func mayBeSkipped(_ other: Step, seenFrom step: Step) -> Bool {
    if other.continuesOnError { return true }
    guard let condition = other.condition else { return false }
    return !(step.condition.map { entails($0.root, condition.root) } ?? false)
  }

  /// Whether one condition holds another as one of its parts.
  private func entails(_ condition: ExpressionNode, _ part: ExpressionNode) -> Bool {
    if condition.spelling == part.spelling { return true }
    switch condition.kind {
    case .group(let inner): return entails(inner, part)
    case .binary(.and, let left, let right): return entails(left, part) || entails(right, part)
    default: return false
    }
  }

  private func statusesAsked(by expressions: [Expression]) -> Set<String> {
    Set(
      expressions.flatMap { expression in
        expression.stepReferences.filter { $0.member == "status" }.map(\.step)
      })
  }

  /// References to outputs and times that do not stand inside of `default(...)`.
  private func unsheltered(_ expression: Expression) -> [(step: String, offset: Int)] {
    var sheltered: [Range<Int>] = []
    expression.visit { node in
      if case .call("default", let arguments) = node.kind, let first = arguments.first {
        sheltered.append(first.range)
      }
    }
    return expression.stepReferences
      .filter { reference in
        reference.member != "status" && reference.member != nil
          && !sheltered.contains { $0.contains(reference.offset) }
      }
      .map { ($0.step, $0.offset) }
  }
}
