import Testing

@testable import Alembic

/// Takes statements and keeps them.
final class StatementRecorder: StatementSink {
  var statements: [String] = []
  func execute(_ sql: String) throws { statements.append(sql) }
}

/// What SQLAlchemy 2.0.58 and Alembic 1.20.1 write, against what the model writes.
@Suite("schema statements")
struct DDLTests {
  private func run(
    _ convention: ConstraintNaming = .standard, _ body: (SchemaOperations) throws -> Void
  ) throws -> [String] {
    let recorder = StatementRecorder()
    try body(SchemaOperations(sink: recorder, namingConvention: convention))
    return recorder.statements
  }

  private func column(
    _ name: SQLName, _ type: SQLType, key: Bool = false, _ change: (Column) -> Void = { _ in }
  ) -> Column {
    let column = Column(name, type)
    column.isPrimaryKey = key
    change(column)
    return column
  }

  @Test("types")
  func types() throws {
    let cases: [(SQLType, String)] = [
      (.string(.init(length: 5, collation: "de_DE")), "VARCHAR(5) COLLATE \"de_DE\""),
      (.numeric(.init(precision: 10, scale: 2)), "NUMERIC(10, 2)"),
      (.numeric(.init(scale: 3)), "NUMERIC"),
      (.float(.init(precision: 24)), "FLOAT(24)"),
      (.timestamp(.init(timezone: true, precision: 6)), "TIMESTAMP(6) WITH TIME ZONE"),
      (.time(timezone: false, precision: nil), "TIME WITHOUT TIME ZONE"),
      (.interval(fields: "day to second", precision: 2), "INTERVAL day to second (2)"),
      (.bit(length: nil, varying: false), "BIT(1)"),
      (.bit(length: 3, varying: true), "BIT VARYING(3)"),
      (.uuid(.init(isNative: false)), "CHAR(32)"),
      (
        .array(.init(.string(.init(length: 3, collation: "C")), dimensions: 3)),
        "VARCHAR(3)[][][] COLLATE \"C\""
      ),
    ]
    for (type, expected) in cases { #expect(try TypeCompiler.text(type) == expected) }
  }

  @Test(
    "names are quoted by SQLAlchemy's rules",
    arguments: [
      ("user", "\"user\""), ("User", "\"User\""), ("a$", "a$"), ("$x", "\"$x\""),
      ("1a", "\"1a\""), ("é", "\"é\""), ("q\"q", "\"q\"\"q\""), ("value", "value"),
      ("off", "\"off\""),
    ])
  func quoting(_ name: String, _ expected: String) {
    #expect(IdentifierPreparer.quote(name) == expected)
  }

  @Test("final names that are too long are cut, given ones refused")
  func longNames() throws {
    let long = String(repeating: "i", count: 70)
    #expect(
      try IdentifierPreparer.bounded(.final(long)) == String(repeating: "i", count: 55) + "_fa70")
    #expect(throws: SchemaError.self) { try IdentifierPreparer.bounded(SQLName(long)) }
  }

