import DBOps
import Diagnostics
import Postgres
import Quantities
import Subprocess
import SystemPackage
import TestServer
import Testing

@Suite("Backups and restores of a part")
struct SelectionTests {
  private static let schema = """
    CREATE SCHEMA app; CREATE SCHEMA other;
    CREATE TYPE app.state AS ENUM ('new', 'done');
    CREATE FUNCTION other.short(text) RETURNS bool IMMUTABLE LANGUAGE sql
      AS $$ SELECT length($1) < 9 $$;
    CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TABLE app.customers (id int PRIMARY KEY, name text);
    CREATE TABLE app.orders (
      id serial PRIMARY KEY, customer int REFERENCES app.customers, state app.state DEFAULT 'new',
      code text CHECK (other.short(code)), number int GENERATED ALWAYS AS IDENTITY);
    CREATE INDEX by_state ON app.orders (state);
    CREATE TRIGGER touch BEFORE UPDATE ON app.orders FOR EACH ROW EXECUTE FUNCTION app.touch();
    COMMENT ON COLUMN app.orders.code IS 'short';
    CREATE TABLE app.log (at date NOT NULL, what text) PARTITION BY RANGE (at);
    CREATE TABLE app.log_1 PARTITION OF app.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE TABLE other.log (a int);
    CREATE VIEW app.open AS SELECT * FROM app.orders WHERE state = 'new';
    CREATE VIEW other.named AS
      SELECT o.id, c.name FROM app.orders AS o JOIN app.customers AS c ON c.id = o.customer;
    INSERT INTO app.customers SELECT n, 'c' || n FROM generate_series(1, 5) AS n;
    INSERT INTO app.orders (customer, code) SELECT 1 + n % 5, 'o' || n FROM generate_series(1, 40) n;
    INSERT INTO app.log SELECT '2026-05-01', 'x' FROM generate_series(1, 7);
    """

