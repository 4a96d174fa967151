import Archive
import DBOps
import Postgres
import SystemPackage
import TestServer
import Testing

/// Values that the server cannot make smaller: a backup finds their columns, and a restore does not
/// have the server try again.
@Suite("Long values")
struct LongValuesTests {
  /// The rows of `files` have a key that does not compress and a text that does; those of `notes` differ
  /// from each other.
  private static let schema = """
    CREATE TABLE files (id int PRIMARY KEY, "Key" text NOT NULL, prose text, tag text UNIQUE);
    INSERT INTO files SELECT n, (SELECT string_agg(md5(n || '-' || k), ' ') FROM generate_series(1, 120) k),
      repeat('as it was in the beginning ', 200), 'tag ' || n FROM generate_series(1, 6000) n;
    CREATE INDEX ON files (tag, id);
    CREATE TABLE notes (id int, body text);
    INSERT INTO notes SELECT id, CASE WHEN id % 50 = 0 THEN repeat("Key", 3) ELSE "Key" END FROM files;
    """

  /// How each column stores its values, and what became of them.
  private func stored(_ settings: ConnectionSettings) async throws -> [String] {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    let columns = try await connection.query(
      """
      SELECT attrelid::regclass::text || '.' || attname || ' ' || attstorage::text
      FROM pg_attribute WHERE attnum > 0 AND attrelid IN (
        SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY 1
      """
    ).rows.compactMap { $0[0] }
    let values = try await connection.query(
      """
      SELECT count(pg_column_compression("Key")) || ' ' || count(pg_column_compression(prose)) || ' '
        || sum(pg_column_size("Key")) || ' ' || sum(hashtextextended(f::text, 7)) FROM files f
      """
    ).rows.compactMap { $0[0] }
    await connection.close()
    return columns + values
  }

  @Test("are stored again as they were, by one connection and by several", arguments: [1, 2])
  func restored(_ jobs: Int) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(Self.schema)
      await connection.close()
      let path = scratch.path.appending("backup")
      let summary = try await Backup(
        .init(
          source: source, destination: .folder(path), jobs: jobs,
          compression: Compression("zstd"), rangeBytes: 8 << 20, omcopsVersion: "test")
      ).run()
      #expect(summary.manifest.tables["public.files"]?.uncompressed == ["Key"])
      #expect(summary.manifest.tables["public.notes"]?.uncompressed == [])

      let target = "restored_\(source["dbname"] ?? "")"
      var options = Restore.Options(path: path, server: source, database: target, jobs: jobs)
      options.sharedFrom = 1
      _ = try await Restore(options).run()
      #expect(try await stored(source.with(database: target)) == stored(source))
      try await TestServer.shared.drop(database: target)
    }
  }
}
