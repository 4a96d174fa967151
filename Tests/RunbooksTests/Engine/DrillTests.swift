import Diagnostics
import JSON
import Quantities
import Testing

@testable import Runbooks

@Suite("drills")
struct DrillEngineTests {
  private static func book(_ drill: String) -> String {
    "steps:\n" + step("a", hasUndo: true) + step("b", "drill: skip")
      + "  - { id: go, name: Go, uses: confirm, with: { message: m, phrase: p, other-person: true } }\n"
      + "drill: { targets: {}, every: 30d, \(drill) }\n"
  }

  private func drill(_ stage: Stage, _ body: String) async throws -> DrillOutcome {
    try await stage.engine().drill(try stage.runbook(body), inputs: [:]) {}
  }

  @Test("steps are skipped, confirmations answered, the time measured, and nothing can be resumed")
  func good() async throws {
    try await withStage { stage async throws in
      let clock = stage.clock
      stage.world.next("do a") { _, _ in clock.advance(by: .seconds(90)) }
      let outcome = try await drill(
        stage,
        Self.book("objectives: { rto: 2m }, measure: { rto-from: a, rto-to: a }"))
      #expect(outcome.exit == .done)
      #expect(outcome.recoveryTime.measured == .seconds(90))
      #expect(stage.world.facts == ["a"])
      #expect(try stage.journal().contains("finish b skipped"))
      #expect(try stage.journal().contains("confirm go drill approved"))
      await #expect(throws: RunError.self) {
        _ = try await stage.engine().resume(outcome.run, undo: true, options: RunOptions())
      }
      await #expect(throws: RunError.self) { _ = try await stage.resume(undo: true) }
      let schedule = try DrillSchedule(
        stage.folder.appending("runs"), now: clock.now + .seconds(31 * 86400))
      let runbook = try stage.runbook(Self.book("objectives: {}"))
      #expect(schedule.standing(of: runbook).isDue)
      let soon = try DrillSchedule(stage.folder.appending("runs"), now: clock.now)
      #expect(!soon.standing(of: runbook).isDue)
      #expect(
        try DrillSchedule(stage.folder.appending("none"), now: clock.now).standing(of: runbook)
          == .never(isDue: true))
    }
  }

  @Test("a missed objective, one that cannot be measured and a vacuous check end with 9")
  func missed() async throws {
    try await withStage { stage async throws in
      let clock = stage.clock
      stage.world.next("do a") { _, _ in clock.advance(by: .seconds(90)) }
      let slow = try await drill(stage, Self.book("objectives: { rto: 1m }"))
      #expect(slow.exit == .objectiveMissed)
    }
    try await withStage { stage async throws in
      let unknown = try await drill(stage, Self.book("objectives: { rpo: 1h }"))
      #expect(unknown.exit == .objectiveMissed)
    }
    try await withStage { stage async throws in
      stage.world.add("a")
      let vacuous = try await drill(stage, Self.book("objectives: {}"))
      #expect(vacuous.exit == .objectiveMissed)
      #expect(vacuous.vacuous.map(\.check) == ["a is there"])
    }
  }

  @Test("what is only played is not watched, what is carried out is")
  func watched() async throws {
    func check(_ more: String) -> String {
      step("s", isChecked: false, "check: [{ name: c, expect: \"true\", for: 1m }]", more)
    }
    for (more, pauses) in [("drill: simulate", false), ("when-satisfied: run", true)] {
      try await withStage { stage async throws in
        let book = "steps:\n" + check(more) + "drill: { targets: {} }\n"
        _ = try await drill(stage, book)
        #expect(
          try stage.journal().contains { $0.hasPrefix("check s ") && $0.hasSuffix("true") })
        #expect(!stage.clock.pauses.isEmpty == pauses)
      }
    }
  }

  @Test("a run that fails ends the drill as it ends the run")
  func failed() async throws {
    try await withStage { stage async throws in
      stage.world.next("do a") { _, _ in throw ActionError(.other, "no a") }
      #expect(try await drill(stage, Self.book("objectives: {}")).exit == .failed)
    }
  }
}