  @Test("create_table: types first, then the table, then indexes and comments")
  func createTable() throws {
    let statements = try run { operations in
      let table = operations.makeTable("t", schema: "S")
      table.comment = "tt"
      try table.append(column("id", .integer(.regular), key: true))
      try table.append(
        column("a", .integer(.big)) {
          $0.isUnique = true
          $0.isIndexed = true
          $0.comment = "it's"
          $0.foreignKeys = [ForeignKey(.init(parsing: "u.id"))]
        })
      try table.append(column("e", .enumeration(EnumType(["x", "y"], name: "ee"))))
      try operations.create(table)
    }
    #expect(
      statements == [
        "CREATE TYPE ee AS ENUM ('x', 'y')",
        "CREATE TABLE \"S\".t (\n\tid SERIAL NOT NULL, \n\ta BIGINT, \n\te ee, \n\t"
          + "PRIMARY KEY (id), \n\tFOREIGN KEY(a) REFERENCES u (id)\n)",
        "CREATE UNIQUE INDEX \"ix_S_t_a\" ON \"S\".t (a)",
        "COMMENT ON TABLE \"S\".t IS 'tt'",
        "COMMENT ON COLUMN \"S\".t.a IS 'it''s'",
      ])
  }

  @Test("a type that came with a table does not come again in the same run")
  func enumerationOnce() throws {
    let statements = try run { operations in
      for name in ["a", "b"] as [SQLName] {
        let table = operations.makeTable(name)
        try table.append(column("e", .enumeration(EnumType(["x"], name: "ee"))))
        try operations.create(table)
      }
    }
    #expect(statements.filter { $0.hasPrefix("CREATE TYPE") }.count == 1)
  }

  @Test("alter_column: type, NULL, default, comment, name")
  func alterColumn() throws {
    let statements = try run { operations in
      var change = AlterColumn()
      change.type = .integer(.big)
      change.using = "a::bigint"
      change.isNullable = false
      change.serverDefault = .set(.literal("5"))
      change.newName = "B"
      change.comment = "x"
      try operations.alter("a", ofTable: "t", change)
    }
    #expect(
      statements == [
        "ALTER TABLE t ALTER COLUMN a TYPE BIGINT USING a::bigint",
        "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        "ALTER TABLE t ALTER COLUMN a SET DEFAULT '5'",
        "COMMENT ON COLUMN t.a IS 'x'",
        "ALTER TABLE t RENAME a TO \"B\"",
      ])
  }

  @Test("add_column: what it refers to and its index in statements of their own")
  func addColumn() throws {
    let statements = try run { operations in
      var actions = ForeignKeyActions()
      actions.onDelete = "CASCADE"
      let added = column("a", .integer(.regular)) {
        $0.foreignKeys = [ForeignKey(.init(parsing: "u.id"), actions: actions)]
        $0.isIndexed = true
        $0.nullability = false
        $0.serverDefault = .literal("3")
      }
      try operations.add(added, toTable: "t")
    }
    #expect(
      statements == [
        "ALTER TABLE t ADD COLUMN a INTEGER DEFAULT '3' NOT NULL",
        "ALTER TABLE t ADD FOREIGN KEY(a) REFERENCES u (id) ON DELETE CASCADE",
        "CREATE INDEX ix_t_a ON t (a)",
      ])
  }

  @Test("a naming convention names what has no name, and what its pattern wraps")
  func namingConvention() throws {
    let convention = ConstraintNaming([
      .unique: "uq_%(table_name)s_%(column_0_N_name)s",
      .check: "ck_%(table_name)s_%(constraint_name)s",
      .foreignKey: "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
      .primaryKey: "pk_%(table_name)s",
    ])
    let statements = try run(convention) { operations in
      let table = operations.makeTable("t")
      try table.append(column("id", .integer(.regular), key: true))
      try table.append(
        column("a", .integer(.regular)) {
          $0.foreignKeys = [ForeignKey(.init(parsing: "u.id"))]
        })
      let condition = SQLExpression(.text(TextClause("a>1")))
      try table.append(CheckConstraint(condition, name: "pos"))
      try table.append(CheckConstraint(condition, name: .final("done")))
      try table.append(UniqueConstraint([.name("id"), .name("a")]))
      try operations.create(table)
    }
    #expect(
      statements == [
        "CREATE TABLE t (\n\tid SERIAL NOT NULL, \n\ta INTEGER, \n\tCONSTRAINT pk_t PRIMARY KEY (id), "
          + "\n\tCONSTRAINT fk_t_a_u FOREIGN KEY(a) REFERENCES u (id), \n\t"
          + "CONSTRAINT ck_t_pos CHECK (a>1), \n\tCONSTRAINT done CHECK (a>1), \n\t"
          + "CONSTRAINT uq_t_id_a UNIQUE (id, a)\n)"
      ])
  }
}
