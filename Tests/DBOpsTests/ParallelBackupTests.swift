import Archive
import DBOps
import Diagnostics
import Glibc
import Postgres
import Quantities
import Subprocess
import Synchronization
import SystemPackage
import TestServer
import Testing

/// Backups whose tables are read in ranges, and those that are one file.
@Suite("Parallel backup")
struct ParallelBackupTests {
  /// Rows of usual and of unusual sizes, dropped and generated columns, a partitioned table, an empty
  /// one, an inheritance tree, and one with nothing but rows.
  private static let schema = """
    CREATE TABLE wide (id bigint PRIMARY KEY, gone int, body text, twice bigint GENERATED ALWAYS AS (id * 2) STORED);
    ALTER TABLE wide DROP COLUMN gone;
    INSERT INTO wide SELECT n, repeat(md5(n::text), 1 + n % 9) || E'\\t\\n\\\\' FROM generate_series(1, 30000) n;
    ALTER TABLE wide ALTER COLUMN body SET STORAGE EXTERNAL;
    INSERT INTO wide VALUES (-1, repeat('long ', 700000)), (-2, repeat('x', 1048576));
    INSERT INTO wide SELECT n, md5(n::text) FROM generate_series(40001, 50000) n;
    DELETE FROM wide WHERE id % 7 = 0;
    CREATE TABLE child () INHERITS (wide);
    INSERT INTO child (id, body) SELECT n, 'child ' || n FROM generate_series(1, 20000) n;
    CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
    CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-07-01');
    CREATE TABLE parted_2 PARTITION OF parted DEFAULT;
    INSERT INTO parted SELECT n, date '2026-01-01' + n % 360 FROM generate_series(1, 40000) n;
    CREATE TABLE empty (a int);
    CREATE TABLE bare ();
    INSERT INTO bare SELECT FROM generate_series(1, 1000);
    CREATE TABLE small AS SELECT n FROM generate_series(1, 10) n;
    """

  private static let tables = [
    "wide", "child", "parted_1", "parted_2", "empty", "bare", "small",
  ]

  private func fill(_ settings: ConnectionSettings) async throws {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    try await connection.execute(Self.schema)
    await connection.close()
  }

  /// Every table's number of rows and a sum over them, which does not depend on their order.
  private func content(_ settings: ConnectionSettings) async throws -> [String] {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    var result: [String] = []
    for table in Self.tables {
      let row = try await connection.query(
        "SELECT count(*), sum(pg_catalog.hashtextextended(t::text, 7)) FROM ONLY \(table) AS t"
      ).rows.first
      result.append("\(table): \(row?[0] ?? "") \(row?[1] ?? "")")
    }
    await connection.close()
    return result
  }

  private func backup(
    _ source: ConnectionSettings, _ destination: Backup.Destination, _ method: String
  ) async throws -> BackupSummary {
    try await Backup(
      .init(
        source: source, destination: destination, jobs: 3, compression: Compression(method),
        rangeBytes: 256 << 10, omcopsVersion: "test")
    ).run()
  }

