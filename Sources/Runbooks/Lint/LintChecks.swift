internal import Diagnostics
internal import Quantities

// Checks that cannot fail, steps that cannot run.
extension Lint {
  func checkAnswers() {
    for assertion in runbook.guards { mustBeAbleToFail(assertion, "guard") }
    for step in runbook.allSteps {
      for assertion in step.guards { mustBeAbleToFail(assertion, "guard") }
      for assertion in step.checks { mustBeAbleToFail(assertion, "check") }
      mayRun(step)
      if case .action(let undo) = step.undo {
        for assertion in undo.checks { mustBeAbleToFail(assertion, "check") }
      }
    }
  }

  /// Actions that answer whatever they find: without an expectation only a lost connection fails.
  private static let answeringAlways: Set<String> = [
    "sql.query", "db.info", "db.compare", "db.migrate.status", "kube.events", "aws.read",
    "alertmanager.alerts", "loki.query",
  ]

  private func mustBeAbleToFail(_ assertion: Assertion, _ kind: String) {
    guard let expectation = assertion.expectation else {
      guard case .action(let action)? = assertion.probe,
        Lint.answeringAlways.contains(action.name)
      else { return }
      return findings.add(
        .warning, .vacuous,
        "the \(kind) \"\(assertion.name)\" holds whatever \(action.name) finds",
        at: assertion.location, hint: "Say with \"expect\" what has to be found.")
    }
    switch constant(expectation) {
    case true?:
      findings.add(
        .error, .vacuous, "the \(kind) \"\(assertion.name)\" can never fail",
        at: expectation.location, hint: "It reads nothing that could be otherwise.")
    case false?:
      findings.add(
        .error, .vacuous, "the \(kind) \"\(assertion.name)\" can never hold",
        at: expectation.location)
    case nil:
      if assertion.probe != nil, !expectation.contexts.contains("result") {
        findings.add(
          .warning, .vacuous,
          "the \(kind) \"\(assertion.name)\" asks, and does not look at the answer",
          at: expectation.location, hint: "Read \"result\", or leave the action out.")
      }
    }
  }

  private func mayRun(_ step: Step) {
    guard let condition = step.condition, let answer = constant(condition) else { return }
    if answer {
      findings.add(
        .warning, .unreachable, "the condition of \"\(step.id)\" is always true",
        at: condition.location, hint: "Leave \"if\" out.")
    } else {
      findings.add(
        .error, .unreachable, "step \"\(step.id)\" can never run: its condition is always false",
        at: condition.location)
    }
  }

  /// The value of a condition that reads nothing; nil where it does.
  private func constant(_ expression: Expression) -> Bool? {
    var isFixed = expression.contexts.isEmpty
    expression.visit { node in
      if case .call("now", _) = node.kind { isFixed = false }
      if case .call("age", _) = node.kind { isFixed = false }
    }
    guard isFixed else { return nil }
    return try? expression.isTrue(in: Scope(now: Timestamp(microseconds: 0)))
  }
}

// Times that stand in the file beside the objective that they have to serve.
extension Lint {
  func checkObjectives() {
    guard case .fixed(let objective)? = runbook.drill?.recoveryTime, let drill = runbook.drill
    else { return }
    var isMeasured = drill.measureFrom == nil
    for step in runbook.steps {
      if step.id == drill.measureFrom { isMeasured = true }
      if isMeasured { serves(step, objective) }
      if step.id == drill.measureTo { return }
    }
  }

  /// A step that may take longer than the whole recovery tells of a miss only when it is one.
  private func serves(_ step: Step, _ objective: Duration) {
    var times = [("timeout", step.timeout, step.location)]
    for check in step.checks { times.append(("within", check.within, check.location)) }
    for (key, time, location) in times {
      guard case .fixed(let time)? = time, time > objective else { continue }
      findings.add(
        .warning, .objective,
        "\"\(key)\" of step \"\(step.id)\" is \(time.canonical), longer than the objective of "
          + objective.canonical, at: location,
        hint: "The drill measures this step: its own limit should be below the rto.")
    }
  }
}
