import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A project of revisions in SQL beside a scene.
struct MigrationScene: Sendable {
  let scene: Scene

  static nonisolated(nonsending) func play<Result>(
    env: String = "context.configure(connection=c, transaction_per_migration=True)\n",
    _ revisions: [String], _ body: (MigrationScene) async throws -> Result
  ) async throws -> Result {
    try await Scene.play { scene in
      let project = MigrationScene(scene: scene)
      for folder in ["mig", "mig/versions"] {
        mkdir(scene.folder.pushing(FilePath(folder)).string, 0o755)
      }
      try project.write("alembic.ini", "[alembic]\nscript_location = %(here)s/mig\n")
      try project.write("mig/env.py", env)
      for (number, text) in revisions.enumerated() {
        try project.write("mig/versions/\(number + 100).sql", text)
      }
      return try await body(project)
    }
  }

  /// How many wait for the version table.
  static let versionTableWaits = """
    SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'alembic_version'::regclass
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """

  /// A chain: revision `rN` follows the one before and makes table `tN` unless `bodies` says more.
  static func chain(_ length: Int, _ bodies: [Int: String] = [:]) -> [String] {
    (0..<length).map { number in
      """
      -- step \(number)
      -- revision: r\(number)
      -- down_revision: \(number == 0 ? "None" : "r\(number - 1)")
      \(bodies[number] ?? "-- upgrade\nCREATE TABLE t\(number) (id int);\n-- downgrade\nDROP TABLE t\(number);")

      """
    }
  }

  func write(_ name: String, _ text: String) throws {
    let file = try FileDescriptor.open(
      scene.folder.pushing(FilePath(name)), .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite])
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }

  func db(
    _ arguments: String..., timeout: Duration = .seconds(120),
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    try await scene.omcops(
      ["db"] + arguments + ["--url", scene.database.conninfo], timeout: timeout,
      meanwhile: meanwhile)
  }

  func value(_ sql: String) async throws -> String? {
    let connection = try await Connection.open(scene.database, applicationName: "omcops tests")
    let result = try await connection.query(sql)
    await connection.close()
    return result.rows.first.flatMap { $0[0] }
  }

  var version: String? {
    get async throws {
      try await value("SELECT string_agg(version_num, ',' ORDER BY 1) FROM alembic_version")
    }
  }

  var tables: String? {
    get async throws {
      try await value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
    }
  }
}

@Suite("omcops db migrate")
struct MigrateCommandTests {
  @Test("up, nothing to do, down, to the base")
  func upAndDown() async throws {
    try await MigrationScene.play(MigrationScene.chain(5)) { project in
      let up = try await project.db("migrate", "--output", "json")
      #expect(up.exitCode == 0, "\(up.errorOutput)")
      #expect(up.errorOutput.contains("Running upgrade r3 -> r4, step 4\n"))
      #expect(try await project.version == "r4")
      #expect(try await project.tables == "6")
      let again = try await project.db("migrate")
      #expect(again.output.contains("nothing to do") && again.errorOutput == "")
      #expect(try await project.db("current", "--check-heads").output == "r4 (head)\n")
      #expect(try await project.db("downgrade", "-2").exitCode == 0)
      #expect(try await project.version == "r2")
      expectFailure(
        try await project.db("current", "--check-heads"), .blocked,
        naming: "Database is not on all head revisions", "r2")
      #expect(try await project.db("downgrade", "base").exitCode == 0)
      #expect(try await project.tables == "1")
      #expect(try await project.db("stamp", "head").exitCode == 0)
      #expect(try await project.version == "r4")
    }
  }

