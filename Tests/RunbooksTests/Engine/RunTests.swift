import Diagnostics
import Glibc
import SystemPackage
import Testing

@testable import Runbooks

@Suite("a run, step by step")
struct RunTests {
  @Test("a step asks if, check, guard, acts, gives outputs and is checked, in this order")
  func phases() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run(
        """
        steps:
        \(step(
          "a", uses: "world.make", "if: ${{ run.user == 'ada' }}",
          "guard: [{ name: g, uses: world.look, with: { key: g }, expect: '!result.there' }]",
          "outputs: { v: '${{ result.key }}' }"))
        """)
      #expect(report.exit == .done)
      #expect(stage.world.calls == ["look a", "look g", "observe a", "make a", "look a"])
      #expect(
        try stage.journal() == [
          "run.start", "check a before false", "guard a g true", "start a 1", "action a true",
          "check a after true", "finish a done", "run.finish done 0",
        ])
    }
  }

  @Test("evidence says what is kept: streams, and what the action sees before and after")
  func evidence() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run(
        "steps:\n" + step("a", uses: "world.make", "evidence: [before, after]")
          + "  - { id: s, name: S, run: 'echo out; echo err >&2', evidence: [stderr] }\n")
      #expect(report.exit == .done)
      let folder = try stage.runFolder()
      let history = RunHistory(stage.folder.appending("runs"))
      let text = { (path: FilePath) in String(decoding: try DurableFile.read(path), as: UTF8.self) }
      let kept = try entries(of: folder.path.appending("evidence"))
      #expect(
        kept == [
          "a.1.after.json", "a.1.before.json", "a.1.result.json", "s.1.result.json", "s.1.stderr",
        ])
      #expect(try text(folder.evidence("a.1.before.json")).contains(#""there": false"#))
      let after = folder.evidence("a.1.after.json")
      #expect(try text(after).contains(#""there": true"#))
      _ = try history.verify(nil)
      try DurableFile.write(Array("{}".utf8), to: after)
      #expect {
        _ = try history.verify(nil)
      } throws: { "\($0)".contains("a.1.after.json is not what the journal recorded") }
    }
  }

  @Test("a condition that is false skips the step without asking anything")
  func condition() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run("steps:\n" + step("a", "if: ${{ run.user == 'bob' }}"))
      #expect(report.exit == .done)
      #expect(stage.world.calls == [])
      #expect(try stage.journal()[1] == "finish a skipped")
    }
  }

  @Test("a guard that is false blocks the step, and nothing was done")
  func guards() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run(
        "steps:\n"
          + step(
            "a",
            "guard: [{ name: g, uses: world.look, with: { key: g }, expect: result.there, "
              + "because: Make g first. }]"))
      #expect(report.exit == .blocked)
      #expect(!report.changed)
      #expect(!stage.world.calls.contains("do a"))
      #expect(stage.events.value.contains { $0.contains("Make g first.") })
    }
  }

  @Test(
    "what a check means that holds beforehand is the author's word",
    arguments: [
      ("skip", Diagnostics.ExitStatus.done, "finish a satisfied", false),
      ("run", .done, "finish a done", true), ("fail", .blocked, "finish a blocked", false),
    ])
  func whenSatisfied(_ word: String, _ exit: Diagnostics.ExitStatus, _ finish: String, _ acts: Bool)
    async throws
  {
    try await withStage { stage async throws in
      stage.world.add("a")
      let report = try await stage.run("steps:\n" + step("a", "when-satisfied: \(word)"))
      #expect(report.exit == exit)
      #expect(try stage.journal().contains(finish))
      #expect(stage.world.calls.contains("do a") == acts)
    }
  }

  @Test("a satisfied step has what was seen before and the outputs that its action recalls")
  func satisfiedOutputs() async throws {
    try await withStage { stage async throws in
      stage.world.add("a")
      try await stage.run(
        "steps:\n"
          + step(
            "a", uses: "world.make",
            "outputs: { before: '${{ result.before.there }}', v: '${{ result.value }}' }")
          + "outputs: { v: { value: '${{ steps.a.outputs.v }}' }, "
          + "before: { value: '${{ steps.a.outputs.before }}' } }\n")
      let report = try stage.runFolder().report
      let text = String(decoding: try DurableFile.read(report), as: UTF8.self)
      #expect(text.contains("\"v\": \"recalled\""))
      #expect(text.contains("\"before\": true"))
    }
  }

  @Test("a failed step stops the run; one that may fail does not")
  func failures() async throws {
    try await withStage { stage async throws in
      stage.world.next("do a") { _, _ in throw ActionError(.other, "no a today") }
      let report = try await stage.run("steps:\n" + step("a") + step("b"))
      #expect(report.exit == .failed)
      #expect(!stage.world.calls.contains("do b"))
    }
    try await withStage { stage async throws in
      stage.world.next("do a") { _, _ in throw ActionError(.other, "no a today") }
      let report = try await stage.run(
        "steps:\n" + step("a", "continue-on-error: true") + step("b"))
      #expect(report.exit == .done)
      #expect(stage.world.facts == ["b"])
    }
  }

  @Test("a check that does not hold afterwards fails the step")
  func checkAfter() async throws {
    try await withStage { stage async throws in
      stage.world.next("look a", { _, _ in }, { _, world in world.remove("a") })
      let report = try await stage.run("steps:\n" + step("a"))
      #expect(report.exit == .failed)
      #expect(report.changed)
      #expect(try stage.journal().suffix(3).first == "check a after false")
    }
  }

  @Test("a step that only checks blocks with 3 when its check does not hold")
  func checkOnly() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run(
        """
        steps:
          - id: a
            name: a
            check: [{ name: x is there, uses: world.look, with: { key: x }, expect: result.there }]
        """)
      #expect(report.exit == .blocked)
      #expect(!report.changed)
    }
  }

  @Test("the runbook's guards come before everything, and where one fails nothing is cleaned up")
  func runbookGuards() async throws {
    try await withStage { stage async throws in
      let body = """
        guard: [{ name: g, uses: world.look, with: { key: g }, expect: result.there }]
        steps:
        \(step("a"))
        finally:
        \(step("z", isChecked: false))
        """
      #expect(try await stage.run(body).exit == .blocked)
      #expect(stage.world.calls == ["look g"])
      stage.world.add("g")
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.facts == ["g", "a", "z"])
    }
  }

  @Test("final steps run after success and after failure; their own failure takes nothing back")
  func finally() async throws {
    let body = """
      on-failure: undo
      steps:
      \(step("a", hasUndo: true))
      finally:
      \(step("y", isChecked: false))
      \(step("z", isChecked: false))
      """
    try await withStage { stage async throws in
      stage.world.next("do y") { _, _ in throw ActionError(.other, "no y") }
      #expect(try await stage.run(body).exit == .failed)
      #expect(stage.world.facts == ["a", "z"])
    }
    try await withStage { stage async throws in
      stage.world.next("do a") { _, _ in throw ActionError(.other, "no a") }
      #expect(try await stage.run(body).exit == .undone)
      #expect(stage.world.facts == ["y", "z"])
    }
  }

  @Test("a step that changes something does not begin when the lock was lost meanwhile")
  func lostLock() async throws {
    try await withStage { stage async throws in
      let isHeld = Shared(true)
      stage.locks["postgres"] = StageLock(isHeld: isHeld)
      stage.world.next("do a") { _, _ in isHeld.change { $0 = false } }
      let body =
        "concurrency: { group: g, lock: postgres }\nsteps:\n" + step("a")
        + step("r", uses: "world.look", isChecked: false) + step("b")
      #expect(try await stage.run(body).exit == .failed)
      #expect(stage.world.facts == ["a"])
      #expect(stage.world.calls.last == "look b")
      isHeld.change { $0 = true }
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test(
    "a program in another version than the file requires is refused before anything is done",
    arguments: [
      (">=1.40", true), ("1.41", true), ("=1.41", true), (">=1.42", false), ("=1.4", false),
    ])
  func tools(_ version: String, _ isMet: Bool) async throws {
    try await withStage { stage async throws in
      let program = stage.folder.appending("cloud")
      try DurableFile.write(Array("#!/bin/sh\necho cloud/1.41.7 Python/3.11\n".utf8), to: program)
      #expect(chmod(program.string, 0o755) == 0)
      stage.environment["PATH"] = "/bin:\(stage.folder)"
      let body = "requires: { tools: { cloud: '\(version)' } }\nsteps:\n" + step("a")
      if isMet {
        #expect(try await stage.run(body).exit == .done)
      } else {
        await #expect {
          _ = try await stage.run(body)
        } throws: { ($0 as? RunError)?.status == .refused && "\($0)".contains("1.41.7") }
        #expect(stage.world.calls == [])
      }
    }
  }

  @Test("the second operator is told who holds the lock, and leaves no run behind")
  func busyLock() async throws {
    try await withStage { stage async throws in
      stage.locks["postgres"] = StageLock(isHeld: Shared(true), isFree: false)
      let body = "concurrency: { group: g, lock: postgres }\nsteps:\n" + step("a")
      await #expect {
        _ = try await stage.run(body)
      } throws: { error in
        (error as? RunError)?.status == .locked && "\(error)".contains("bob@there, process 7")
      }
      #expect(try RunFolder.all(in: stage.folder.appending("runs")).isEmpty)
    }
  }

  @Test("what the program cannot do is refused before the first step, if it is sure to be needed")
  func notOffered() async throws {
    try await withStage { stage async throws in
      let body =
        step("a")
        + step("b", isChecked: false, "undo: none").replacing("world.do", with: "terraform.apply")
        .replacing("{ key: b }", with: "{ plan: p }")
      await #expect {
        _ = try await stage.run("steps:\n" + body)
      } throws: { error in
        (error as? RunError)?.code == .unsupported && "\(error)".contains("terraform.apply")
      }
      #expect(stage.world.calls == [])
      #expect(try RunFolder.all(in: stage.folder.appending("runs")).isEmpty)
    }
  }
}

