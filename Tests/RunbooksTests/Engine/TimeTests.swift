import Diagnostics
import Testing

@testable import Runbooks

@Suite("tries, waits and limits")
struct TimeTests {
  private static func failing(_ kind: ActionError.Kind) -> World.Behaviour {
    { _, _ in throw ActionError(kind, "no answer") }
  }

  @Test("a step is tried again with growing waits and jitter, up to its attempts")
  func retry() async throws {
    try await withStage { stage async throws in
      let fails = Self.failing(.connection)
      stage.world.next("do a", fails, fails, fails)
      let body =
        "steps:\n"
        + step(
          "a", isChecked: false, "retry: { attempts: 4, delay: 2s, backoff: 3, max-delay: 10s }")
      #expect(try await stage.run(body).exit == .done)
      #expect(stage.world.calls.count == 4)
      let pauses = stage.clock.pauses
      #expect(pauses.count == 3)
      for (pause, longest) in zip(pauses, [2, 6, 10]) {
        #expect(pause >= .seconds(longest) / 2 && pause <= .seconds(longest))
      }
      #expect(try stage.journal().contains("start a 4"))
    }
  }

  @Test("retry.if sees the error; where it is not true the step fails at once")
  func retryIf() async throws {
    let body =
      "steps:\n"
      + step("a", isChecked: false, "retry: { attempts: 3, if: \"error.kind == 'connection'\" }")
    try await withStage { stage async throws in
      stage.world.next("do a", Self.failing(.connection), Self.failing(.sql))
      #expect(try await stage.run(body).exit == .failed)
      #expect(stage.world.calls.count == 2)
    }
  }

  @Test("a check that fails is a failure that can be tried again")
  func retryCheck() async throws {
    try await withStage { stage async throws in
      stage.world.next("look a", { _, _ in }, { _, world in world.remove("a") })
      let body =
        "steps:\n" + step("a", "retry: { attempts: 2, if: \"error.kind == 'assertion'\" }")
      #expect(try await stage.run(body).exit == .done)
      #expect(stage.world.calls.filter { $0 == "do a" }.count == 2)
    }
  }

  @Test("an attempt in doubt is looked for before it is tried again")
  func retryInDoubt() async throws {
    try await withStage { stage async throws in
      stage.world.next("do a") { _, world in
        world.add("a")
        throw ActionError(.connection, "lost at commit", isInDoubt: true)
      }
      #expect(try await stage.run("steps:\n" + step("a", "retry: { attempts: 3 }")).exit == .done)
      #expect(stage.world.calls.filter { $0 == "do a" }.count == 1)
      #expect(try stage.journal().contains("finish a recovered"))
    }
  }

  @Test("a write that takes too long is cancelled and in doubt; a read has failed")
  func stepTimeout() async throws {
    for (uses, key, exit) in [
      ("world.do", "do a", Diagnostics.ExitStatus.inDoubt), ("world.look", "look a", .failed),
    ] {
      try await withStage { stage async throws in
        let clock = stage.clock
        stage.world.next(key) { _, _ in
          try await clock.passUntilCancelled()
        }
        let body = "steps:\n" + step("a", uses: uses, isChecked: false, "timeout: 1m")
        #expect(try await stage.run(body).exit == exit)
        #expect(stage.events.value.contains { $0.contains("it took longer than 1 min 0 s") })
      }
    }
  }

  @Test("the time of the whole run ends the step that goes on, and final steps run after it")
  func runTimeout() async throws {
    let body =
      "timeout: 10m\nsteps:\n" + step("a") + step("b", isChecked: false) + step("c")
      + "finally:\n" + step("z", isChecked: false)
    try await withStage { stage async throws in
      let clock = stage.clock
      stage.world.next("do b") { _, _ in
        try await clock.passUntilCancelled()
      }
      #expect(try await stage.run(body).exit == .inDoubt)
      #expect(stage.world.facts == ["a", "z"])
      // The next leg has a time of its own.
      #expect(try await stage.resume(options: .init(resolutions: ["b": .again])).exit == .done)
      #expect(stage.world.facts == ["a", "b", "c", "z"])
    }
    try await withStage { stage async throws in
      let clock = stage.clock
      stage.world.next("do b") { _, _ in clock.advance(by: .seconds(601)) }
      let exit = try await stage.run(body).exit
      #expect(exit == .failed || exit == .inDoubt)
      #expect(!stage.world.calls.contains("do c"))
    }
  }

  @Test("within: asked again every so often until it holds, or its time is over")
  func within() async throws {
    let body =
      "steps:\n"
      + step(
        "a", isChecked: false,
        "check: [{ name: r, uses: world.look, with: { key: r }, expect: result.there, "
          + "within: 10s, every: 3s }]")
    try await withStage { stage async throws in
      stage.world.next("look r", { _, _ in }, { _, _ in }, { _, world in world.add("r") })
      #expect(try await stage.run(body).exit == .done)
      #expect(stage.world.calls.filter { $0 == "look r" }.count == 3)
      #expect(stage.clock.pauses == [.seconds(3)])
    }
    try await withStage { stage async throws in
      #expect(try await stage.run(body).exit == .failed)
      #expect(stage.clock.pauses == [3, 3, 3, 1].map { .seconds($0) })
    }
  }

  @Test("for: it has to hold without a break")
  func holding() async throws {
    let body =
      "steps:\n  - id: a\n    name: a\n    check: [{ name: r, uses: world.look, with: { key: r }, "
      + "expect: result.there, for: 5s, within: 20s, every: 2s }]\n"
    try await withStage { stage async throws in
      stage.world.add("r")
      stage.world.next(
        "look r", { _, _ in }, { _, world in world.remove("r") }, { _, world in world.add("r") })
      #expect(try await stage.run(body).exit == .done)
      // Seen at 0, gone at 2, seen at 4, 6, 8 and 9.
      #expect(stage.clock.pauses == [2, 2, 2, 2, 1].map { .seconds($0) })
    }
  }

  @Test("what is asked before the step is not waited for, but has to hold as long as it says")
  func beforeWithTimes() async throws {
    let body =
      "steps:\n"
      + step(
        "a", isChecked: false,
        "check: [{ name: r, uses: world.look, with: { key: a }, expect: result.there, for: 4s, "
          + "within: 20s }]")
    try await withStage { stage async throws in
      #expect(try await stage.run(body).exit == .done)
      #expect(stage.world.calls == ["look a", "do a", "look a", "look a", "look a"])
    }
    try await withStage { stage async throws in
      stage.world.add("a")
      #expect(try await stage.run(body).exit == .done)
      #expect(try stage.journal().contains("finish a satisfied"))
      #expect(stage.clock.pauses == [.seconds(2), .seconds(2)])
    }
  }

  @Test("the time of day goes on while an assertion is asked again")
  func nowGoesOn() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n  - id: a\n    name: a\n    check: [{ name: late, within: 1m, "
        + "expect: \"now() >= run.started-at + duration('10s')\" }]\n"
      #expect(try await stage.run(body).exit == .done)
    }
  }

  @Test("a probe that does not answer is given up")
  func probeTimeout() async throws {
    try await withStage { stage async throws in
      let clock = stage.clock
      stage.world.next("look g") { _, _ in
        try await clock.passUntilCancelled()
      }
      let body =
        "guard: [{ name: g, uses: world.look, with: { key: g }, timeout: 5s }]\nsteps:\n"
        + step("a")
      #expect(try await stage.run(body).exit == .blocked)
      #expect(stage.events.value.contains { $0.contains("no answer within 5.0 s") })
    }
  }
}
