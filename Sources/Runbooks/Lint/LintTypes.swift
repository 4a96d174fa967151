internal import Diagnostics
internal import OrderedCollections

// The types of all expressions of a runbook.
extension Lint {
  func checkTypes() {
    var steps: OrderedDictionary<String, [String: Shape]> = [:]
    let allIDs = runbook.allSteps.map(\.id)
    check(runbook.environment, base(steps: nil))
    if let concurrency = runbook.concurrency {
      checkText(concurrency.group, base(steps: nil))
      check(concurrency.wait, base(steps: nil))
    }
    check(runbook.timeout, base(steps: nil))
    for assertion in runbook.guards { check(assertion, base(steps: nil)) }
    for step in runbook.allSteps {
      var scope = base(steps: steps)
      scope.laterSteps = Set(allIDs).subtracting(steps.keys).subtracting([step.id])
      steps[step.id] = check(step, scope)
    }
    let end = base(steps: steps)
    for output in runbook.outputs.values { _ = check(output, end) }
    if let loss = runbook.drill?.measuredLoss {
      let found = TypeChecker(expression: loss, findings: findings).check(in: end)
      if !found.isComparable(with: .duration) {
        findings.add(
          .error, .type, "the measured data loss is \(found.typeName), no duration",
          at: loss.location)
      }
    }
  }

  // MARK: What can be seen where

  /// The contexts that are there everywhere.
  private func base(steps: OrderedDictionary<String, [String: Shape]>?) -> TypeScope {
    var contexts: [String: Shape] = [
      "inputs": .object(
        Dictionary(
          runbook.inputs.map { ($0, shape(of: $1)) }, uniquingKeysWith: { first, _ in first })),
      "target": target, "env": .map(.string),
      "run": .object([
        "id": .string, "short-id": .string, "started-at": .timestamp, "user": .string,
        "host": .string,
      ]),
      "measures": .object(
        Dictionary(
          runbook.allSteps.compactMap { $0.measure.map { ($0, .optional(.duration)) } },
          uniquingKeysWith: { first, _ in first })),
    ]
    if !runbook.secrets.isEmpty {
      contexts["secrets"] = .object(
        Dictionary(
          runbook.secrets.keys.map { ($0, .string) }, uniquingKeysWith: { first, _ in first }))
    }
    return TypeScope(contexts: contexts, steps: steps)
  }

  private func shape(of input: Input) -> Shape {
    let shape: Shape
    switch input.kind {
    case .string, .choice, .path, .environment: shape = .string
    case .number: shape = .number
    case .boolean: shape = .bool
    case .duration: shape = .duration
    }
    return input.isRequired || input.defaultValue != nil ? shape : .optional(shape)
  }

  private var target: Shape {
    var members: [String: Shape] = ["name": .string, "protected": .bool]
    for name in TargetMember.optional {
      let isRequired = runbook.requirements.targets.contains(name)
      members[name] = isRequired ? .any : .optional(.any)
    }
    // Each environment has its own names, and none is null.
    members["values"] = .map(.any)
    return .object(members)
  }

  // MARK: Steps

  /// Checks a step and gives the shapes of its outputs.
  private func check(_ step: Step, _ scope: TypeScope) -> [String: Shape] {
    condition(step.condition, scope)
    // The rest is only evaluated when the condition is true.
    let inside = scope.knowing(step.condition?.root.nonNull(when: true) ?? [])
    if let work = step.work { check(work, inside) }
    for assertion in step.guards { check(assertion, inside) }
    check(step.timeout, inside)
    check(step.retry, inside)
    let result = step.work.map(result)
    var outputs: [String: Shape] = [:]
    for (name, output) in step.outputs {
      outputs[name] = check(output, inside.with("result", result ?? .any))
    }
    var own = inside
    own.steps?[step.id] = outputs
    for assertion in step.checks { check(assertion, own) }
    if case .action(let undo) = step.undo {
      condition(undo.condition, own)
      let undoing = own.knowing(undo.condition?.root.nonNull(when: true) ?? [])
      check(undo.work, undoing)
      for assertion in undo.checks { check(assertion, undoing) }
      check(undo.timeout, undoing)
      check(undo.retry, undoing)
    }
    return outputs
  }

  /// What `outputs` sees as `result`; writes have what was there before in it.
  private func result(of work: Work) -> Shape {
    switch work {
    case .script: return scriptResult
    case .action(let action):
      if let name = action.calledRunbook, let other = called[name] {
        let outputs = other.outputs.filter { !$0.value.isSecret }
        return .object(
          Dictionary(outputs.map { ($0.key, .any) }, uniquingKeysWith: { first, _ in first }))
      }
      guard let entry = catalog[action.name] else { return .any }
      guard entry.effect != .read, case .object(var members) = entry.result else {
        return entry.result
      }
      if members["before"] == nil { members["before"] = .any }
      return .object(members)
    }
  }

  private var scriptResult: Shape {
    .object(["exit-code": .number, "stdout": .string, "stderr": .string])
  }

