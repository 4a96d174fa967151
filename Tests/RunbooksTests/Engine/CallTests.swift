import Diagnostics
import Glibc
import SystemPackage
import Testing

@testable import Runbooks

@Suite("a run that calls another runbook")
struct CallTests {
  /// Makes `b` and `c`, and says what it was given.
  static let child = """
    inputs:
      word: { description: w, required: true }
      where: { description: e, type: environment }
    concurrency: { group: g, lock: postgres }
    steps:
    \(step("b", hasUndo: true))
    \(step("c", hasUndo: true))
    outputs:
      said: { value: "${{ inputs.word }} in ${{ inputs.where }}" }
      took: { value: "${{ steps.c.finished-at - steps.b.started-at }}" }
    """
  static let parent = """
    concurrency: { group: g, lock: postgres }
    steps:
    \(step("a", hasUndo: true))
      - id: call
        name: Call the child
        uses: runbook/child
        with: { word: hello }
        outputs: { said: "${{ result.said }}", took: "${{ result.took }}" }
    \(step("d", hasUndo: true))
    outputs:
      said: { value: "${{ steps.call.outputs.said }}" }
      fast: { value: "${{ steps.call.outputs.took < duration('1m') }}" }
    """

  private func prepare(_ stage: inout Stage) throws {
    stage.locks["postgres"] = OneLock()
    _ = try stage.runbook(Self.child, name: "child")
  }

  private func folders(_ stage: Stage) throws -> [RunFolder] {
    try RunFolder.all(in: stage.folder.appending("runs"))
  }

  @Test("it has a run of its own, linked both ways; its outputs are the result, with their types")
  func links() async throws {
    try await withStage { stage async throws in
      try prepare(&stage)
      let report = try await stage.run(Self.parent)
      #expect(report.exit == .done)
      #expect(stage.world.facts == ["a", "b", "c", "d"])
      let runs = try folders(stage)
      #expect(runs.map { $0.name?.runbook } == ["play", "child"])
      let start = RunState(try JournalContents(reading: runs[1].journal).records).start
      #expect(start?.caller == .init(run: runs[0].id, step: "call"))
      #expect(try stage.journal().contains("call call child"))
      let text = report.json.text()
      #expect(text.contains(runs[1].id))
      #expect(report.json["outputs"]?["said"] == "hello in test")
      #expect(report.json["outputs"]?["fast"] == true)
    }
  }

  @Test("a crash after any record of either journal leads to the same end, each effect once")
  func everyRecord() async throws {
    let counts = try await withStage { stage async throws in
      try prepare(&stage)
      try await stage.run(Self.parent)
      return try folders(stage).map { try JournalContents(reading: $0.journal).records.count }
    }
    for inner in 0..<counts[1] {
      try await withStage { stage async throws in
        try prepare(&stage)
        try await stage.run(Self.parent)
        // The child dies in the midst, and its parent with it.
        try stage.crash(after: "call call child")
        let runs = try folders(stage)
        try stage.cut(runs[1].journal, after: inner)
        if inner == 0 { #expect(unlink(runs[1].journal.string) == 0) }
        stage.world.clearCalls()
        #expect(try await stage.resume().exit == .done, "record \(inner)")
        #expect(stage.world.facts == ["a", "b", "c", "d"])
        #expect(!stage.world.calls.contains("do a"))
        #expect(stage.world.calls.filter { $0 == "do b" }.isEmpty)
      }
    }
    for outer in 2..<counts[0] {
      try await withStage { stage async throws in
        try prepare(&stage)
        try await stage.run(Self.parent)
        try stage.crash(afterRecord: outer)
        stage.world.clearCalls()
        #expect(try await stage.resume().exit == .done, "record \(outer)")
        #expect(!stage.world.calls.contains { $0.hasPrefix("do ") })
        #expect(try folders(stage).count <= (outer < 12 ? 3 : 2))
      }
    }
  }

  @Test("taking the run back takes back what it called, in reverse order")
  func undo() async throws {
    try await withStage { stage async throws in
      try prepare(&stage)
      try await stage.run(Self.parent)
      stage.world.clearCalls()
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(
        stage.world.calls.filter { $0.hasPrefix("undo") } == [
          "undo d", "undo c", "undo b", "undo a",
        ])
      #expect(stage.world.facts == [])
    }
  }

  @Test("a failure inside fails the step; a resume goes on inside, an undo takes the half back")
  func failure() async throws {
    let fails: World.Behaviour = { _, _ in throw ActionError(.other, "no c") }
    try await withStage { stage async throws in
      try prepare(&stage)
      stage.world.next("do c", fails)
      #expect(try await stage.run(Self.parent).exit == .failed)
      #expect(stage.events.value.contains { $0.contains("failed at \"c\": no c") })
      stage.world.clearCalls()
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.calls.filter { $0.hasPrefix("do ") } == ["do c", "do d"])
      #expect(try folders(stage).count == 2)
    }
    try await withStage { stage async throws in
      try prepare(&stage)
      stage.world.next("do c", fails)
      #expect(try await stage.run("on-failure: undo\n" + Self.parent).exit == .undone)
      #expect(stage.world.facts == [])
    }
  }

