import Testing

@testable import DBOps

@Suite("Statements, read")
struct StatementParserTests {
  private func body(_ sql: String) -> StatementBody { StatementParser.parse(sql).body }

  private func actions(_ sql: String) throws -> [TableAction] {
    guard case .alterTable(let alteration) = body(sql) else {
      Issue.record("\(sql) is not read as a change of a table")
      return []
    }
    return alteration.actions
  }

  @Test("names mean what they mean to the server")
  func names() {
    guard case .createTable(let table) = body("create table \"A\"\"b\" . C (d int)") else {
      Issue.record("not a table")
      return
    }
    #expect(table.name == ObjectName("A\"b", "c"))
    #expect(table.columns.map(\.name) == ["d"])
  }

  @Test("quotes, dollars and comments hide what stands in them")
  func hidden() {
    let text = """
      ALTER TABLE t -- DROP COLUMN x, DROP COLUMN y
        /* , /* DROP */ COLUMN z */ ADD COLUMN a text DEFAULT ', DROP COLUMN b',
        ADD b text DEFAULT E'it\\'s, x', ADD c text DEFAULT $q$, DROP COLUMN $$ d$q$
      """
    guard case .alterTable(let alteration) = body(text) else {
      Issue.record("not a change of a table")
      return
    }
    #expect(alteration.actions.count == 3)
    #expect(
      body("DO $$ BEGIN DROP TABLE t; END $$")
        == .opaque(reason: "what a DO block runs is not known before it runs"))
  }

  @Test("what is not whole or not known is said to be unknown")
  func unknown() {
    for sql in [
      "ALTER TABLE t ADD COLUMN a text DEFAULT 'x", "/* open", "FROBNICATE t",
      "ALTER SPROCKET x", "SELECT 1; DROP TABLE t", "CALL p()", "EXECUTE q",
    ] {
      guard case .opaque = body(sql) else {
        Issue.record("\(sql) is read as \(body(sql))")
        continue
      }
    }
    #expect(StatementAnalyzer.effects("ALTER TABLE t FROB COLUMN x").unknown != nil)
  }

  @Test("every part of a column's definition is found")
  func columns() throws {
    let sql = """
      ALTER TABLE t ADD COLUMN IF NOT EXISTS a timestamp(3) with time zone NOT NULL DEFAULT now()
        CONSTRAINT a_key UNIQUE CHECK (a > '2020-01-01') REFERENCES o (id) ON DELETE SET NULL
      """
    guard case .addColumn(let column, let ifNotExists) = try actions(sql).first else {
      Issue.record("no column")
      return
    }
    #expect(ifNotExists)
    #expect(column.type.description == "timestamp(3) with time zone")
    #expect(column.isNotNull)
    #expect(column.defaultText == "now()")
    #expect(
      column.constraints.map(\.kind) == [
        .unique, .check("a > '2020-01-01'"), .foreignKey(references: ObjectName(nil, "o")),
      ])
    #expect(column.constraints.first?.name == "a_key")
  }

  @Test(
    "types are what the catalogs call them",
    arguments: [
      ("varchar(20)", "character varying(20)"), ("CHARACTER VARYING", "character varying"),
      ("int", "integer"), ("int8[]", "bigint[]"), ("numeric(10)", "numeric(10,0)"),
      ("decimal(10, 2)", "numeric(10,2)"), ("timestamptz", "timestamp with time zone"),
      ("timestamp (3)", "timestamp(3) without time zone"), ("double precision", "double precision"),
      ("float(20)", "real"), ("char", "character(1)"), ("pg_catalog.bpchar", "character"),
      ("public.\"Mood\"", "public.Mood"), ("text ARRAY[3]", "text[]"),
      ("bit varying(3)", "bit varying(3)"),
      ("time with time zone", "time with time zone"),
    ])
  func types(_ text: String, _ canonical: String) throws {
    var reader = SQLReader(SQLTokens.tokens(of: text))
    let type = try #require(ColumnReader.type(&reader))
    #expect(type.description == canonical)
    #expect(reader.isAtEnd)
  }

  @Test("what a statement makes is known to the next")
  func memory() {
    var analyzer = StatementAnalyzer()
    #expect(analyzer.analyze("CREATE TABLE t (id integer PRIMARY KEY, a varchar(5))").locks == [])
    #expect(analyzer.analyze("CREATE INDEX t_a ON t (a)").work == [])
    #expect(analyzer.analyze("ALTER TABLE t RENAME TO u").locks == [])
    #expect(analyzer.analyze("ALTER TABLE u ALTER a TYPE varchar(3)").losses == [])
    #expect(analyzer.analyze("DROP TABLE u").losses == [])
    #expect(analyzer.analyze("DROP TABLE v").losses.map(\.kind) == [.table])
  }

  @Test("SET NOT NULL reads nothing behind a validated check")
  func notNull() {
    var analyzer = StatementAnalyzer()
    #expect(analyzer.analyze("ALTER TABLE t ALTER a SET NOT NULL").work.map(\.kind) == [.scan])
    _ = analyzer.analyze("ALTER TABLE u ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID")
    #expect(analyzer.analyze("ALTER TABLE u ALTER a SET NOT NULL").work.map(\.kind) == [.scan])
    _ = analyzer.analyze("ALTER TABLE v ADD CONSTRAINT c CHECK (a IS NOT NULL) NOT VALID")
    #expect(analyzer.analyze("ALTER TABLE v VALIDATE CONSTRAINT c").work.map(\.kind) == [.scan])
    #expect(analyzer.analyze("ALTER TABLE v ALTER a SET NOT NULL").work == [])
    #expect(NotNullChecks.columns(in: "a IS NOT NULL OR b IS NOT NULL") == [])
    #expect(NotNullChecks.columns(in: "((a IS NOT NULL) AND (b IS NOT NULL))") == ["a", "b"])
  }

  @Test("lock modes conflict as the documentation's table says")
  func conflicts() {
    let rows: [LockMode: [LockMode]] = [
      .accessShare: [.accessExclusive],
      .rowShare: [.exclusive, .accessExclusive],
      .rowExclusive: [.share, .shareRowExclusive, .exclusive, .accessExclusive],
      .shareUpdateExclusive: [
        .shareUpdateExclusive, .share, .shareRowExclusive, .exclusive, .accessExclusive,
      ],
      .share: [
        .rowExclusive, .shareUpdateExclusive, .shareRowExclusive, .exclusive, .accessExclusive,
      ],
      .shareRowExclusive: [
        .rowExclusive, .shareUpdateExclusive, .share, .shareRowExclusive, .exclusive,
        .accessExclusive,
      ],
      .exclusive: [
        .rowShare, .rowExclusive, .shareUpdateExclusive, .share, .shareRowExclusive, .exclusive,
        .accessExclusive,
      ],
      .accessExclusive: LockMode.allCases,
    ]
    for mode in LockMode.allCases {
      #expect(LockMode.allCases.filter(mode.conflicts) == rows[mode])
    }
  }

  @Test("no text makes the reader crash or hang")
  func fuzz() {
    var generator = SystemRandomNumberGenerator()
    let seeds = LockProof.lockCases + LockProof.rewriteCases
    for _ in 0..<20_000 {
      guard let seed = seeds.randomElement(using: &generator) else { return }
      var bytes = Array(seed.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 2:
          bytes.insert(Array("()'\"$;,.-/*".utf8).randomElement(using: &generator) ?? 0, at: place)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      _ = StatementAnalyzer.effects(String(decoding: bytes, as: UTF8.self))
    }
  }
}

extension StatementAnalyzer {
  fileprivate static func effects(_ sql: String) -> StatementEffects {
    var analyzer = StatementAnalyzer()
    return analyzer.analyze(sql)
  }
}
