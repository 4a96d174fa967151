import DBOps
import Diagnostics
import Glibc
import Postgres
import SystemPackage
import TestServer
import Testing

@Suite("Restore")
struct RestoreTests {
  private func options(
    _ path: FilePath, _ settings: ConnectionSettings, _ database: String
  ) -> Restore.Options {
    Restore.Options(path: path, server: settings, database: database, jobs: 2)
  }

  static func databases(_ settings: ConnectionSettings, like target: String) async throws
    -> [String]
  {
    let connection = try await Connection.open(
      settings.with(database: "postgres"), applicationName: "omcops tests")
    let names = try await connection.query(
      "SELECT datname FROM pg_database WHERE datname LIKE $1 || '%' ORDER BY 1",
      [SQLValue(target)]
    ).rows.compactMap { $0[0] }
    await connection.close()
    return names
  }

  @Test(
    "a stock directory archive is restored as stock pg_restore would",
    arguments: [["-Z0"], ["-Z6"], ["-j2"]], [true, false])
  func stock(_ dump: [String], hasManifest: Bool) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path, options: dump)
      if hasManifest { try await SampleArchive.addManifest(to: path, source) }
      let target = "restored_\(source["dbname"] ?? "")"
      let summary = try await Restore(options(path, source, target)).run()
      #expect(summary.tables == 5)
      #expect(summary.rows == (hasManifest ? 8500 : 0))
      #expect(summary.notes.isEmpty == hasManifest)
      let restored = source.with(database: target)
      #expect(
        try await Self.databases(source, like: "restored_\(source["dbname"] ?? "")") == [target])
      let (before, after) = (
        try await SampleArchive.text(of: source, options: ["-C"]),
        try await SampleArchive.text(of: restored, options: ["-C"])
      )
      let renamed = before.split(separator: source["dbname"] ?? "").joined(separator: target)
      #expect(after == renamed)
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test(
    "a stock custom archive is restored as stock pg_restore would",
    arguments: [["-Fc"], ["-Fc", "-Z0"]], [false, true])
  func custom(_ dump: [String], isPiped: Bool) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup.dump")
      if isPiped {
        try await SampleArchive.dumpThroughPipe(source, to: path, options: dump)
      } else {
        try await SampleArchive.dump(source, to: path, options: dump)
      }
      let report = try await Verify(path: path).run()
      #expect(report.isWhole)
      #expect(report.rows == 8500)
      let target = "restored_\(source["dbname"] ?? "")"
      let summary = try await Restore(options(path, source, target)).run()
      #expect(summary.tables == 5)
      let restored = source.with(database: target)
      #expect(
        try await SampleArchive.text(of: restored, options: [])
          == SampleArchive.text(of: source, options: []))
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test("a custom archive that was cut anywhere is refused, and no database comes to be")
  func cutCustom() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup.dump")
      try await SampleArchive.dump(source, to: path, options: ["-Fc"])
      let bytes = try scratch.read("backup.dump")
      let target = "restored_\(source["dbname"] ?? "")"
      for length in stride(from: 5, to: bytes.count, by: bytes.count / 60) {
        let cut = try scratch.write(bytes.prefix(length), to: "cut.dump")
        let report = try await Verify(path: cut).run()
        #expect(!report.isWhole, "cut at \(length)")
        await #expect(throws: DBError.self, "cut at \(length)") {
          try await Restore(options(cut, source, target)).run()
        }
      }
      #expect(try await Self.databases(source, like: target) == [])
    }
  }

  @Test("a database that exists is refused, and left as it is")
  func existing() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let name = source["dbname"] ?? ""
      let error = await #expect(throws: DBError.self) {
        try await Restore(options(path, source, name)).run()
      }
      #expect(error?.code == .targetExists)
      #expect(error?.status == .refused)
      #expect(try await Self.databases(source, like: name + "_") == [])
    }
  }

  @Test("roles that the server lacks are named before anything is made")
  func roles() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        """
        CREATE ROLE vanishing_owner; CREATE ROLE vanishing_reader;
        CREATE TABLE t (a int); ALTER TABLE t OWNER TO vanishing_owner;
        GRANT SELECT ON t TO vanishing_reader
        """)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      try await connection.execute(
        """
        DROP TABLE t; DROP ROLE vanishing_owner; DROP ROLE vanishing_reader
        """)
      await connection.close()
      let target = "lacking_\(source["dbname"] ?? "")"
      let error = await #expect(throws: DBError.self) {
        try await Restore(options(path, source, target)).run()
      }
      #expect(error?.status == .refused)
      #expect(
        error?.message
          == "the server lacks 2 roles that the backup names: \"vanishing_owner\", "
          + "\"vanishing_reader\"")
      #expect(try await Self.databases(source, like: target) == [])
    }
  }

  @Test("what a killed restore left is removed by the next one, into whatever name")
  func leftovers() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let target = "again_\(source["dbname"] ?? "")"
      let connection = try await Connection.open(
        source.with(database: "postgres"), applicationName: "omcops tests")
      // Killed between CREATE DATABASE and its mark, and killed later in a restore of another name.
      let own = try await stagingName(path, source, target)
      let other = own.prefix(own.count - 8) + "0badcafe"
      try await connection.execute("CREATE DATABASE \(quoteIdentifier(own))")
      try await connection.execute("CREATE DATABASE \(quoteIdentifier(String(other)))")
      try await connection.execute(
        "COMMENT ON DATABASE \(quoteIdentifier(String(other))) IS 'half-restored by omcops'")
      _ = try await Restore(options(path, source, target)).run()
      #expect(try await Self.databases(source, like: target) == [target])
      await connection.close()
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test("dropping a name takes what a killed restore into it left, and nothing of another's")
  func dropOfLeftover() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let target = "half_\(source["dbname"] ?? "")"
      let name = try await stagingName(path, source, target)
      let maintenance = source.with(database: "postgres")
      let connection = try await Connection.open(maintenance, applicationName: "omcops tests")
      try await connection.execute("CREATE DATABASE \(quoteIdentifier(name))")
      await connection.close()
      let server = DatabaseServer(maintenance, applicationName: "omcops tests")
      let drop = DatabaseDrop(name: target, liveNames: [])
      #expect(try await drop.hasLeftover(on: server))
      #expect(try await !drop.isGone(on: server))
      #expect(try await !drop.run(on: server).existed)
      #expect(try await drop.isGone(on: server))
      #expect(try await Self.databases(source, like: target) == [])
    }
  }

  /// The name that a restore works under, as the server sees it while one runs.
  private func stagingName(
    _ path: FilePath, _ settings: ConnectionSettings, _ target: String
  ) async throws -> String {
    let seen = Seen()
    var options = options(path, settings, target)
    options.progress = { if $0.phase == "creating" { seen.reach() } }
    let task = Task { [options] in try await Restore(options).run() }
    await seen.wait()
    let names = try await Self.databases(settings, like: target)
    _ = await task.result
    try await TestServer.shared.drop(database: target)
    return try #require(names.first { $0.contains("__omcops_restoring_") })
  }

  @Test("a cancelled restore leaves nothing", arguments: ["creating", "loading", "checking"])
  func cancellation(_ phase: String) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let target = "cancelled_\(source["dbname"] ?? "")"
      let seen = Seen()
      var options = options(path, source, target)
      options.progress = { if $0.phase == phase { seen.reach() } }
      let task = Task { [options] in try await Restore(options).run() }
      await seen.wait()
      task.cancel()
      let result = await task.result
      #expect(throws: CancellationError.self) { try result.get() }
      #expect(try await Self.databases(source, like: target) == [])
    }
  }

  @Test("the second of two restores into one name is told who holds it")
  func lock() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let target = "twice_\(source["dbname"] ?? "")"
      try await Gate.with { go in
        let seen = Seen()
        var options = options(path, source, target)
        options.progress = {
          if $0.phase == "creating" {
            seen.reach()
            go.pass()
          }
        }
        let task = Task { [options] in try await Restore(options).run() }
        await seen.wait()
        let error = await #expect(throws: DBError.self) {
          try await Restore(self.options(path, source, target)).run()
        }
        #expect(error?.status == .locked)
        #expect(error?.message.contains("(omcops db restore)") == true)
        go.open()
        _ = try await task.value
      }
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test("an object that cannot be made ends the restore with its name and leaves nothing")
  func failingObject() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      // A check that holds for no row once its function forgets what it knew.
      try await connection.execute(
        """
        CREATE FUNCTION fine(int) RETURNS bool IMMUTABLE LANGUAGE plpgsql AS
          $$ BEGIN RETURN coalesce(current_setting('sample.fine', true), '') = 'yes'; END $$;
        SET sample.fine = 'yes';
        CREATE TABLE t (a int CONSTRAINT always CHECK (fine(a))); INSERT INTO t VALUES (1)
        """)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      let target = "failing_\(source["dbname"] ?? "")"
      let error = await #expect(throws: DBError.self) {
        try await Restore(options(path, source, target)).run()
      }
      #expect(
        error?.message.hasPrefix("cannot load public.t from ") == true
          && error?.message.contains("\"always\"") == true)
      #expect(try await Self.databases(source, like: target) == [])
      await connection.close()
    }
  }

  @Test("rows that are not as many as the manifest says undo the restore")
  func wrongCount() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      try await SampleArchive.dump(source, to: path)
      try await SampleArchive.addManifest(to: path, source)
      var manifest = try Manifest(readingFrom: path)
      manifest.tables["public.users"]?.rows = 2999
      unlink(path.appending("manifest.json").string)
      try manifest.write(into: path)
      let target = "miscounted_\(source["dbname"] ?? "")"
      let error = await #expect(throws: DBError.self) {
        try await Restore(options(path, source, target)).run()
      }
      #expect(error?.status == .failed)
      #expect(
        error?.message.hasSuffix("3000 rows came to public.users; the manifest says 2999") == true)
      #expect(try await Self.databases(source, like: target) == [])
    }
  }
}
