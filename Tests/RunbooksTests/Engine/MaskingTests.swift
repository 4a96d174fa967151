import Diagnostics
import Testing

@testable import Runbooks

@Suite("secrets in a run")
struct RunMaskingTests {
  private static let secret = "hunter2-and-more"

  /// Everything that the operator saw and everything on the disk.
  private func everything(_ stage: Stage) throws -> String {
    try stage.everythingWritten() + stage.events.value.joined(separator: "\n")
  }

  @Test("a secret of the target or of the file stands in no journal, evidence, report or message")
  func declared() async throws {
    try await withStage { stage async throws in
      stage.environment = ["TOKEN": Self.secret]
      stage.targetSecrets = ["target-password"]
      stage.operators = ScriptedOperator(["stop"])
      stage.world.next("do a") { call, _ in
        throw ActionError(.sql, "denied for \(call.with["token"]?.string ?? "") target-password")
      }
      let report = try await stage.run(
        "secrets: { token: { from: 'env:TOKEN' } }\non-failure: ask\nsteps:\n"
          + step("s", isChecked: false).replacing("uses: world.do", with: "run: echo \"$T\"")
          .replacing("with: { key: s }", with: "env: { T: '${{ secrets.token }}' }")
          + step("a", isChecked: false).replacing(
            "key: a", with: "key: a, token: '${{ secrets.token }}'"))
      #expect(report.exit == .failed)
      let text = try everything(stage) + report.json.text()
      #expect(text.contains("denied for *** ***"))
      #expect(!text.contains(Self.secret))
      #expect(!text.contains("target-password"))
    }
  }

  @Test("a key takes one text out of several, and says so when there is none")
  func key() async throws {
    try await withStage { stage async throws in
      stage.environment = ["ALL": #"{"one": "\#(Self.secret)", "two": 2}"#]
      func body(_ key: String) -> String {
        "secrets: { s: { from: 'env:ALL', key: \(key) } }\nsteps:\n"
          + step("a", isChecked: false).replacing(
            "key: a", with: "key: a, token: '${{ secrets.s }}'")
      }
      stage.world.next("do a") { call, _ in
        #expect(call.with["token"] == .string(Self.secret))
      }
      #expect(try await stage.run(body("one")).exit == .done)
      await #expect {
        _ = try await stage.run(body("two"))
      } throws: { ($0 as? RunError)?.code == .secret && !"\($0)".contains(Self.secret) }
    }
  }

  @Test("a secret output serves later steps, and stands nowhere")
  func output() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n"
        + step(
          "a", isChecked: false, "outputs: { t: { value: '${{ result.stdout }}', secret: true } }"
        )
        .replacing("uses: world.do", with: "run: echo \(Self.secret)")
        .replacing("    with: { key: a }\n", with: "")
        + step("b", isChecked: false).replacing("key: b", with: "key: '${{ steps.a.outputs.t }}'")
      #expect(try await stage.run(body).exit == .done)
      #expect(stage.world.facts == [Self.secret])
      // The runbook itself holds it here; what the run found out must not.
      let text = try everything(stage).replacing("run: echo \(Self.secret)", with: "")
      #expect(!text.contains(Self.secret))
    }
  }

  @Test("a resume reads a secret output again, which no journal holds")
  func outputAfterCrash() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n"
        + step(
          "a", uses: "world.look", isChecked: false,
          "outputs: { t: { value: '${{ result.key }}', secret: true } }"
        ).replacing("key: a", with: "key: \(Self.secret)")
        + step("b", isChecked: false).replacing("key: b", with: "key: '${{ steps.a.outputs.t }}'")
      try await stage.run(body)
      try stage.crash(after: "finish a done")
      stage.world.remove(Self.secret)
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.facts == [Self.secret])
    }
  }

  @Test("what a failing script said is kept and hashed, and its last line is in the message")
  func failingScript() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run(
        "steps:\n  - id: s\n    name: s\n    run: |\n      echo out\n      echo why >&2\n      exit 3\n"
      )
      #expect(report.exit == .failed)
      #expect(stage.events.value.contains { $0.contains("exit code 3: why") })
      let evidence = try entries(of: stage.runFolder().path.appending("evidence"))
      #expect(evidence == ["s.1.result.json", "s.1.stderr", "s.1.stdout"])
      let actions = try stage.records().compactMap { record in
        if case .action(let action) = record.event { action.evidence.count } else { nil }
      }
      #expect(actions == [3])
    }
  }
}
