import Diagnostics
import Testing

@testable import Runbooks

@Suite("taking a run back")
struct UndoTests {
  private static let fails: World.Behaviour = { _, _ in throw ActionError(.other, "not today") }
  private static let three =
    "steps:\n" + step("a", hasUndo: true) + step("b", hasUndo: true) + step("c", hasUndo: true)

  private func undone(_ stage: Stage) -> [String] {
    stage.world.calls.filter { $0.hasPrefix("undo") }
  }

  @Test("in reverse order, the failed step's own undo first")
  func order() async throws {
    try await withStage { stage async throws in
      stage.world.next("do c") { _, world in
        world.add("c")
        throw ActionError(.other, "half done")
      }
      #expect(try await stage.run("on-failure: undo\n" + Self.three).exit == .undone)
      #expect(undone(stage) == ["undo c", "undo b", "undo a"])
      #expect(stage.world.facts == [])
    }
  }

  @Test("what this run did not do is not taken back")
  func notOurs() async throws {
    try await withStage { stage async throws in
      stage.world.add("b")
      try await stage.run(Self.three)
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(undone(stage) == ["undo c", "undo a"])
      #expect(stage.world.facts == ["b"])
    }
  }

  @Test("after the step that `until` names, an undo is no longer valid")
  func until() async throws {
    let body =
      "on-failure: undo\nsteps:\n"
      + step("a", "undo: { uses: world.undo, with: { key: a }, until: b }")
      + step("b", "undo: none") + step("c", hasUndo: true)
    try await withStage { stage async throws in
      stage.world.next("do b", Self.fails)
      #expect(try await stage.run(body).exit == .undone)
      #expect(undone(stage) == ["undo a"])
    }
    try await withStage { stage async throws in
      stage.world.next("do c", Self.fails)
      #expect(try await stage.run(body).exit == .failed)
      #expect(!undone(stage).contains("undo a"))
      #expect(stage.world.facts == ["a", "b"])
    }
  }

  @Test("once the step that `until` names is taken back itself, the undo is valid again")
  func untilUndone() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n" + step("a", "undo: { uses: world.undo, with: { key: a }, until: b }")
        + step("b", hasUndo: true)
      try await stage.run(body)
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(undone(stage) == ["undo b", "undo a"])
    }
  }

  @Test("a step that changed something and has no undo leaves the run partly undone")
  func missing() async throws {
    try await withStage { stage async throws in
      try await stage.run("steps:\n" + step("a") + step("b", hasUndo: true))
      #expect(try await stage.resume(undo: true).exit == .failed)
      #expect(try stage.journal().last == "run.finish partly-undone 1")
    }
  }

  @Test("steps that only look need no undo")
  func reads() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n" + step("r", uses: "world.look", isChecked: false) + step("a", hasUndo: true)
      try await stage.run(body)
      #expect(try await stage.resume(undo: true).exit == .done)
    }
  }

  @Test("an undo that fails ends the undoing with 7; another try goes on from there")
  func fails() async throws {
    try await withStage { stage async throws in
      stage.world.next("do c", Self.fails)
      stage.world.next("undo b", Self.fails)
      #expect(try await stage.run("on-failure: undo\n" + Self.three).exit == .undoFailed)
      #expect(stage.world.facts == ["a", "b"])
      #expect(stage.events.value.last?.contains("not today") == true)
      #expect(try await stage.resume(undo: true).exit == .undone)
      #expect(stage.world.facts == [])
    }
  }

  @Test("an undo is tried again as it says, and its check has to hold")
  func retried() async throws {
    let undo =
      "undo: { uses: world.undo, with: { key: a }, retry: { attempts: 2, delay: 1s }, "
      + "check: [{ name: gone, uses: world.look, with: { key: a }, expect: '!result.there' }] }"
    try await withStage { stage async throws in
      try await stage.run("steps:\n" + step("a", undo))
      stage.world.next("undo a", Self.fails)
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(undone(stage).count == 2)
    }
    try await withStage { stage async throws in
      try await stage.run("steps:\n" + step("a", undo))
      stage.world.next("look a", { _, world in world.add("a") })
      stage.world.next("undo a", { _, _ in }, Self.fails)
      #expect(try await stage.resume(undo: true).exit == .undoFailed)
    }
  }

  @Test("nothing is taken back of a step that was cut off before it changed anything")
  func nothingHappened() async throws {
    try await withStage { stage async throws in
      let body = "steps:\n" + step("a", uses: "world.make", isChecked: false, hasUndo: true)
      try await stage.run(body)
      try stage.crash(after: "start a 1")
      stage.world.remove("a")
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(undone(stage) == [])
    }
  }

  @Test("a run that was cut off before its first step is wholly undone by doing nothing")
  func nothingBegun() async throws {
    try await withStage { stage async throws in
      try await stage.run(Self.three + "finally:\n" + step("z", isChecked: false))
      try stage.crash(afterRecord: 1)
      stage.world.clearCalls()
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(try stage.journal().last == "run.finish undone 0")
      #expect(stage.world.calls == [])
    }
  }

  @Test("a crash after any record of an undo leads to the same end")
  func everyRecord() async throws {
    let count = try await withStage { stage async throws in
      try await stage.run(Self.three)
      try await stage.resume(undo: true)
      return try stage.records().count
    }
    for position in 2..<count {
      try await withStage { stage async throws in
        try await stage.run(Self.three)
        try await stage.resume(undo: true)
        try stage.crash(afterRecord: position)
        #expect(try await stage.resume(undo: true).exit == .done, "record \(position)")
        #expect(stage.world.facts == [])
        let history = RunHistory(stage.folder.appending("runs"))
        #expect(try history.verify(stage.runFolder().id).records > position)
      }
    }
  }

  @Test("a person can be the undo")
  func manual() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n" + step("a", "undo: { uses: manual, with: { instruction: Take a away. } }")
      let world = stage.world
      stage.operators = ScriptedOperator([""]) { _ in world.remove("a") }
      try await stage.run(body)
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(stage.events.value.contains("message Take a away."))
      #expect(stage.world.facts == [])
    }
  }
}
