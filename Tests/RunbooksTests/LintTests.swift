import Diagnostics
import Glibc
import OrderedCollections
import Runbooks
import SystemPackage
import Testing

/// Actions with known results, so that types can be followed through them.
struct Offered: Action {
  var name: String
  var effect: Effect
  var parameters: [ActionParameter] = []
  var result: Shape

  func run(_ call: ActionCall) async throws -> ActionOutcome { ActionOutcome(result: .null) }
  func command(for with: OrderedDictionary<String, Value>) -> String { name }
}

let catalog = ActionCatalog(
  offering: [
    Offered(
      name: "db.info", effect: .read, parameters: [ActionParameter("database", .optional(.string))],
      result: .object([
        "in-recovery": .bool, "server-major": .number, "free-bytes": .optional(.number),
        "started": .timestamp, "names": .array(.string), "tables": .map(.number),
      ])),
    Offered(
      name: "test.write", effect: .write,
      parameters: [
        ActionParameter("name", .string, isRequired: true), ActionParameter("count", .number),
        ActionParameter("wait", .duration), ActionParameter("token", .string, takesSecrets: true),
      ], result: .object(["id": .string])),
  ] as [any Action])

func lint(_ text: String) throws -> [String] {
  let runbook = try Runbook(parsing: Array(text.utf8), file: "t.yaml", catalog: catalog)
  return Lint.findings(in: runbook, catalog: catalog).map {
    "\($0.location.line):\($0.location.column): \($0.severity) \($0.rule.rawValue): \($0.message)"
  }
}

@Suite("lint")
struct LintTests {
  /// Lines 4 to 8 are inputs; the first step begins in line 10.
  private static let head = """
    runbook: v1
    name: t
    description: d
    inputs:
      n: {description: d, type: number, default: 1}
      s: {description: d, default: a}
      o: {description: d}
      t: {description: d, type: duration, default: 5m}
    steps:

    """
  /// Uses every input, so that only what a case is about is found.
  private static let tail = """
      - {id: last, name: L, check: [{name: c, expect: "inputs.n > 0 && inputs.s != 'x' && inputs.o == null && inputs.t > duration('1s')"}]}

    """

  private func findings(_ step: String) throws -> [String] {
    let indented = step.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
    return try lint(Self.head + indented + Self.tail)
  }

  @Test(
    "types are found before anything runs",
    arguments: [
      ("inputs.nn > 1", "10:45: error type: \"inputs\" has no \"nn\"; did you mean \"n\"?"),
      ("input.n > 1", "10:45: error type: \"input\" is not known here; did you mean \"inputs\"?"),
      ("inputs.n == 'a'", "10:45: error type: a number and a text cannot be compared by =="),
      ("inputs.n", "10:45: error type: \"inputs.n\" is a number, where true or false is needed"),
      ("inputs.n && true", "10:45: error type: && needs true or false"),
      ("inputs.s + 'b' == 'ab'", "10:45: error type: a text and a text do not fit +"),
      ("inputs.t > 5", "10:45: error type: a duration and a number cannot be compared by >"),
      ("inputs.o > 'a'", "10:45: warning maybe-null: \"inputs.o\" may be null here"),
      ("length(inputs.n) > 1", "10:52: error type: length: \"inputs.n\" must be"),
      ("result.x == 1", "10:45: error type: \"result\" is not known here"),
      ("run.idd == 'a'", "10:45: error type: \"run\" has no \"idd\"; did you mean \"id\"?"),
      (
        "target.databse.name == 'a'",
        "10:45: error type: \"target\" has no \"databse\"; did you mean"
      ),
      (
        "target.kubernetes.x == 'a'", "10:45: warning maybe-null: \"target.kubernetes\" may be null"
      ),
      ("steps.last.status == 'done'", "10:45: error reference: step \"last\" comes later"),
      (
        "steps.lost.status == 'done'",
        "10:45: error reference: there is no step \"lost\"; did you mean \"last\"?"
      ),
      ("secrets.x == 'a'", "10:45: error type: \"secrets\" is not known here"),
      ("contains(inputs.s, 1)", "10:64: error type: contains: a text never contains a number"),
      (
        "matches(inputs.s, '(a')",
        "10:63: error type: matches: the regular expression \"(a\" is wrong at character 3: missing"
      ),
    ])
  func types(_ condition: String, _ expected: String) throws {
    let found = try findings(
      "- {id: a, name: A, uses: db.info, if: \"   \(condition)\"}\n")
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test(
    "what is right is left in peace",
    arguments: [
      "inputs.n > 1 && inputs.t > duration('1m')", "inputs.o != null && inputs.o > 'a'",
      "inputs.o == null || inputs.o > 'a'", "target.kubernetes != null && target.kubernetes.x == 1",
      "target.kubernetes == null || target.kubernetes.x == 1", "default(inputs.o, 'x') > 'a'",
      "!(inputs.o == null) && startsWith(inputs.o, 'a')", "target.own.thing == 'a'",
      "age(run.started-at) < inputs.t", "(inputs.n + 1) * 2 / 3 > 1", "target.protected",
      "format('{0} {1}', inputs.n, run.started-at) == 'x'", "true == (inputs.n > 1)",
    ])
  func right(_ condition: String) throws {
    #expect(
      try findings("- {id: a, name: A, uses: db.info, if: \"\(condition)\"}\n") == [])
  }

