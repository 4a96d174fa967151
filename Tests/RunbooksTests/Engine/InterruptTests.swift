import Diagnostics
import Glibc
import Testing

@testable import Runbooks

@Suite("signals")
struct InterruptTests {
  /// The operator presses Ctrl-C so many times, and then the work goes on until it is cancelled.
  private static func pressing(_ stage: Stage, _ signals: Int32...) -> World.Behaviour {
    let (interrupts, clock) = (stage.interrupts, stage.clock)
    return { _, _ in
      for signal in signals { interrupts.deliver(signal) }
      try await clock.forever()
    }
  }

  private static let body =
    "steps:\n" + step("a", hasUndo: true) + step("b", hasUndo: true) + "finally:\n"
    + step("z", isChecked: false)

  @Test(
    "a signal stops the step, final steps run, and the run can be resumed",
    arguments: [(SIGINT, Diagnostics.ExitStatus.interrupted), (SIGTERM, .terminated)])
  func stopsStep(_ signal: Int32, _ exit: Diagnostics.ExitStatus) async throws {
    try await withStage { stage async throws in
      stage.world.next("do b", Self.pressing(stage, signal))
      #expect(try await stage.run(Self.body).exit == exit)
      #expect(stage.world.facts == ["a", "z"])
      #expect(try stage.journal().contains("signal"))
      stage.interrupts = RunInterrupts()
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.facts == ["a", "b", "z"])
      #expect(stage.world.calls.filter { $0 == "do z" }.count == 2)
    }
  }

  @Test("work that ended all the same counts, and the run stops before the next step")
  func tooLate() async throws {
    try await withStage { stage async throws in
      let interrupts = stage.interrupts
      stage.world.next("do a") { _, _ in interrupts.deliver(SIGINT) }
      #expect(try await stage.run(Self.body).exit == .interrupted)
      #expect(!stage.world.calls.contains("do b"))
      stage.interrupts = RunInterrupts()
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test("a signal while a guard is waited for blocks nothing: it is asked again by the resume")
  func guardWait() async throws {
    try await withStage { stage async throws in
      let body =
        "guard: [{ name: g, uses: world.look, with: { key: g }, expect: '!result.there' }]\n"
        + Self.body
      stage.world.next("look g", Self.pressing(stage, SIGINT))
      #expect(try await stage.run(body).exit == .interrupted)
      #expect(try stage.journal() == ["run.start", "signal", "run.finish interrupted 130"])
      stage.interrupts = RunInterrupts()
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test("a signal at a question ends the run, which asks again when it is resumed")
  func question() async throws {
    try await withStage { stage async throws in
      let (interrupts, clock) = (stage.interrupts, stage.clock)
      stage.operators = ScriptedOperator([nil]) { _ in
        interrupts.deliver(SIGINT)
        try await clock.forever()
      }
      let body =
        "steps:\n  - { id: go, name: go, uses: confirm, with: { message: Sure? } }\n" + step("a")
      #expect(try await stage.run(body).exit == .interrupted)
      stage.operators = ScriptedOperator(["yes"])
      stage.interrupts = RunInterrupts()
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test("before anything is done a signal leaves nothing behind")
  func beginning() async throws {
    try await withStage { stage async throws in
      let (interrupts, clock) = (stage.interrupts, stage.clock)
      stage.locks["postgres"] = StuckLock {
        interrupts.deliver(SIGINT)
        try await clock.forever()
      }
      let body = "concurrency: { group: g, lock: postgres, wait: 1h }\n" + Self.body
      await #expect { _ = try await stage.run(body) } throws: {
        ($0 as? RunError)?.status == .interrupted
      }
      #expect(try RunFolder.all(in: stage.folder.appending("runs")).isEmpty)
    }
  }

  @Test("one signal does not disturb an undo")
  func undoShielded() async throws {
    try await withStage { stage async throws in
      stage.operators = ScriptedOperator([])
      try await stage.run(Self.body)
      let interrupts = stage.interrupts
      stage.world.next("undo b") { _, _ in interrupts.deliver(SIGINT) }
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(!stage.world.facts.contains("a"))
    }
  }

  @Test("a second signal within five seconds is asked about: no goes on, yes leaves it half done")
  func undoSecondSignal() async throws {
    for (answer, exit) in [("yes", Diagnostics.ExitStatus.interrupted), ("no", .done)] {
      try await withStage { stage async throws in
        let (interrupts, clock, world) = (stage.interrupts, stage.clock, stage.world)
        let answered = Shared(false)
        stage.operators = ScriptedOperator([answer]) { _ in answered.change { $0 = true } }
        try await stage.run(Self.body)
        world.next("undo b") { _, _ in
          interrupts.deliver(SIGINT)
          interrupts.deliver(SIGINT)
          if answer == "yes" { return try await clock.forever() }
          while !answered.value { await Task.yield() }
        }
        #expect(try await stage.resume(undo: true).exit == exit)
        #expect(stage.operators?.questions.count == 1)
        if answer == "yes" {
          #expect(world.facts.contains("b"))
          stage.interrupts = RunInterrupts()
          #expect(try await stage.resume(undo: true).exit == .done)
        }
        #expect(!world.facts.contains("b"))
      }
    }
  }

  @Test("a second signal that comes later than that is a first one again")
  func undoSlowSignals() async throws {
    try await withStage { stage async throws in
      stage.operators = ScriptedOperator(["yes"])
      try await stage.run(Self.body)
      let (interrupts, clock, events) = (stage.interrupts, stage.clock, stage.events)
      stage.world.next("undo b") { _, _ in
        for count in 1...2 {
          interrupts.deliver(SIGINT)
          while events.value.filter({ $0.contains("is not interrupted") }).count < count {
            await Task.yield()
          }
          clock.advance(by: .seconds(6))
        }
      }
      #expect(try await stage.resume(undo: true).exit == .done)
      #expect(stage.operators?.questions == [])
    }
  }

  @Test("final steps are kept away from signals, and left half done only on the operator's word")
  func finallyShielded() async throws {
    try await withStage { stage async throws in
      stage.operators = ScriptedOperator(["yes"])
      stage.world.next("do z", Self.pressing(stage, SIGINT, SIGINT))
      #expect(try await stage.run(Self.body).exit == .interrupted)
      #expect(stage.world.facts == ["a", "b"])
      stage.interrupts = RunInterrupts()
      #expect(try await stage.resume().exit == .done)
      #expect(stage.world.facts == ["a", "b", "z"])
    }
  }
}

/// A lock for which somebody waits for ever.
private struct StuckLock: LockKind {
  let wait: @Sendable () async throws -> Void

  func acquire(group: String, holder: LockHolder, wait time: Duration) async throws -> any HeldLock
  {
    try await wait()
    throw LockBusy(group: group, holder: nil)
  }
}