  private func check(_ work: Work, _ scope: TypeScope) {
    switch work {
    case .script(let script): check(script.environment, scope.allowingSecrets())
    case .action(let action):
      let parameters = catalog[action.name]?.parameters
      for (name, template) in action.parameters {
        let parameter = parameters?.first { $0.name == name }
        let visible = parameter?.takesSecrets == true ? scope.allowingSecrets() : scope
        check(template, named: name, parameter?.shape ?? .any, visible)
      }
    }
  }

  private func check(_ assertion: Assertion, _ scope: TypeScope) {
    condition(assertion.condition, scope)
    let inside = scope.knowing(assertion.condition?.root.nonNull(when: true) ?? [])
    if let probe = assertion.probe { check(probe, inside) }
    condition(assertion.expectation, inside.with("result", assertion.probe.map(result)))
    for span in [assertion.within, assertion.every, assertion.holdFor, assertion.timeout] {
      check(span, inside)
    }
  }

  // MARK: Fields

  private func condition(_ expression: Expression?, _ scope: TypeScope) {
    guard let expression else { return }
    TypeChecker(expression: expression, findings: findings).checkCondition(in: scope)
  }

  private func check(_ span: TimeSpan?, _ scope: TypeScope) {
    guard let expression = span?.expression else { return }
    let checker = TypeChecker(expression: expression, findings: findings)
    let found = checker.check(in: scope)
    checker.warnIfNull(expression.root, found, scope)
    if !found.isComparable(with: .duration) {
      checker.error(
        expression.root,
        "\"\(expression.source)\" is \(found.typeName), where a duration is needed",
        hint: "Texts become durations by duration(x).")
    }
  }

  private func check(_ retry: Retry?, _ scope: TypeScope) {
    guard let retry else { return }
    check(retry.delay, scope)
    check(retry.maximumDelay, scope)
    condition(
      retry.condition,
      scope.with(
        "error",
        .object([
          "kind": .string, "message": .string, "exit-code": .optional(.number),
          "sqlstate": .optional(.string),
        ])))
  }

  private func check(_ output: Output, _ scope: TypeScope) -> Shape {
    shape(of: output.value, output.isSecret ? scope.allowingSecrets() : scope)
  }

  private func check(_ variables: OrderedDictionary<String, Template>, _ scope: TypeScope) {
    for template in variables.values { checkText(template, scope.allowingSecrets()) }
  }

  private func checkText(_ template: Template, _ scope: TypeScope) {
    let found = shape(of: template, scope)
    if case .expression(let expression) = template.form {
      let checker = TypeChecker(expression: expression, findings: findings)
      checker.warnIfNull(expression.root, found, scope)
    }
    if !found.isTextual {
      findings.add(
        .error, .type, "\(found.typeName) cannot be a text", at: template.location,
        hint: "Use join or toJSON.")
    }
  }

  private func check(
    _ template: Template, named name: String, _ expected: Shape, _ scope: TypeScope
  ) {
    if case .deferred(let expression) = template.form {
      _ = TypeChecker(expression: expression, findings: findings)
        .check(in: scope.with("item", .any).with("items", .any).with("given", .map(.any)))
      return
    }
    let found = shape(of: template, scope)
    if case .expression(let expression) = template.form, !expected.takesNull {
      TypeChecker(expression: expression, findings: findings)
        .warnIfNull(expression.root, found, scope)
    }
    if !expected.accepts(found) {
      findings.add(
        .error, .type, "\"\(name)\" must be \(expected.phrase), but is \(found.typeName)",
        at: template.location)
    }
  }

  /// The type of a template.
  private func shape(of template: Template, _ scope: TypeScope) -> Shape {
    switch template.form {
    case .literal(let value): return TypeChecker.shape(of: value)
    case .expression(let expression):
      return TypeChecker(expression: expression, findings: findings).check(in: scope)
    case .deferred: return .any
    case .array(let items):
      let shapes = items.map { shape(of: $0, scope) }
      return .array(shapes.dropFirst().reduce(shapes.first ?? .any) { $0.joined(with: $1) })
    case .object(let members):
      var shapes: [String: Shape] = [:]
      for (key, member) in members { shapes[key] = shape(of: member, scope) }
      return .object(shapes)
    case .text(let parts):
      for case .expression(let expression) in parts {
        let checker = TypeChecker(expression: expression, findings: findings)
        let found = checker.check(in: scope)
        checker.warnIfNull(expression.root, found, scope)
        if !found.isTextual {
          checker.error(
            expression.root, "\(found.typeName) cannot stand in a text",
            hint: "Use join or toJSON.")
        }
      }
      return .string
    }
  }
}

extension Shape {
  /// Whether a value of another shape can be of this one.
  func accepts(_ other: Shape) -> Bool {
    switch (withoutNull, other.withoutNull) {
    case (.any, _), (_, .any): true
    case (.duration, .string), (.timestamp, .string): true
    case (.array(let expected), .array(let found)): expected.accepts(found)
    case (.map(let expected), .map(let found)): expected.accepts(found)
    case (.map(let expected), .object(let members)):
      members.values.allSatisfy { expected.accepts($0) }
    case (.object, .map): true
    case (.object(let expected), .object(let found)):
      found.allSatisfy { key, shape in expected[key]?.accepts(shape) ?? false }
    default: isComparable(with: other)
    }
  }
}
