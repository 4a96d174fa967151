import DBOps
import Postgres
import TestServer
import Testing

@Suite("Statement lint")
struct StatementLintTests {
  private func findings(
    _ sql: String, inTransaction: Bool = true, _ facts: SchemaFacts = SchemaFacts(),
    _ options: LintOptions = LintOptions()
  ) -> [LintFinding] {
    let file = SQLFile(sql, named: "m.sql", isInTransaction: inTransaction)
    return StatementLint(facts, options: options).findings(in: [file.revision])
      + file.findings(options)
  }

  private func rules(_ sql: String, inTransaction: Bool = true) -> [String] {
    findings(sql, inTransaction: inTransaction).map(\.rule.name)
  }

  /// Each rule that speaks by default, with statements that it is about.
  @Test(
    "what hurts is found",
    arguments: [
      ("CREATE INDEX i ON t (a)", ["require-concurrent-index-creation"]),
      ("CREATE UNIQUE INDEX i ON t (lower(a))", ["require-concurrent-index-creation"]),
      ("CREATE INDEX CONCURRENTLY i ON t (a)", ["ban-concurrent-index-creation-in-transaction"]),
      ("DROP INDEX i", ["require-concurrent-index-deletion"]),
      ("DROP INDEX CONCURRENTLY i", ["must-run-outside-transaction"]),
      ("REINDEX TABLE t", ["require-concurrent-reindex"]),
      ("VACUUM FULL t", ["must-run-outside-transaction", "prefer-repack"]),
      ("CLUSTER t USING i", ["prefer-repack"]),
      ("REFRESH MATERIALIZED VIEW v", ["require-concurrent-refresh"]),
      ("ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()", ["adding-field-with-default"]),
      ("ALTER TABLE t ADD COLUMN a serial", ["adding-field-with-default"]),
      ("ALTER TABLE t ADD COLUMN a text NOT NULL", ["adding-required-field"]),
      (
        "ALTER TABLE t ADD COLUMN a integer REFERENCES o (id)", ["adding-foreign-key-constraint"]
      ),
      (
        "ALTER TABLE t ADD COLUMN a serial PRIMARY KEY",
        ["adding-field-with-default", "adding-serial-primary-key-field"]
      ),
      ("ALTER TABLE t ADD PRIMARY KEY (a)", ["adding-serial-primary-key-field"]),
      ("ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", ["disallowed-unique-constraint"]),
      (
        "ALTER TABLE t ADD EXCLUDE USING gist (a WITH &&)", ["adding-exclusion-constraint"]
      ),
      ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", ["constraint-missing-not-valid"]),
      (
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES o (id)", ["adding-foreign-key-constraint"]
      ),
      ("ALTER TABLE t ALTER COLUMN a SET NOT NULL", ["adding-not-nullable-field"]),
      ("ALTER TABLE t ALTER COLUMN a DROP NOT NULL", ["ban-drop-not-null"]),
      ("ALTER TABLE t ALTER COLUMN a TYPE bigint", ["changing-column-type"]),
      ("ALTER TABLE t ALTER COLUMN a TYPE char(3)", ["ban-char-field", "changing-column-type"]),
      ("ALTER TABLE t DROP COLUMN a", ["ban-drop-column"]),
      ("ALTER TABLE t RENAME COLUMN a TO b", ["renaming-column"]),
      ("ALTER TABLE t RENAME TO u", ["renaming-table"]),
      ("ALTER TABLE t SET SCHEMA s", ["ban-set-schema"]),
      ("ALTER TABLE t SET UNLOGGED", ["rewriting-table"]),
      ("ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1)", ["scanning-attached-partition"]),
      ("DROP TABLE t", ["ban-drop-table"]),
      ("DROP DATABASE d", ["must-run-outside-transaction", "ban-drop-database"]),
      ("DROP SCHEMA s CASCADE", ["ban-drop-schema"]),
      ("TRUNCATE t", ["truncating-table"]),
      ("TRUNCATE t CASCADE", ["ban-truncate-cascade"]),
      ("UPDATE t SET a = 1", ["unbounded-change"]),
      ("DELETE FROM t", ["unbounded-change"]),
      (
        "ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0)",
        ["ban-alter-domain-with-add-constraint"]
      ),
      ("CREATE TABLE t (a char(3))", ["ban-char-field"]),
      ("DO $$ BEGIN END $$", ["unanalyzed-statement"]),
      ("SELECT 'open", ["syntax-error"]),
      (
        "CREATE TABLE \(String(repeating: "x", count: 64)) (a integer)", ["identifier-too-long"]
      ),
      (
        "ALTER TYPE m ADD VALUE 'new'; UPDATE t SET m = 'new' WHERE id = 1",
        ["enum-value-in-same-transaction"]
      ),
      (
        "ALTER TABLE t ADD COLUMN a integer; UPDATE u SET a = 1",
        ["unbounded-change", "long-work-under-lock"]
      ),
      (
        "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c",
        ["constraint-missing-not-valid", "long-work-under-lock"]
      ),
    ] as [(String, [String])])
  func hurts(_ sql: String, _ expected: [String]) {
    #expect(rules(sql) == expected)
  }

