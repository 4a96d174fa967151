import SystemPackage
import Testing

@testable import DBOps

@Suite("Scripts of SQL, cut as psql cuts them")
struct ScriptReaderTests {
  /// The statements of a script, its rows in brackets.
  private func pieces(_ text: String) throws -> [String] {
    let scratch = try ScratchFolder()
    var reader = try ScriptReader(try scratch.write(Array(text.utf8), to: "x.sql"))
    var found: [String] = []
    while let piece = try reader.next() {
      switch piece {
      case .comment(let text): found.append("-- \(text)")
      case .command(let command):
        found.append("\\\(command.name) \(command.words.joined(separator: "|"))")
      case .statement(let statement):
        found.append("\(statement.line): \(statement.text ?? "?")")
        guard case .rows = ScriptPurpose(statement) else { continue }
        try reader.endLine()
        var rows: [UInt8] = []
        while try reader.nextRows({ rows += $0 }) {}
        found.append("[\(String(decoding: rows, as: UTF8.self))]")
      }
    }
    return found
  }

  @Test("semicolons in quotes, comments, brackets and bodies end nothing")
  func ends() throws {
    let text = """
      SELECT ';', ";", $$;$$, $a$;$$;$a$ /* ; /* ; */ */ -- ;
      ; CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2);
      CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC
        SELECT CASE WHEN true THEN 1 END; END;
      SELECT E'it\\';s', 'a''b;', $1;
      """
    let found = try pieces(text)
    #expect(found.count == 4)
    #expect(found.map { $0.prefix(2) } == ["1:", "2:", "3:", "5:"])
  }

  @Test("a backslash in plain quotes counts only where the session says so")
  func quoting() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write(Array("SELECT 'a\\'; SELECT b;';".utf8), to: "x.sql")
    var reader = try ScriptReader(file)
    reader.hasPlainBackslashes = false
    guard case .statement(let statement)? = try reader.next() else {
      Issue.record("no statement")
      return
    }
    #expect(statement.text == "SELECT 'a\\'; SELECT b;'")
  }

  @Test("rows end at their mark and nowhere else")
  func rows() throws {
    let text = "COPY t (a) FROM stdin;\n1\\.\n\\.x\n;'\n\\.\nSELECT 1;\nCOPY t FROM stdin;\n\\.\n"
    #expect(
      try pieces(text) == [
        "1: COPY t (a) FROM stdin", "[1\\.\n\\.x\n;'\n]", "6: SELECT 1", "7: COPY t FROM stdin",
        "[]",
      ])
    #expect(throws: ScriptError.self) { try pieces("COPY t FROM stdin;\n1\n2\n") }
    #expect(throws: ScriptError.self) { try pieces("COPY t FROM stdin;\n1\n2") }
  }

  @Test("rows that are longer than what is read at once keep their bytes")
  func longRows() throws {
    let rows = (0..<40_000).map { "\($0)\tsome text \\\\ and more\n" }.joined()
    let long = String(repeating: "x", count: 700_000) + "\n"
    let found = try pieces("COPY t FROM stdin;\n\(rows)\(long)\\.\nSELECT 1")
    #expect(found == ["1: COPY t FROM stdin", "[\(rows)\(long)]", "40004: SELECT 1"])
  }

  @Test("comments, commands and variables")
  func commands() throws {
    let text =
      "-- hello\n\\set n 'a b'\n\\restrict xyz\nSELECT 1;\n\\connect -reuse-previous=on "
      + "\"dbname='it''s'\"\n"
    #expect(
      try pieces(text) == [
        "-- hello", "\\set n|a b", "\\restrict xyz", "4: SELECT 1",
        "\\connect -reuse-previous=on|dbname='it''s'",
      ])
    #expect(ScriptCommand(name: "c", arguments: " shop", line: 1).connectedDatabase == "shop")
    let odd = ScriptCommand(
      name: "connect", arguments: " -reuse-previous=on \"dbname='a b\\'c'\"", line: 1)
    #expect(odd.connectedDatabase == "a b'c")
    #expect(ScriptCommand(name: "c", arguments: " shop joe", line: 1).connectedDatabase == nil)
  }

  @Test("what concerns more than the database is told from what does not")
  func purposes() {
    let purposes: [(String, ScriptPurpose)] = [
      ("CREATE ROLE a", .cluster("CREATE ROLE")), ("DROP USER a", .cluster("DROP USER")),
      ("CREATE USER MAPPING FOR a SERVER s", .roles(.userMapping)),
      ("GRANT a TO b", .cluster("GRANT of a role")), ("GRANT SELECT ON t TO b", .roles(.rights)),
      ("ALTER ROLE a IN DATABASE d SET x = 1", .databaseSetting(database: "d")),
      ("ALTER ROLE a SET x = 1", .cluster("ALTER ROLE")),
      ("ALTER DATABASE \"D d\" SET x = 1", .databaseSetting(database: "D d")),
      ("COMMENT ON DATABASE d IS 'x'", .databaseSetting(database: "d")),
      ("COMMENT ON TABLE d IS 'x'", .contents),
      ("DROP DATABASE IF EXISTS d", .removal(database: "d")),
      ("ALTER TABLE t OWNER TO a", .roles(.owner)), ("ALTER TABLE t ADD a int", .contents),
      ("COPY t (a, b) FROM stdin", .rows(isPlain: true)),
      ("COPY t FROM STDIN WITH (FORMAT csv)", .rows(isPlain: false)),
      ("COPY (SELECT 1 FROM x) TO stdout", .contents), ("COPY t FROM '/x'", .contents),
      ("SET x = 'y'", .setting(name: "x", value: "y")),
      ("SET SESSION AUTHORIZATION 'a'", .roles(.authorization)),
      ("ALTER SYSTEM SET x = 1", .cluster("ALTER SYSTEM")),
    ]
    for (sql, purpose) in purposes {
      #expect(ScriptPurpose(ScriptStatement(bytes: Array(sql.utf8), line: 1)) == purpose, "\(sql)")
    }
  }
}
