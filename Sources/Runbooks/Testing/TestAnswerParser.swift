internal import Diagnostics
internal import OrderedCollections
internal import Quantities
internal import YAML

// Answers, and whether the runbook has a call for each.
extension RunbookTestParser {
  func answer(_ node: YAMLNode) -> TestAnswer? {
    let label = node.mapping?["uses"]?.string.map { "the answer of \($0)" } ?? "the answer"
    guard let reader = MappingReader(node, as: label, problems: problems) else { return nil }
    let uses = reader.string("uses", required: true)
    let place = reader.string("at")
    let assertion = reader.string("assertion")
    var with: OrderedDictionary<String, Template> = [:]
    for entry in reader.entries("with") ?? [] { with[entry.key] = values.template(entry.value) }
    let after = after(reader)
    let outcomes = outcomes(reader, node)
    let before = reader.node("before").flatMap { values.template($0) }
    let recall: TestAnswer.Recall? = values.choice("recall", in: reader)
    let isOptional = reader.bool("optional") ?? false
    reader.finish()
    guard let uses else { return nil }
    let answer = TestAnswer(
      id: next(), location: node.location, uses: uses, place: place, assertion: assertion,
      with: with, after: after, outcomes: outcomes, before: before, recall: recall,
      isOptional: isOptional)
    checkCall(of: answer, reader)
    return answer
  }

  private func after(_ reader: MappingReader) -> [String] {
    let single = reader.node("after")?.string.map { [$0] }
    let steps = single ?? reader.strings("after") ?? []
    for id in steps {
      let location = reader.location(of: "after")
      if sites.all.contains(where: { $0.place == id }) { continue }
      checkStep(id, at: location)
      if runbook.step(id) != nil {
        problems.report(
          "step \"\(id)\" only checks; nothing is different after it", at: location)
      }
    }
    return steps
  }

  private func outcomes(_ reader: MappingReader, _ node: YAMLNode) -> [TestAnswer.Outcome] {
    guard reader.has("sequence") else { return [outcome(reader, at: node.location)] }
    for key in ["result", "error", "takes"] where reader.has(key) {
      problems.report(
        "\"\(key)\" stands beside \"sequence\"", at: reader.location(of: key),
        hint: "Put it into the entries of the sequence.")
    }
    reader.expect("result", "error", "takes")
    let nodes = reader.sequence("sequence") ?? []
    if nodes.isEmpty {
      problems.report("\"sequence\" has no entry", at: reader.location(of: "sequence"))
    }
    return nodes.compactMap { node in
      guard let reader = MappingReader(node, as: "the entry", problems: problems) else {
        return nil
      }
      defer { reader.finish() }
      return outcome(reader, at: node.location)
    }
  }

  private func outcome(_ reader: MappingReader, at location: SourceLocation) -> TestAnswer.Outcome {
    let result = reader.node("result").flatMap { values.template($0) }
    let error = reader.mapping("error").map { problem($0) }
    if result != nil, error != nil {
      problems.report(
        "\"result\" and \"error\" stand together", at: reader.location(of: "error"))
    }
    let takes = duration("takes", in: reader)
    return TestAnswer.Outcome(result: result, error: error, takes: takes, location: location)
  }

  private func problem(_ reader: MappingReader) -> TestAnswer.Problem {
    let kinds = ActionError.Kind.allCases.map(\.rawValue)
    let kind = reader.choice("kind", of: kinds).flatMap(ActionError.Kind.init) ?? .other
    let problem = TestAnswer.Problem(
      kind: kind, message: reader.string("message", required: true) ?? "",
      hint: reader.string("hint"), exitCode: reader.int("exit-code").map { Int($0) },
      sqlState: reader.string("sqlstate"), isInDoubt: reader.bool("in-doubt") ?? false,
      takesEffect: reader.bool("takes-effect") ?? false)
    reader.finish()
    return problem
  }

  // MARK: Whether there is such a call

  private func checkCall(of answer: TestAnswer, _ reader: MappingReader) {
    let named = sites.all.filter { $0.uses == answer.uses }
    guard !named.isEmpty else {
      let names = Set(sites.all.map(\.uses)).sorted()
      problems.report(
        "\(runbook.name) does not use \"\(answer.uses)\""
          + Suggestion.phrase(for: answer.uses, among: names), at: reader.location(of: "uses"),
        hint: "It uses \(names.joined(separator: ", ")).")
      return
    }
    checkFields(of: answer, reader)
    let placed = named.filter { answer.place == nil || $0.place == answer.place }
    guard !placed.isEmpty else {
      let places = unique(named.map(\.place))
      problems.report(
        "\(answer.uses) is not used at \"\(answer.place ?? "")\""
          + Suggestion.phrase(for: answer.place ?? "", among: places),
        at: reader.location(of: "at"), hint: "It is used at \(places.joined(separator: ", ")).")
      return
    }
    guard let assertion = answer.assertion,
      !placed.contains(where: { $0.assertion == assertion })
    else { return }
    let names = unique(placed.compactMap(\.assertion))
    problems.report(
      "no guard or check that uses \(answer.uses) there is called \"\(assertion)\""
        + Suggestion.phrase(for: assertion, among: names), at: reader.location(of: "assertion"),
      hint: names.isEmpty ? nil : "They are called \"\(names.joined(separator: "\", \""))\".")
  }

  private func checkFields(of answer: TestAnswer, _ reader: MappingReader) {
    guard let known = catalog[answer.uses]?.parameters?.map(\.name) else { return }
    for field in answer.with.keys where !known.contains(field) {
      problems.report(
        "\(answer.uses) has no field \"\(field)\"\(Suggestion.phrase(for: field, among: known))",
        at: reader.location(of: "with"))
    }
  }

  private func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
