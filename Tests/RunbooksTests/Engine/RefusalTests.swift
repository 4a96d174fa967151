import Diagnostics
import SystemPackage
import Testing

@testable import Runbooks

/// What must not go on, each refused before anything is changed, with the place or the name of it.
@Suite("refusals")
struct RefusalTests {
  private static let body = "steps:\n" + step("a") + step("b")
  private static let fails: World.Behaviour = { _, _ in throw ActionError(.other, "not today") }

  /// Systems other than those of the stage, each by what tells them apart.
  private static let others = [
    ("postgres", "7002"), ("kubernetes", "another uid"),
    ("kubernetes server", "https://elsewhere:6443, its authority 00"), ("aws", "222222222222"),
  ]
  private static let here = [
    "postgres": "7001", "kubernetes": "a uid",
    "kubernetes server": "https://here:6443, its authority 11", "aws": "111111111111",
  ]

  @Test("a resume against another system, whichever it is", arguments: others)
  func resume(_ name: String, _ value: String) async throws {
    try await withStage { stage async throws in
      stage.identities = Self.here
      stage.world.next("do b", Self.fails)
      try await stage.run(Self.body)
      stage.identities[name] = value
      stage.world.clearCalls()
      await #expect {
        _ = try await stage.resume()
      } throws: { error in
        guard let error = error as? RunError else { return false }
        return error.status == .blocked && error.message.hasPrefix("\(name) is \(value) now")
      }
      #expect(stage.world.calls == [])
      stage.identities = Self.here
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test("several systems at once are all named, and the journal's word counts, not the file's")
  func journalled() async throws {
    try await withStage { stage async throws in
      stage.identities = Self.here
      stage.world.next("do b", Self.fails)
      try await stage.run(Self.body)
      let start = RunState(try stage.records()).start
      #expect(start?.identities == Self.here)
      stage.identities["postgres"] = "7002"
      stage.identities["aws"] = nil
      try DurableFile.write(Array("{}".utf8), to: stage.runFolder().identities)
      await #expect {
        _ = try await stage.resume()
      } throws: { error in
        (error as? RunError)?.details == [
          "aws is not there now, and was 111111111111 when the run began",
          "postgres is 7002 now, and was 7001 when the run began",
        ]
      }
    }
  }

  @Test("a plan of another system, whichever it is", arguments: others)
  func plan(_ name: String, _ value: String) async throws {
    try await withStage { stage async throws in
      stage.identities = Self.here
      let runbook = try stage.runbook(Self.body)
      let path = stage.folder.appending("plan.json")
      let plan = try await stage.engine().plan(runbook, inputs: [:])
      try DurableFile.write(Array(plan.json.text().utf8), to: path)
      let saved = try SavedPlan(reading: path)
      stage.identities[name] = value
      await #expect {
        _ = try await stage.engine().run(runbook, inputs: [:], plan: saved, options: .init())
      } throws: { error in
        guard let error = error as? RunError else { return false }
        return error.status == .blocked && error.details.contains { $0.hasPrefix("\(name): was ") }
      }
      #expect(stage.world.facts == [])
    }
  }

  @Test("a plan whose called runbook has changed")
  func calledPlan() async throws {
    try await withStage { stage async throws in
      _ = try stage.runbook(Self.body, name: "child")
      let runbook = try stage.runbook("steps: [{ id: x, name: x, uses: runbook/child }]")
      let path = stage.folder.appending("plan.json")
      let plan = try await stage.engine().plan(runbook, inputs: [:])
      try DurableFile.write(Array(plan.json.text().utf8), to: path)
      _ = try stage.runbook(Self.body + step("c"), name: "child")
      await #expect {
        _ = try await stage.engine().run(
          runbook, inputs: [:], plan: try SavedPlan(reading: path), options: .init())
      } throws: { error in
        (error as? RunError)?.details.first?.hasPrefix("called runbook child: was ") == true
      }
    }
  }

  @Test("a journal with a changed, a missing or a swapped line, by its number", arguments: 0..<3)
  func journal(_ kind: Int) async throws {
    try await withStage { stage async throws in
      stage.world.next("do b", Self.fails)
      try await stage.run(Self.body)
      let path = try stage.runFolder().journal
      var lines = try DurableFile.read(path).split(separator: 0x0A).map { Array($0) }
      switch kind {
      case 0:
        let text = String(decoding: lines[2], as: UTF8.self).replacing("\"a\"", with: "\"b\"")
        lines[2] = Array(text.utf8)
      case 1: lines.remove(at: 2)
      default: lines.swapAt(2, 3)
      }
      try DurableFile.write(lines.joined(separator: [0x0A]) + [0x0A], to: path)
      stage.world.clearCalls()
      // A changed line shows in the next one, which no longer follows it.
      let number = kind == 0 ? 4 : 3
      await #expect {
        _ = try await stage.engine().resume(try stage.runFolder().id, options: .init())
      } throws: { "\($0)".contains("journal.jsonl:\(number): ") }
      #expect {
        _ = try RunHistory(stage.folder.appending("runs")).verify(try stage.runFolder().id)
      } throws: { "\($0)".contains("journal.jsonl:\(number): ") }
      await #expect {
        _ = try await stage.engine().abort(try stage.runFolder().id, options: .init())
      } throws: { "\($0)".contains("journal.jsonl:\(number): ") }
      #expect(stage.world.calls == [])
    }
  }

  @Test(
    "an unknown key and a slip in an expression, at their places",
    arguments: [
      ("guadr: []", "play.yaml:7:5: step \"a\" has no key \"guadr\"; did you mean \"guard\"?"),
      ("if: run.user = 'ada'", "play.yaml:7:18: "), ("if: \"run.user == 'a\"", "play.yaml:7:"),
      ("timeout: soon", "play.yaml:7:14: \"timeout\" is \"soon\", no duration"),
      ("uses: world.loook", "play.yaml:7:11: there is no action \"world.loook\"; did you mean"),
    ])
  func slips(_ line: String, _ message: String) async throws {
    try await withStage { stage async throws in
      let body =
        line.hasPrefix("uses")
        ? "steps:\n  - id: a\n    name: A\n    \(line)\n"
        : "steps:\n  - id: a\n    name: A\n    \(line)\n    uses: world.look\n    with: { key: a }\n"
      #expect {
        _ = try stage.runbook(body)
      } throws: { error in
        "\(error)".hasPrefix("\(stage.folder)/\(message)")
      }
    }
  }

  @Test("a name that no context has is found by lint, at its place")
  func names() async throws {
    try await withStage { stage async throws in
      let runbook = try stage.runbook(
        "steps:\n  - { id: a, name: A, uses: world.look, with: { key: \"${{ inputs.kye }}\" } }\n")
      let catalog = ActionCatalog(offering: Array(stage.surroundings.actions.values))
      let found = Lint.findings(in: runbook, catalog: catalog)
      #expect(found.map(\.location.line) == [5])
      #expect(found.first?.message == "\"inputs\" has no \"kye\"")
    }
  }

  @Test("without a terminal a run that would ask stops, and says why")
  func nobodyToAsk() async throws {
    try await withStage { stage async throws in
      stage.world.next("do b", Self.fails)
      #expect(try await stage.run("on-failure: ask\n" + Self.body).exit == .failed)
      #expect(stage.events.value.contains { $0.contains("there is no terminal to ask at") })
      guard case .runFinish(_, _, let detail)? = try stage.records().last?.event else { return }
      #expect(detail?.contains("on-failure says ask") == true)
    }
  }
}
