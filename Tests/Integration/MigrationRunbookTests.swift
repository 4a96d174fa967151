import Diagnostics
import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import Testing

/// The folder of the whole package.
private let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
  .removingLastComponent()

extension MigrationScene {
  /// The name of the environment that is this scene's database. Runs on one environment exclude
  /// each other, and other scenes are on the same server.
  fileprivate var environment: String {
    "scene-" + (scene.database["dbname"] ?? "").map { $0 == "_" ? "-" : String($0) }.joined()
  }

  /// Runs a command of `omcops runbook`.
  fileprivate func runbook(
    _ arguments: [String],
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    try write(
      "omcops.yaml",
      """
      alembic: { config: alembic.ini }
      environments: { \(environment): { database: { from-env: SCENE_DATABASE } } }
      """)
    return try await scene.omcops(
      ["runbook"] + arguments,
      environment: [
        "SCENE_DATABASE": scene.database.conninfo,
        "OMCOPS_RUNBOOKS": package.appending("runbooks").string,
      ], timeout: .seconds(120), meanwhile: meanwhile)
  }

  fileprivate func migrate(
    _ inputs: [String] = [], verb: String = "run",
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    let given = (["environment=\(environment)", "reason=a test"] + inputs).flatMap { ["-i", $0] }
    return try await runbook([verb, "database-migrate"] + given, meanwhile: meanwhile)
  }

  fileprivate func rollBack(_ to: String, _ more: String...) async throws -> ProgramResult {
    let given = ["environment=\(environment)", "reason=a test", "to=\(to)"].flatMap { ["-i", $0] }
    return try await runbook(["run", "database-migration-rollback"] + given + more)
  }
}

