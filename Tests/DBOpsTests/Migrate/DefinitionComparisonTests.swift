import Postgres
import TestServer
import Testing

@testable import DBOps

@Suite("Definitions, compared")
struct DefinitionComparisonTests {
  private static let schema = """
    CREATE SCHEMA app; CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN positive AS integer;
    CREATE TABLE app.parent (id integer PRIMARY KEY, a integer DEFAULT 1, b varchar(10));
    CREATE TABLE child (id bigserial PRIMARY KEY, parent_id integer CONSTRAINT up REFERENCES app.parent,
      m mood, CONSTRAINT set CHECK (m IS NOT NULL));
    CREATE INDEX child_m ON child (m);
    CREATE VIEW seen AS SELECT id FROM child; CREATE MATERIALIZED VIEW kept AS SELECT a FROM app.parent;
    CREATE SEQUENCE counter;
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touched BEFORE UPDATE ON child FOR EACH ROW EXECUTE FUNCTION touch();
    ALTER TABLE child ENABLE ROW LEVEL SECURITY; CREATE POLICY everyone ON child USING (true);
    CREATE RULE quiet AS ON DELETE TO app.parent DO INSTEAD NOTHING;
    CREATE STATISTICS pairs ON a, b FROM app.parent; CREATE EXTENSION citext;
    COMMENT ON COLUMN child.m IS 'how it goes'; CREATE OPERATOR CLASS odd FOR TYPE integer USING hash
      AS OPERATOR 1 =;
    """

  /// The differences between the schema and what a change makes of it, as `change KIND name`.
  private func differences(
    after change: String, _ options: DefinitionComparison.Options = .init()
  ) async throws -> [DefinitionDifference] {
    try await TestServer.withConnection { first in
      try await first.execute(DefinitionComparisonTests.schema)
      let expected = try await Definitions.read(first)
      return try await TestServer.withConnection { second in
        try await second.execute(DefinitionComparisonTests.schema)
        try await second.execute(change)
        let actual = try await Definitions.read(second)
        return DefinitionComparison(options).differences(expected: expected, actual: actual)
      }
    }
  }

  private func words(_ differences: [DefinitionDifference]) -> [String] {
    differences.map { "\($0.change.rawValue) \($0.object.kind) \($0.object.identity)" }
  }

  @Test("rows, places of sequences and the order of making do not matter")
  func same() async throws {
    let change = """
      INSERT INTO app.parent VALUES (1); SELECT nextval('counter');
      DROP INDEX child_m; ALTER TABLE child DROP CONSTRAINT up; DROP VIEW seen;
      ALTER TABLE child ADD CONSTRAINT up FOREIGN KEY (parent_id) REFERENCES app.parent;
      CREATE VIEW seen AS SELECT id FROM child; CREATE INDEX child_m ON child (m);
      """
    #expect(words(try await differences(after: change)) == [])
  }

  @Test(
    "every change is named by its object",
    arguments: [
      ("DROP INDEX child_m", ["missing INDEX public.child_m"]),
      ("CREATE INDEX more ON child (id)", ["extra INDEX public.more"]),
      ("ALTER TABLE child ADD COLUMN x integer", ["changed TABLE public.child"]),
      ("ALTER TABLE app.parent ALTER a SET DEFAULT 2", ["changed TABLE app.parent"]),
      ("ALTER TABLE child DROP CONSTRAINT set", ["changed TABLE public.child"]),
      ("ALTER TABLE child DROP CONSTRAINT up", ["missing FK CONSTRAINT public.child up"]),
      (
        "CREATE OR REPLACE VIEW seen AS SELECT id + 0 AS id FROM child",
        ["changed VIEW public.seen"]
      ),
      ("DROP MATERIALIZED VIEW kept", ["missing MATERIALIZED VIEW public.kept"]),
      ("ALTER SEQUENCE counter INCREMENT 5", ["changed SEQUENCE public.counter"]),
      ("ALTER TYPE mood ADD VALUE 'happy'", ["changed TYPE public.mood"]),
      ("ALTER DOMAIN positive ADD CHECK (VALUE > 0)", ["changed DOMAIN public.positive"]),
      ("DROP TRIGGER touched ON child", ["missing TRIGGER public.child touched"]),
      ("ALTER POLICY everyone ON child USING (false)", ["changed POLICY public.child everyone"]),
      ("ALTER TABLE child DISABLE ROW LEVEL SECURITY", ["missing ROW SECURITY public.child"]),
      ("DROP RULE quiet ON app.parent", ["missing RULE app.parent quiet"]),
      ("DROP STATISTICS pairs", ["missing STATISTICS public.pairs"]),
      ("DROP EXTENSION citext", ["missing EXTENSION citext"]),
      ("COMMENT ON COLUMN child.m IS 'x'", ["changed COMMENT public.COLUMN child.m"]),
      (
        "CREATE OPERATOR CLASS more FOR TYPE bigint USING hash AS OPERATOR 1 =",
        [
          "extra OPERATOR CLASS public.more USING hash",
          "extra OPERATOR FAMILY public.more USING hash",
        ]
      ),
      (
        "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        ["changed FUNCTION public.touch()"]
      ),
      ("CREATE TABLE other (id serial PRIMARY KEY, a text UNIQUE)", ["extra TABLE public.other"]),
    ] as [(String, [String])])
  func named(_ change: String, _ expected: [String]) async throws {
    let found = words(try await differences(after: change))
    // A sequence of a new table's column is an object of its own.
    #expect(found.filter { !$0.contains("other_id_seq") } == expected)
  }

