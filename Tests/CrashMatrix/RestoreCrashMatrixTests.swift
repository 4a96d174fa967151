import Postgres
import ProgramRunner
import SystemPackage
import Testing

@Suite("database-restore survives being killed")
struct RestoreCrashMatrixTests {
  @Test("killed after any record of its journal and resumed, it ends like an uninterrupted run")
  func everyPosition() async throws {
    try await withScratchFolder { folder in
      let scene = try await RestoreScene.set(in: folder)
      let (expected, records) = try await uninterrupted(scene)
      #expect(records > 20)
      // The last record ends the run: killed after it, there is nothing left to resume.
      try await eachOf(1..<records, atOnce: 2) { position in
        let play = try await scene.play("p\(position)")
        let killed = try await play.run(crashAfter: position)
        #expect(killed.signal == 9, "position \(position): \(killed.errorOutput)")
        let between = try await play.liveContent()
        #expect(
          between == scene.damagedContent || between == scene.wholeContent,
          "position \(position): the live database is neither the old nor the restored one")
        let resumed = try await play.resume()
        #expect(resumed.exitCode == 0, "position \(position): \(resumed.errorOutput)")
        #expect(try await play.outcome() == expected, "position \(position)")
        try await play.clean()
      }
      try await scene.strike()
    }
  }

  /// The end state of a run that nobody kills, and the length of its journal.
  private func uninterrupted(_ scene: RestoreScene) async throws -> (RestoreOutcome, Int) {
    let play = try await scene.play("whole")
    let result = try await play.run()
    try require(result, is: 0)
    let outcome = try await play.outcome()
    #expect(outcome.databases["live"] == .init(isOpen: true, content: scene.wholeContent))
    #expect(outcome.databases["before"] == .init(isOpen: false, content: scene.damagedContent))
    #expect(outcome.databases.count == 2)
    #expect(outcome.backups == 1)
    let records = try #require(try play.journalCount())
    try await play.clean()
    return (outcome, records)
  }
}