  @Test(
    "what hurts nobody is not found",
    arguments: [
      "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a text NOT NULL)",
      "CREATE TABLE t (a integer); CREATE INDEX i ON t (a); ALTER TABLE t ADD CHECK (a > 0)",
      "CREATE TABLE t (a integer); ALTER TABLE t ALTER a TYPE bigint; DROP TABLE t",
      "ALTER TABLE t ADD COLUMN a integer", "ALTER TABLE t ADD COLUMN a integer NOT NULL DEFAULT 3",
      "ALTER TABLE t ADD COLUMN a timestamptz NOT NULL DEFAULT now()",
      "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
      "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES o (id) NOT VALID",
      "ALTER TABLE t VALIDATE CONSTRAINT k",
      "ALTER TABLE t ADD CONSTRAINT u UNIQUE USING INDEX i",
      "ALTER TABLE t ALTER COLUMN a SET DEFAULT 3", "UPDATE t SET a = 1 WHERE id < 100",
      "SELECT 1", "INSERT INTO t VALUES (1)", "COMMENT ON TABLE t IS 'x'",
      "CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
      "ALTER TYPE m ADD VALUE 'new'", "CREATE EXTENSION citext", "GRANT SELECT ON t TO PUBLIC",
    ])
  func harmless(_ sql: String) {
    #expect(rules(sql) == [])
  }

  @Test("outside of a transaction CONCURRENTLY is right")
  func outside() {
    #expect(rules("CREATE INDEX CONCURRENTLY i ON t (a);", inTransaction: false) == [])
    #expect(
      rules("BEGIN; CREATE INDEX CONCURRENTLY i ON t (a); COMMIT;", inTransaction: false)
        == ["ban-concurrent-index-creation-in-transaction"])
    #expect(rules("BEGIN; SELECT 1;", inTransaction: false) == ["ban-uncommitted-transaction"])
  }

  @Test("comments silence rules where they stand and nowhere else")
  func comments() {
    let text = """
      -- omcops-lint: ignore ban-drop-table
      DROP TABLE a;
      DROP TABLE b; -- squawk-ignore ban-drop-table
      DROP TABLE c;
      -- omcops-lint: ignore
      -- for reasons
      DROP TABLE d;
      -- omcops-lint: ignore renaming-table
      DROP TABLE
        e;
      """
    #expect(findings(text).map(\.origin.line) == [4, 9])
    #expect(findings("-- omcops-lint: ignore-file ban-drop-table\n\n\n" + text) == [])
    let python = LintComments(
      python: "def upgrade():\n  # omcops-lint: ignore ban-drop-table, x\n  op.drop_table('t')\n")
    #expect(python.rules(for: 3...3) == ["ban-drop-table", "x"])
    #expect(python.rules(for: 1...1) == [])
  }

  @Test("options choose how loud a rule is")
  func options() {
    let loud = LintOptions(levels: ["ban-drop-table": .error, "require-table-schema": .notice])
    #expect(
      findings("DROP TABLE t; ALTER TABLE t ADD a int", SchemaFacts(), loud).map(\.level)
        == [.error, .notice])
    let quiet = LintOptions(levels: ["ban-drop-table": .off])
    #expect(findings("DROP TABLE t", SchemaFacts(), quiet) == [])
  }

  @Test("the alternatives that are SQL are themselves without a finding")
  func alternatives() {
    for sql in [
      "CREATE INDEX i ON t (a, b)", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)",
      "ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES o",
      "ALTER TABLE t ADD CONSTRAINT u UNIQUE (a)", "ALTER TABLE t ALTER a SET NOT NULL",
      "DROP INDEX i", "REINDEX INDEX i", "REFRESH MATERIALIZED VIEW v",
      "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()",
    ] {
      let all: [String] = findings(sql).flatMap { $0.alternative }
      let lines = all.filter { $0.contains(";") && !$0.contains("op.") && !$0.contains("...") }
      #expect(!lines.isEmpty, "\(sql)")
      #expect(rules(lines.joined(separator: "\n"), inTransaction: false) == [], "\(lines)")
    }
  }

  @Test("the sizes of a database decide")
  func sizes() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute(
        """
        CREATE TABLE empty (a integer, b varchar(5));
        CREATE TABLE small (a integer, b varchar(5)); INSERT INTO small SELECT 1, 'x';
        CREATE TABLE large (a integer, b varchar(5), c integer CHECK (c IS NOT NULL));
        INSERT INTO large SELECT i, 'x', i FROM generate_series(1, 2000) i; ANALYZE large;
        """)
      let text = """
        CREATE INDEX ON empty (a); CREATE INDEX ON small (a); CREATE INDEX ON large (a);
        ALTER TABLE large ALTER b TYPE varchar(10); ALTER TABLE large ALTER a TYPE bigint;
        ALTER TABLE large ALTER c SET NOT NULL; DROP TABLE IF EXISTS nothing;
        """
      let facts = try await SchemaFacts.read(connection, for: [text])
      let found = findings(text, facts, LintOptions(smallTable: 16384))
      #expect(
        found.map(\.rule.name) == [
          "require-concurrent-index-creation", "require-concurrent-index-creation",
          "long-work-under-lock", "changing-column-type", "long-work-under-lock",
        ])
      #expect(found.map(\.level) == [.warning, .error, .warning, .error, .warning])
      let change = found.first { $0.rule.name == "changing-column-type" }
      #expect(change?.message.contains("about 2,000 rows") == true)
      #expect(change?.message.contains("from integer to bigint") == true)
    }
  }
}