  @Test("a version table that is a view is read, and one that is locked is waited for")
  func oddVersionTables() async throws {
    try await MigrationScene.play(MigrationScene.chain(2)) { project in
      #expect(try await project.db("migrate").exitCode == 0)
      let other = try await Connection.open(project.scene.database, applicationName: "other")
      try await other.execute("BEGIN; LOCK alembic_version")
      let interrupted = try await project.db("migrate") { program in
        let watch = try await Connection.open(
          project.scene.database, applicationName: "omcops tests")
        try await waitUntil("the migrator to wait for the version table") {
          try await watch.query(MigrationScene.versionTableWaits)
            .single(as: Int64.self) > 0
        }
        await watch.close()
        try await Task.sleep(for: .milliseconds(200))
        program.send(SIGINT)
      }
      #expect(interrupted.exitCode == 130)
      #expect(interrupted.errorOutput.contains("omcops: interrupted"))
      try await waitUntil("the server to stop waiting, too") {
        try await other.query(MigrationScene.versionTableWaits)
          .single(as: Int64.self) == 0
      }
      try await other.execute(
        """
        COMMIT; ALTER TABLE alembic_version RENAME TO versions;
        CREATE VIEW alembic_version AS SELECT * FROM versions
        """)
      await other.close()
      let none = try await project.db("migrate")
      #expect(none.exitCode == 0, "\(none.errorOutput)")
      #expect(none.output.contains("nothing to do"))
      #expect(try await project.db("downgrade", "r0").exitCode == 0)
      #expect(try await project.version == "r0")
    }
  }

  @Test("version rows that are no plain text are read as they are")
  func oddVersions() async throws {
    try await MigrationScene.play(MigrationScene.chain(1)) { project in
      let connection = try await Connection.open(project.scene.database, applicationName: "other")
      try await connection.execute(
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('a\\b'), ('r0')"
      )
      #expect(try await project.db("migrate").errorOutput.contains("'a\\b'"))
      try await connection.execute(
        "UPDATE alembic_version SET version_num = NULL WHERE version_num <> 'r0'")
      await connection.close()
      let none = try await project.db("migrate")
      #expect(none.exitCode == 0 && none.output.contains("nothing to do"), "\(none.errorOutput)")
    }
  }

  @Test(
    "asked to end before it has begun anything, it ends at once", .timeLimit(.minutes(1)),
    arguments: [SIGTERM, SIGHUP])
  func endedEarly(_ signal: Int32) async throws {
    try await MigrationScene.play(MigrationScene.chain(1)) { project in
      let (listener, port) = try CuttingProxy.listen(on: 0x7F00_0001)
      defer { close(listener) }
      let result = try await project.scene.omcops(
        ["db", "migrate", "--url", "postgresql://x@127.0.0.1:\(port)/x"]
      ) { program in
        let client = accept(listener, nil, nil)
        program.send(signal)
        try await Task.sleep(for: .milliseconds(200))
        close(client)
      }
      #expect(result.exitCode == 143)
      #expect(result.errorOutput.contains("omcops: interrupted"))
    }
  }

