import DBOps
import Diagnostics
import Postgres
import Subprocess
import SystemPackage
import TestServer
import Testing

/// Databases of which a comparison of texts does not say all.
@Suite("Backup of partitions and subscriptions", .serialized)
struct BackupStructuresTests {
  private func backup(
    _ source: ConnectionSettings, _ path: FilePath
  ) async throws -> BackupSummary {
    try await Backup(
      .init(source: source, destination: .folder(path), omcopsVersion: "test")
    ).run()
  }

  @discardableResult
  private func withConnection<Result>(
    _ settings: ConnectionSettings, _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    let result = try await body(connection)
    await connection.close()
    return result
  }

  /// Restores into a database beside the source, and drops it afterwards.
  private func restored(
    _ path: FilePath, beside source: ConnectionSettings, _ body: (Connection) async throws -> Void
  ) async throws {
    let target = "restored_\(source["dbname"] ?? "")"
    _ = try await Restore(.init(path: path, server: source, database: target)).run()
    try await withConnection(source.with(database: target)) { connection in
      try await body(connection)
      try await dropSubscriptions(connection)
    }
    try await TestServer.shared.drop(database: target)
  }

  /// A database that has subscriptions cannot be dropped.
  private func dropSubscriptions(_ connection: Connection) async throws {
    let names = try await connection.query(
      """
      SELECT subname FROM pg_subscription WHERE subdbid =
        (SELECT oid FROM pg_database WHERE datname = current_database())
      """)
    for name in names.rows.compactMap({ $0[0] }).map(quoteIdentifier) {
      try await connection.execute("ALTER SUBSCRIPTION \(name) SET (slot_name = NONE)")
      try await connection.execute("DROP SUBSCRIPTION \(name)")
    }
  }

  private static let hashed = """
    CREATE TYPE colour AS ENUM ('red', 'green', 'blue', 'black', 'white', 'grey', 'pink', 'cyan');
    CREATE TABLE hashed (c colour, n int, two int GENERATED ALWAYS AS (n * 2) STORED)
      PARTITION BY HASH (c);
    CREATE TABLE hashed0 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0);
    CREATE TABLE hashed1 (n int, c colour, two int GENERATED ALWAYS AS (n * 2) STORED);
    ALTER TABLE hashed ATTACH PARTITION hashed1 FOR VALUES WITH (MODULUS 3, REMAINDER 1);
    CREATE TABLE hashed2 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2)
      PARTITION BY LIST (n);
    CREATE TABLE hashed2a PARTITION OF hashed2 FOR VALUES IN (0, 2, 4, 6);
    CREATE TABLE hashed2b PARTITION OF hashed2 DEFAULT;
    CREATE INDEX ON hashed0 (n);
    CREATE UNIQUE INDEX hashed_key ON hashed (c, n);
    INSERT INTO hashed (c, n)
      SELECT c, i FROM unnest(enum_range(NULL::colour)) AS c, generate_series(0, 9) AS i;
    CREATE TABLE outer_t (id int, c colour) PARTITION BY RANGE (id);
    CREATE TABLE outer_1 PARTITION OF outer_t FOR VALUES FROM (0) TO (10) PARTITION BY HASH (c);
    CREATE TABLE outer_1_0 PARTITION OF outer_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
    CREATE TABLE outer_1_1 PARTITION OF outer_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
    CREATE TABLE outer_2 PARTITION OF outer_t FOR VALUES FROM (10) TO (20);
    INSERT INTO outer_t SELECT i, (enum_range(NULL::colour))[1 + i % 8] FROM generate_series(0, 19) AS i;
    CREATE TABLE refers (c colour, n int, FOREIGN KEY (c, n) REFERENCES hashed (c, n));
    INSERT INTO refers VALUES ('red', 1), ('pink', 9);
    """

  /// The rows by their content, and whether each is where its partition says.
  private static let hashedRows = """
    SELECT md5(string_agg(x::text, ';' ORDER BY x::text)) FROM (
      SELECT c::text, n, two FROM hashed UNION ALL SELECT c::text, id, 0 FROM outer_t
      UNION ALL SELECT 'found', count(*), 0 FROM hashed WHERE c = 'red') AS x
    """

