internal import Diagnostics
internal import OrderedCollections
internal import Text

/// Looks for what is wrong in a runbook although it can be read.
public struct Lint {
  let runbook: Runbook
  let catalog: ActionCatalog
  /// The runbooks that it calls itself, as far as they can be read.
  let called: [String: Runbook]
  let findings = FindingList()

  private init(_ runbook: Runbook, _ catalog: ActionCatalog) {
    self.runbook = runbook
    self.catalog = catalog
    called = Lint.called(by: runbook, catalog)
  }

  /// Everything that is wrong or doubtful, in the order of the file.
  public static func findings(
    in runbook: Runbook, catalog: ActionCatalog = ActionCatalog()
  ) -> [Finding] {
    let lint = Lint(runbook, catalog)
    lint.checkTypes()
    lint.checkSteps()
    lint.checkCalls()
    lint.checkAnswers()
    lint.checkObjectives()
    lint.checkUnused()
    lint.checkTexts()
    return lint.findings.sorted
  }

  /// What the parser refused, as findings.
  public static func findings(for error: RunbookError) -> [Finding] {
    error.problems.map { Finding(.error, .format, $0.message, at: $0.location, hint: $0.hint) }
  }

  // MARK: Declared and never used

  private func checkUnused() {
    let expressions = allExpressions
    var inputs: Set<String> = []
    var secrets: Set<String> = []
    var outputs: Set<String> = []
    for expression in expressions {
      expression.visit { node in
        guard let (base, name) = node.constantMember, case .context(let context) = base.kind
        else { return }
        if context == "inputs" { inputs.insert(name) }
        if context == "secrets" { secrets.insert(name) }
      }
      for reference in expression.stepReferences where reference.member == "outputs" {
        // All outputs at once are asked by `steps.x.outputs` alone.
        outputs.insert("\(reference.step).\(reference.output ?? "*")")
      }
    }
    // `environment` chooses the target even when no expression asks for it.
    for input in runbook.inputs.values
    where !inputs.contains(input.name) && input.kind != .environment {
      findings.add(
        .warning, .unused, "input \"\(input.name)\" is never used", at: input.location)
    }
    for secret in runbook.secrets.values where !secrets.contains(secret.name) {
      findings.add(
        .warning, .unused, "secret \"\(secret.name)\" is never used", at: secret.location)
    }
    for step in runbook.allSteps where !outputs.contains("\(step.id).*") {
      for (name, output) in step.outputs where !outputs.contains("\(step.id).\(name)") {
        findings.add(
          .warning, .unused, "output \"\(name)\" of step \"\(step.id)\" is never used",
          at: output.value.location)
      }
    }
  }

  private var allExpressions: [Expression] {
    var result = runbook.environment.values.flatMap(\.expressions)
    result += runbook.concurrency?.group.expressions ?? []
    result += [runbook.timeout, runbook.concurrency?.wait].compactMap { $0?.expression }
    result += runbook.guards.flatMap(\.expressions)
    result += runbook.outputs.values.flatMap { $0.value.expressions }
    result += [runbook.drill?.measuredLoss].compactMap(\.self)
    return result + runbook.allSteps.flatMap(\.expressions)
  }

  // MARK: Expressions where nothing evaluates them

  private func checkTexts() {
    for step in runbook.allSteps {
      text(step.name, "\"name\"", at: step.location)
      for assertion in step.guards + step.checks { texts(of: assertion) }
      if case .action(let undo) = step.undo {
        if let name = undo.name { text(name, "\"name\"", at: undo.location) }
        for assertion in undo.checks { texts(of: assertion) }
      }
    }
    for assertion in runbook.guards { texts(of: assertion) }
  }

  private func texts(of assertion: Assertion) {
    text(assertion.name, "\"name\"", at: assertion.location)
    if let because = assertion.because { text(because, "\"because\"", at: assertion.location) }
  }

  private func text(_ text: String, _ key: String, at location: SourceLocation) {
    guard text.contains(text: "${{") else { return }
    findings.add(
      .warning, .notEvaluated, "\(key) is shown as it stands; its expression is not evaluated",
      at: location)
  }
}

extension Runbook {
  /// Throws where an expression cannot mean anything: it names what does not exist or comes later, or its
  /// types do not fit. A run would find that out at its step, when others have changed something.
  public func requireSense(catalog: ActionCatalog) throws(RunbookError) {
    let wrong = Lint.findings(in: self, catalog: catalog).filter {
      $0.severity == .error && [.type, .reference].contains($0.rule)
    }
    guard let first = wrong.first else { return }
    throw RunbookError(
      .invalid, "\(first.location): \(first.message)",
      details: wrong.dropFirst().map { "\($0.location): \($0.message)" },
      hint: first.hint ?? "`omcops runbook lint` shows all that is wrong.")
  }
}

extension Step {
  /// Every expression in it.
  public var expressions: [Expression] {
    var result = [condition, timeout?.expression].compactMap(\.self)
    result += work?.expressions ?? []
    result += (guards + checks).flatMap(\.expressions)
    result += outputs.values.flatMap { $0.value.expressions }
    result += retry?.expressions ?? []
    if case .action(let undo) = undo { result += undo.expressions }
    return result
  }
}
