import DBOps
import Diagnostics
import Postgres
import SystemPackage
import TestServer
import Testing

@Suite("Restore into a database that is there, and under other names")
struct ExistingRestoreTests {
  private static let schema = """
    CREATE SCHEMA app;
    CREATE TYPE app.state AS ENUM ('new', 'done');
    CREATE TABLE app.customers (id int PRIMARY KEY, name text);
    CREATE TABLE app.orders (
      id serial PRIMARY KEY, customer int CONSTRAINT buyer REFERENCES app.customers,
      state app.state DEFAULT 'new', code text UNIQUE,
      number int GENERATED ALWAYS AS IDENTITY);
    CREATE INDEX orders_by_state ON app.orders (state);
    CREATE INDEX by_code ON app.orders (lower(code));
    ALTER TABLE app.orders CLUSTER ON orders_by_state;
    COMMENT ON INDEX app.by_code IS 'lower';
    COMMENT ON CONSTRAINT orders_pkey ON app.orders IS 'the key';
    CREATE TABLE app.log (at date NOT NULL, what text) PARTITION BY RANGE (at);
    CREATE TABLE app.log_1 PARTITION OF app.log FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    CREATE INDEX ON app.log (at);
    CREATE VIEW app.open AS SELECT orders.id FROM app.orders WHERE state = 'new';
    INSERT INTO app.customers SELECT n, 'c' || n FROM generate_series(1, 5) AS n;
    INSERT INTO app.orders (customer, code) SELECT 1 + n % 5, 'o' || n FROM generate_series(1, 40) n;
    INSERT INTO app.log SELECT '2026-05-01', 'x' FROM generate_series(1, 7);
    """

  /// Runs `body` with a database, a backup of it and a connection.
  private func scene(
    _ body: (ConnectionSettings, FilePath, Connection) async throws -> Void
  ) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(Self.schema)
      let path = scratch.path.appending("backup")
      _ = try await Backup(
        Backup.Options(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()
      try await body(source, path, connection)
      await connection.close()
    }
  }

  private func restore(
    _ path: FilePath, _ server: ConnectionSettings, as database: String? = nil,
    tables: [String] = [], schemas: [String] = [],
    _ change: (inout Restore.Options) throws -> Void = { _ in }
  ) async throws -> RestoreSummary {
    var options = Restore.Options(
      path: path, server: server, database: database ?? server["dbname"] ?? "")
    options.isIntoExisting = database == nil
    options.selection.tables = try tables.map { try ObjectPattern($0, of: .relation) }
    options.selection.schemas = try schemas.map { try ObjectPattern($0, of: .schema) }
    try change(&options)
    return try await Restore(options).run()
  }

  private func failure(
    _ body: () async throws -> RestoreSummary
  ) async -> (any Failure)? {
    do {
      _ = try await body()
      return nil
    } catch {
      return error as? any Failure
    }
  }

  private func number(_ sql: String, _ connection: Connection) async throws -> Int64 {
    try await connection.query(sql).single(as: Int64.self)
  }

  @Test("a lost table comes back with its keys, and what is there serves it")
  func lostTable() async throws {
    try await scene { source, path, connection in
      let before = try await SampleArchive.text(of: source, options: [])
      try await connection.execute("DROP TABLE app.orders CASCADE")
      let summary = try await restore(path, source, tables: ["app.orders"])
      #expect(summary.rows == 40 && summary.notes == [])
      try await connection.execute(
        "CREATE VIEW app.open AS SELECT orders.id FROM app.orders WHERE state = 'new'")
      #expect(try await SampleArchive.text(of: source, options: []) == before)
    }
  }

  @Test("what exists is refused before the first change, and a failure leaves nothing")
  func refusals() async throws {
    try await scene { source, path, connection in
      let taken = await failure { try await restore(path, source, tables: ["app.orders"]) }
      #expect(taken?.status == .refused)
      #expect(taken?.message.hasPrefix("table app.orders exists already in ") == true)
      // A customer is gone, so that the foreign key does not hold.
      try await connection.execute("DROP TABLE app.orders CASCADE; DELETE FROM app.customers")
      let broken = await failure { try await restore(path, source, tables: ["app.orders"]) }
      #expect(broken?.message.contains("cannot restore FK CONSTRAINT") == true)
      #expect(try await number("SELECT count(to_regclass('app.orders')) ", connection) == 0)
      let missing = await failure {
        try await restore(path, source.with(database: "nowhere"), tables: ["app.orders"])
      }
      #expect(missing?.message == "there is no database \"nowhere\"")
    }
  }