@Suite("a run that asks a person")
struct QuestionTests {
  private static let body = """
    steps:
      - id: go
        name: Last word
        uses: confirm
        with: { message: Sure?, phrase: yes please, timeout: 5m }
    \(step("a"))
    """

  @Test("a slip of the finger is asked again, no is no")
  func slip() async throws {
    try await withStage { stage async throws in
      stage.operators = ScriptedOperator(["yes plaese", " yes  please "])
      #expect(try await stage.run(Self.body).exit == .done)
      #expect(stage.operators?.questions.count == 2)
    }
    try await withStage { stage async throws in
      stage.operators = ScriptedOperator(["no"])
      #expect(try await stage.run(Self.body).exit == .refused)
      #expect(stage.world.calls == [])
    }
  }

  @Test("nobody there, or nobody in time, is refused with 4 and asked again by a resume")
  func nobody() async throws {
    try await withStage { stage async throws in
      #expect(try await stage.run(Self.body).exit == .refused)
      let clock = stage.clock
      stage.operators = ScriptedOperator([nil]) { _ in
        try await clock.passUntilCancelled()
      }
      #expect(try await stage.resume().exit == .refused)
      #expect(stage.events.value.contains { $0.contains("nobody answered within 5 min") })
      let options = RunOptions(approvals: ["go": "yes please"])
      #expect(try await stage.resume(options: options).exit == .done)
    }
  }

