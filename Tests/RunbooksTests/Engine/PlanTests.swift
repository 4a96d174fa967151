import Diagnostics
import SystemPackage
import Testing

@testable import Runbooks

@Suite("a plan")
struct PlanTests {
  private func plan(_ stage: Stage, _ body: String) async throws -> RunPlan {
    try await stage.engine().plan(try stage.runbook(body), inputs: [:])
  }

  private func verdicts(_ plan: RunPlan) -> [String] {
    plan.steps.map { $0.verdict.rawValue + ($0.dependsOn.map { " \($0)" } ?? "") }
  }

  @Test("a step would run, is satisfied, is skipped, or depends on an earlier one")
  func verdicts() async throws {
    try await withStage { stage async throws in
      stage.world.add("b")
      let found = try await plan(
        stage,
        "steps:\n" + step("a", "outputs: { v: '${{ result.key }}' }") + step("b")
          + step("c", "if: ${{ run.user == 'bob' }}")
          + step("d", "if: ${{ steps.a.outputs.v == 'x' }}")
          + step("e", "if: ${{ run.user == 'bob' && steps.a.outputs.v == 'x' }}")
          + "  - id: f\n    name: f\n    check: [{ name: n, uses: world.look, with: { key: a }, "
          + "expect: result.there }]\n")
      #expect(
        verdicts(found) == [
          "would-run", "satisfied", "skipped", "depends 1", "skipped", "depends 4",
        ])
      #expect(found.isRunnable)
      #expect(!stage.world.calls.contains { !$0.hasPrefix("look") })
      #expect(try entries(of: stage.folder) == ["play.yaml"])
    }
  }

  @Test("a guard that is false blocks, unless an earlier step changes things first")
  func guards() async throws {
    let guarded = step(
      "b",
      "guard: [{ name: g, uses: world.look, with: { key: g }, expect: result.there, "
        + "because: Make g first. }]")
    try await withStage { stage async throws in
      let found = try await plan(stage, "steps:\n" + guarded)
      #expect(verdicts(found) == ["blocked"])
      #expect(found.steps[0].reason?.contains("Make g first.") == true)
      #expect(!found.isRunnable)
    }
    try await withStage { stage async throws in
      let found = try await plan(stage, "steps:\n" + step("a") + guarded)
      #expect(verdicts(found) == ["would-run", "depends 1"])
      #expect(found.isRunnable)
    }
    try await withStage { stage async throws in
      let found = try await plan(
        stage,
        "guard: [{ name: g, uses: world.look, with: { key: g }, expect: result.there }]\n"
          + "steps:\n" + step("a"))
      #expect(found.guards.map(\.answer) == [.fails])
      #expect(!found.isRunnable)
    }
  }

  @Test("steps that read are carried out, so that what follows can be told")
  func reads() async throws {
    let body =
      "steps:\n"
      + step(
        "r", uses: "world.look", isChecked: false, "outputs: { there: '${{ result.there }}' }",
        "check: [{ name: enough, expect: steps.r.outputs.there }]")
      + step("a", "if: ${{ steps.r.outputs.there }}")
    try await withStage { stage async throws in
      stage.world.add("r")
      #expect(verdicts(try await plan(stage, body)) == ["would-run", "would-run"])
    }
    try await withStage { stage async throws in
      let found = try await plan(stage, body)
      #expect(verdicts(found) == ["blocked", "skipped"])
      #expect(found.steps[0].reason?.hasPrefix("enough") == true)
    }
  }

  @Test("the command is shown with what is known, the undo as the file words it")
  func commands() async throws {
    try await withStage { stage async throws in
      stage.environment = ["TOKEN": "hunter2-and-more"]
      let found = try await plan(
        stage,
        "secrets: { token: { from: 'env:TOKEN' } }\nsteps:\n"
          + step("a", hasUndo: true, "outputs: { v: '${{ result.key }}' }")
          .replacing("key: a }", with: "key: a, token: '${{ secrets.token }}' }")
          + step("b", isChecked: false, "undo: none").replacing(
            "key: b", with: "key: '${{ steps.a.outputs.v }}-copy'"))
      #expect(found.steps[0].command == "world do a ***")
      #expect(found.steps[0].undo == "no a")
      #expect(found.steps[1].command == "world do ${{ steps.a.outputs.v }}-copy ")
      #expect(found.steps[1].undo == "none")
      #expect(!found.json.text().contains("hunter2-and-more"))
    }
  }

  @Test("a step that this program cannot do is blocked")
  func notOffered() async throws {
    try await withStage { stage async throws in
      let found = try await plan(
        stage,
        "steps:\n"
          + step("a", isChecked: false, "undo: none").replacing("world.do", with: "terraform.apply")
          .replacing("{ key: a }", with: "{ plan: p }")
          .replacing("    with: { key: a }\n", with: ""))
      #expect(verdicts(found) == ["blocked"])
    }
  }

  @Test("an approved plan runs as long as it would still say the same")
  func saved() async throws {
    let body =
      "inputs: { size: { description: s, type: number, default: 1 } }\n"
      + "guard: [{ name: g, uses: world.look, with: { key: g }, expect: '!result.there' }]\n"
      + "steps:\n" + step("a")
    try await withStage { stage async throws in
      let runbook = try stage.runbook(body)
      let path = stage.folder.appending("plan.json")
      let found = try await stage.engine().plan(runbook, inputs: ["size": "2"])
      try DurableFile.write(Array(found.json.text(.pretty).utf8), to: path)
      let saved = try SavedPlan(reading: path)
      #expect(saved.inputs == ["size": "2"])

      func run(_ runbook: Runbook, _ inputs: [String: String], on stage: Stage) async throws {
        let report = try await stage.engine().run(
          runbook, inputs: inputs, plan: saved, options: .init())
        #expect(report.exit == .done)
      }
      func expectStale(_ word: String, _ body: () async throws -> Void) async {
        await #expect { try await body() } throws: { error in
          (error as? RunError)?.status == .blocked
            && (error as? RunError)?.details.joined().contains(word) == true
        }
      }
      await expectStale("inputs") { try await run(runbook, [:], on: stage) }
      stage.world.add("g")
      await expectStale("guard: g") { try await run(runbook, saved.inputs, on: stage) }
      stage.world.remove("g")
      var elsewhere = stage
      elsewhere.identities = ["postgres": "7002"]
      await expectStale("postgres") { try await run(runbook, saved.inputs, on: elsewhere) }
      let changed = try stage.runbook(body + step("b"))
      await expectStale("has changed") { try await run(changed, saved.inputs, on: stage) }
      #expect(stage.world.facts == [])
      try await run(runbook, saved.inputs, on: stage)
      #expect(try stage.journal()[1] == "plan")
    }
  }
}
