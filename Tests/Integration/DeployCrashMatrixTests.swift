import Glibc
import ProgramRunner
import SystemPackage
import Testing

/// backend-deploy is killed with SIGKILL after a record of its journal, on the real cluster: a few of the
/// positions, drawn by lot, or all of them with OMCOPS_TEST_WHOLE_MATRIX.
@Suite(
  "the runbook backend-deploy survives being killed", .serialized,
  .enabled(if: Backend.isPossible, "no cluster whose images can be named"))
struct DeployCrashMatrixTests {
  @Test("killed after a record of its journal, it is resumed to the same end, or taken back")
  func matrix() async throws {
    try await Backend.play { backend in
      try #require(try await backend.deploy(1).exitCode == 0)
      try backend.release(2)
      let before = try await backend.state
      let whole = try await backend.deploy(2)
      try #require(whole.exitCode == 0, "\(whole.everything)")
      let changes = try await backend.state - before
      let records = try backend.scene.journal().count
      #expect(records > 30)

      let isWhole = getenv("OMCOPS_TEST_WHOLE_MATRIX") != nil
      // All of them go on after the kill. Of those that are drawn every other one does, and the others are
      // taken back; another time it is the other way round.
      let begins = Bool.random()
      let positions = isWhole ? Array(1..<records) : (1..<records).shuffled().prefix(4).sorted()
      var deployed = 2
      for (turn, position) in positions.enumerated() {
        // An image that was taken back is refused: each position has a release of its own.
        let release = turn + 3
        let isResumed = isWhole || turn.isMultiple(of: 2) == begins
        try await backend.makeImage(release)
        try backend.release(release)
        let moment: Comment = "position \(position), \(isResumed ? "resumed" : "taken back")"
        let (version, state) = (try await backend.version, try await backend.state)
        let killed = try await backend.deploy(release, crashAfter: position)
        #expect(killed.signal == SIGKILL, "\(moment): \(killed.everything)")
        let result = try await backend.scene.runbook([isResumed ? "resume" : "undo"])
        #expect(result.exitCode == 0, "\(moment): \(result.everything)")
        if isResumed {
          deployed = release
          #expect(try await backend.version == "r\(release - 1)", moment)
          #expect(try await backend.state - state == changes, moment)
        } else {
          #expect(try await backend.version == version, moment)
        }
        #expect(try await backend.image == Backend.image(deployed), moment)
        #expect(try await backend.ready == 2, moment)
      }
    }
  }
}