  @Test(
    "results, outputs and fields have types too",
    arguments: [
      (
        "uses: db.info, check: [{name: c, uses: db.info, expect: result.in-recvery}]",
        "has no \"in-recvery\"; did you mean \"in-recovery\"?"
      ),
      (
        "uses: db.info, check: [{name: c, uses: db.info, expect: result.server-major == '15'}]",
        "a number and a text cannot be compared"
      ),
      (
        "uses: db.info, check: [{name: c, uses: db.info, expect: result.free-bytes > 1}]",
        "warning maybe-null: \"result.free-bytes\" may be null"
      ),
      (
        "uses: db.info, outputs: {x: result.started - inputs.n}",
        "a timestamp and a number do not fit -"
      ),
      ("uses: db.info, outputs: {x: result.names.*.y}", "is a text and has no \"y\""),
      (
        "uses: test.write, with: {name: '${{ inputs.n }}'}",
        "\"name\" must be a text, but is a number"
      ),
      (
        "uses: test.write, with: {name: '${{ inputs.o }}'}",
        "warning maybe-null: \"inputs.o\" may be null"
      ),
      (
        "uses: test.write, with: {name: 'x ${{ inputs.o }}'}",
        "warning maybe-null: \"inputs.o\" may be null"
      ),
      (
        "uses: test.write, with: {name: x, count: '${{ inputs.s }}'}",
        "\"count\" must be a number, but is a text"
      ),
      (
        "uses: test.write, with: {name: x, wait: '${{ inputs.n }}'}",
        "\"wait\" must be a duration such as 5m, but is a number"
      ),
      ("uses: test.write, with: {name: 'x ${{ target.database }}'}", "warning maybe-null"),
      (
        "uses: test.write, with: {name: x}, timeout: '${{ inputs.n }}'",
        "is a number, where a duration is needed"
      ),
      (
        "run: x, retry: {attempts: 2, if: error.knid == 'sql'}, check: [{name: c, expect: 'true == true'}]",
        "\"error\" has no \"knid\"; did you mean \"kind\"?"
      ),
      (
        "uses: db.info, outputs: {x: result.server-major}, check: [{name: c, expect: steps.a.outputs.y == 1}]",
        "has no \"y\""
      ),
      (
        "uses: db.info, outputs: {x: result.server-major}, check: [{name: c, expect: steps.a.outputs.x == 'z'}]",
        "a number and a text cannot be compared"
      ),
    ])
  func results(_ fields: String, _ expected: String) throws {
    let found = try findings("- {id: a, name: A, \(fields)}\n")
    #expect(found.contains { $0.contains(expected) }, "\(found)")
  }