  @Test(
    "a table comes beside the live one under another name, and so does all that is named after it")
  func renamedTable() async throws {
    try await scene { source, path, connection in
      let before = try await SampleArchive.text(of: source, options: [])
      let summary = try await restore(path, source, tables: ["app.orders", "app.log"]) {
        $0.renamedTables = [
          try RenamedTable("app.orders", to: "kept"), try RenamedTable("log", to: "kept log"),
        ]
      }
      #expect(summary.rows == 47)
      #expect(try await number("SELECT count(*) FROM app.kept", connection) == 40)
      #expect(try await number("SELECT count(*) FROM app.\"kept log_1\"", connection) == 7)
      let names = try await connection.query(
        "SELECT relname FROM pg_class WHERE relname ~ 'kept' AND relkind <> 't' ORDER BY 1"
      ).rows.compactMap { $0[0] }
      #expect(
        names == [
          "kept", "kept log", "kept log_1", "kept log_1_at_idx", "kept log_at_idx", "kept_by_code",
          "kept_by_state", "kept_code_key", "kept_id_seq", "kept_number_seq", "kept_pkey",
        ])
      // It counts on by its own sequence, and refers to the live customers.
      try await connection.execute("INSERT INTO app.kept (customer) VALUES (1)")
      #expect(try await number("SELECT max(id) FROM app.kept", connection) == 41)
      let dangling = "INSERT INTO app.kept (customer) VALUES (99)"
      await #expect(throws: PostgresError.self) { try await connection.execute(dangling) }
      try await connection.execute("DROP TABLE app.kept, app.\"kept log\"")
      #expect(try await SampleArchive.text(of: source, options: []) == before)
    }
  }

  @Test("a schema comes beside the live one under another name")
  func renamedSchema() async throws {
    try await scene { source, path, connection in
      let before = try await SampleArchive.text(of: source, options: ["-n", "app"])
      let summary = try await restore(path, source, schemas: ["app"]) {
        $0.renamedSchemas = ["app": "old app"]
      }
      #expect(summary.rows == 52)
      let live = try await SampleArchive.text(of: source, options: ["-n", "app"])
      let copy = try await SampleArchive.text(of: source, options: ["-n", "\"old app\""])
      #expect(live == before)
      #expect(copy.split(separator: "\"old app\"").joined(separator: "app").contains("buyer"))
      #expect(try await number("SELECT count(*) FROM \"old app\".open", connection) == 40)
      let taken = await failure {
        try await restore(path, source, schemas: ["app"]) {
          $0.renamedSchemas = ["app": "old app"]
        }
      }
      #expect(taken?.message.hasPrefix("the schema \"old app\" exists already") == true)
    }
  }

  @Test("other names in a new database, and none where a body has the old one")
  func newDatabase() async throws {
    try await scene { source, path, connection in
      let target = "renamed_\(source["dbname"] ?? "")"
      _ = try await restore(path, source, as: target) {
        $0.renamedTables = [try RenamedTable("app.orders", to: "sales")]
        $0.renamedSchemas = ["app": "shop"]
      }
      let text = try await SampleArchive.text(of: source.with(database: target))
      #expect(text.contains("CREATE TABLE shop.sales") && text.contains("FROM shop.sales"))
      try await TestServer.shared.drop(database: target)
      try await connection.execute(
        "CREATE FUNCTION app.n() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM app.orders'")
      let other = path.removingLastComponent().appending("other")
      _ = try await Backup(
        Backup.Options(source: source, destination: .folder(other), omcopsVersion: "test")
      ).run()
      let stuck = await failure {
        try await restore(other, source, as: target) { $0.renamedSchemas = ["app": "shop"] }
      }
      #expect(stuck?.status == .refused)
      #expect(stuck?.message.hasPrefix("function app.n() has the old name in a text") == true)
    }
  }

  @Test("of a partial backup, what is there already and is the same is left alone")
  func partialBackup() async throws {
    try await scene { source, path, connection in
      let before = try await SampleArchive.text(of: source, options: [])
      let part = path.removingLastComponent().appending("part")
      var options = Backup.Options(
        source: source, destination: .folder(part), omcopsVersion: "test")
      options.selection.tables = [try ObjectPattern("app.orders", of: .relation)]
      _ = try await Backup(options).run()
      try await connection.execute(
        "DROP TABLE app.orders CASCADE; GRANT USAGE ON TYPE app.state TO pg_monitor")
      let summary = try await restore(part, source)
      #expect(summary.rows == 40)
      let name = source["dbname"] ?? ""
      #expect(
        summary.notes.last == "left as it is, being the same in \"\(name)\": type app.state")
      try await connection.execute("REVOKE USAGE ON TYPE app.state FROM pg_monitor")
      try await connection.execute(
        """
        ALTER TABLE app.orders ADD CONSTRAINT buyer FOREIGN KEY (customer) REFERENCES app.customers;
        CREATE VIEW app.open AS SELECT orders.id FROM app.orders WHERE state = 'new'
        """)
      #expect(try await SampleArchive.text(of: source, options: []) == before)

      // One that is not the same is named, with how it differs; what the hint says works.
      try await connection.execute(
        "DROP TABLE app.orders CASCADE; ALTER TYPE app.state ADD VALUE 'late'")
      let taken = await failure { try await restore(part, source) }
      #expect(
        taken?.message == "type app.state exists already in \"\(name)\" and is another one there")
      #expect(taken?.details.contains("+     'late'") == true, "\(taken?.details ?? [])")
      #expect(taken?.hint?.contains("--table") == true)
      #expect(try await restore(part, source, tables: ["app.orders"]).rows == 40)
      let beside = try await restore(part, source) { $0.renamedSchemas = ["app": "beside"] }
      #expect(beside.rows == 40)
      #expect(try await number("SELECT count(*) FROM beside.orders", connection) == 40)
    }
  }

  @Test("rows alone go into tables that are there, in the order of their keys")
  func rowsAlone() async throws {
    try await scene { source, path, connection in
      try await connection.execute(
        "TRUNCATE app.orders, app.customers; SELECT setval('app.orders_id_seq', 1000)")
      let summary = try await restore(path, source, tables: ["app.orders", "app.customers"]) {
        $0.selection.sections = [.data]
      }
      #expect(summary.rows == 45)
      #expect(try await number("SELECT count(*) FROM app.orders", connection) == 40)
      // A sequence in use is never set back.
      #expect(try await number("SELECT last_value FROM app.orders_id_seq", connection) == 1000)
      let twice = await failure {
        try await restore(path, source, tables: ["app.customers"]) {
          $0.selection.sections = [.data]
        }
      }
      #expect(twice?.message.contains("cannot load app.customers") == true)
      #expect(try await number("SELECT count(*) FROM app.customers", connection) == 5)
    }
  }
}
