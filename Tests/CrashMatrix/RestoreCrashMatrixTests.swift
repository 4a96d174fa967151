import Postgres
import ProgramRunner
import SystemPackage
import Testing

@Suite("database-restore survives being killed", .serialized)
struct RestoreCrashMatrixTests {
  @Test("killed after any record of its journal and resumed, it ends like an uninterrupted run")
  func everyPosition() async throws {
    try await withScratchFolder { folder in
      let scene = try await RestoreScene.set(in: folder)
      let (expected, records) = try await uninterrupted(scene)
      #expect(records > 20)
      // The last record ends the run: killed after it, there is nothing left to resume.
      try await eachOf(positions(1..<records, byLot: 12), atOnce: 2) { position in
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

  @Test("killed after any record of its journal and taken back, everything is as it was")
  func everyPositionUndone() async throws {
    try await withScratchFolder { folder in
      let scene = try await RestoreScene.set(in: folder)
      let (_, records) = try await uninterrupted(scene)
      try await eachOf(positions(1...records, byLot: 12), atOnce: 2) { position in
        let play = try await scene.play("u\(position)")
        let killed = try await play.run(crashAfter: position)
        #expect(killed.signal == 9, "position \(position): \(killed.errorOutput)")
        let undone = try await play.undo()
        #expect(undone.exitCode == 0, "position \(position): \(undone.errorOutput)")
        try await expectAsBefore(play, "position \(position)")
      }
      try await scene.strike()
    }
  }

  @Test("killed after any record of an undo and taken back again, everything is as it was")
  func everyPositionOfUndo() async throws {
    try await withScratchFolder { folder in
      let scene = try await RestoreScene.set(in: folder)
      let play = try await scene.play("undo")
      try require(try await play.run(), is: 0)
      let records = try #require(try play.journalCount())
      try require(try await play.undo(), is: 0)
      let count = try #require(try play.journalCount()) - records
      #expect(count > 6)
      try await expectAsBefore(play, "no kill")
      try await eachOf(positions(1..<count, byLot: 6), atOnce: 2) { position in
        let play = try await scene.play("v\(position)")
        try require(try await play.run(), is: 0)
        let killed = try await play.undo(crashAfter: position)
        #expect(killed.signal == 9, "position \(position): \(killed.errorOutput)")
        let undone = try await play.undo()
        #expect(undone.exitCode == 0, "position \(position): \(undone.errorOutput)")
        try await expectAsBefore(play, "position \(position)")
      }
      try await scene.strike()
    }
  }

  /// The live database is the damaged one, and there is no other.
  private func expectAsBefore(_ play: RestorePlay, _ moment: Comment) async throws {
    let outcome = try await play.outcome()
    #expect(outcome.databases.keys.sorted() == ["live"], moment)
    #expect(
      outcome.databases["live"] == .init(isOpen: true, content: play.scene.damagedContent), moment)
    try await play.clean()
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
