internal import Postgres

/// A sequence: one of its own, of a serial column or of an identity column.
struct UserSequence: Sendable {
  /// The column that a sequence goes with.
  struct Owner: Sendable {
    var table: UInt32
    var tableName: QualifiedName
    var tablePersistence: Character
    var column: String
    /// `a` for ALWAYS, `d` for BY DEFAULT, a space where the column is no identity column.
    var identity: Character
  }

  var oid: UInt32
  var name: QualifiedName
  var role: String
  var persistence: Character
  var type: String
  var start: String
  var increment: String
  var minimum: String
  var maximum: String
  var cache: String
  var cycles: Bool
  var owner: Owner?

  /// `deptype` is `a` for a serial column's sequence and `i` for an identity column's.
  static let query = """
    SELECT c.oid, n.nspname, c.relname, pg_get_userbyid(c.relowner) AS role, c.relpersistence,
      format_type(s.seqtypid, NULL) AS type, s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
      s.seqcache, s.seqcycle, t.oid AS "table", tn.nspname AS tableschema, t.relname AS tablename,
      t.relpersistence AS tablepersistence, a.attname,
      CASE WHEN d.deptype = 'i' THEN a.attidentity ELSE '' END AS identity
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_sequence AS s ON s.seqrelid = c.oid
    LEFT JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
      AND d.objsubid = 0 AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
      AND d.refobjsubid > 0
    LEFT JOIN pg_class AS t ON t.oid = d.refobjid
    LEFT JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
    LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE c.relkind = 'S' AND \(CatalogFilter.userRelation("c", "n"))
    """

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("relname"))
    role = try row.text("role")
    persistence = row.code("relpersistence")
    type = try row.text("type")
    start = try row.text("seqstart")
    increment = try row.text("seqincrement")
    minimum = try row.text("seqmin")
    maximum = try row.text("seqmax")
    cache = try row.text("seqcache")
    cycles = row.flag("seqcycle")
    let table = try row.oid("table")
    if table != 0 {
      owner = Owner(
        table: table,
        tableName: QualifiedName(try row.text("tableschema"), try row.text("tablename")),
        tablePersistence: row.code("tablepersistence"), column: try row.text("attname"),
        identity: row.code("identity"))
    }
  }

  /// The sequence itself, and what binds it to its column.
  var dumpObjects: [DumpObject] {
    guard let owner else { return [object(definition: standalone)] }
    guard owner.identity == " " else { return [object(definition: identity(owner))] }
    let binding = DumpObject(
      ObjectKey(.relation, oid, .ownedBy), .sequenceOwner, schema: name.schema, tag: name.name,
      owner: role,
      definition: """
        ALTER SEQUENCE \(name.sql) OWNED BY \(owner.tableName.sql).\(quoteIdentifier(owner.column));

        """,
      requires: [ObjectKey(.relation, oid), ObjectKey(.relation, owner.table)])
    return [object(definition: standalone), binding]
  }

  private func object(definition: String) -> DumpObject {
    DumpObject(
      ObjectKey(.relation, oid), .sequence, schema: name.schema, tag: name.name, owner: role,
      definition: definition, dropStatement: "DROP SEQUENCE \(name.sql);\n")
  }

  /// Every bound is spelled out: what is the default differs between the server's versions.
  private var parameters: String {
    """
        START WITH \(start)
        INCREMENT BY \(increment)
        MINVALUE \(minimum)
        MAXVALUE \(maximum)
        CACHE \(cache)\(cycles ? "\n    CYCLE" : "")
    """
  }

  private var standalone: String {
    """
    CREATE \(persistence == "u" ? "UNLOGGED " : "")SEQUENCE \(name.sql)
        AS \(type)
    \(parameters);

    """
  }

  private func identity(_ owner: Owner) -> String {
    var text = """
      ALTER TABLE \(owner.tableName.sql) ALTER COLUMN \(quoteIdentifier(owner.column)) \
      ADD GENERATED \(owner.identity == "a" ? "ALWAYS" : "BY DEFAULT") AS IDENTITY (
          SEQUENCE NAME \(name.sql)
      \(parameters)
      );

      """
    if persistence != owner.tablePersistence {
      text += "ALTER SEQUENCE \(name.sql) SET \(persistence == "u" ? "UNLOGGED" : "LOGGED");\n"
    }
    return text
  }

  /// The entry that sets its place; `value` comes from the sequence itself.
  func valueObject(_ value: SequenceValue) -> DumpObject {
    value.dumpObject(oid: oid, name: name, owner: role, after: ObjectKey(.relation, oid))
  }
}

/// Where a sequence stands.
struct SequenceValue: Hashable, Sendable {
  var lastValue: Int64
  var isCalled: Bool

  /// The entry that sets a sequence's place.
  func dumpObject(
    oid: UInt32, name: QualifiedName, owner: String, after parent: ObjectKey
  ) -> DumpObject {
    DumpObject(
      ObjectKey(.relation, oid, .data), .sequenceValue, schema: name.schema, tag: name.name,
      owner: owner,
      definition: """
        SELECT pg_catalog.setval(\(quoteLiteral(name.sql)), \(lastValue), \(isCalled));

        """,
      requires: [parent])
  }
}
