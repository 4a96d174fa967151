import DBOps
import Diagnostics
import Postgres
import Subprocess
import SystemPackage
import TestServer
import Testing

/// Loops of which pg_dump makes archives that cannot be restored, so that no comparison with it says
/// anything. Those that it does break are in `Databases/loops.sql`.
@Suite("Dependency loops that pg_dump does not break")
struct DependencyLoopTests {
  /// A function of which the body needs the key of a table, so that it is made after the data.
  private static let late = """
    CREATE TABLE t (id int PRIMARY KEY, v text);
    CREATE FUNCTION late(int) RETURNS int LANGUAGE sql IMMUTABLE
      BEGIN ATOMIC SELECT count(*)::int + $1 FROM (SELECT id, v FROM t GROUP BY id) AS x; END;
    INSERT INTO t VALUES (1, 'a'), (2, 'b');
    """

  @Test("the default of a domain that calls what needs the domain, or a key, is set after it")
  func domainDefaults() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        """
        \(Self.late)
        CREATE DOMAIN own AS int CHECK (VALUE < 100); CREATE FUNCTION own_default() RETURNS own
          LANGUAGE sql AS 'SELECT 7';
        ALTER DOMAIN own SET DEFAULT own_default(); COMMENT ON DOMAIN own IS 'its own';
        CREATE DOMAIN counted AS int DEFAULT late(3);
        CREATE SEQUENCE places; CREATE DOMAIN placed AS bigint DEFAULT nextval('places');
        CREATE TABLE d (n int, o own, c counted, p placed);
        INSERT INTO d (n) VALUES (1);
        """)
      _ = try await Backup(
        .init(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()
      let expected = try await Definitions.read(connection)
      await connection.close()
      func check(_ settings: ConnectionSettings) async throws {
        try await DatabaseServer(settings, applicationName: "omcops tests").withConnection {
          let found = DefinitionComparison(.init(owners: true)).differences(
            expected: expected, actual: try await Definitions.read($0))
          #expect(found == [])
          try await $0.execute("INSERT INTO public.d (n) VALUES (2)")
          let rows = try await $0.query("SELECT d::text FROM public.d ORDER BY n").rows
          #expect(rows.compactMap { $0[0] } == ["(1,7,5,1)", "(2,7,5,2)"])
        }
      }
      let target = "restored_\(source["dbname"] ?? "")"
      _ = try await Restore(.init(path: path, server: source, database: target)).run()
      try await check(source.with(database: target))
      try await TestServer.shared.drop(database: target)
      for options in [[], ["-j2"]] {
        try await TestServer.withDatabase { target in
          try await StockTool.run(
            "pg_restore", ["--exit-on-error"] + options + [path.string], target)
          try await check(target)
        }
      }
    }
  }

  @Test(
    "a generated column that calls what needs its table, or a key, is refused by name",
    arguments: [
      ("CREATE TABLE g (id int, n int GENERATED ALWAYS AS (late(id)) STORED)", "table public.g"),
      (
        """
        CREATE TABLE w (x int); CREATE FUNCTION own(int) RETURNS int LANGUAGE sql IMMUTABLE
          BEGIN ATOMIC SELECT count(*)::int + $1 FROM w; END;
        ALTER TABLE w ADD COLUMN y int GENERATED ALWAYS AS (own(x)) STORED
        """, "table public.w"
      ),
    ])
  func generatedColumns(_ creation: String, _ object: String) async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(Self.late + creation)
      await connection.close()
      let failure = await #expect(throws: (any Error).self) {
        _ = try await Backup(
          .init(source: source, destination: .folder(path), omcopsVersion: "test")
        ).run()
      }
      let refusal = failure as? any Failure
      #expect(refusal?.status == .refused)
      #expect(refusal?.details.contains { $0.hasPrefix(object) } == true)
      // So it is with pg_dump's: it makes an archive, which does not restore.
      let dump = scratch.path.appending("dump").string
      try await StockTool.run("pg_dump", ["-Fc", "-f", dump], source)
      try await TestServer.withDatabase { target in
        let restored = try await run(
          .name("pg_restore"),
          arguments: [
            "-h", target["host"] ?? "", "-p", target["port"] ?? "", "-U", target["user"] ?? "",
            "-d", target["dbname"] ?? "", dump,
          ], output: .discarded, error: .string(limit: 1 << 16))
        #expect(!restored.terminationStatus.isSuccess)
        #expect(restored.standardError.contains("cannot use column reference in DEFAULT"))
      }
    }
  }
}
