import Archive
import DBOps
import Diagnostics
import Glibc
import Postgres
import SystemPackage
import TestServer
import Testing

@Suite("Backup", .serialized)
struct BackupTests {
  private static let databases = FilePath(#filePath).removingLastComponent()
    .removingLastComponent().appending("Databases")

  private func backup(
    _ source: ConnectionSettings, _ path: FilePath
  ) async throws -> BackupSummary {
    try await Backup(
      .init(source: source, destination: .folder(path), omcopsVersion: "test")
    ).run()
  }

  @Test(
    "stock pg_restore makes of a backup what it makes of pg_dump's own archive",
    arguments: ["applications.sql", "structures.sql", "types.sql", "loops.sql"])
  func fidelity(_ name: String) async throws {
    let scratch = try ScratchFolder()
    let (ours, theirs) = (scratch.path.appending("ours"), scratch.path.appending("theirs"))
    try await TestServer.withDatabase { source in
      let file = Self.databases.appending(name).string
      try await StockTool.run("psql", ["-q", "-v", "ON_ERROR_STOP=1", "-f", file], source)
      _ = try await backup(source, ours)
      try await SampleArchive.dump(source, to: theirs)
    }
    let expected = try await restored(theirs, [])
    for options in [[], ["-j2"]] {
      let text = try await restored(ours, options)
      #expect(text == expected, "restored with \(options)")
    }
  }

  @Test(
    "a backup of any compression restores to what was backed up",
    arguments: ["none", "gzip:6", "zstd:3", "lz4"])
  func compressions(_ method: String) async throws {
    let compression = try #require(Compression(method))
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await SampleArchive.fill(source)
      let path = scratch.path.appending("backup")
      _ = try await Backup(
        .init(
          source: source, destination: .folder(path), compression: compression,
          omcopsVersion: "test")
      ).run()
      #expect(
        scratch.names(in: path).filter { $0.hasSuffix(".dat" + compression.algorithm.suffix) }
          .count == (compression == .none ? 6 : 5))
      let target = "restored_\(source["dbname"] ?? "")"
      let summary = try await Restore(.init(path: path, server: source, database: target)).run()
      #expect(summary.rows == 8500)
      let restored = source.with(database: target)
      #expect(
        try await SampleArchive.text(of: restored, options: [])
          == SampleArchive.text(of: source, options: []))
      try await TestServer.shared.drop(database: target)
    }
  }

  /// Schema and data, as pg_dump writes them, of what an archive restores to.
  private func restored(_ archive: FilePath, _ options: [String]) async throws -> String {
    try await TestServer.withDatabase { target in
      try await StockTool.run(
        "pg_restore", ["--exit-on-error"] + options + [archive.string], target)
      return try await SampleArchive.text(of: target, options: [])
    }
  }

  /// PostgreSQL keeps a version of its own among a column's options since 15.20; older servers take
  /// one that is written there, and have no statement that sets it.
  @Test("the server's own bookkeeping of columns is not carried")
  func columnVersions() async throws {
    let scratch = try ScratchFolder()
    let archive = scratch.path.appending("archive")
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "test")
      try await connection.execute(
        """
        CREATE TABLE t (n int); CREATE VIEW v AS SELECT n FROM t;
        UPDATE pg_attribute SET attoptions = '{n_distinct=7,pg_attver=4711}'
        WHERE attrelid = 't'::regclass AND attname = 'n';
        UPDATE pg_attribute SET attoptions = '{pg_attver=4712}'
        WHERE attrelid = 'v'::regclass AND attname = 'n';
        """)
      await connection.close()
      _ = try await backup(source, archive)
    }
    try await TestServer.withDatabase { target in
      try await StockTool.run("pg_restore", ["--exit-on-error", archive.string], target)
      let connection = try await Connection.open(target, applicationName: "test")
      let options = try await connection.query(
        """
        SELECT o.option_value FROM pg_attribute, pg_options_to_table(attoptions) AS o
        WHERE attrelid = 't'::regclass AND o.option_name = 'n_distinct'
        """)
      #expect(try options.single(as: String.self) == "7")
    }
  }
}