  /// Runs `body` with a database that is filled, and a name for another, which is dropped after.
  private func scene(
    _ body: (ConnectionSettings, ScratchFolder, String) async throws -> Void
  ) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(Self.schema)
      await connection.close()
      let target = "part_\(source["dbname"] ?? "")"
      try await body(source, scratch, target)
      try await TestServer.shared.drop(database: target)
    }
  }

  private func backup(
    _ source: ConnectionSettings, to path: FilePath, _ selection: Selection = Selection()
  ) async throws -> BackupSummary {
    var options = Backup.Options(source: source, destination: .folder(path), omcopsVersion: "test")
    options.selection = selection
    return try await Backup(options).run()
  }

  private func restore(
    _ path: FilePath, _ server: ConnectionSettings, as target: String,
    _ selection: Selection = Selection()
  ) async throws -> RestoreSummary {
    var options = Restore.Options(path: path, server: server, database: target)
    options.selection = selection
    return try await Restore(options).run()
  }

  private func selection(
    tables: [String] = [], schemas: [String] = [],
    _ change: (inout Selection) throws -> Void = { _ in }
  ) throws -> Selection {
    var selection = Selection()
    selection.tables = try tables.map { try ObjectPattern($0, of: .relation) }
    selection.schemas = try schemas.map { try ObjectPattern($0, of: .schema) }
    try change(&selection)
    return selection
  }

  @Test("one table comes with all it needs, and says what it comes without")
  func table() async throws {
    try await scene { source, scratch, target in
      let path = scratch.path.appending("part")
      let summary = try await backup(source, to: path, selection(tables: ["app.orders"]))
      #expect(summary.manifest.selection == ["--table=app.orders"])
      #expect(summary.manifest.tables.mapValues(\.rows) == ["app.orders": 40])
      #expect(
        summary.manifest.sequences.keys.sorted() == ["app.orders_id_seq", "app.orders_number_seq"])
      #expect(
        summary.omitted == [
          "left out: fk constraint app.orders orders_customer_fkey: it needs the table "
            + "app.customers"
        ])
      // What is restored of the part is what is restored of the whole.
      let whole = scratch.path.appending("whole")
      _ = try await backup(source, to: whole)
      _ = try await restore(path, source, as: target)
      let fromPart = try await SampleArchive.text(of: source.with(database: target), options: [])
      try await TestServer.shared.drop(database: target)
      _ = try await restore(whole, source, as: target, selection(tables: ["app.orders"]))
      let fromWhole = try await SampleArchive.text(of: source.with(database: target), options: [])
      #expect(fromPart == fromWhole)
      for words in [
        "CREATE TYPE app.state", "by_state", "TRIGGER touch", "other.short", "nextval",
        "GENERATED ALWAYS AS IDENTITY", "COMMENT ON COLUMN app.orders.code",
      ] { #expect(fromPart.contains(words), "\(words)") }
      #expect(!fromPart.contains("customers"))
    }
  }

  @Test("stock pg_restore takes a partial backup as it is")
  func stock() async throws {
    try await scene { source, scratch, target in
      let path = scratch.path.appending("part")
      _ = try await backup(source, to: path, selection(tables: ["app.orders", "app.log"]))
      let maintenance = try await Connection.open(
        source.with(database: "postgres"), applicationName: "omcops tests")
      try await maintenance.execute("CREATE DATABASE \(target)")
      await maintenance.close()
      let result = try await run(
        .name("pg_restore"),
        arguments: [
          "-h", source["host"] ?? "", "-p", source["port"] ?? "5432", "-U", source["user"] ?? "",
          "-d", target, "--exit-on-error", path.string,
        ], output: .discarded, error: .string(limit: 1 << 16))
      #expect(result.terminationStatus.isSuccess, "\(result.standardError)")
      let connection = try await Connection.open(
        source.with(database: target), applicationName: "omcops tests")
      // Partitions came with their table.
      #expect(
        try await connection.query("SELECT count(*) FROM app.log").single(as: Int64.self) == 7)
      await connection.close()
    }
  }

  @Test("a schema comes with its contents; all but some leaves those out")
  func schemas() async throws {
    try await scene { source, scratch, target in
      let path = scratch.path.appending("whole")
      _ = try await backup(source, to: path)
      let summary = try await restore(path, source, as: target, selection(schemas: ["app"]))
      #expect(summary.tables == 3 && summary.rows == 52)
      let text = try await SampleArchive.text(of: source.with(database: target))
      #expect(text.contains("CREATE VIEW app.open") && text.contains("other.short"))
      #expect(!text.contains("other.log") && text.contains("orders_customer_fkey"))
      try await TestServer.shared.drop(database: target)
      let others = try selection {
        $0.excludedTables = [try ObjectPattern("app.customers", of: .relation)]
        $0.excludedData = [try ObjectPattern("app.log*", of: .relation)]
      }
      let rest = try await restore(path, source, as: target, others)
      #expect(rest.notes.contains { $0.contains("left out: view other.named") })
      #expect(rest.rows == 40)
      let after = try await SampleArchive.text(of: source.with(database: target))
      #expect(after.contains("other.log") && after.contains("app.log_1"))
      #expect(!after.contains("customers"))
    }
  }

  @Test("definitions alone have no rows; sections add up")
  func sections() async throws {
    try await scene { source, scratch, target in
      let path = scratch.path.appending("whole")
      _ = try await backup(source, to: path)
      _ = try await restore(path, source, as: target) { $0.sections = [.preData, .postData] }
      let theirs = try await SampleArchive.text(of: source, options: ["-s"])
      #expect(
        try await SampleArchive.text(of: source.with(database: target), options: ["-s"]) == theirs)
      let connection = try await Connection.open(
        source.with(database: target), applicationName: "omcops tests")
      #expect(
        try await connection.query("SELECT count(*) FROM app.orders").single(as: Int64.self) == 0)
      await connection.close()
      let error = await #expect(throws: DBError.self) {
        try await restore(path, source, as: target) { $0.sections = [.data] }
      }
      #expect(error?.status == .usage)
    }
  }

  private func restore(
    _ path: FilePath, _ server: ConnectionSettings, as target: String,
    change: (inout Selection) -> Void
  ) async throws -> RestoreSummary {
    var selection = Selection()
    change(&selection)
    return try await restore(path, server, as: target, selection)
  }

  @Test("patterns that fit nothing or too much, and tables that need others, are refused by name")
  func refusals() async throws {
    try await scene { source, scratch, target in
      let path = scratch.path.appending("whole")
      _ = try await backup(source, to: path)
      for (pattern, message) in [
        ("app.ordres", "no table fits \"app.ordres\"; did you mean \"app.orders\"?"),
        ("log", "\"log\" fits tables in 2 schemas: app, other"),
        ("app.open", "view app.open needs the table app.orders, which is not selected"),
      ] {
        for isBackup in [true, false] {
          do {
            let part = try selection(tables: [pattern])
            if isBackup {
              _ = try await backup(source, to: scratch.path.appending("none"), part)
            } else {
              _ = try await restore(path, source, as: target, part)
            }
            Issue.record("done")
          } catch let failure as any Failure {
            #expect(failure.status == .usage)
            #expect(failure.message == message)
          }
        }
      }
      #expect(scratch.names() == ["whole"])
    }
  }

  @Test("latest never means a partial backup")
  func latest() async throws {
    try await scene { source, scratch, _ in
      let store = BackupStore(path: scratch.path.appending("store"))
      func take(_ selection: Selection) async throws -> BackupSummary {
        var options = Backup.Options(
          source: source, destination: .store(store, label: selection.isEverything ? nil : "part"),
          omcopsVersion: "test")
        options.selection = selection
        return try await Backup(options).run()
      }
      _ = try await take(selection(tables: ["app.customers"]))
      #expect(throws: DBError.self) { try store.find("latest") }
      let whole = try await take(Selection())
      _ = try await take(selection(schemas: ["other"]))
      #expect(try store.find("latest").id == whole.id)
      #expect(try store.find("part").manifest.isPartial)
      let report = try await Verify(path: store.find("part").path).run()
      #expect(report.isWhole && report.notes == ["it is a partial backup: --schema=other"])
    }
  }
}
