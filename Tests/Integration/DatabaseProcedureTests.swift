import Postgres
import ProgramRunner
import TestServer
import Testing

@Suite("the runbooks that look at a database and make room in it")
struct DatabaseProcedureTests {
  @Test("a database that is well passes; one that is held up names who holds it up")
  func connectCheck() async throws {
    try await ProcedureScene.play { scene in
      try scene.configure()
      let refused = try await scene.run("database-connect-check", [])
      #expect(refused.exitCode == 1, "\(refused.everything)")
      #expect(refused.errorOutput.contains("It is no superuser's"))
      let inputs = ["superuser=allow", "longest-wait=1s"]
      let well = try await scene.run("database-connect-check", inputs)
      #expect(well.exitCode == 0, "\(well.everything)")

      try await scene.scene.execute("CREATE TABLE t (id int)")
      let holder = try await Connection.open(
        scene.scene.database, applicationName: "the shop's cart")
      try await holder.execute("BEGIN; LOCK TABLE t")
      try await Task.sleep(for: .milliseconds(1300))
      let held = try await scene.run("database-connect-check", inputs)
      #expect(held.exitCode == 3, "\(held.everything)")
      #expect(held.errorOutput.contains("idle in a transaction"), "\(held.everything)")
      #expect(held.errorOutput.contains("the shop's cart"), "\(held.everything)")
      await holder.close()
    }
  }

  @Test("a slow statement is found, ended by name, and its like is not")
  func slowQueries() async throws {
    try await ProcedureScene.play { scene in
      try scene.configure()
      let slow = try await Connection.open(scene.scene.database, applicationName: "reports")
      let pid = try await slow.query("SELECT pg_backend_pid()").single(as: Int64.self)
      async let ended: Bool = {
        do {
          try await slow.execute("SELECT pg_sleep(600)")
          return false
        } catch let error as PostgresError {
          return error.sqlState == "57014"
        }
      }()
      try await waitUntil("the statement that sleeps") {
        try await scene.value(
          "SELECT 1 FROM pg_stat_activity WHERE pid = \(pid) AND state = 'active' "
            + "AND query_start < clock_timestamp() - interval '1 second'") == "1"
      }
      let found = try await scene.run("database-slow-queries", ["longer-than=500ms"])
      #expect(found.exitCode == 0, "\(found.everything)")
      #expect(found.everything.contains("slow-now: 1"), "\(found.everything)")

      // Who changes something says why, and confirms it.
      let silent = try await scene.run("database-slow-queries", ["end-pid=\(pid)"])
      #expect(silent.exitCode == 3, "\(silent.everything)")
      let inputs = ["end-pid=\(pid)", "reason=INC-1"]
      let unconfirmed = try await scene.run("database-slow-queries", inputs)
      #expect(unconfirmed.exitCode == 4, "\(unconfirmed.everything)")
      let done = try await scene.run(
        "database-slow-queries", inputs, approve: ["go=process \(pid)"])
      #expect(done.exitCode == 0, "\(done.everything)")
      #expect(try await ended)
      await slow.close()

      let tool = try await Connection.open(scene.scene.database, applicationName: "pg_dump")
      let other = try await tool.query("SELECT pg_backend_pid()").single(as: Int64.self)
      let spared = try await scene.run(
        "database-slow-queries", ["end-pid=\(other)", "reason=INC-1", "end-session=true"],
        approve: ["go=process \(other)"])
      #expect(spared.exitCode == 1, "\(spared.everything)")
      #expect(spared.errorOutput.contains("It is no tool at work"))
      #expect(try await tool.query("SELECT 1").single(as: Int64.self) == 1)
      await tool.close()
    }
  }

  @Test("an index is built beside the writers, and taken back")
  func index() async throws {
    try await ProcedureScene.play { scene in
      try scene.configure()
      try await scene.scene.execute("CREATE TABLE prices (id int, \"time\" timestamptz)")
      let built = try await scene.run(
        "database-slow-queries", ["index-on=prices", "index-column=time", "reason=INC-2"])
      #expect(built.exitCode == 0, "\(built.everything)")
      let count = "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_prices_time'"
      #expect(try await scene.value(count) == "1")
      let undone = try await scene.runbook(["undo"])
      #expect(undone.exitCode == 0, "\(undone.everything)")
      #expect(try await scene.value(count) == "0")
    }
  }

  @Test("room is made by name only: dead rows, and a database that a restore has kept")
  func diskFull() async throws {
    try await ProcedureScene.play { scene in
      try scene.configure()
      try await scene.scene.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS id")
      let common = ["reason=INC-3 disk", "watch=1s", "free-at-least=1MiB"]
      let vacuumed = try await scene.run("database-disk-full", common + ["vacuum=t"])
      #expect(vacuumed.exitCode == 0, "\(vacuumed.everything)")
      #expect(
        try await scene.value(
          "SELECT last_vacuum IS NOT NULL FROM pg_stat_user_tables WHERE relname = 't'") == "t")

      let kept = "\(scene.database)_before_k7q2"
      let server = try await Connection.open(
        scene.scene.database.with(database: "postgres"), applicationName: "omcops tests")
      try await server.execute("CREATE DATABASE \(kept)")
      let drop = common + ["drop-database=\(kept)"]
      let open = try await scene.run("database-disk-full", drop, approve: ["go-database=\(kept)"])
      #expect(open.exitCode == 3, "\(open.everything)")
      #expect(open.errorOutput.contains("A restore has kept it"))
      try await server.execute("ALTER DATABASE \(kept) ALLOW_CONNECTIONS false")
      let alone = try await scene.run("database-disk-full", drop, approve: ["go-database=\(kept)"])
      #expect(alone.exitCode == 3, "\(alone.everything)")
      #expect(alone.errorOutput.contains("A backup of the live database is younger"))
      #expect(try await scene.run("database-backup", []).exitCode == 0)
      let dropped = try await scene.run(
        "database-disk-full", drop, approve: ["go-database=\(kept)"])
      #expect(dropped.exitCode == 0, "\(dropped.everything)")
      let left = try await server.query(
        "SELECT count(*) FROM pg_database WHERE datname = $1", [SQLValue(kept)]
      ).single(as: Int64.self)
      #expect(left == 0)
      await server.close()
    }
  }

  @Test("a plan asks as a role that may write nothing")
  func readOnlyPlans() async throws {
    try await ProcedureScene.play { scene in
      let reader = "reader_\(scene.database)"
      try await scene.scene.execute(
        "CREATE TABLE t (id int); CREATE ROLE \(reader) LOGIN; GRANT pg_monitor, pg_read_all_data TO \(reader)"
      )
      try scene.configure(user: reader)
      let plans: [(String, [String])] = [
        ("database-connect-check", []), ("database-slow-queries", []),
        ("database-backup", []), ("database-disk-full", ["reason=INC-4 plan", "vacuum=t"]),
        ("morning-check", []),
      ]
      for (name, inputs) in plans {
        let plan = try await scene.run(name, inputs, verb: "plan")
        #expect(plan.exitCode == 0 || name == "morning-check", "\(name): \(plan.everything)")
        #expect(!plan.everything.contains("permission denied"), "\(name): \(plan.everything)")
      }
      let shown = try await scene.run(
        "database-slow-queries", ["index-on=t", "index-column=id", "reason=INC-4"], verb: "plan")
      #expect(shown.output.contains("create index concurrently"), "\(shown.everything)")
      #expect(try await scene.value("SELECT count(*) FROM pg_indexes WHERE tablename = 't'") == "0")
      try await scene.scene.execute("DROP OWNED BY \(reader); DROP ROLE \(reader)")
    }
  }
}
