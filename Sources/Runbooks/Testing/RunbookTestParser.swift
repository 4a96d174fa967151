internal import Diagnostics
internal import OrderedCollections
internal import Quantities
public import SystemPackage
internal import YAML

extension RunbookTest {
  /// Reads `runbooks/tests/<runbook>.yaml` and the runbook, which lies in the folder above.
  ///
  /// - Throws: `RunbookError` for everything that is wrong in either file, with its places.
  public static func load(_ path: FilePath, catalog: ActionCatalog) throws -> RunbookTest {
    do {
      let document = try YAMLDocument(parsing: Runbook.bytes(of: path), file: path.string)
      let runbook = try runbook(of: document.root, path, catalog)
      let problems = YAMLProblems()
      let called = try CalledRunbooks(of: runbook, catalog: catalog).all
      let parser = RunbookTestParser(problems, runbook, calling: called, catalog)
      let test = parser.test(document.root, file: path.string)
      try problems.throwIfAny(showing: document.source)
      guard let test else {
        throw YAMLError(YAMLProblem("this is no test", at: document.root.location))
      }
      return test
    } catch let error as YAMLError {
      throw RunbookError(error)
    }
  }

  private static func runbook(
    of root: YAMLNode, _ path: FilePath, _ catalog: ActionCatalog
  ) throws -> Runbook {
    let node = root.mapping?["runbook"]
    let above = path.removingLastComponent().appending("..").lexicallyNormalized()
    let folder = RunbookFolder(above.isEmpty ? "." : above)
    let file: FilePath
    do {
      file = try folder.file(of: node?.string ?? path.stem ?? "")
    } catch {
      throw YAMLError(
        YAMLProblem(error.message, at: node?.location ?? root.location, hint: error.hint))
    }
    return try Runbook.load(file, catalog: catalog)
  }
}

/// Turns the nodes of a test's file into the model; what is wrong goes to `problems`.
struct RunbookTestParser {
  let problems: YAMLProblems
  let runbook: Runbook
  let catalog: ActionCatalog
  let sites: CallSites
  /// Reads values and expressions as runbooks hold them.
  let values: RunbookParser
  private let counter = Counter()

  /// Numbers answers and questions.
  private final class Counter {
    var last = 0
    func next() -> Int {
      last += 1
      return last
    }
  }

  init(
    _ problems: YAMLProblems, _ runbook: Runbook, calling called: [Runbook],
    _ catalog: ActionCatalog
  ) {
    self.problems = problems
    self.runbook = runbook
    self.catalog = catalog
    sites = CallSites(runbook, calling: called)
    values = RunbookParser(problems: problems, catalog: catalog, source: runbook.source)
  }

  func next() -> Int { counter.next() }

  func test(_ root: YAMLNode, file: String) -> RunbookTest? {
    guard let reader = MappingReader(root, as: "the test", problems: problems) else { return nil }
    _ = reader.choice("runbook-test", of: ["v1"], required: true)
    reader.expect("runbook")
    var start = SimulatedClock().now
    if let text = reader.string("now") {
      if let moment = Timestamp(parsing: text) {
        start = moment
      } else {
        problems.report(
          "\"now\" is no moment", at: reader.location(of: "now"),
          hint: "Write it as \"2026-11-23T08:15:00Z\", in quotes.")
      }
    }
    let shared = setting(reader)
    let nodes = reader.sequence("cases", required: true) ?? []
    let cases = nodes.compactMap { testCase($0) }
    reader.finish()
    if reader.has("cases"), nodes.isEmpty {
      problems.report("\"cases\" has no case", at: reader.location(of: "cases"))
    }
    var seen: Set<String> = []
    for one in cases where !seen.insert(one.name).inserted {
      problems.report("two cases have the name \"\(one.name)\"", at: one.location)
    }
    return RunbookTest(
      runbook: runbook, file: file, cases: cases, sites: sites, shared: shared, start: start)
  }