  @Test("a signal stops the called run first, and both go on where they were")
  func signal() async throws {
    try await withStage { stage async throws in
      try prepare(&stage)
      let interrupts = stage.interrupts
      stage.world.next("do b") { _, world in
        world.add("b")
        interrupts.deliver(SIGINT)
        try await Task.sleep(for: .seconds(60))
      }
      #expect(try await stage.run(Self.parent).exit == .interrupted)
      #expect(stage.events.value.contains("called interrupted false"))
      stage.interrupts = RunInterrupts()
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.facts == ["a", "b", "c", "d"])
    }
  }

  @Test("a called run cannot be gone on with or taken back without its caller")
  func owned() async throws {
    try await withStage { stage async throws in
      try prepare(&stage)
      stage.world.next("do c") { _, _ in throw ActionError(.other, "no c") }
      try await stage.run(Self.parent)
      let child = try folders(stage)[1]
      await #expect {
        _ = try await stage.engine().resume(child.shortID, options: .init())
      } throws: { ($0 as? RunError)?.message.contains("was called by step \"call\"") == true }
      let entries = try RunHistory(stage.folder.appending("runs")).entries()
      #expect(entries.map { $0.caller != nil } == [false, true])
    }
  }

  @Test("what a called run calls is what was planned, whatever the file says by then")
  func planned() async throws {
    try await withStage { stage async throws in
      _ = try stage.runbook("steps:\n" + step("leaf"), name: "leaf-book")
      _ = try stage.runbook(
        "steps: [{ id: in, name: in, uses: runbook/leaf-book }]", name: "child")
      let staged = stage
      stage.world.next("do first") { _, _ in
        _ = try staged.runbook("steps:\n" + step("other"), name: "leaf-book")
      }
      let parent =
        "steps:\n" + step("first") + "  - { id: call, name: call, uses: runbook/child }\n"
      #expect(try await stage.run(parent).exit == .done)
      #expect(stage.world.facts == ["first", "leaf"])
    }
  }

  @Test("a called run whose final steps fail while it is aborted is aborted again with its caller")
  func abortedTwice() async throws {
    try await withStage { stage async throws in
      let fails: World.Behaviour = { _, _ in throw ActionError(.other, "not now") }
      _ = try stage.runbook(
        "steps:\n" + step("b") + "finally:\n" + step("tidy", isChecked: false), name: "child")
      stage.world.next("do b", fails)
      stage.world.next("do tidy", fails, fails)
      #expect(
        try await stage.run("steps: [{ id: call, name: call, uses: runbook/child }]").exit
          == .failed)
      await #expect(throws: ActionError.self) {
        _ = try await stage.engine().abort(nil, options: RunOptions())
      }
      #expect(stage.world.facts.isEmpty)
      #expect(try await stage.engine().abort(nil, options: RunOptions()).exit == .done)
      #expect(stage.world.facts == ["tidy"])
      let child = RunState(try JournalContents(reading: folders(stage)[1].journal).records)
      #expect(child.finish?.status == "aborted")
    }
  }

  @Test("a plan looks into what is called, and is blocked where that is")
  func plan() async throws {
    try await withStage { stage async throws in
      try prepare(&stage)
      stage.world.add("b")
      let runbook = try stage.runbook(Self.parent)
      let plan = try await stage.engine().plan(runbook, inputs: [:])
      #expect(plan.steps[1].called?.steps.map(\.verdict) == [.satisfied, .wouldRun])
      #expect(plan.steps[1].command == "omcops runbook run child -i word=hello")
      #expect(plan.called.keys.sorted() == ["child"])
      _ = try stage.runbook(
        Self.child
          + "\nguard: [{ name: g, uses: world.look, with: { key: g }, expect: result.there }]\n",
        name: "child")
      let alone = try stage.runbook(
        "steps: [{ id: x, name: x, uses: runbook/child, with: { word: w } }]", name: "alone")
      let blocked = try await stage.engine().plan(alone, inputs: [:])
      #expect(!blocked.isRunnable)
      #expect(blocked.steps[0].reason?.contains("child would be blocked: g") == true)
      #expect(blocked.answers["x/guard: g"] == "fails")
    }
  }

  @Test(
    "a call that does not fit is found by lint and refused before the first step",
    arguments: [
      ("uses: runbook/child", "needs input \"word\""),
      ("uses: runbook/child, with: { wrod: x }", "has no input \"wrod\"; did you mean \"word\"?"),
      ("uses: runbook/chidl, with: { word: x }", "there is no runbook \"chidl\""),
      ("uses: runbook/play", "play calls itself: play → play"),
      ("uses: runbook/round", "play calls itself: play → round → play"),
      (
        "uses: runbook/child, with: { word: x }, outputs: { x: result.sad }",
        "did you mean \"said\"?"
      ),
    ])
  func fits(_ call: String, _ problem: String) async throws {
    try await withStage { stage async throws in
      try prepare(&stage)
      _ = try stage.runbook(
        "steps: [{ id: x, name: x, uses: runbook/play }]", name: "round")
      let runbook = try stage.runbook("steps: [{ id: x, name: x, \(call) }]")
      let catalog = ActionCatalog(offering: Array(stage.surroundings.actions.values))
      let findings = Lint.findings(in: runbook, catalog: catalog)
      #expect(findings.contains { $0.message.contains(problem) }, "\(findings)")
      if call.contains("outputs") { return }
      await #expect {
        _ = try await stage.engine().run(runbook, inputs: [:], options: .init())
      } throws: { "\($0)".contains(problem) || "\($0)".contains("calls itself") }
      #expect(stage.world.calls == [])
    }
  }

  @Test("it runs where its caller runs, and takes no secret as an input")
  func refusals() async throws {
    try await withStage { stage async throws in
      try prepare(&stage)
      stage.targetSecrets = ["hunter2"]
      for (with, word) in [
        ("word: x, where: elsewhere", "its caller in \"test\""), ("word: hunter2", "hold a secret"),
      ] {
        let body = "steps: [{ id: x, name: x, uses: runbook/child, with: { \(with) } }]"
        #expect(try await stage.run(body).exit != .done)
        #expect(stage.events.value.contains { $0.contains(word) }, "\(stage.events.value)")
      }
      #expect(stage.world.facts == [])
    }
  }

  @Test("a word for a step inside is handed on by CALLER/STEP")
  func words() async throws {
    try await withStage { stage async throws in
      _ = try stage.runbook(
        "steps: [{ id: go, name: go, uses: confirm, with: { message: m, phrase: y } }]",
        name: "child")
      let body = "steps: [{ id: x, name: x, uses: runbook/child }]"
      #expect(try await stage.run(body).exit == .refused)
      let options = RunOptions(approvals: ["x/go": "y"])
      #expect(try await stage.resume(options: options).exit == .done)
    }
  }
}

/// A lock that can be held once: a second run of the group finds it taken.
final class OneLock: LockKind, HeldLock {
  private let held = Shared(false)

  func acquire(group: String, holder: LockHolder, wait: Duration) async throws -> any HeldLock {
    let wasHeld = held.change { held in
      defer { held = true }
      return held
    }
    if wasHeld { throw LockBusy(group: group, holder: nil) }
    return self
  }

  func isHeld() async -> Bool { held.value }
  func release() async { held.change { $0 = false } }
}
