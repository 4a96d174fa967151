import ProgramRunner
import SystemPackage
import Testing

@testable import Runbooks

/// Whether a file is valid by the schema, as a program that knows nothing of ours sees it.
private let validator = """
  import json, sys, yaml, jsonschema
  schema = json.load(open(sys.argv[1]))
  jsonschema.Draft202012Validator.check_schema(schema)
  validate = jsonschema.Draft202012Validator(schema)
  for text in sys.stdin.read().split("\\x00"):
      errors = list(validate.iter_errors(yaml.safe_load(text)))
      print("valid" if not errors else "invalid: " + errors[0].message.replace("\\n", " "))
  """

@Suite("the schema for editors")
struct SchemaTests {
  /// One line for each text; nil where Python or its libraries are missing.
  private func answers(
    _ texts: [String], schema name: String = "runbook-v1"
  ) async throws -> [String]? {
    let python = Program("/usr/bin/python3")
    let probe = try? await python.run(["-c", "import yaml, jsonschema"])
    guard let probe, probe.exitCode == 0 else { return nil }
    let schema = packageFolder.appending("schemas/\(name).schema.json")
    let result = try await python.run(
      ["-c", validator, schema.string], input: texts.joined(separator: "\0"))
    return result.output.split(separator: "\n").map(String.init)
  }

  @Test("it accepts the runbooks of this project")
  func ours() async throws {
    let files = try RunbookFolder(packageFolder.appending("runbooks")).files()
    let texts = try files.map {
      String(decoding: try Runbook.load($0).source.bytes, as: UTF8.self)
    }
    guard let answers = try await answers(texts) else { return }
    #expect(answers == Array(repeating: "valid", count: texts.count))
  }

  @Test("that of tests accepts the cases of this project, and no slips")
  func tests() async throws {
    let files = try RunbookFolder(packageFolder.appending("runbooks/tests")).files()
    let texts = try files.map { String(decoding: try Runbook.bytes(of: $0), as: UTF8.self) }
    let wrong = [
      "cases: []", "cases: [{ name: a, expect: { exit: 10 } }]", "cases: [{ nam: a }]",
      "cases: [{ name: a, expect: { steps: { a: dun } } }]",
      "cases: [{ name: a, answers: [{ uses: x, result: 1, error: { message: m } }] }]",
      "cases: [{ name: a, then: [{ do: redo }] }]",
    ].map { "runbook-test: v1\n\($0)\n" }
    guard let answers = try await answers(texts + wrong, schema: "runbook-test-v1") else { return }
    #expect(answers.prefix(texts.count).allSatisfy { $0 == "valid" }, "\(answers)")
    #expect(answers.dropFirst(texts.count).allSatisfy { $0.hasPrefix("invalid") }, "\(answers)")
    #expect(answers.count == texts.count + wrong.count)
  }

  @Test("what it refuses, omcops refuses too")
  func wrong() async throws {
    let head = "runbook: v1\nname: t\ndescription: d\nsteps: [{id: a, name: A, "
    let steps = [
      "uses: nothing", "run: x, uses: db.info", "run: 'echo ${{ inputs.x }}'", "uses: db.drop",
      "uses: db.drop, with: {database: x}", "uses: sql.query, with: {query: '${{ inputs.x }}'}",
      "run: x, chekc: []", "run: x, check: []", "run: x, check: [{expect: a}]",
      "run: x, check: [{name: n, run: x}]", "run: x, check: [{name: n, uses: db.backup}]",
      "run: x, with: {a: b}", "uses: db.info, env: {A: b}", "run: x, timeout: 5 minutes",
      "run: x, retry: {attempts: 1}", "run: x, undo: perhaps", "run: x, undo: {none: ''}",
      "run: x, undo: {none: y, run: z}", "run: x, undo: {until: a}",
      "run: x, when-satisfied: perhaps", "run: x, drill: perhaps", "run: x, evidence: [all]",
      "uses: aws.read, with: {service: s3, operation: delete-bucket}",
      "uses: sql.query, with: {qeury: x}", "name: B",
    ]
    let texts = steps.map { $0 == "name: B" ? head + "}]\n" : head + $0 + "}]\n" }
    for text in texts {
      #expect(throws: RunbookError.self, "\(text)") {
        try Runbook(parsing: Array(text.utf8), file: "t.yaml")
      }
    }
    guard let answers = try await answers(texts) else { return }
    #expect(answers.count == texts.count)
    for (text, answer) in zip(texts, answers) { #expect(answer.hasPrefix("invalid"), "\(text)") }
  }
}
