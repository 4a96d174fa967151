import Postgres
import Testing

@Suite struct SQLScriptTests {
  private func cut(_ text: String) -> [String] { SQLScript(text).statements.map(\.sql) }

  @Test(arguments: [
    ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
    (";; ;", []),
    ("SELECT ';'; SELECT \"a;b\";", ["SELECT ';'", "SELECT \"a;b\""]),
    ("SELECT E'\\';'; SELECT 'it''s;';", ["SELECT E'\\';'", "SELECT 'it''s;'"]),
    ("-- one; two\nSELECT 1 -- ; end\n;", ["SELECT 1 -- ; end"]),
    ("/* a; /* b; */ c; */ SELECT 1;", ["SELECT 1"]),
    ("DO $$ BEGIN; END $$; DO $x$ $$;$$ $x$;", ["DO $$ BEGIN; END $$", "DO $x$ $$;$$ $x$"]),
    ("SELECT a$1, $1;", ["SELECT a$1, $1"]),
    (
      "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);",
      ["CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)"]
    ),
    (
      "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3;",
      [
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
        "SELECT 3",
      ]
    ),
    ("BEGIN; SELECT 1; END;", ["BEGIN", "SELECT 1", "END"]),
    ("SELECT '日本;';", ["SELECT '日本;'"]),
  ])
  func semicolonsEndStatements(_ text: String, _ statements: [String]) {
    #expect(cut(text) == statements)
    #expect(SQLScript(text).rest == nil)
  }

  @Test func whatIsNotEndedIsKeptApart() {
    let script = SQLScript("SELECT 1;\n\nSELECT\n2")
    #expect(script.rest?.sql == "SELECT\n2")
    #expect(script.rest?.line == 3)
    #expect(!script.isOpen)
    #expect(SQLScript("SELECT 'a;").isOpen)
    #expect(SQLScript("SELECT $$a;").isOpen)
    #expect(SQLScript("/* a;").isOpen)
    #expect(SQLScript("SELECT 1; -- done").rest == nil)
  }

  @Test func namesBecomeParametersOutsideQuotes() {
    let script = SQLScript(
      "SELECT :a, ':a', :b::int, x[1:2], :a, :c, \":a\" -- :a\n;", parameters: ["a", "b"])
    #expect(
      script.statements.map(\.sql) == ["SELECT $1, ':a', $2::int, x[1:2], $1, :c, \":a\" -- :a"])
    #expect(script.statements.first?.names == ["a", "b"])
    let numbered = SQLScript("SELECT $2, '$1', $1, $3, $a$ $1 $a$", parameters: ["1", "2"])
    #expect(numbered.rest?.sql == "SELECT $1, '$1', $2, $3, $a$ $1 $a$")
    #expect(numbered.rest?.names == ["2", "1"])
  }

  @Test(
    "a backslash outside quotes and comments begins a command where they are looked for",
    arguments: [
      ("SELECT 1 \\gx\nmore", [], "SELECT 1 ", "\\gx\nmore"),
      ("SELECT 1; \\q", ["SELECT 1"], " ", "\\q"),
      ("\\d t", [], "", "\\d t"),
      (
        "SELECT '\\d', $$\\d$$, E'\\\\' -- \\d\n;", ["SELECT '\\d', $$\\d$$, E'\\\\' -- \\d"], "",
        nil
      ),
      ("SELECT 'a \\d", [], "SELECT 'a \\d", nil),
    ] as [(String, [String], String, String?)])
  func commands(
    _ text: String, _ statements: [String], _ remainder: String, _ command: String?
  ) {
    let script = SQLScript(text, hasCommands: true)
    #expect(script.statements.map(\.sql) == statements)
    #expect(script.remainder == remainder)
    #expect(script.command == command)
    #expect(SQLScript(text).command == nil)
  }

  @Test func theRemainderKeepsBlanksThatMayStandInAQuote() {
    #expect(SQLScript("SELECT 1;\nSELECT 'a  \n").remainder == "\nSELECT 'a  \n")
  }
}
