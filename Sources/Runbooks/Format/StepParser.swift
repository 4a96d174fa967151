internal import Diagnostics
internal import OrderedCollections
internal import Quantities
internal import YAML

// Steps, assertions and undos.
extension RunbookParser {
  func step(_ node: YAMLNode) -> Step? {
    let label = node.mapping?["id"]?.string.map { "step \"\($0)\"" } ?? "the step"
    guard let reader = MappingReader(node, as: label, problems: problems) else { return nil }
    let id = identifier("id", in: reader, required: true)
    let name = text("name", in: reader, required: true)
    let work = work(reader, readOnly: .allowed)
    let step = Step(
      id: id ?? "", name: name ?? "", description: reader.string("description"),
      condition: reader.node("if").flatMap { expression($0, "\"if\"") }, work: work,
      guards: assertions("guard", in: reader), checks: assertions("check", in: reader),
      whenSatisfied: choice("when-satisfied", in: reader) ?? .skip, undo: undo(reader),
      isOnce: reader.bool("once") ?? false, timeout: span("timeout", in: reader),
      retry: retry(reader), continuesOnError: reader.bool("continue-on-error") ?? false,
      outputs: named("outputs", in: reader) { output($0) }, evidence: evidence(reader),
      measure: identifier("measure", in: reader), drill: choice("drill", in: reader) ?? .run,
      location: node.location, digest: CanonicalForm.digest(of: node))
    reader.finish()
    if work == nil, !reader.has("uses"), !reader.has("run"), !reader.has("check") {
      problems.report(
        "\(label) does nothing", at: node.location,
        hint: "A step has \"uses\", \"run\" or \"check\".")
    }
    checkUndo(step, reader)
    checkEvidence(step, reader)
    return step
  }

  private func checkUndo(_ step: Step, _ reader: MappingReader) {
    guard case .unspecified = step.undo, !reader.has("undo"),
      case .action(let action)? = step.work, catalog[action.name]?.effect == .destroy
    else { return }
    problems.report(
      "\(action.name) takes something away, but step \"\(step.id)\" has no \"undo\"",
      at: action.location, hint: "Say how it is taken back, or undo: { none: WHY }.")
  }

  private func evidence(_ reader: MappingReader) -> Set<Step.Evidence> {
    guard reader.has("evidence") else { return [.stdout, .stderr, .result] }
    let words = Step.Evidence.allCases.map(\.rawValue)
    let kinds = unique("evidence", in: reader).compactMap { word -> Step.Evidence? in
      if let kind = Step.Evidence(rawValue: word) { return kind }
      problems.report(
        "there is no evidence \"\(word)\"\(Suggestion.phrase(for: word, among: words))",
        at: reader.location(of: "evidence"), hint: "Kinds: \(words.joined(separator: ", ")).")
      return nil
    }
    return Set(kinds)
  }

  /// Only an action knows what to look at before and after.
  func checkEvidence(_ step: Step, _ reader: MappingReader) {
    guard !step.evidence.isDisjoint(with: [.before, .after]) else { return }
    if case .action? = step.work { return }
    problems.report(
      "\"before\" and \"after\" are what an action sees, but step \"\(step.id)\" has none",
      at: reader.location(of: "evidence"), hint: "Use an action, or keep stdout and stderr.")
  }

  // MARK: What is done

  enum ReadOnly { case allowed, demanded, forbidden }

  /// Reads `uses`/`with` or `run`/`shell`/`env`/`read-only`; nil when neither stands there.
  func work(_ reader: MappingReader, readOnly: ReadOnly) -> Work? {
    let uses = reader.node("uses")
    let run = reader.node("run")
    reader.expect("with", "shell", "env")
    if readOnly != .forbidden { reader.expect("read-only") }
    misplaced("with", in: reader, unless: uses != nil, "belongs to \"uses\"")
    for key in ["shell", "env", "read-only"] where readOnly != .forbidden || key != "read-only" {
      misplaced(key, in: reader, unless: run != nil, "belongs to \"run\"")
    }
    if uses != nil, run != nil {
      problems.report(
        "\"uses\" and \"run\" stand together; a step does one thing",
        at: reader.location(of: "run"))
    }
    if uses != nil { return action(reader, mustRead: readOnly == .demanded).map { .action($0) } }
    if run != nil { return script(reader, readOnly: readOnly).map { .script($0) } }
    return nil
  }

  private func action(_ reader: MappingReader, mustRead: Bool) -> ActionReference? {
    guard let name = reader.string("uses"), let node = reader.node("uses") else { return nil }
    guard isKnown(name), let entry = catalog[name] else {
      problems.report(
        "there is no action \"\(name)\"\(Suggestion.phrase(for: name, among: catalog.names))",
        at: node.location, hint: "Actions: \(catalog.names.joined(separator: ", ")).")
      return nil
    }
    if mustRead, entry.effect != .read {
      problems.report(
        "\(name) cannot stand in a guard or a check: it changes something", at: node.location,
        hint: "These only read: \(catalog.readNames.joined(separator: ", ")).")
    }
    let parameters = ParameterReader(self, entry: entry).read(reader)
    return ActionReference(name: name, parameters: parameters, location: node.location)
  }

  private func isKnown(_ name: String) -> Bool {
    guard name.hasPrefix("runbook/") else { return true }
    return NameShape.isRunbook(name.dropFirst("runbook/".count))
  }