  private func testCase(_ node: YAMLNode) -> TestCase? {
    let label = node.mapping?["name"]?.string.map { "case \"\($0)\"" } ?? "the case"
    guard let reader = MappingReader(node, as: label, problems: problems) else { return nil }
    let name = values.text("name", in: reader, required: true)
    let setting = setting(reader)
    let expectation = expectation(reader)
    let matrix = reader.bool("crash-matrix") ?? false
    if matrix, expectation.exit != 0 {
      problems.report(
        "a crash matrix needs a run that ends with 0", at: reader.location(of: "crash-matrix"))
    }
    let legs = (reader.sequence("then") ?? []).compactMap { leg($0) }
    reader.finish()
    return name.map {
      TestCase(
        name: $0, location: node.location, hasCrashMatrix: matrix, setting: setting,
        expectation: expectation, legs: legs)
    }
  }

  private func leg(_ node: YAMLNode) -> TestLeg? {
    guard let reader = MappingReader(node, as: "what follows", problems: problems),
      let kind: TestLeg.Kind = values.choice("do", in: reader)
    else {
      if node.mapping?["do"] == nil, node.mapping != nil {
        problems.report("this does not say what to \"do\": resume or undo", at: node.location)
      }
      return nil
    }
    let setting = setting(reader, ofLeg: true)
    var resolutions: [String: Resolution] = [:]
    for entry in reader.entries("resolve") ?? [] {
      checkStep(entry.key, at: entry.location)
      let word = entry.value.string ?? ""
      guard let resolution = Resolution(rawValue: word) else {
        problems.report(
          "\"\(entry.key)\" can be done, again or undo", at: entry.value.location)
        continue
      }
      resolutions[entry.key] = resolution
    }
    let expectation = expectation(reader)
    reader.finish()
    return TestLeg(
      kind: kind, location: node.location, setting: setting, resolutions: resolutions,
      expectation: expectation)
  }

  // MARK: What a run meets

  private func setting(_ reader: MappingReader, ofLeg: Bool = false) -> TestSetting {
    var setting = TestSetting()
    if !ofLeg {
      setting.inputs = texts("inputs", in: reader) { name, at in
        if runbook.inputs[name] == nil {
          problems.report(
            "\(runbook.name) has no input \"\(name)\""
              + Suggestion.phrase(for: name, among: runbook.inputs.keys), at: at)
        }
      }
      setting.secrets = texts("secrets", in: reader) { name, at in
        if runbook.secrets[name] == nil {
          problems.report(
            "\(runbook.name) has no secret \"\(name)\""
              + Suggestion.phrase(for: name, among: runbook.secrets.keys), at: at)
        }
      }
      for entry in reader.entries("target") ?? [] {
        setting.target[entry.key] = values.literal(entry.value)
      }
    }
    setting.answers = (reader.sequence("answers") ?? []).compactMap { answer($0) }
    setting.questions = reader.sequence("questions")?.compactMap { question($0) }
    let approvals = texts("approve", in: reader) { checkStep($0, at: $1) }
    setting.approvals = Dictionary(uniqueKeysWithValues: approvals.map { ($0, $1) })
    setting.user = reader.string("user")
    return setting
  }

  /// A mapping from names to scalars, as a command line gives them.
  private func texts(
    _ key: String, in reader: MappingReader, _ check: (String, SourceLocation) -> Void
  ) -> OrderedDictionary<String, String> {
    var result: OrderedDictionary<String, String> = [:]
    for entry in reader.entries(key) ?? [] {
      check(entry.key, entry.location)
      guard let scalar = entry.value.scalar, scalar.value != .null else {
        problems.report(
          "\"\(entry.key)\" must be a text, a number or a boolean, but is \(entry.value.kind)",
          at: entry.value.location)
        continue
      }
      result[entry.key] = scalar.text
    }
    return result
  }