  @Test("another person has to confirm where the file says so")
  func otherPerson() async throws {
    try await withStage { stage async throws in
      let body = Self.body.replacing("timeout: 5m", with: "other-person: true")
      stage.operators = ScriptedOperator(["yes please"])
      #expect(try await stage.run(body).exit == .refused)
      #expect(stage.operators?.questions == [])
      stage.user = "bob"
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test("two people: the second one's word counts, the same one's does not")
  func approvers() async throws {
    try await withStage { stage async throws in
      let body = Self.body.replacing("timeout: 5m", with: "approvers: 2")
      let options = RunOptions(approvals: ["go": "yes please"])
      #expect(try await stage.run(body, options: options).exit == .refused)
      #expect(try await stage.resume(options: options).exit == .refused)
      stage.user = "bob"
      #expect(try await stage.resume(options: options).exit == .done)
    }
  }

  @Test("after a failure the operator chooses; a word that is none of the choices is asked again")
  func onFailureAsk() async throws {
    let body = "on-failure: ask\nsteps:\n" + step("a", hasUndo: true) + step("b", hasUndo: true)
    let fails: World.Behaviour = { _, _ in throw ActionError(.other, "no b") }
    try await withStage { stage async throws in
      stage.world.next("do b", fails)
      stage.operators = ScriptedOperator(["rerun", "retry"])
      #expect(try await stage.run(body).exit == .done)
      #expect(stage.operators?.questions.count == 2)
    }
    try await withStage { stage async throws in
      stage.world.next("do b", fails)
      stage.operators = ScriptedOperator(["undo"])
      #expect(try await stage.run(body).exit == .undone)
      #expect(stage.world.facts == [])
    }
    try await withStage { stage async throws in
      stage.world.next("do b", fails)
      stage.operators = ScriptedOperator([nil])
      #expect(try await stage.run(body).exit == .failed)
      #expect(stage.world.facts == ["a"])
    }
  }

  @Test("a manual step waits for a person and is passed over when its check holds already")
  func manual() async throws {
    let body = """
      steps:
        - id: m
          name: m
          uses: manual
          with: { instruction: Make m. }
          check: [{ name: m is there, uses: world.look, with: { key: m }, expect: result.there }]
      """
    try await withStage { stage async throws in
      let world = stage.world
      stage.operators = ScriptedOperator([""]) { _ in world.add("m") }
      #expect(try await stage.run(body).exit == .done)
    }
    try await withStage { stage async throws in
      stage.world.add("m")
      #expect(try await stage.run(body).exit == .done)
      #expect(try stage.journal().contains("finish m satisfied"))
    }
  }
}
