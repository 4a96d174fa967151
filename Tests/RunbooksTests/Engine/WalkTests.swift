import Diagnostics
import SystemPackage
import Testing

@testable import Runbooks

@Suite("a walk")
struct WalkTests {
  private func walk(_ stage: Stage, _ body: String) async throws -> RunReport {
    try await stage.engine().walk(try stage.runbook(body), inputs: [:], options: .init())
  }

  private static let body = """
    steps:
    \(step("r", uses: "world.look", isChecked: false, "outputs: { x: '${{ result.there }}' }"))
    \(step("a", "guard: [{ name: g, uses: world.look, with: { key: g }, expect: '!result.there' }]"))
    \(step("b", hasUndo: true, "if: '!steps.r.outputs.x'"))
    """

  @Test("the person does it; guards come before, checks after, and it can be gone on with")
  func byHand() async throws {
    try await withStage { stage async throws in
      let world = stage.world
      let turn = Shared(0)
      stage.operators = ScriptedOperator(["", "quit"]) { _ in
        if turn.change({
          $0 += 1; return $0
        }) == 1 {
          world.add("a")
        }
      }
      #expect(try await walk(stage, Self.body).exit == .refused)
      #expect(world.calls.filter { $0.hasPrefix("do") } == [])
      #expect(world.calls.contains("look g"))
      #expect(stage.events.value.contains("message $ world do a "))
      let journal = try stage.journal()
      #expect(journal.contains("confirm a walk done"))
      #expect(journal.contains("finish a done"))
      #expect(journal.contains("confirm b walk quit"))
      stage.operators = ScriptedOperator([""]) { _ in world.add("b") }
      #expect(try await stage.resume().exit == .done)
      #expect(world.calls.filter { $0.hasPrefix("do") } == [])
      stage.operators = ScriptedOperator([""]) { _ in world.remove("b") }
      #expect(try await stage.resume(undo: true).exit == .failed, "a has no undo")
      #expect(!world.calls.contains("undo b"))
    }
  }

  @Test("what was not done shows in the check, and is asked for again")
  func notDone() async throws {
    try await withStage { stage async throws in
      let world = stage.world
      let turn = Shared(0)
      stage.operators = ScriptedOperator(["", "retry", ""]) { _ in
        if turn.change({
          $0 += 1; return $0
        }) == 3 {
          world.add("a")
        }
      }
      #expect(try await walk(stage, "steps:\n" + step("a")).exit == .done)
      #expect(try stage.journal().contains("finish a failed"))
    }
  }

  @Test("a step may be left out where nothing later reads what it gives")
  func skip() async throws {
    try await withStage { stage async throws in
      stage.operators = ScriptedOperator(["skip", "skip", "quit"])
      let body =
        "steps:\n" + step("a") + step("b", uses: "world.make", "outputs: { k: result.key }")
        + step("c", "if: steps.b.outputs.k == 'b'")
      #expect(try await walk(stage, body).exit == .refused)
      #expect(try stage.journal().contains("finish a skipped"))
      #expect(stage.events.value.contains { $0.contains("cannot be left out") })
    }
  }

  @Test("without a terminal there is no walk")
  func nobody() async throws {
    try await withStage { stage async throws in
      await #expect {
        _ = try await walk(stage, Self.body)
      } throws: { ($0 as? RunError)?.status == .refused }
      #expect(stage.world.calls == [])
    }
  }
}

@Suite("the end of a run for good")
struct AbortTests {
  private static let body =
    "steps:\n" + step("a") + step("b") + "finally:\n" + step("z", isChecked: false)
  private static let fails: World.Behaviour = { _, _ in throw ActionError(.other, "not today") }

  @Test("a run that was cut off is ended: its final steps run, and nothing goes on after that")
  func cutOff() async throws {
    try await withStage { stage async throws in
      try await stage.run(Self.body)
      try stage.crash(after: "start b 1")
      stage.world.clearCalls()
      let report = try await stage.engine().abort(nil, options: .init())
      #expect(report.exit == .done)
      #expect(stage.world.calls == ["do z"])
      #expect(try stage.journal().last == "run.finish aborted 0")
      for undo in [false, true] {
        await #expect {
          _ = try await stage.engine().resume(
            try stage.runFolder().id, undo: undo, options: .init())
        } throws: { "\($0)".contains("was aborted") }
      }
      let entries = try RunHistory(stage.folder.appending("runs")).entries()
      #expect(entries.map(\.isUnfinished) == [false])
      #expect(entries.map(\.status) == ["aborted"])
    }
  }

  @Test("final steps that have run are not run again; one that fails leaves it to be ended again")
  func finally() async throws {
    try await withStage { stage async throws in
      stage.world.next("do b", Self.fails)
      #expect(try await stage.run(Self.body).exit == .failed)
      stage.world.clearCalls()
      #expect(try await stage.engine().abort(nil, options: .init()).exit == .done)
      #expect(stage.world.calls == [])
    }
    try await withStage { stage async throws in
      stage.world.next("do z", Self.fails, Self.fails)
      stage.world.next("do b", Self.fails)
      try await stage.run(Self.body)
      #expect(try await stage.engine().abort(nil, options: .init()).exit == .failed)
      #expect(try await stage.engine().abort(nil, options: .init()).exit == .done)
    }
  }

  @Test("nothing is ended whose process lives, and it is named")
  func alive() async throws {
    try await withStage { stage async throws in
      stage.world.next("do b", Self.fails)
      try await stage.run(Self.body)
      let folder = try stage.runFolder()
      let holder = LockHolder(
        user: "bob", host: "there", pid: 4711, run: folder.id, since: stage.clock.now)
      let lock = try RunFolderLock(folder, as: holder)
      await #expect {
        _ = try await stage.engine().abort(nil, options: .init())
      } throws: { "\($0)".contains("process 4711 on there") }
      withExtendedLifetime(lock) {}
    }
  }

  @Test("what it called is ended with it")
  func called() async throws {
    try await withStage { stage async throws in
      _ = try stage.runbook(Self.body, name: "child")
      stage.world.next("do b", Self.fails)
      try await stage.run(
        "steps: [{ id: x, name: x, uses: runbook/child }]\nfinally:\n"
          + step("y", isChecked: false))
      #expect(try await stage.engine().abort("play", options: .init()).exit == .done)
      let entries = try RunHistory(stage.folder.appending("runs")).entries()
      #expect(entries.map(\.status) == ["aborted", "aborted"])
    }
  }
}
