import Diagnostics
import ProgramRunner
import SystemPackage
import Testing

@Suite("what an environment says of its targets")
struct TargetTests {
  @Test("runbooks see it, null where it says nothing")
  func seen() async throws {
    try await Scene.play { scene in
      try scene.writeRunbook(
        checks: [
          "target.values.group == 'runners' && target.values.most >= 5",
          "target.prometheus.url == 'http://127.0.0.1:1' && target.prometheus.service == null",
          "target.alertmanager == null && target.loki == null && target.github == null",
          "target.aws.region == 'r' && target.aws.profile == null",
          "target.terraform.binary == 'terraform'", "target.database.name != ''",
        ],
        environment: """
          prometheus: { url: "http://127.0.0.1:1" }
          aws: { region: r }
          terraform: { folder: infra }
          values: { group: runners, most: 5 }
          """)
      let plan = try await scene.omcops(["runbook", "plan", "look.yaml", "-i", "environment=here"])
      #expect(plan.exitCode == 0, "\(plan.output)\(plan.errorOutput)")
      let lint = try await scene.omcops(["runbook", "lint", "look.yaml"])
      #expect(lint.exitCode == 0, "\(lint.output)\(lint.errorOutput)")
    }
  }

  @Test(
    "naming what is absent says what is missing, and where it belongs",
    arguments: [
      ("target.values.gruop == 'x'", "has no \"gruop\""),
      ("target.prometheus.url != ''", "\"target.prometheus\" is null"),
    ])
  func absent(_ expression: String, _ words: String) async throws {
    try await Scene.play { scene in
      try scene.writeRunbook(checks: [expression], environment: "values: { group: runners }")
      let plan = try await scene.omcops(["runbook", "plan", "look.yaml", "-i", "environment=here"])
      #expect(plan.exitCode == 3, "\(plan.output)\(plan.errorOutput)")
      #expect(plan.output.contains(words), "\(plan.output)\(plan.errorOutput)")
    }
  }

  @Test("an environment needs no database")
  func withoutDatabase() async throws {
    try await Scene.play { scene in
      try scene.writeRunbook(
        checks: ["target.database == null && target.values.a == 1"],
        environment: "values: { a: 1 }", hasDatabase: false)
      let plan = try await scene.omcops(["runbook", "plan", "look.yaml", "-i", "environment=here"])
      #expect(plan.exitCode == 0, "\(plan.output)\(plan.errorOutput)")
    }
  }

  @Test("config show masks what is secret")
  func shown() async throws {
    try await Scene.play { scene in
      try scene.writeRunbook(
        checks: ["true"],
        environment: "alertmanager: { url: \"http://127.0.0.1:1\", token: { from-env: T } }")
      let shown = try await scene.omcops(
        ["config", "show", "-e", "here"], environment: ["T": "s3cret"])
      #expect(shown.exitCode == 0, "\(shown.errorOutput)")
      #expect(shown.output.contains("alertmanager.token"))
      #expect(!shown.output.contains("s3cret"))
      let checked = try await scene.omcops(["config", "check"])
      #expect(checked.exitCode == 2)
      #expect(checked.errorOutput.contains("the variable T is not set"))
    }
  }
}

extension Scene {
  /// Writes `omcops.yaml` with one environment, `here`, of the scene's database and these sections.
  func writeConfiguration(_ sections: String, hasDatabase: Bool = true) throws {
    var lines = sections.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if hasDatabase { lines.append("database: { url: \"\(database.conninfo)\" }") }
    try write(
      "environments:\n  here:\n" + lines.map { "    \($0)\n" }.joined(), to: "omcops.yaml")
  }

  /// Writes the runbook `look.yaml`, whose one step checks what is given, and its environment.
  func writeRunbook(checks: [String], environment: String, hasDatabase: Bool = true) throws {
    try writeConfiguration(environment, hasDatabase: hasDatabase)
    let lines = checks.map { "      - { name: it is so, expect: \"${{ \($0) }}\" }\n" }
    try writeSteps(
      "- id: look\n  name: Look\n  check:\n" + lines.map { String($0.dropFirst(2)) }.joined(),
      to: "look")
  }

  /// Writes a runbook of these steps.
  func writeSteps(_ steps: String, to name: String, more: String = "") throws {
    let lines = steps.split(separator: "\n", omittingEmptySubsequences: false)
    try write(
      """
      runbook: v1
      name: \(name)
      description: What a test needs.
      inputs:
        environment: { description: Where, type: environment, required: true }
      on-failure: stop
      \(more)
      steps:

      """ + lines.map { "  \($0)\n" }.joined(), to: "\(name).yaml")
  }
}