  private func question(_ node: YAMLNode) -> TestQuestion? {
    guard let reader = MappingReader(node, as: "the question", problems: problems) else {
      return nil
    }
    let single = reader.node("text")?.string.map { [$0] }
    let text = single ?? reader.strings("text") ?? []
    if reader.has("text"), text.isEmpty {
      problems.report("\"text\" is empty", at: reader.location(of: "text"))
    }
    let answer = reader.requiredNode("answer")
    if let answer, answer.scalar == nil {
      reader.wrong("answer", answer, "what is typed, or null for the end of the input")
    }
    let takes = duration("takes", in: reader)
    reader.finish()
    return TestQuestion(
      id: next(), location: node.location, text: text,
      answer: answer?.isNull == true ? nil : answer?.scalar?.text, takes: takes)
  }

  // MARK: How it ends

  private func expectation(_ reader: MappingReader) -> TestExpectation {
    var result = TestExpectation(location: reader.location(of: "expect"))
    guard let expect = reader.mapping("expect") else { return result }
    if let exit = expect.int("exit") {
      result.exit = Int32(clamping: exit)
      if ExitStatus(rawValue: result.exit) == nil {
        problems.report(
          "no run ends with \(exit)", at: expect.location(of: "exit"),
          hint: "See the table of exit codes in docs/runbooks.md.")
      }
    }
    result.changed = expect.bool("changed")
    result.blockedBy = expect.string("blocked-by")
    if let name = result.blockedBy, !runbook.guards.contains(where: { $0.name == name }) {
      problems.report(
        "the runbook has no guard \"\(name)\""
          + Suggestion.phrase(for: name, among: runbook.guards.map(\.name)),
        at: expect.location(of: "blocked-by"),
        hint: "For a guard of a step write steps: { STEP: blocked }.")
    }
    for entry in expect.entries("steps") ?? [] {
      checkStep(entry.key, at: entry.location)
      result.steps[entry.key] = stepExpectation(entry)
    }
    for entry in expect.entries("outputs") ?? [] {
      if runbook.outputs[entry.key] == nil {
        problems.report(
          "\(runbook.name) has no output \"\(entry.key)\""
            + Suggestion.phrase(for: entry.key, among: runbook.outputs.keys), at: entry.location)
      }
      result.outputs[entry.key] = values.literal(entry.value)
    }
    expect.finish()
    return result
  }

  private func stepExpectation(_ entry: YAMLMapping.Entry) -> TestExpectation.Step? {
    if let word = entry.value.string {
      return status(word, at: entry.value.location).map {
        TestExpectation.Step(status: $0, outputs: [:], location: entry.location)
      }
    }
    guard let reader = MappingReader(entry.value, as: "\"\(entry.key)\"", problems: problems)
    else { return nil }
    let word = reader.string("status", required: true)
    let detail = reader.string("detail")
    var outputs: OrderedDictionary<String, Value> = [:]
    for output in reader.entries("outputs") ?? [] {
      outputs[output.key] = values.literal(output.value)
    }
    reader.finish()
    return word.flatMap { status($0, at: reader.location(of: "status")) }.map {
      TestExpectation.Step(status: $0, detail: detail, outputs: outputs, location: entry.location)
    }
  }

  private func status(_ word: String, at location: SourceLocation) -> StepStatus? {
    if let status = StepStatus(rawValue: word) { return status }
    let words = StepStatus.allCases.map(\.rawValue)
    problems.report(
      "no step can be \"\(word)\"\(Suggestion.phrase(for: word, among: words))", at: location,
      hint: "It can be \(words.joined(separator: ", ")).")
    return nil
  }

  // MARK: Names

  func checkStep(_ id: String, at location: SourceLocation) {
    guard runbook.step(id) == nil else { return }
    let ids = runbook.allSteps.map(\.id)
    problems.report(
      "\(runbook.name) has no step \"\(id)\"\(Suggestion.phrase(for: id, among: ids))",
      at: location)
  }

  func duration(_ key: String, in reader: MappingReader) -> Duration? {
    guard case .fixed(let time)? = values.span(key, in: reader) else {
      if reader.has(key), reader.node(key)?.string?.hasPrefix("${{") == true {
        problems.report("\"\(key)\" must be a fixed time", at: reader.location(of: key))
      }
      return nil
    }
    return time
  }
}
