import Diagnostics
import OrderedCollections
import Testing

@testable import Runbooks

@Suite("lint: checks that cannot fail, steps that cannot run, alerts")
struct LintAnswerTests {
  private func findings(_ steps: String, _ more: String = "") throws -> [String] {
    try lint("runbook: v1\nname: t\ndescription: d\n\(more)\nsteps:\n\(steps)")
  }

  @Test(
    "a check has to be able to fail",
    arguments: [
      ("expect: 1 + 1 == 2", "can never fail"), ("expect: \"'a' == 'b'\"", "can never hold"),
      ("uses: db.info, expect: run.user != ''", "does not look at the answer"),
      ("uses: db.info", "holds whatever db.info finds"),
      ("uses: db.info, expect: result.server-major > 1", ""),
      ("expect: age(run.started-at) < duration('1h')", ""), ("expect: now() > run.started-at", ""),
    ])
  func vacuous(_ check: String, _ message: String) throws {
    let found = try findings("  - { id: a, name: A, check: [{ name: c, \(check) }] }\n")
    if message.isEmpty {
      #expect(found == [])
    } else {
      #expect(found.contains { $0.contains("vacuous") && $0.contains(message) }, "\(found)")
    }
  }

  @Test("a step has to be able to run")
  func unreachable() throws {
    let found = try findings(
      """
        - { id: a, name: A, uses: db.info, if: "1 > 2" }
        - { id: b, name: B, uses: db.info, if: "!(1 > 2)" }
        - { id: c, name: C, uses: db.info, if: run.user == 'x' }

      """)
    #expect(found.count == 2)
    #expect(found[0].hasSuffix("step \"a\" can never run: its condition is always false"))
    #expect(found[1].hasSuffix("the condition of \"b\" is always true"))
  }

  @Test("a limit above the objective of the drill is told of, where the drill measures")
  func objectives() throws {
    let found = try findings(
      """
        - { id: a, name: A, uses: db.info, timeout: 9h }
        - { id: b, name: B, uses: db.info, timeout: 5h, check: [{ name: c, expect: run.user != '', within: 6h }] }
        - { id: c, name: C, uses: db.info, timeout: 9h }

      """,
      "drill: { targets: { database: throwaway }, objectives: { rto: 4h }, "
        + "measure: { rto-from: b, rto-to: b } }")
    #expect(found.filter { $0.contains("objective") }.count == 2, "\(found)")
    #expect(found.contains { $0.contains("\"within\" of step \"b\" is 6h, longer than") })
  }

  @Test("a step that leaves no trace of its own needs a check, and may not be retried without")
  func blind() throws {
    struct Blind: Action {
      let name = "kube.exec"
      let effect = Effect.write
      let parameters: [ActionParameter] = []
      let result = Shape.any
      let isObservable = false
      func run(_ call: ActionCall) async throws -> ActionOutcome { ActionOutcome(result: .null) }
      func command(for with: OrderedDictionary<String, Value>) -> String { name }
    }
    let catalog = ActionCatalog(offering: [Blind()])
    let text =
      "runbook: v1\nname: t\ndescription: d\nsteps:\n"
      + "  - { id: a, name: A, uses: kube.exec, retry: { attempts: 2 }, undo: { none: no way } }\n"
    let runbook = try Runbook(parsing: Array(text.utf8), file: "t.yaml", catalog: catalog)
    #expect(Lint.findings(in: runbook, catalog: catalog).map(\.rule) == [.noCheck, .blindRetry])
  }

  @Test("alerts: answered once, raised by a rule, each with a runbook")
  func alerts() throws {
    func runbook(_ name: String, _ alerts: String) throws -> Runbook {
      let text =
        "runbook: v1\nname: \(name)\ndescription: d\nalerts: [\(alerts)]\n"
        + "steps: [{ id: a, name: A, uses: db.info }]\n"
      return try Runbook(parsing: Array(text.utf8), file: "\(name).yaml")
    }
    let rules = try AlertRules(
      parsing: Array(
        """
        groups:
          - name: g
            rules:
              - { alert: DiskFull, expr: x > 1 }
              - { record: r, expr: x }
              - { alert: NodeDown, expr: up == 0 }

        """.utf8), file: "rules.yaml")
    let runbooks = [try runbook("one", "DiskFull"), try runbook("two", "DiskFull, NodeDwn")]
    let found = Lint.findings(across: runbooks, rules: [rules], isWhole: true).map {
      "\($0.location): \($0.message)"
    }
    #expect(
      found == [
        "two.yaml:4:1: alert \"DiskFull\" is answered by one too",
        "two.yaml:4:1: no rule raises the alert \"NodeDwn\"; did you mean \"NodeDown\"?",
        "rules.yaml:6:18: no runbook answers the alert \"NodeDown\"",
      ], "\(found)")
    #expect(Lint.findings(across: runbooks, rules: [], isWhole: true).count == 1)
    #expect(throws: RunbookError.self) {
      try AlertRules(parsing: Array("a: 1\n".utf8), file: "x.yaml")
    }
  }
}
