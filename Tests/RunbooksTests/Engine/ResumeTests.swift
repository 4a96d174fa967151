import Diagnostics
import Testing

@testable import Runbooks

@Suite("what a resume does with the step that was cut off")
struct ResumeTests {
  private static let two = "steps:\n" + step("a") + step("b")

  /// A run of `body` that is over, cut off behind one of its records.
  private func cutOff(_ stage: Stage, _ body: String, after word: String) async throws {
    try await stage.run(body)
    try stage.crash(after: word)
    stage.world.clearCalls()
  }

  @Test("finished: it is not run again")
  func finished() async throws {
    try await withStage { stage async throws in
      try await cutOff(stage, Self.two, after: "finish a done")
      stage.world.remove("b")
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls.filter { $0.hasPrefix("do") } == ["do b"])
    }
  }

  @Test("in doubt and its check holds: recovered, and not done twice")
  func recovered() async throws {
    try await withStage { stage async throws in
      try await cutOff(stage, Self.two, after: "start b 1")
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls == ["look b"])
      #expect(try stage.journal().contains("finish b recovered"))
    }
  }

  @Test("in doubt, its check does not hold: guards are asked and it is run again")
  func again() async throws {
    let body =
      "steps:\n"
      + step(
        "b", "guard: [{ name: g, uses: world.look, with: { key: g }, expect: '!result.there' }]")
    try await withStage { stage async throws in
      try await cutOff(stage, body, after: "start b 1")
      stage.world.remove("b")
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls == ["look b", "look g", "do b", "look b"])
      #expect(try stage.journal().contains("start b 2"))
    }
    try await withStage { stage async throws in
      try await cutOff(stage, body, after: "start b 1")
      stage.world.remove("b")
      stage.world.add("g")
      #expect(try await stage.resume().exit == .blocked)
      #expect(!stage.world.calls.contains("do b"))
    }
  }

  @Test("in doubt, its check does not hold, and it is to run once: 8, and the operator decides")
  func once() async throws {
    try await withStage { stage async throws in
      try await cutOff(stage, "steps:\n" + step("b", "once: true"), after: "start b 1")
      stage.world.remove("b")
      #expect(try await stage.resume().exit == .inDoubt)
      #expect(!stage.world.calls.contains("do b"))
      #expect(stage.events.value.last?.contains("--resolve b=again") == true)
      let options = RunOptions(resolutions: ["b": .again])
      #expect(try await stage.resume(options: options).exit == .done)
      #expect(stage.world.facts == ["b"])
    }
  }

  @Test("a step that is to run once is not repeated after a failure either")
  func onceFailed() async throws {
    try await withStage { stage async throws in
      stage.world.next("do b") { _, _ in throw ActionError(.other, "no b") }
      let body = "steps:\n" + step("b", "once: true")
      #expect(try await stage.run(body).exit == .failed)
      #expect(try await stage.resume().exit == .inDoubt)
      #expect(stage.world.calls.filter { $0 == "do b" }.count == 1)
    }
  }

  @Test("in doubt and the check cannot be asked: 8")
  func unknown() async throws {
    try await withStage { stage async throws in
      try await cutOff(stage, "steps:\n" + step("b"), after: "start b 1")
      stage.world.next("look b") { _, _ in throw ActionError(.connection, "no route") }
      #expect(try await stage.resume().exit == .inDoubt)
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test("in doubt without a check: the action's own, or 8 where it has none")
  func builtInCheck() async throws {
    try await withStage { stage async throws in
      let body = "steps:\n" + step("b", uses: "world.make", isChecked: false)
      try await cutOff(stage, body, after: "start b 1")
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls == ["recall b"])
      try stage.crash(after: "start b 1")
      stage.world.remove("b")
      stage.world.clearCalls()
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls == ["recall b", "make b"])
    }
    try await withStage { stage async throws in
      try await cutOff(stage, "steps:\n" + step("b", isChecked: false), after: "start b 1")
      #expect(try await stage.resume().exit == .inDoubt)
    }
  }

  @Test(
    "the operator's word about a step in doubt",
    arguments: [
      (Resolution.done, Diagnostics.ExitStatus.done, ["a", "b"], "finish b recovered"),
      (.again, .done, ["a", "b"], "start b 2"), (.undo, .undone, [], "undo.finish b true"),
    ])
  func resolutions(
    _ word: Resolution, _ exit: Diagnostics.ExitStatus, _ facts: [String], _ record: String
  ) async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n" + step("a", hasUndo: true) + step("b", isChecked: false, hasUndo: true)
      try await cutOff(stage, body, after: "start b 1")
      #expect(try await stage.resume().exit == .inDoubt)
      #expect(try await stage.resume(options: .init(resolutions: ["b": word])).exit == exit)
      #expect(stage.world.facts == Set(facts))
      #expect(try stage.journal().contains(record))
    }
  }

  @Test("a word about a step that is not in doubt is refused before anything happens")
  func uselessResolution() async throws {
    try await withStage { stage async throws in
      try await cutOff(stage, Self.two, after: "start b 1")
      let before = try stage.journal()
      for step in ["a", "c"] {
        await #expect(throws: RunError.self) {
          _ = try await stage.resume(options: .init(resolutions: [step: .again]))
        }
      }
      #expect(try stage.journal() == before)
    }
  }

  @Test("killed behind the action: its kept result gives the outputs, and it is not done twice")
  func keptResult() async throws {
    let body =
      "steps:\n" + step("a", isChecked: false, "outputs: { v: '${{ result.key }}' }")
      + step("b", isChecked: false, "if: ${{ steps.a.outputs.v == 'a' }}")
    try await withStage { stage async throws in
      try await cutOff(stage, body, after: "action a true")
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls == ["do b"])
    }
    try await withStage { stage async throws in
      try await cutOff(stage, body, after: "action a true")
      let file = try stage.runFolder().evidence("a.1.result.json")
      try DurableFile.write(Array(#"{"key":"forged"}"#.utf8), to: file)
      #expect(try await stage.resume().exit == .inDoubt)
    }
  }

  @Test("an attempt that failed beyond doubt is run again, unless somebody mended it meanwhile")
  func failed() async throws {
    try await withStage { stage async throws in
      stage.world.next(
        "do b", { _, _ in throw ActionError(.other, "no b") },
        { _, _ in throw ActionError(.other, "no b") })
      #expect(try await stage.run(Self.two).exit == .failed)
      try stage.crash(after: "action b false")
      #expect(try await stage.resume().exit == .failed)
      stage.world.add("b")
      stage.world.clearCalls()
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls == ["look b"])
    }
  }

  @Test("what was seen before survives the crash and later attempts")
  func before() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n"
        + step(
          "a", uses: "world.make", isChecked: false,
          "outputs: { was: '${{ result.before.there }}' }")
        + "outputs: { was: { value: '${{ steps.a.outputs.was }}' } }\n"
      try await cutOff(stage, body, after: "start a 1")
      let report = try await stage.resume()
      #expect(report.json["outputs"]?["was"]?.bool == false)
    }
  }

  @Test("a crash after any record leads to the same end")
  func everyRecord() async throws {
    let body =
      "steps:\n" + step("a", uses: "world.make", "outputs: { v: '${{ result.key }}' }")
      + step("b", uses: "world.make", "if: ${{ steps.a.outputs.v == 'a' }}") + "finally:\n"
      + step("z", uses: "world.make", isChecked: false)
    let count = try await withStage { stage async throws in
      try await stage.run(body)
      return try stage.records().count
    }
    for position in 1..<count {
      try await withStage { stage async throws in
        try await stage.run(body)
        try stage.crash(afterRecord: position)
        #expect(try await stage.resume().exit == .done, "record \(position)")
        #expect(stage.world.facts == ["a", "b", "z"])
        let history = RunHistory(stage.folder.appending("runs"))
        #expect(try history.verify(stage.runFolder().id).records > position)
      }
    }
  }

  @Test("a run that is over is not resumed, and one that was taken back not undone")
  func over() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run("steps:\n" + step("a", hasUndo: true))
      await #expect(throws: RunError.self) {
        _ = try await stage.engine().resume(report.run, options: .init())
      }
      #expect(try await stage.resume(undo: true).exit == .done)
      await #expect(throws: RunError.self) { _ = try await stage.resume(undo: true) }
    }
  }

  @Test("another system than the run began on is refused with 3")
  func identity() async throws {
    try await withStage { stage async throws in
      try await cutOff(stage, Self.two, after: "start b 1")
      stage.identities = ["postgres": "7002"]
      await #expect { _ = try await stage.resume() } throws: { error in
        (error as? RunError)?.status == .blocked
      }
      #expect(stage.world.calls == [])
    }
  }
}

