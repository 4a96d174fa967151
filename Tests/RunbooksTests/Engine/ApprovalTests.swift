import Diagnostics
import JSON
import Quantities
import SystemPackage
import Testing

@testable import Runbooks

@Suite("the word of another person")
struct ApprovalTests {
  private static func body(_ with: String) -> String {
    """
    inputs: { reason: { description: r, default: INC-7 } }
    steps:
      - id: go
        name: Last word
        uses: confirm
        with: { message: Sure?, phrase: yes please, \(with) }
    \(step("a", "if: inputs.reason != ''"))
    """
  }

  private func approve(
    _ stage: Stage, as user: String, _ phrase: String? = "yes please"
  ) async throws -> ApprovalRequest {
    try await RunHistory(stage.folder.appending("runs")).approve(
      nil, step: "go", as: user, on: "there", at: stage.clock.now
    ) { _ in phrase }
  }

  @Test("a run waits for it, and takes down who, where, when, and the hash of what was shown")
  func waits() async throws {
    try await withStage { stage async throws in
      let staged = stage
      // The run pauses between two looks: that is when the other person comes.
      stage.clock.onPause { _ = try? await approve(staged, as: "bob") }
      let report = try await stage.run(Self.body("other-person: true, timeout: 5m"))
      #expect(report.exit == .done)
      let approvals = try stage.records().compactMap { record -> JournalEvent? in
        if case .approval = record.event { record.event } else { nil }
      }
      guard case .approval("go", "bob", "there", _, let shown)? = approvals.first else {
        Issue.record("\(approvals)")
        return
      }
      #expect(shown.count == 64)
      #expect(ApprovalFiles(of: try stage.runFolder()).waiting() == [])
    }
  }

  @Test("nobody comes in time")
  func late() async throws {
    try await withStage { stage async throws in
      #expect(
        try await stage.run(Self.body("other-person: true, timeout: 5m")).exit == .refused)
      #expect(stage.events.value.contains { $0.contains("nobody answered within 5 min") })
      #expect(stage.events.value.contains { $0.contains("omcops runbook approve") })
    }
  }

  @Test("a word given to a run that has stopped counts when it goes on")
  func stopped() async throws {
    try await withStage { stage async throws in
      #expect(try await stage.run(Self.body("other-person: true")).exit == .refused)
      let request = try await approve(stage, as: "bob")
      for part in ["on test", "reason: INC-7", "Sure?", "begun by ada"] {
        #expect(request.shown.contains(part))
      }
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test("who began it, who has said it, and who says something else are refused")
  func refused() async throws {
    try await withStage { stage async throws in
      _ = try await stage.run(Self.body("other-person: true, approvers: 2"))
      for (user, phrase, word) in [
        ("ada", "yes please", "another person"), ("bob", "yes plaese", "phrase was not given"),
      ] {
        await #expect {
          _ = try await approve(stage, as: user, phrase)
        } throws: { ($0 as? RunError)?.status == .refused && "\($0)".contains(word) }
      }
      _ = try await approve(stage, as: "bob")
      await #expect {
        _ = try await approve(stage, as: "bob")
      } throws: { "\($0)".contains("already") }
      #expect(try await stage.resume().exit == .refused, "one of two")
      _ = try await approve(stage, as: "eve")
      #expect(try await stage.resume().exit == .done)
    }
  }

  @Test(
    "a word about something else that was shown does not count, nor one that is forged for who began"
  )
  func others() async throws {
    try await withStage { stage async throws in
      _ = try await stage.run(Self.body("other-person: true"))
      let folder = try stage.runFolder()
      let files = ApprovalFiles(of: folder)
      let time = stage.clock.now
      let digest = try #require(files.asked("go")).digest
      try files.approve("go", Approval(by: "bob", host: "h", at: time, shown: "0"))
      try files.approve("go", Approval(by: "ada", host: "h", at: time, shown: digest))
      #expect(try await stage.resume().exit == .refused)
      #expect(stage.events.value.contains { $0.contains("does not count") })
    }
  }

  @Test("words that the journal has are about what was shown, and no longer count for another")
  func changed() async throws {
    try await withStage { stage async throws in
      let body = """
        steps:
          - id: go
            name: Last word
            uses: confirm
            with: { message: "${{ target.words }}", phrase: yes please, approvers: 2 }

        """
      var options = RunOptions(approvals: ["go": "yes please"])
      stage.target = ["name": "test", "protected": false, "words": "drop one table"]
      #expect(try await stage.run(body, options: options).exit == .refused, "one of two")
      stage.target = ["name": "test", "protected": false, "words": "drop all tables"]
      options.approvals = [:]
      stage.operators = nil
      #expect(try await stage.resume(options: options).exit == .refused)
      _ = try await approve(stage, as: "bob")
      #expect(try await stage.resume(options: options).exit == .refused, "ada was shown another")
      options.approvals = ["go": "yes please"]
      #expect(try await stage.resume(options: options).exit == .done)
    }
  }

  @Test("nothing to approve is said, with what there is")
  func nothing() async throws {
    try await withStage { stage async throws in
      _ = try await stage.run(Self.body("other-person: true"))
      await #expect {
        _ = try await RunHistory(stage.folder.appending("runs")).approve(
          nil, step: "gone", as: "bob", on: "there", at: stage.clock.now
        ) { _ in "" }
      } throws: { ($0 as? RunError)?.hint == "It waits at: go." }
    }
  }
}