  @Test(
    "steps that cannot be trusted are found",
    arguments: [
      ("- {id: a, name: A, run: x}\n", "10:5: warning no-check: step \"a\" changes something"),
      ("- {id: a, name: A, run: x, retry: {attempts: 3}}\n", "10:5: error blind-retry"),
      (
        "- {id: a, name: A, uses: test.write, with: {name: x}, undo: none}\n",
        "10:5: warning no-undo: step \"a\" changes something, and \"undo\" says none without a word"
      ),
      (
        "- id: a\n  name: A\n  uses: test.write\n  with: {name: x}\n  outputs: {id: result.id}\n  check: [{name: c, expect: steps.a.outputs.id != ''}]\n",
        "15:31: error check-own-outputs: the check of \"a\" reads its own step's outputs"
      ),
      (
        "- id: a\n  name: A\n  uses: test.write\n  with: {name: x}\n  outputs: {id: result.id}\n  undo: {uses: test.write, with: {name: '${{ steps.a.outputs.id }}'}}\n",
        "15:48: error undo-own-outputs: the undo of \"a\" reads its own step's outputs"
      ),
      (
        "- {id: a, name: A, uses: kube.get, with: {kind: Pod}}\n",
        "10:28: warning not-offered: this omcops cannot run kube.get"
      ),
      (
        "- {id: a, name: A, uses: db.info, if: inputs.n > 1, outputs: {x: result.started}}\n- {id: b, name: B, uses: db.info, if: steps.a.outputs.x < now()}\n",
        "11:41: warning maybe-skipped: step \"a\" may be skipped"
      ),
      (
        "- {id: a, name: A, uses: db.info, outputs: {x: result.started}}\n",
        "10:50: warning unused: output \"x\" of step \"a\" is never used"
      ),
      (
        "- {id: a, name: 'A ${{ inputs.n }}', uses: db.info}\n",
        "10:5: warning not-evaluated: \"name\" is shown as it stands"
      ),
    ])
  func steps(_ step: String, _ expected: String) throws {
    let found = try findings(step)
    #expect(found.contains { $0.hasPrefix(expected) }, "\(found)")
  }

  @Test(
    "steps that can be trusted are left in peace",
    arguments: [
      "- {id: a, name: A, run: x, read-only: true}\n",
      "- {id: a, name: A, uses: test.write, with: {name: x}, retry: {attempts: 3}}\n",
      "- id: a\n  name: A\n  uses: test.write\n  with: {name: x}\n  outputs: {was: result.before.name}\n  undo: {uses: test.write, with: {name: '${{ steps.a.outputs.was }}'}}\n",
      "- id: a\n  name: A\n  uses: db.info\n  outputs: {m: result.server-major}\n  check: [{name: c, expect: steps.a.outputs.m > 14}]\n",
      "- {id: a, name: A, uses: kube.get, with: {kind: Pod}, if: target.kubernetes != null}\n",
      "- {id: a, name: A, uses: db.info, if: inputs.n > 1, outputs: {x: result.started}}\n- {id: b, name: B, uses: db.info, if: \"inputs.n > 1 && steps.a.outputs.x < now()\"}\n",
      "- {id: a, name: A, uses: db.info, if: inputs.n > 1, outputs: {x: result.started}}\n- {id: b, name: B, uses: db.info, if: \"steps.a.status == 'done' && steps.a.outputs.x < now()\"}\n",
      "- {id: a, name: A, uses: db.info, if: inputs.n > 1, outputs: {x: result.server-major}}\n- {id: b, name: B, uses: db.info, if: \"default(steps.a.outputs.x, 0) < 1\"}\n",
    ])
  func trusted(_ step: String) throws {
    #expect(try findings(step) == [])
  }