  /// What stock pg_restore makes of an archive.
  private func restored(_ archive: FilePath, _ options: String) async throws -> [String] {
    try await TestServer.withDatabase { target in
      let connection = ["host", "port", "user", "dbname"].compactMap { key in
        target[key].map { "\(key)='\($0)'" }
      }.joined(separator: " ")
      let result = try await run(
        .name("sh"),
        arguments: [
          "-c", "pg_restore --exit-on-error -d \"$0\" \(options)", connection, archive.string,
        ], output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
      try #require(result.terminationStatus.isSuccess, "\(options): \(result.standardError)")
      return try await content(target)
    }
  }

  @Test(
    "stock pg_restore and ours make of a backup in ranges what was backed up",
    arguments: ["gzip", "none"], [Backup.Format.directory, .custom])
  func stock(_ method: String, _ format: Backup.Format) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await fill(source)
      let expected = try await content(source)
      let summary = try await backup(
        source, format == .custom ? .file(path) : .folder(path), method)
      #expect(summary.manifest.tables.count == Self.tables.count)
      #expect(scratch.names() == ["backup"])
      for options in ["\"$1\"", "-j2 \"$1\""] + (format == .custom ? ["<\"$1\""] : []) {
        #expect(try await restored(path, options) == expected, "\(options)")
      }
      try await expectOurs(path, source, expected)
    }
  }

  @Test(
    "a backup in ranges of the newer compressions is restored to what was backed up",
    arguments: ["zstd", "lz4"], [Backup.Format.directory, .custom])
  func ours(_ method: String, _ format: Backup.Format) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await fill(source)
      let expected = try await content(source)
      let summary = try await backup(
        source, format == .custom ? .file(path) : .folder(path), method)
      // The test server's own pg_restore may be older than these compressions.
      #expect(summary.notes.isEmpty == (summary.manifest.serverMajor >= 16))
      try await expectOurs(path, source, expected)
    }
  }

  private func expectOurs(
    _ path: FilePath, _ source: ConnectionSettings, _ expected: [String]
  ) async throws {
    let report = try await Verify(path: path).run()
    #expect(report.problems == [] && report.notes == [])
    let target = "restored_\(source["dbname"] ?? "")"
    // The largest table is loaded by three connections at once.
    var options = Restore.Options(path: path, server: source, database: target, jobs: 3)
    options.sharedFrom = 1
    _ = try await Restore(options).run()
    #expect(try await content(source.with(database: target)) == expected)
    try await TestServer.shared.drop(database: target)
  }

  @Test("an archive through a pipe has its manifest, and a store finds one by its name")
  func pipeAndStore() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await fill(source)
      let expected = try await content(source)
      let piped = scratch.path.appending("piped")
      let file = try FileDescriptor.open(
        piped, .writeOnly, options: [.create], permissions: .ownerReadWrite)
      _ = try await backup(source, .pipe(file), "gzip")
      try file.close()
      #expect(try await restored(piped, "<\"$1\"") == expected)
      try await expectOurs(piped, source, expected)

      let store = BackupStore(path: scratch.path.appending("store"))
      let summary = try await backup(source, .store(store, label: "one", format: .custom), "gzip")
      #expect(summary.id.hasSuffix("-one.dump"))
      #expect(try store.list().backups.map(\.id) == [summary.id])
      #expect(try store.find("one").path == summary.path)
      #expect(try store.find(summary.id).manifest == summary.manifest)
    }
  }

  @Test("every changed byte of a custom archive is found", arguments: ["gzip", "none"])
  func damage(_ method: String) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      _ = try await backup(source, .file(path), method)
      let bytes = try scratch.read("backup")
      for place in stride(from: 60, to: bytes.count, by: bytes.count / 40) {
        var changed = bytes
        changed[place] ^= 0x04
        let file = try scratch.write(changed, to: "changed")
        do {
          let report = try await Verify(path: file).run()
          // Without the manifest's mark nothing could be compared, which is said.
          #expect(!report.isWhole || !report.notes.isEmpty, "byte \(place)")
        } catch let failure as any Failure {
          #expect(failure.status != .done, "byte \(place)")
        }
      }
    }
  }

  @Test("foreign keys in a circle, of one table and of partitions are restored as they were")
  func foreignKeys() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        """
        CREATE TABLE a (id int PRIMARY KEY, b int, a int REFERENCES a);
        CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);
        ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b ON DELETE SET NULL;
        CREATE TABLE c (a int REFERENCES a, b int REFERENCES b, n int);
        ALTER TABLE c ADD CONSTRAINT "not proved" FOREIGN KEY (n) REFERENCES a NOT VALID;
        CREATE TABLE p (a int REFERENCES a) PARTITION BY RANGE (a);
        CREATE TABLE p_1 PARTITION OF p DEFAULT;
        INSERT INTO a SELECT n, NULL, greatest(1, n - 1) FROM generate_series(1, 2000) n;
        INSERT INTO b SELECT n, n FROM generate_series(1, 2000) n;
        UPDATE a SET b = id; INSERT INTO c SELECT n, n FROM generate_series(1, 2000) n;
        INSERT INTO p SELECT n FROM generate_series(1, 2000) n
        """)
      await connection.close()
      _ = try await backup(source, .file(path), "gzip")
      let target = "restored_\(source["dbname"] ?? "")"
      _ = try await Restore(.init(path: path, server: source, database: target, jobs: 4)).run()
      #expect(
        try await SampleArchive.text(of: source.with(database: target))
          == SampleArchive.text(of: source))
      try await TestServer.shared.drop(database: target)
    }
  }

  /// Holds a backup in the middle of its rows, does something, and gives how the backup ended. A range is
  /// more than what is on its way between server and file, so that its statement is not at its end.
  private func interrupted(
    _ destination: Backup.Destination, _ source: ConnectionSettings,
    _ deed: (Connection) async throws -> Void
  ) async throws -> Result<BackupSummary, any Error> {
    try await Gate.with { gate in
      let seen = Seen()
      let told = Mutex(ByteCount(0))
      let task = Task {
        try await Backup(
          .init(
            source: source, destination: destination, jobs: 2, rangeBytes: 8 << 20,
            omcopsVersion: "test")
        ) {
          // Rows come over the connections' own threads, which may be held.
          let bytes = $0.bytesDone
          let isNews = told.withLock { last in
            defer { last = max(last, bytes) }
            return last < bytes
          }
          guard $0.phase == "copying", isNews else { return }
          seen.reach()
          gate.pass()
        }.run()
      }
      await seen.wait()
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await deed(connection)
      gate.open()
      let result = await task.result
      await connection.close()
      return result
    }
  }

  @Test(
    "a connection that is cut while others read the same table ends the backup, and nothing is left",
    arguments: [Backup.Format.directory, .custom])
  func cut(_ format: Backup.Format) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 8) AS m FROM generate_series(1, 70000) n")
      await connection.close()
      let path = scratch.path.appending("backup")
      let result = try await interrupted(
        format == .custom ? .file(path) : .folder(path), source
      ) { connection in
        let ended = try await connection.query(
          """
          SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
            WHERE query LIKE 'COPY (SELECT%' AND datname = current_database()
            ORDER BY pid LIMIT 1) AS one
          """)
        #expect(try ended.single(as: Int64.self) == 1)
      }
      let error = #expect(throws: (any Error).self) { try result.get() }
      let failure = try #require(error as? any Failure, "\(String(describing: error))")
      #expect(failure.status == .failed)
      #expect(failure.message.contains("lost the connection"), "\(failure.message)")
      #expect(scratch.names() == [])
    }
  }

  @Test("a table cannot be dropped or altered while it is read")
  func changes() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        "CREATE TABLE t AS SELECT n, repeat(md5(n::text), 8) AS m FROM generate_series(1, 70000) n")
      await connection.close()
      let path = scratch.path.appending("backup")
      let result = try await interrupted(.folder(path), source) { connection in
        for statement in ["DROP TABLE t", "ALTER TABLE t ADD COLUMN x int", "TRUNCATE t"] {
          let error = await #expect(throws: PostgresError.self) {
            try await connection.execute("SET lock_timeout = '10ms'; \(statement)")
          }
          #expect(error?.sqlState == "55P03")
        }
        try await connection.execute("INSERT INTO t VALUES (0, 'late'); DELETE FROM t WHERE n < 9")
      }
      let summary = try result.get()
      #expect(summary.manifest.totalRows == 70000)
      #expect(try await Verify(path: path).run().rows == 70000)
    }
  }
}