  @Test("rows go to the partitions to which their labels' hashes belong in the new database")
  func hashedByEnumeration() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      let expected = try await withConnection(source) { connection in
        try await connection.execute(Self.hashed)
        return try await connection.query(Self.hashedRows).single(as: String.self)
      }
      let summary = try await backup(source, path)
      #expect(summary.manifest.tables["public.hashed"]?.rows == 80)
      #expect(summary.manifest.tables["public.hashed1"] == nil)
      #expect(summary.manifest.tables["public.outer_1"]?.rows == 10)
      #expect(summary.manifest.tables["public.outer_2"]?.rows == 10)
      try await restored(path, beside: source) { connection in
        let found = try await connection.query(Self.hashedRows).single(as: String.self)
        #expect(found == expected)
      }
      let target = "stock_\(source["dbname"] ?? "")"
      for options in [[], ["-j2"]] {
        try await withConnection(source) { try await $0.execute("CREATE DATABASE \(target)") }
        let settings = source.with(database: target)
        let arguments = ["-e", "-h", settings["host"] ?? "", "-p", settings["port"] ?? ""]
        let result = try await run(
          .name("pg_restore"),
          arguments: .init(
            arguments + ["-U", settings["user"] ?? "", "-d", target] + options + [path.string]),
          output: .discarded, error: .string(limit: 1 << 16))
        #expect(result.terminationStatus.isSuccess, "\(options): \(result.standardError)")
        try await withConnection(settings) { connection in
          let found = try await connection.query(Self.hashedRows).single(as: String.self)
          #expect(found == expected)
        }
        try await TestServer.shared.drop(database: target)
      }
    }
  }

  @Test("a partition whose detachment was begun comes back as the table that it is to queries")
  func detachment() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await withConnection(source) { connection in
        try await connection.execute(
          """
          CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1);
          CREATE TABLE t (id int, p int REFERENCES p, PRIMARY KEY (id)) PARTITION BY LIST (id);
          CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
          CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
          CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
          CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2);
          ALTER TABLE t1 DISABLE TRIGGER g;
          CREATE INDEX t_p ON t (p);
          INSERT INTO t VALUES (1, 1), (2, 1);
          -- What a DETACH CONCURRENTLY leaves that was cancelled while it waited.
          UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = 't1'::regclass;
          """)
      }
      let summary = try await backup(source, path)
      #expect(
        summary.omitted == [
          "a table of its own in the backup: public.t1, of which the detachment from public.t was "
            + "begun"
        ])
      try await restored(path, beside: source) { connection in
        let rows = try await connection.query(
          """
          SELECT (SELECT array_agg(id) FROM t)::text, (SELECT array_agg(id) FROM t1)::text,
            (SELECT string_agg(contype::text || ':' || conislocal, ',' ORDER BY contype) FROM pg_constraint
              WHERE conrelid = 't1'::regclass),
            (SELECT count(*) FROM pg_index WHERE indrelid = 't1'::regclass)::text,
            (SELECT count(*) FROM pg_trigger WHERE tgrelid = 't1'::regclass AND NOT tgisinternal)::text
          """)
        #expect((0..<5).map { rows.rows[0][$0] } == ["{2}", "{1}", "f:true,p:true", "2", "0"])
      }
    }
  }

  @Test("what somebody added to the table of an extension is named")
  func extensionTable() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      try await withConnection(source) { connection in
        try await connection.execute(
          """
          CREATE TABLE job (id int PRIMARY KEY); ALTER EXTENSION plpgsql ADD TABLE job;
          CREATE POLICY mine ON job USING (id > 0);
          """)
      }
      let summary = try await backup(source, scratch.path.appending("backup"))
      #expect(
        summary.omitted == [
          "left to the extension that has its table: policy mine on public.job; make it again "
            + "after a restore if it is your own"
        ])
    }
  }

  private static let subscription = """
    CREATE SUBSCRIPTION "news Feed" CONNECTION 'dbname=x password=secret' PUBLICATION a, "b C"
      WITH (connect = false, slot_name = 'feed', binary, two_phase = false, streaming);
    COMMENT ON SUBSCRIPTION "news Feed" IS 'from elsewhere';
    CREATE SUBSCRIPTION slotless CONNECTION 'dbname=y' PUBLICATION c
      WITH (connect = false, slot_name = NONE, synchronous_commit = 'local', disable_on_error);
    """

  @Test("subscriptions come back without contacting anybody")
  func subscriptions() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    let query = """
      SELECT string_agg(concat_ws(' ', subname, subenabled, subbinary, substream, subtwophasestate,
        subdisableonerr, subconninfo, subslotname, subsynccommit, subpublications,
        obj_description(oid, 'pg_subscription')), '; ' ORDER BY subname) FROM pg_subscription
      WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
      """
    try await TestServer.withDatabase { source in
      let expected = try await withConnection(source) { connection in
        try await connection.execute(Self.subscription)
        return try await connection.query(query).single(as: String.self)
      }
      _ = try await backup(source, path)
      try await restored(path, beside: source) { connection in
        let found = try await connection.query(query).single(as: String.self)
        #expect(found == expected)
      }
      try await withConnection(source, dropSubscriptions)
    }
  }

  @Test("a failed restore leaves nothing, although the server keeps databases with subscriptions")
  func failedSubscription() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await withConnection(source) { connection in
        try await connection.execute(Self.subscription)
        try await connection.execute(
          """
          CREATE FUNCTION elsewhere() RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN
            IF current_database() ~ 'restor' THEN RAISE 'not here'; END IF; RETURN 1; END $$;
          CREATE MATERIALIZED VIEW m AS SELECT public.elsewhere();
          """)
      }
      _ = try await backup(source, path)
      let target = "restored_\(source["dbname"] ?? "")"
      await #expect(throws: (any Error).self) {
        _ = try await Restore(.init(path: path, server: source, database: target)).run()
      }
      try await withConnection(source) { connection in
        let left = try await connection.query(
          "SELECT count(*) FROM pg_database WHERE datname LIKE $1", [SQLValue("\(target)%")])
        let count = try left.single(as: Int.self)
        #expect(count == 0)
        try await dropSubscriptions(connection)
      }
    }
  }

  @Test("a subscription that the role may not read is refused by name")
  func unreadableSubscription() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await TestServer.withDatabase { source in
      try await withConnection(source) { connection in
        try await connection.execute(Self.subscription)
        try await connection.execute(
          """
          DO $$ BEGIN CREATE ROLE plain LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
          """)
      }
      var settings = source
      settings["user"] = "plain"
      do {
        _ = try await backup(settings, path)
        Issue.record("the backup was taken")
      } catch let failure as any Failure {
        #expect(failure.status == .refused)
        #expect(
          failure.details.contains(
            "subscription \"news Feed\": only superusers may read its connection string"),
          "\(failure.details)")
      }
      try await withConnection(source, dropSubscriptions)
    }
  }
}