  @Test("a final step must ask whether what it needs has run")
  func finally() throws {
    let steps = "- {id: a, name: A, uses: db.info, outputs: {x: result.server-major}}\n"
    func last(_ condition: String) -> String {
      "finally: [{id: z, name: Z, uses: db.info, if: \"\(condition)\"}]\n"
    }
    let bare = try lint(file(steps: steps, last("steps.a.outputs.x > 1")))
    #expect(bare.contains { $0.contains("error maybe-skipped: step \"a\" may not have run") })
    let guarded = last("steps.a.status == 'done' && steps.a.outputs.x > 1")
    #expect(try lint(file(steps: steps, guarded)) == [])
  }

  @Test("secrets stay where nobody sees them")
  func secrets() throws {
    let head = "secrets: {token: {from: prompt}}\n"
    func found(_ step: String) throws -> [String] { try lint(file(steps: step, head)) }
    #expect(
      try found("- {id: a, name: A, run: x, read-only: true, env: {T: '${{ secrets.token }}'}}\n")
        == [])
    #expect(
      try found(
        "- {id: a, name: A, uses: test.write, with: {name: x, token: '${{ secrets.token }}'}}\n")
        == [])
    let exposed = try found(
      "- {id: a, name: A, uses: test.write, with: {name: '${{ secrets.token }}'}}\n")
    #expect(exposed.contains { $0.hasPrefix("6:58: error secret-exposed: a secret would be seen") })
    #expect(
      try found("- {id: a, name: A, uses: db.info, if: secrets.token == 'x'}\n")
        .contains { $0.contains("secret-exposed") })
    #expect(
      try found("- {id: a, name: A, uses: db.info}\n")
        == ["4:11: warning unused: secret \"token\" is never used"])
  }

  @Test("what is declared and never used is found")
  func unused() throws {
    let found = try lint(
      file(steps: "- {id: a, name: A, uses: db.info}\n", "inputs: {x: {description: d}}\n"))
    #expect(found == ["4:10: warning unused: input \"x\" is never used"])
  }

  @Test("what shellcheck says is shown at its place in the file")
  func shellCheck() async throws {
    let folder = FilePath("/tmp/omcops-shellcheck-\(UInt32.random(in: 0 ... .max))")
    mkdir(folder.string, 0o700)
    let program = folder.appending("shellcheck")
    defer {
      unlink(program.string)
      rmdir(folder.string)
    }
    // Stands for the program: it answers as the real one does for an unquoted variable.
    let answer =
      #"{"comments":[{"line":2,"column":6,"level":"info","code":2086,"message":"Double quote to prevent globbing and word splitting."},{"line":1,"column":1,"level":"style","code":2250,"message":"Prefer braces."}]}"#
    let text = Array("#!/bin/sh\ncat > /dev/null\necho '\(answer)'\nexit 1\n".utf8)
    let file = try FileDescriptor.open(
      program, .writeOnly, options: [.create, .exclusiveCreate],
      permissions: [.ownerReadWriteExecute])
    try file.closeAfter { _ = try file.writeAll(text) }
    let shellCheck = try #require(ShellCheck(searchPath: "/nowhere:\(folder)"))
    let runbook = try parseRunbook(
      RunbooksTests.file(steps: "- id: a\n  name: A\n  run: |\n    true\n    echo $X\n"))
    let findings = try await shellCheck.findings(in: runbook)
    #expect(
      findings.map { "\($0.location.line):\($0.location.column) \($0.message)" }
        == ["9:12 Double quote to prevent globbing and word splitting"])
    #expect(findings.first?.rule == .shell && findings.first?.severity == .warning)
    #expect(ShellCheck(searchPath: "/nowhere") == nil)
  }

  @Test("the runbooks of this project have no errors")
  func ours() throws {
    for file in try RunbookFolder(packageFolder.appending("runbooks")).files() {
      let errors = Lint.findings(in: try Runbook.load(file)).filter { $0.severity == .error }
      #expect(errors.map { "\($0.location): \($0.message)" } == [])
    }
  }
}