  @Test("the lines that differ are shown")
  func lines() async throws {
    let found = try await differences(after: "ALTER TABLE app.parent ALTER b TYPE varchar(20)")
    let lines = try #require(found.first).lines
    #expect(lines.contains { $0.hasPrefix("-     b character varying(10)") })
    #expect(lines.contains { $0.hasPrefix("+     b character varying(20)") })
    #expect(lines.contains("  CREATE TABLE app.parent ("))
  }

  @Test("a password that differs is a difference, and is not shown")
  func secrets() async throws {
    let mapping = { (password: String) in
      """
      CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
      CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS ("user" 'them', password '\(password)');
      """
    }
    let found = try await TestServer.withConnection { first in
      try await first.execute(mapping("sesame"))
      let expected = try await Definitions.read(first)
      return try await TestServer.withConnection { second in
        try await second.execute(mapping("barley"))
        let actual = try await Definitions.read(second)
        return DefinitionComparison().differences(expected: expected, actual: actual)
      }
    }
    #expect(words(found) == ["changed USER MAPPING USER MAPPING public SERVER s"])
    let lines = try #require(found.first).lines
    #expect(lines.contains("-     password '(hidden 2)'"))
    #expect(lines.contains("+     password '(hidden 3)'"))
    #expect(lines.contains("      \"user\" '(hidden 1)'"))
  }

  @Test("owners and rights matter where they are asked for")
  func owners() async throws {
    let change = "GRANT SELECT ON child TO PUBLIC; ALTER TABLE child OWNER TO pg_monitor"
    #expect(words(try await differences(after: change)) == [])
    let both = words(try await differences(after: change, .init(owners: true, privileges: true)))
    #expect(both.contains("owner TABLE public.child"))
    #expect(both.contains("extra ACL public.TABLE child"))
  }

  @Test("what is ignored is ignored with all that belongs to it")
  func ignored() async throws {
    let change = """
      CREATE TABLE tmp_a (id integer PRIMARY KEY, b integer); CREATE INDEX ON tmp_a (b);
      COMMENT ON INDEX tmp_a_b_idx IS 'x'; DROP INDEX child_m;
      """
    let patterns = DefinitionComparison.Options(ignored: ["public.tmp_*"])
    #expect(
      words(try await differences(after: change, patterns)) == ["missing INDEX public.child_m"])
    let kinds = DefinitionComparison.Options(ignored: ["TABLE public.tmp_?", "INDEX *"])
    #expect(words(try await differences(after: change, kinds)) == [])
  }

  @Test(
    "patterns",
    arguments: [
      ("*", "", true), ("a*c", "abbc", true), ("a*c", "abbcd", false), ("?", "x", true),
      ("?", "", false), ("*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false),
    ])
  func patterns(_ pattern: String, _ name: String, _ matches: Bool) {
    #expect(NamePattern(pattern).matches(name) == matches)
  }
}
