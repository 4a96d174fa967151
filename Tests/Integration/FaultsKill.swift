import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

@Suite("A backup that is ended from outside")
struct FaultsKill {
  static let tables = """
    create table a as select n, md5(n::text) as text from generate_series(1, 60000) n;
    create table b as select n, md5(n::text) as text from generate_series(1, 20000) n;
    alter table a add primary key (n);
    create table c (id int generated always as identity primary key, j jsonb);
    insert into c (j) select jsonb_build_object('n', n) from generate_series(1, 5000) n;
    """

  @Test("killed at any moment, it is whole or not there, and the next one clears up")
  func kills() async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsKill.tables)
      let url = ["--url", scene.database.conninfo]
      let undisturbed = try await scene.omcops(["db", "backup"] + url)
      try #require(undisturbed.exitCode == 0, "\(undisturbed.errorOutput)")
      let moments = 40
      var killed = 0
      for moment in 0..<moments {
        // A little beyond the usual length, so that some are over when the signal comes.
        let delay = undisturbed.duration * moment * 11 / (moments * 10)
        let result = try await scene.omcops(["db", "backup"] + url) { program in
          try await Task.sleep(for: delay)
          program.send(SIGKILL)
        }
        if result.signal == SIGKILL { killed += 1 }
        #expect(result.signal == SIGKILL || result.exitCode == 0, "\(result.errorOutput)")
        try await expectOnlyWholeBackups(scene)
      }
      #expect(killed > moments / 2)
      let last = try await scene.omcops(["db", "backup"] + url)
      #expect(last.exitCode == 0, "\(last.errorOutput)")
      let leftovers = ScratchFolder.names(in: scene.store).filter { $0.contains(".partial-") }
      #expect(leftovers == [])
      try await expectNoSession(of: scene)
    }
  }

  @Test("a restore killed at any moment has made its database or not, and the next one clears up")
  func restores() async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsKill.tables)
      let path = scene.folder.appending("backup").string
      let made = try await scene.omcops(
        ["db", "backup", "--url", scene.database.conninfo, "--output", path])
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      let target = "copy_\(scene.database["dbname"] ?? "")"
      let restore = [
        "db", "restore", path, "--url", scene.database.with(database: target).conninfo,
      ]
      let admin = try await Connection.open(
        scene.database.with(database: "postgres"), applicationName: "omcops tests")
      let undisturbed = try await scene.omcops(restore)
      try #require(undisturbed.exitCode == 0, "\(undisturbed.errorOutput)")
      try await TestServer.shared.drop(database: target)
      let moments = 10
      for moment in 0..<moments {
        let delay = undisturbed.duration * moment / moments
        let result = try await scene.omcops(restore) { program in
          try await Task.sleep(for: delay)
          program.send(SIGKILL)
        }
        #expect(result.signal == SIGKILL || result.exitCode == 0, "\(result.errorOutput)")
        // The server takes a moment to see that nobody is there any more; until then the lock holds.
        while try await !admin.query(
          "select from pg_stat_activity where application_name like 'omcops db restore%'"
        ).rows.isEmpty {
          try await Task.sleep(for: .milliseconds(5))
        }
        let names = try await admin.query(
          "select datname from pg_database where datname = $1", [SQLValue(target)])
        guard !names.rows.isEmpty else { continue }
        let compared = try await scene.omcops(
          ["db", "compare", path, scene.database.with(database: target).conninfo])
        #expect(compared.exitCode == 0, "\(compared.output)\(compared.errorOutput)")
        try await TestServer.shared.drop(database: target)
      }
      let last = try await scene.omcops(restore)
      #expect(last.exitCode == 0, "\(last.errorOutput)")
      let left = try await admin.query(
        "select datname from pg_database where datname like $1 || '%'", [SQLValue(target)])
      #expect(left.rows.compactMap { $0[0] } == [target])
      try await TestServer.shared.drop(database: target)
      await admin.close()
    }
  }

  /// Every backup that is listed can be read to its end.
  private func expectOnlyWholeBackups(_ scene: Scene) async throws {
    let listing = try await scene.omcops(["db", "list", "--output", "json"])
    #expect(listing.exitCode == 0, "\(listing.errorOutput)")
    let folders = ScratchFolder.names(in: scene.store).filter {
      !$0.contains(".partial-") && !$0.hasSuffix(".json") && !$0.hasPrefix(".")
    }
    for folder in folders {
      #expect(listing.output.contains("\"\(folder)\""))
      let verified = try await scene.omcops(
        ["db", "verify", scene.store.appending(folder).string])
      #expect(verified.exitCode == 0, "\(folder): \(verified.errorOutput)")
    }
    // What has been looked at once need not be again.
    for folder in folders {
      _ = try await Program("/bin/rm").run(["-rf", scene.store.appending(folder).string])
    }
  }

  private func expectNoSession(of scene: Scene) async throws {
    let watch = try await Connection.open(
      scene.database.with(database: "postgres"), applicationName: "omcops tests")
    try await waitUntil("the server to end the sessions of what was killed") {
      let sessions = try await watch.query(
        "select 1 from pg_stat_activity where datname = $1",
        [scene.database["dbname"].map { SQLValue($0) }])
      return sessions.rows.isEmpty
    }
    await watch.close()
  }

  @Test("interrupted, it clears up itself and says how it ended", arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) async throws {
    try await Scene.play { scene in
      try await scene.execute(FaultsKill.tables)
      // Another session's lock keeps the backup waiting until the signal comes.
      let blocker = try await Connection.open(scene.database, applicationName: "omcops tests")
      _ = try await blocker.execute("begin; lock table a in access exclusive mode")
      let result = try await scene.omcops(["db", "backup", "--url", scene.database.conninfo]) {
        program in
        let watch = try await Connection.open(
          scene.database.with(database: "postgres"), applicationName: "omcops tests")
        try await waitUntil("the backup to wait for the lock") {
          try await !watch.query(
            "select 1 from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
            [scene.database["dbname"].map { SQLValue($0) }]
          ).rows.isEmpty
        }
        await watch.close()
        program.send(signal)
      }
      await blocker.close()
      #expect(result.exitCode == 128 + signal, "\(result.errorOutput)")
      #expect(
        ScratchFolder.names(in: scene.store) == ["\(scene.database["dbname"] ?? "").last-run.json"])
      try await expectNoSession(of: scene)
    }
  }
}