  @Test("the script of a range is Alembic's")
  func script() async throws {
    try await MigrationScene.play(MigrationScene.chain(3)) { project in
      let script = try await project.db("migrate", "--sql", "--to", "r0:r1")
      #expect(
        script.output == """
          BEGIN;

          -- Running upgrade r0 -> r1

          CREATE TABLE t1 (id int);

          UPDATE alembic_version SET version_num='r1' WHERE alembic_version.version_num = 'r0';

          COMMIT;


          """)
      let whole = try await project.db("migrate", "--sql", "--to", "r0").output
      #expect(whole.contains("    version_num VARCHAR(32) NOT NULL, \n    CONSTRAINT"))
      #expect(
        whole.contains(
          "INSERT INTO alembic_version (version_num) VALUES ('r0') "
            + "RETURNING alembic_version.version_num;"))
      expectFailure(
        try await project.db("downgrade", "r0", "--sql"), .usage, naming: "<fromrev>:<torev>")
    }
  }

  @Test("a statement that fails leaves its revision undone, and says where it stands")
  func failure() async throws {
    let bodies = [2: "-- upgrade\nCREATE TABLE t2 (id int);\nSELECT 1 / 0;"]
    try await MigrationScene.play(MigrationScene.chain(4, bodies)) { project in
      let result = try await project.db("migrate")
      expectFailure(
        result, .failed, naming: "upgrade of revision r2 failed: division by zero",
        "102.sql:6:1", "nothing of this revision is left", "committed before it: r0, r1")
      #expect(try await project.version == "r1")
      #expect(try await project.value("SELECT to_regclass('t2')::text") == nil)
    }
    let env = "context.configure(connection=c)\n"
    try await MigrationScene.play(env: env, MigrationScene.chain(4, bodies)) { project in
      let status = try await project.db("migrate").exitCode
      #expect(status == 1)
      // One transaction holds them all, the version table too.
      #expect(try await project.tables == "0")
    }
  }

  @Test("a commit that fails leaves its revision undone, and none after it begins")
  func failingCommit() async throws {
    let bodies = [
      0: "-- upgrade\nCREATE TABLE k (id int PRIMARY KEY);",
      1: """
      -- upgrade
      CREATE TABLE t1 (id int REFERENCES k DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO t1 VALUES (1);
      """,
    ]
    try await MigrationScene.play(MigrationScene.chain(3, bodies)) { project in
      let result = try await project.db("migrate")
      expectFailure(
        result, .failed, naming: "upgrade of revision r1 failed",
        "violates foreign key constraint", "nothing of this revision is left",
        "committed before it: r0")
      #expect(!result.errorOutput.contains("Running upgrade r1 -> r2"))
      #expect(try await project.version == "r0")
      #expect(try await project.tables == "2")
    }
  }

  @Test("statements outside a transaction run so, and commit what was before them")
  func autocommit() async throws {
    let bodies = [
      1: """
      -- transaction: none
      -- upgrade
      CREATE INDEX CONCURRENTLY i ON t0 (id);
      -- downgrade
      DROP INDEX CONCURRENTLY i;
      """, 2: "-- transaction: none\n-- upgrade\nCREATE TABLE half (id int);\nSELECT 1 / 0;",
    ]
    try await MigrationScene.play(MigrationScene.chain(3, bodies)) { project in
      let result = try await project.db("migrate")
      expectFailure(result, .failed, naming: "r2", "a part of this revision is committed")
      #expect(try await project.version == "r1")
      #expect(try await project.value("SELECT to_regclass('i')::text") == "i")
      #expect(try await project.db("downgrade", "r0").exitCode == 0)
      #expect(try await project.value("SELECT to_regclass('i')::text") == nil)
      expectFailure(
        try await project.db("downgrade", "r0", "--sql"), .usage, naming: "<fromrev>")
    }
  }

  @Test("no way down is refused before anything is sent")
  func noDowngrade() async throws {
    try await MigrationScene.play(
      MigrationScene.chain(3, [1: "-- upgrade\nCREATE TABLE t1 (id int);"])
    ) { project in
      #expect(try await project.db("migrate").exitCode == 0)
      expectFailure(
        try await project.db("downgrade", "base"), .refused, naming: "101.sql", "-- downgrade")
      #expect(try await project.version == "r2")
    }
  }

  @Test("a lock that is held is waited for, told, tried again and got")
  func lockRetry() async throws {
    try await MigrationScene.play(MigrationScene.chain(2)) { project in
      #expect(try await project.db("migrate", "--to", "r0").exitCode == 0)
      try project.write(
        "mig/versions/101.sql",
        "-- revision: r1\n-- down_revision: r0\n-- upgrade\nALTER TABLE t0 ADD note text;\n")
      let other = try await Connection.open(
        project.scene.database, applicationName: "a reader")
      try await other.execute("BEGIN; SELECT * FROM t0")
      let given = try await project.db(
        "migrate", "--lock-timeout", "300ms", "--retry-for", "1500ms")
      expectFailure(
        given, .failed, naming: "lock timeout", "blocked by pid \(other.info.backendPID)",
        "a reader", "nothing of this revision is left")
      let got = try await project.db("migrate", "--lock-timeout", "300ms") { _ in
        let watch = try await Connection.open(
          project.scene.database, applicationName: "omcops tests")
        try await waitUntil("the migration to wait for the lock") {
          try await watch.query(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't0'::regclass"
          ).single(as: Int64.self) > 0
        }
        try await other.execute("COMMIT")
        await watch.close()
      }
      #expect(got.exitCode == 0, "\(got.errorOutput)")
      #expect(try await project.version == "r1")
      await other.close()
    }
  }

  @Test("interrupted, it cancels its statement, undoes the revision and goes on next time")
  func interrupted() async throws {
    let bodies = [1: "-- upgrade\nCREATE TABLE t1 (id int);\nSELECT pg_sleep(600);"]
    try await MigrationScene.play(MigrationScene.chain(2, bodies)) { project in
      let result = try await project.db("migrate") { program in
        let watch = try await Connection.open(
          project.scene.database, applicationName: "omcops tests")
        try await waitUntil("the statement that sleeps") {
          try await watch.query(
            "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' "
              + "AND datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()"
          ).single(as: Int64.self) > 0
        }
        await watch.close()
        program.send(SIGINT)
      }
      #expect(result.exitCode == 130, "\(result.errorOutput)")
      #expect(try await project.version == "r0")
      #expect(try await project.value("SELECT to_regclass('t1')::text") == nil)
      try project.write(
        "mig/versions/101.sql",
        "-- revision: r1\n-- down_revision: r0\n-- upgrade\nCREATE TABLE t1 (id int);\n")
      #expect(try await project.db("migrate").exitCode == 0)
    }
  }

  @Test("killed in the middle of sixty revisions again and again, it gets to the end")
  func killed() async throws {
    try await MigrationScene.play(MigrationScene.chain(60)) { project in
      for target in [7, 19, 33, 48] {
        let result = try await project.db("migrate") { program in
          let watch = try await Connection.open(
            project.scene.database, applicationName: "omcops tests")
          try await waitUntil("revision \(target)") {
            try await watch.query("SELECT to_regclass('t\(target)') IS NOT NULL").single()
          }
          program.send(SIGKILL)
          await watch.close()
        }
        // A quick machine may be through before the signal comes.
        #expect(result.signal == SIGKILL || result.exitCode == 0, "\(result.errorOutput)")
        let version = try await project.version ?? ""
        let number = Int(version.dropFirst()) ?? -1
        #expect(try await project.tables == "\(number + 2)", "tables and version agree")
      }
      #expect(try await project.db("migrate").exitCode == 0)
      #expect(try await project.version == "r59")
      #expect(try await project.tables == "61")
    }
  }

  @Test("sixteen at once: one works; the others wait for it, or are told who it is")
  func crowd() async throws {
    for (wait, allowed) in [("60s", Set<Int32>([0])), ("0s", [0, 5])] {
      try await MigrationScene.play(MigrationScene.chain(20)) { project in
        let results = try await withThrowingTaskGroup(of: ProgramResult.self) { group in
          for _ in 0..<16 {
            group.addTask { try await project.db("migrate", "--lock-wait", wait) }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(results.map { $0.exitCode ?? -1 }).isSubset(of: allowed))
        #expect(results.count { $0.errorOutput.contains("Running upgrade r0 -> r1") } == 1)
        #expect(try await project.version == "r19")
        #expect(try await project.tables == "21")
        for busy in results where busy.exitCode == 5 {
          expectFailure(busy, .locked, naming: "is being migrated by somebody else")
        }
      }
    }
  }

  @Test("what env.py does beyond its options is refused by its place")
  func environment() async throws {
    let env = "context.configure(connection=c)\nc.execute(text('SET search_path TO x'))\n"
    try await MigrationScene.play(env: env, MigrationScene.chain(1)) { project in
      expectFailure(
        try await project.db("migrate"), .refused, naming: "env.py:2:16", "--engine python")
      #expect(try await project.tables == "0")
    }
  }

  @Test("a database that other files migrated further is not touched")
  func ahead() async throws {
    try await MigrationScene.play(MigrationScene.chain(2)) { project in
      #expect(try await project.db("migrate").exitCode == 0)
      try await project.scene.execute("UPDATE alembic_version SET version_num = 'newer'")
      expectFailure(
        try await project.db("migrate"), .blocked,
        naming: "Can't locate revision identified by 'newer'")
    }
  }
}
