import ProgramRunner
import SystemPackage
import Testing

/// The folder of the whole package.
private let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
  .removingLastComponent()

@Suite("the runbook disaster-recovery-drill")
struct DrillRunbookTests {
  @Test("the newest backup is restored beside the database, proven, timed and dropped")
  func drill() async throws {
    try await Scene.play { scene in
      let name = (scene.database["dbname"] ?? "").map { $0 == "_" ? "-" : String($0) }.joined()
      func configure(_ more: String) throws {
        try StandIns.write(
          """
          environments:
            \(name):
              database: { url: "\(scene.database.conninfo)" }
              \(more)
          """, to: scene.folder.appending("omcops.yaml"))
      }
      func drill(_ inputs: String...) async throws -> ProgramResult {
        let given = (["environment=\(name)", "metrics=\(scene.folder)/drill.prom"] + inputs)
          .flatMap { ["-i", $0] }
        return try await scene.omcops(
          ["runbook", "run", "disaster-recovery-drill"] + given,
          environment: ["OMCOPS_RUNBOOKS": package.appending("runbooks").string],
          timeout: .seconds(120))
      }
      try configure("protected: false")
      try await scene.execute(
        "CREATE TABLE coins (id int PRIMARY KEY); INSERT INTO coins SELECT generate_series(1, 500)")
      let none = try await drill()
      #expect(none.exitCode == 6, "\(none.told)")
      let backup = try await scene.omcops(["db", "backup", "-e", name])
      try #require(backup.exitCode == 0, "\(backup.told)")

      let good = try await drill()
      #expect(good.exitCode == 0, "\(good.told)")
      #expect(good.told.contains("✓ Every table has the rows that the manifest says"))
      let metrics = try StandIns.read(scene.folder.appending("drill.prom"))
      #expect(metrics.contains("omcops_drill_last_success_timestamp_seconds 1"))

      let few = try await drill("least-rows=501")
      #expect(few.told.contains("✗ It has the rows of a database that is used"), "\(few.told)")
      try configure("protected: true")
      let refused = try await drill()
      #expect(refused.exitCode == 3, "\(refused.told)")
      #expect(refused.told.contains("✗ The environment is not protected"))
    }
  }
}
