import DBOps
import Postgres
import TestServer
import Testing

/// Security labels where no provider is at hand: PostgreSQL's own packages hold none but SELinux's.
///
/// A superuser may write labels into the catalog. A restore cannot put them on again; that it would
/// is shown by the statements, and with a provider by `Benchmarks/labels`.
@Suite("Security labels")
struct SecurityLabelTests {
  private static let schema = """
    CREATE SCHEMA "Odd schema";
    CREATE FUNCTION "Odd schema"."odd Function"(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE PROCEDURE act() LANGUAGE sql AS '';
    CREATE AGGREGATE total(int) (sfunc = int4pl, stype = int);
    CREATE TYPE mood AS ENUM ('low'); CREATE DOMAIN whole AS int;
    CREATE TABLE "Odd schema"."odd Table" (id serial PRIMARY KEY, "odd Column" text);
    CREATE VIEW seen AS SELECT id FROM "Odd schema"."odd Table";
    CREATE MATERIALIZED VIEW kept AS SELECT id FROM "Odd schema"."odd Table";
    CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
    CREATE TABLE parted (a int) PARTITION BY LIST (a);
    CREATE FOREIGN TABLE far PARTITION OF parted DEFAULT SERVER s;
    CREATE FUNCTION fire() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER fired ON ddl_command_end EXECUTE FUNCTION fire();
    CREATE PUBLICATION pub; CREATE LANGUAGE spoken HANDLER plpgsql_call_handler;
    INSERT INTO pg_seclabel (objoid, classoid, objsubid, provider, label)
      SELECT oid, 'pg_namespace'::regclass, 0, 'p', 'n' FROM pg_namespace
        WHERE nspname IN ('public', 'Odd schema')
      UNION ALL SELECT oid, 'pg_proc'::regclass, 0, 'p', 'it''s so' FROM pg_proc
        WHERE oid >= 16384 AND proname IN ('odd Function', 'act', 'total')
      UNION ALL SELECT oid, 'pg_class'::regclass, 0, 'odd Provider', 'c' FROM pg_class
        WHERE oid >= 16384 AND relkind IN ('r', 'v', 'm', 'S', 'f')
        AND relnamespace <> 'pg_catalog'::regnamespace
      UNION ALL SELECT attrelid, 'pg_class'::regclass, attnum, 'p', 'a' FROM pg_attribute
        WHERE attrelid >= 16384 AND attname IN ('odd Column', 'a')
        AND attrelid <> 'parted'::regclass
      UNION ALL SELECT oid, 'pg_type'::regclass, 0, 'p', 't' FROM pg_type
        WHERE typname IN ('mood', 'whole')
      UNION ALL SELECT oid, 'pg_event_trigger'::regclass, 0, 'p', 'e' FROM pg_event_trigger
      UNION ALL SELECT oid, 'pg_publication'::regclass, 0, 'p', 'pub' FROM pg_publication
      UNION ALL SELECT oid, 'pg_language'::regclass, 0, 'p', 'l' FROM pg_language
        WHERE lanname = 'spoken';
    INSERT INTO pg_shseclabel (objoid, classoid, provider, label)
      SELECT oid, 'pg_database'::regclass, 'p', 'd' FROM pg_database
      WHERE datname = current_database();
    """

  @Test("labels are written as pg_dump writes them, and refused where their provider is missing")
  func labels() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(Self.schema)
      _ = try await Backup(
        .init(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()
      let ours = labels(in: try await StockTool.output("pg_restore", ["-Cf", "-", path.string]))
      let theirs = labels(in: try await SampleArchive.text(of: source, options: ["-Cs"]))
      #expect(ours == theirs)
      #expect(theirs.count == 18)

      let target = "labelled_\(source["dbname"] ?? "")"
      let error = await #expect(throws: DBError.self) {
        try await Restore(.init(path: path, server: source, database: target)).run()
      }
      #expect(error?.code == .unsupported)
      #expect(error?.message.hasSuffix(": \"odd Provider\", \"p\"") == true)
      let script = try scratch.write(
        Array(try await StockTool.output("pg_restore", ["-Cf", "-", path.string]).utf8),
        to: "script.sql")

      let proof = try await RestoreProof(path: path, applicationName: "omcops tests").run()
      #expect(proof.isProven, "\(proof.comparison)")
      #expect(proof.comparison.notes.contains { $0.hasPrefix("security labels are not proven") })

      // Without them everything else comes back.
      try await connection.execute("DELETE FROM pg_seclabel; DELETE FROM pg_shseclabel")
      await connection.close()
      let expected = try await SampleArchive.text(of: source)
      for archive in [path, script] {
        var options = Restore.Options(path: archive, server: source, database: target)
        options.keepsLabels = false
        _ = try await Restore(options).run()
        #expect(try await SampleArchive.text(of: source.with(database: target)) == expected)
        try await TestServer.shared.drop(database: target)
      }
    }
  }

  private func labels(in script: String) -> [String] {
    script.split(separator: "\n").filter { $0.hasPrefix("SECURITY LABEL ") }.map(String.init)
      .sorted()
  }
}
