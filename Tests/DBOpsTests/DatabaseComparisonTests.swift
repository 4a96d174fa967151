import DBOps
import Glibc
import Postgres
import SystemPackage
import TestServer
import Testing

@Suite("Comparing whole databases")
struct DatabaseComparisonTests {
  /// Two databases of the same contents, their rows in other orders, and a backup of the first.
  private func withPair(
    _ body: (ConnectionSettings, ConnectionSettings, FilePath) async throws -> Void
  ) async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { first in
      try await TestServer.withDatabase { second in
        for (settings, order) in [(first, "n"), (second, "-n")] {
          try await Self.execute(
            """
            CREATE TABLE orders (id int PRIMARY KEY, state varchar(9)
              CHECK (state IN ('new', 'old')), made timestamptz, total numeric);
            INSERT INTO orders SELECT n, 'new', timestamptz '2026-01-01 00:00+00' + n * interval '1 h',
              n * 1.5 FROM generate_series(1, 3000) n ORDER BY \(order);
            CREATE TABLE pairs (a int, b text, c float8, PRIMARY KEY (b, a));
            INSERT INTO pairs SELECT n % 7, 'x' || n, n / 3.0 FROM generate_series(1, 500) n
              ORDER BY \(order);
            CREATE TABLE log (line text, size int GENERATED ALWAYS AS (length(line)) STORED);
            INSERT INTO log SELECT 'line ' || n % 10 FROM generate_series(1, 100) n;
            CREATE SEQUENCE counter;
            ALTER DATABASE \(quoteIdentifier(settings["dbname"] ?? ""))
              SET timezone TO '\(order == "n" ? "Asia/Tokyo" : "America/Lima")';
            """, settings)
        }
        let path = scratch.path.appending("backup")
        _ = try await Backup(
          .init(source: first, destination: .folder(path), omcopsVersion: "test")
        ).run()
        try await body(first, second, path)
      }
    }
  }

  private static func execute(_ sql: String, _ settings: ConnectionSettings) async throws {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    try await connection.execute(sql)
    await connection.close()
  }

  private func live(_ settings: ConnectionSettings) -> DatabaseComparison.Side {
    .database(DatabaseServer(settings, applicationName: "omcops tests"))
  }

  private func compare(
    _ expected: DatabaseComparison.Side, _ actual: DatabaseComparison.Side,
    _ options: DatabaseComparison.Options = .init()
  ) async throws -> ComparisonReport {
    try await DatabaseComparison(expected: expected, actual: actual, options).run()
  }

  @Test("the same rows in another order and time zone are the same, live and in a backup")
  func same() async throws {
    try await withPair { first, second, path in
      for (expected, actual) in [
        (live(first), live(second)), (.backup(path), live(first)), (.backup(path), live(second)),
        (live(second), .backup(path)), (.backup(path), .backup(path)),
      ] {
        let report = try await compare(expected, actual)
        #expect(report.isEqual, "\(report)")
        #expect(report.comparedTables == 3 && report.comparedRows == 3600)
        #expect(report.notes == [])
      }
    }
  }

  @Test("differing rows are found by their keys, in a live database and against a backup")
  func rows() async throws {
    try await withPair { first, second, path in
      try await Self.execute(
        """
        DELETE FROM orders WHERE id IN (17, 400); UPDATE orders SET total = 0 WHERE id = 1000;
        INSERT INTO orders VALUES (5000, 'new');
        UPDATE pairs SET c = c + 1 WHERE a = 3 AND b = 'x10';
        UPDATE log SET line = 'line ten' WHERE ctid = '(0,1)'; SELECT nextval('counter')
        """, second)
      for expected in [live(first), .backup(path)] {
        let report = try await compare(expected, live(second))
        #expect(report.definitions == [])
        #expect(report.tables.map(\.table) == ["public.log", "public.orders", "public.pairs"])
        let orders = try #require(report.tables[1].keys)
        #expect(report.tables[1].expected?.rows == 3000 && report.tables[1].actual?.rows == 2999)
        #expect(orders.columns == ["id"] && orders.isComplete)
        #expect(orders.missing.examples == ["17", "400"])
        #expect(orders.extra.examples == ["5000"])
        #expect(orders.changed.examples == ["1000"])
        let pairs = try #require(report.tables[2].keys)
        #expect(pairs.columns == ["b", "a"] && pairs.changed.examples == ["x10, 3"])
        #expect(pairs.missing.count == 0 && pairs.extra.count == 0)
        #expect(report.tables[0].keys == nil, "a table without a primary key")
        #expect(report.others.map(\.object) == ["public.counter"])
      }
    }
  }

  @Test("only the chosen tables are read, and only what was asked for is compared")
  func chosen() async throws {
    try await withPair { first, second, _ in
      try await Self.execute(
        "DELETE FROM orders; DELETE FROM log; CREATE INDEX ON pairs (c); CREATE TABLE more ()",
        second)
      let data = try await compare(live(first), live(second), .init(schema: false))
      #expect(
        data.definitions == [] && data.tables.map(\.table) == ["public.log", "public.orders"])
      #expect(data.others.map(\.object) == ["public.more"])
      let schema = try await compare(live(first), live(second), .init(data: false))
      #expect(
        schema.definitions.map(\.object.identity) == ["public.more", "public.pairs_c_idx"]
          && schema.tables == [] && schema.comparedTables == 0)
      var selection = Selection()
      selection.tables = [try ObjectPattern("public.*", of: .relation)]
      selection.excludedTables = try ["log", "m*"].map { try ObjectPattern($0, of: .relation) }
      let one = try await compare(
        live(first), live(second),
        .init(schema: false, selection: selection))
      #expect(one.tables.map(\.table) == ["public.orders"] && one.comparedTables == 2)
      #expect(one.others == [])
    }
  }

  @Test("a partial backup is compared with its part of a database")
  func partial() async throws {
    try await withPair { first, second, _ in
      let scratch = try ScratchFolder()
      var options = Backup.Options(
        source: first, destination: .folder(scratch.path.appending("part")), omcopsVersion: "test")
      options.selection.tables = [try ObjectPattern("pairs", of: .relation)]
      _ = try await Backup(options).run()
      let part = DatabaseComparison.Side.backup(scratch.path.appending("part"))
      for (expected, actual) in [(part, live(second)), (live(second), part)] {
        let report = try await compare(expected, actual)
        #expect(report.isEqual && report.comparedRows == 500, "\(report)")
      }
      try await Self.execute("DROP TABLE pairs", second)
      let report = try await compare(part, live(second))
      #expect(report.definitions.map(\.object.identity) == ["public.pairs"])
      var slip = Selection()
      slip.tables = [try ObjectPattern("pair", of: .relation)]
      do {
        _ = try await compare(part, live(second), .init(selection: slip))
        Issue.record("a pattern that fits nothing was taken")
      } catch {
        #expect("\(error)".contains("pairs"), "the nearest name is told: \(error)")
      }
    }
  }

  @Test("columns in another order do not matter, other columns do")
  func columns() async throws {
    try await withPair { first, second, path in
      try await Self.execute(
        """
        ALTER TABLE orders RENAME COLUMN state TO was; ALTER TABLE orders ADD COLUMN state varchar(9);
        UPDATE orders SET state = was; ALTER TABLE orders DROP COLUMN was;
        ALTER TABLE pairs ADD COLUMN d int
        """, second)
      for expected in [live(first), .backup(path)] {
        let report = try await compare(expected, live(second), .init(schema: false))
        #expect(report.tables.map(\.table) == ["public.pairs"])
        #expect(report.tables[0].columns?.expected == ["a", "b", "c"])
        #expect(report.tables[0].columns?.actual == ["a", "b", "c", "d"])
      }
    }
  }

  @Test("casts that the server words anew are no difference, other changes of a check are")
  func wording() async throws {
    try await withPair { first, second, _ in
      // What pg_get_constraintdef gives, read again, is worded in a second way.
      try await Self.execute(
        """
        ALTER TABLE orders DROP CONSTRAINT orders_state_check;
        ALTER TABLE orders ADD CONSTRAINT orders_state_check CHECK (((state)::text =
          ANY ((ARRAY['new'::character varying, 'old'::character varying])::text[])))
        """, second)
      let reworded = try await compare(live(first), live(second))
      #expect(reworded.isEqual && reworded.notes.count == 1, "\(reworded)")
      try await Self.execute(
        """
        ALTER TABLE orders DROP CONSTRAINT orders_state_check;
        ALTER TABLE orders ADD CONSTRAINT orders_state_check CHECK (state IN ('new', 'odd', 'old'))
        """, second)
      let changed = try await compare(live(first), live(second))
      #expect(changed.definitions.map(\.object.name) == ["orders"])
      for (settings, check) in [(first, "(total + 1) * 2"), (second, "total + (1 * 2)")] {
        try await Self.execute("CREATE TABLE sums (total int CHECK (\(check) > 0))", settings)
      }
      let sums = try await compare(live(first), live(second))
      #expect(sums.definitions.map(\.object.name) == ["orders", "sums"])
    }
  }

  @Test("an archive of pg_dump's is compared as far as it tells", arguments: ["-Fd", "-Fc"])
  func foreign(_ format: String) async throws {
    try await withPair { first, second, _ in
      let scratch = try ScratchFolder()
      let archive = scratch.path.appending("archive")
      try await SampleArchive.dump(first, to: archive, options: [format])
      let same = try await compare(.backup(archive), live(first))
      #expect(same.isEqual, "\(same)")
      #expect(same.notes.count == 2)
      try await Self.execute(
        "DELETE FROM pairs WHERE b = 'x9'; DROP INDEX IF EXISTS i; DROP TABLE log", first)
      let less = try await compare(.backup(archive), live(first))
      #expect(less.definitions.map(\.object.identity) == ["public.log"])
      #expect(less.tables.map(\.table) == ["public.pairs"])
      #expect(less.tables[0].keys?.missing.examples == ["x9, 2"])
    }
  }
}