@Suite("a resume and what has changed since")
struct ResumeChangeTests {
  private static let body = "steps:\n" + step("a") + step("b")

  private func interrupted(_ stage: Stage) async throws {
    try await stage.run(Self.body)
    try stage.crash(after: "finish a done")
    stage.world.remove("b")
    stage.world.clearCalls()
  }

  @Test("the file as it was counts, and the operator is told that it is another one now")
  func keptFile() async throws {
    try await withStage { stage async throws in
      try await interrupted(stage)
      _ = try stage.runbook("steps:\n" + step("a") + step("c"))
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.facts == ["a", "b"])
      #expect(stage.events.value.contains { $0.contains("has changed since this run began") })
    }
  }

  @Test("with --accept-changed the steps that have not run may differ")
  func accepted() async throws {
    try await withStage { stage async throws in
      try await interrupted(stage)
      _ = try stage.runbook("# a comment is no change\nsteps:\n" + step("a") + step("c"))
      #expect(try await stage.resume(options: .init(acceptsChanges: true)).exit == .done)
      #expect(stage.world.facts == ["a", "c"])
    }
  }

  @Test(
    "with --accept-changed a step that has run must be what it was and where it was",
    arguments: [
      step("a", "once: true") + step("b"), step("b"), step("c") + step("a") + step("b"),
    ])
  func refused(_ steps: String) async throws {
    try await withStage { stage async throws in
      try await interrupted(stage)
      _ = try stage.runbook("steps:\n" + steps)
      await #expect { _ = try await stage.resume(options: .init(acceptsChanges: true)) } throws: {
        ($0 as? RunError)?.code == .changed
      }
      #expect(stage.world.calls == [])
    }
  }

  @Test("--recheck asks what is finished again and stops with 3 when it is gone")
  func recheck() async throws {
    try await withStage { stage async throws in
      try await interrupted(stage)
      stage.world.remove("a")
      await #expect { _ = try await stage.resume(options: .init(rechecks: true)) } throws: {
        ($0 as? RunError)?.status == .blocked
      }
      #expect(stage.world.calls == ["look a"])
      stage.world.add("a")
      #expect(try await stage.resume(options: .init(rechecks: true)).exit == .done)
    }
  }

  @Test("--recheck passes over a step whose undo has ended: what follows has moved on")
  func recheckUntil() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n"
        + step("a", "undo: { uses: world.undo, with: { key: a }, until: b }")
        + step("b", "undo: none")
        + step("c")
      try await stage.run(body)
      try stage.crash(after: "finish b done")
      stage.world.remove("a")
      #expect(try await stage.resume(options: .init(rechecks: true)).exit == .done)
    }
  }

  @Test("the runbook's guards are not asked again in the midst of its steps")
  func guards() async throws {
    try await withStage { stage async throws in
      let body =
        "guard: [{ name: g, uses: world.look, with: { key: a }, expect: '!result.there' }]\n"
        + Self.body
      try await stage.run(body)
      try stage.crash(after: "start b 1")
      #expect(try await stage.resume().exit == .done)
    }
  }
}