  private func script(_ reader: MappingReader, readOnly: ReadOnly) -> Script? {
    let text = reader.string("run")
    let shell: Script.Shell = choice("shell", in: reader) ?? .bash
    let variables = environment(reader)
    let claim = readOnly == .forbidden ? nil : reader.bool("read-only")
    if readOnly == .demanded, claim != true {
      problems.report(
        "a \"run\" in a guard or a check must say read-only: true",
        at: reader.location(of: "run"),
        hint: "It is run by plans and before steps, so it must not change anything.")
    }
    guard let text, let node = reader.node("run") else { return nil }
    if let scalar = node.scalar { refuseExpressions(in: scalar, "shell text", "\"env\"") }
    if text.allSatisfy(\.isWhitespace) {
      problems.report("\"run\" is empty", at: node.location)
    }
    return Script(
      text: text, shell: shell, environment: variables, isReadOnly: claim ?? false,
      location: node.location, origin: node.scalar)
  }

  /// Values put into SQL or shell text by an expression would be read as SQL or shell.
  func refuseExpressions(in scalar: YAMLScalar, _ what: String, _ instead: String) {
    let characters = Array(scalar.text.unicodeScalars)
    let opening = Array("${{".unicodeScalars)
    guard
      let offset = characters.indices.first(where: { characters[$0...].starts(with: opening) })
    else { return }
    problems.report(
      "an expression stands inside of \(what)", at: scalar.location(at: offset),
      hint: "What it holds would be read as part of the command. Hand it over by \(instead).")
  }

  // MARK: What must hold

  func assertions(_ key: String, in reader: MappingReader) -> [Assertion] {
    guard let nodes = reader.sequence(key) else { return [] }
    if nodes.isEmpty {
      problems.report("\"\(key)\" has no entry", at: reader.location(of: key))
    }
    return nodes.compactMap { assertion($0, in: key) }
  }

  private func assertion(_ node: YAMLNode, in key: String) -> Assertion? {
    let article = key == "guard" ? "the guard" : "the check"
    let label = node.mapping?["name"]?.string.map { "\(article) \"\($0)\"" } ?? article
    guard let reader = MappingReader(node, as: label, problems: problems) else { return nil }
    let name = text("name", in: reader, required: true)
    let probe = work(reader, readOnly: .demanded)
    let expectation = reader.node("expect").flatMap { expression($0, "\"expect\"") }
    if !reader.has("uses"), !reader.has("run"), !reader.has("expect") {
      problems.report(
        "\(label) asks nothing", at: node.location,
        hint: "An assertion has \"expect\", \"uses\" or \"run\".")
    }
    let assertion = Assertion(
      name: name ?? "", condition: reader.node("if").flatMap { expression($0, "\"if\"") },
      probe: probe, expectation: expectation, because: reader.string("because"),
      within: span("within", in: reader), every: span("every", in: reader) ?? .fixed(.seconds(2)),
      holdFor: span("for", in: reader), timeout: span("timeout", in: reader),
      isInvariant: key == "check" ? reader.bool("invariant") ?? false : false,
      location: node.location)
    reader.finish()
    return assertion
  }

  // MARK: How it is taken back and tried again

  private func undo(_ reader: MappingReader) -> Undo {
    guard let node = reader.node("undo") else { return .unspecified }
    if let word = node.string {
      if word == "none" { return .none(reason: nil) }
      problems.report(
        "\"undo\" is \"\(word)\"", at: node.location,
        hint: "Write undo: { none: WHY }, or a mapping with \"uses\" or \"run\".")
      return .unspecified
    }
    guard let reader = MappingReader(node, as: "the undo", problems: problems) else {
      return .unspecified
    }
    if reader.has("none") {
      let reason = text("none", in: reader, required: true)
      reader.finish()
      return .none(reason: reason)
    }
    let name = reader.string("name")
    let work = work(reader, readOnly: .forbidden)
    let condition = reader.node("if").flatMap { expression($0, "\"if\"") }
    let checks = assertions("check", in: reader)
    let (timeout, retry) = (span("timeout", in: reader), retry(reader))
    let until = identifier("until", in: reader)
    reader.finish()
    guard let work else {
      if !reader.has("uses"), !reader.has("run") {
        problems.report("the undo has neither \"uses\" nor \"run\"", at: node.location)
      }
      return .unspecified
    }
    return .action(
      UndoAction(
        name: name, work: work, condition: condition, checks: checks, timeout: timeout,
        retry: retry, until: until, location: node.location))
  }

  func retry(_ reader: MappingReader) -> Retry? {
    guard let retry = reader.mapping("retry", as: "\"retry\"") else { return nil }
    if retry.requiredNode("attempts") == nil { return nil }
    let attempts = retry.int("attempts")
    if let attempts, !(2...100).contains(attempts) {
      problems.report(
        "\"attempts\" is \(attempts); it must be from 2 to 100",
        at: retry.location(of: "attempts"))
    }
    let backoff = retry.number("backoff")
    if let backoff, backoff < 1 {
      problems.report(
        "\"backoff\" is \(backoff); it must be at least 1", at: retry.location(of: "backoff"))
    }
    let result = Retry(
      attempts: Int(clamping: attempts ?? 2),
      delay: span("delay", in: retry) ?? .fixed(.seconds(1)),
      backoff: backoff ?? 2, maximumDelay: span("max-delay", in: retry) ?? .fixed(.seconds(60)),
      condition: retry.node("if").flatMap { expression($0, "\"if\"") })
    retry.finish()
    return result
  }
}