@Suite("the runbooks database-migrate and database-migration-rollback")
struct MigrationRunbookTests {
  @Test("up with a backup, taken back by undo, up again and down by the other runbook")
  func wayAndBack() async throws {
    try await MigrationScene.play(MigrationScene.chain(4)) { project in
      let plan = try await project.migrate(verb: "plan")
      #expect(plan.exitCode == 0, "\(plan.output)\(plan.errorOutput)")
      let command = "omcops db migrate -e \(project.environment) --to heads --lock-timeout 5s"
      #expect(plan.output.contains(command))
      #expect(try await project.tables == "0")

      let up = try await project.migrate()
      #expect(up.exitCode == 0, "\(up.said)")
      #expect(try await project.version == "r3")
      #expect(up.said.contains(#"revisions: ["r0","r1","r2","r3"]"#))
      let backups = ScratchFolder.names(in: project.scene.store).filter { !$0.hasSuffix(".json") }
      #expect(backups.count == 1)

      let undone = try await project.runbook(["undo", try #require(up.run)])
      #expect(undone.exitCode == 0, "\(undone.said)")
      #expect(try await project.tables == "1")

      #expect(try await project.migrate(["to=r1"]).exitCode == 0)
      #expect(try await project.migrate(["findings=allow"]).exitCode == 0)
      try await project.scene.execute("INSERT INTO t3 VALUES (1)")
      let declined = try await project.rollBack("-1")
      #expect(declined.exitCode == 4, "\(declined.said)")
      #expect(declined.said.contains("drops table public.t3 (1 rows)"))
      #expect(try await project.version == "r3")
      let name = try #require(project.scene.database["dbname"])
      let down = try await project.rollBack("-1", "--approve", "consent=\(name)")
      #expect(down.exitCode == 0, "\(down.said)")
      #expect(try await project.version == "r2")
      // Up again; it is the database's copy that has the rows.
      let run = try #require(down.run)
      #expect(try await project.runbook(["undo", run]).exitCode == 0)
      #expect(try await project.version == "r3")
    }
  }

  @Test("what fails midway leaves whole revisions, and undo takes them back")
  func failure() async throws {
    let bodies = [
      2:
        "-- upgrade\nCREATE TABLE t2 (id int);\nSELECT 1/0 FROM t1;\nINSERT INTO t2 SELECT id FROM nowhere;"
        + "\n-- downgrade\nDROP TABLE t2;"
    ]
    try await MigrationScene.play(MigrationScene.chain(4, bodies)) { project in
      let failed = try await project.migrate()
      #expect(failed.exitCode == 1, "\(failed.said)")
      #expect(failed.said.contains("upgrade of revision r2 failed"))
      #expect(failed.said.contains("committed before it: r0, r1"))
      #expect(try await project.version == "r1")
      #expect(try await project.tables == "3")
      let undone = try await project.runbook(["undo"])
      #expect(undone.exitCode == 0, "\(undone.said)")
      #expect(try await project.tables == "1")
      #expect(try await project.version == nil)
    }
  }

  @Test("killed between two revisions, resume goes on with the next one")
  func killed() async throws {
    let bodies = [2: "-- upgrade\nSELECT pg_sleep(600);\n-- downgrade\nSELECT 1;"]
    try await MigrationScene.play(MigrationScene.chain(4, bodies)) { project in
      let killed = try await project.migrate { program in
        let watch = try await Connection.open(
          project.scene.database, applicationName: "omcops tests")
        try await waitUntil("the statement that sleeps") {
          try await watch.query(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' "
              + "AND datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
          ).single(as: Int64.self) > 0
        }
        program.send(SIGKILL)
        // Nobody told the server; the session would hold the lock until it has slept.
        _ = try await watch.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            + "WHERE datname = current_database() AND pid <> pg_backend_pid()")
        await watch.close()
      }
      #expect(killed.signal == SIGKILL)
      #expect(try await project.version == "r1")
      try project.write(
        "mig/versions/102.sql",
        "-- revision: r2\n-- down_revision: r1\n-- upgrade\nCREATE TABLE t2 (id int);\n"
          + "-- downgrade\nDROP TABLE t2;\n")
      let resumed = try await project.runbook(["resume"])
      #expect(resumed.exitCode == 0, "\(resumed.said)")
      #expect(try await project.version == "r3")
      #expect(try await project.tables == "5")
    }
  }

  @Test("a step that has no way down, and another release's files, are refused unchanged")
  func refused() async throws {
    let bodies = [1: "-- upgrade\nCREATE TABLE t1 (id int);"]
    try await MigrationScene.play(MigrationScene.chain(3, bodies)) { project in
      #expect(try await project.migrate().exitCode == 0)
      let impossible = try await project.rollBack("r0")
      #expect(impossible.exitCode != 0)
      #expect(impossible.said.contains("Every revision has a way down"))
      #expect(impossible.said.contains("Use database-restore"))
      #expect(try await project.version == "r2")
      try await project.scene.execute("UPDATE alembic_version SET version_num = 'newer'")
      let ahead = try await project.migrate()
      #expect(ahead.exitCode != 0)
      #expect(ahead.said.contains("The database stands at a revision of this project"))
    }
  }

  @Test("the revisions of Examples/coins make the schema of Examples/coins")
  func coins() async throws {
    try await Scene.play { scene in
      let coins = package.appending("Examples/coins")
      let variables = [
        "COINS_DATABASE_URL": scene.database.conninfo,
        "OMCOPS_CONFIG": coins.appending("omcops.yaml").string,
      ]
      let made = try await scene.omcops(
        ["db", "query", coins.appending("schema.sql").string], environment: variables)
      #expect(made.exitCode == 0, "\(made.errorOutput)")
      try await scene.execute("INSERT INTO alembic_version VALUES ('s2v6w3x9y4z8')")
      let check = try await scene.omcops(
        ["db", "check", "-e", "demo", "--scratch-url", scene.database.conninfo],
        environment: variables, timeout: .seconds(120))
      #expect(check.exitCode == 0, "\(check.output)\(check.errorOutput)")
    }
  }
}

extension ProgramResult {
  /// Both outputs.
  fileprivate var said: String { errorOutput + output }

  /// The run that it was: two of one second have no order by which the latest could be told.
  fileprivate var run: String? {
    said.split(separator: "\n").first { $0.hasPrefix("Run ") }.map { String($0.dropFirst(4)) }
  }
}
