internal import Postgres

/// A column of a relation, as its `CREATE` and the statements after it need it.
struct TableColumn: Sendable {
  var relation: UInt32
  var number: Int
  var name: String
  var type: String
  var isNotNull: Bool
  /// `s` stored, `v` virtual, a space where it is not generated.
  var generated: Character
  var isLocal: Bool
  /// The collation's quoted name, where it is not the type's own.
  var collation: String?
  /// `p`, `e`, `m` or `x`, where it is not the type's own.
  var storage: Character?
  /// `p` or `l`, where one is set.
  var compression: Character?
  /// The statistics target, where one is set.
  var statistics: Int?
  var options: String?
  /// The options of a foreign table's column.
  var foreignOptions: String?
  var defaultOID: UInt32
  var defaultExpression: String?

  static func query(_ version: Int) -> String {
    let compression = version >= 140000 ? "a.attcompression" : "''"
    return """
      SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
        a.attnotnull, a.attgenerated, a.attislocal, a.attidentity,
        CASE WHEN a.attcollation <> t.typcollation THEN \(UserType.collation("a.attcollation")) END
          AS collation,
        CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage,
        \(compression) AS compression, a.attstattarget,
        \(Relation.options("a.attoptions")) AS options,
        \(ForeignOptions.list("a.attfdwoptions")) AS foreignoptions,
        d.oid AS defaultoid, pg_get_expr(d.adbin, d.adrelid) AS defaultexpression
      FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_type AS t ON t.oid = a.atttypid
      LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
        AND \(CatalogFilter.userRelation("c", "n"))
      ORDER BY a.attrelid, a.attnum
      """
  }

  init(_ row: CatalogRow) throws {
    relation = try row.oid("attrelid")
    number = try row.number("attnum") ?? 0
    name = try row.text("attname")
    type = try row.text("type")
    isNotNull = row.flag("attnotnull")
    generated = row.code("attgenerated")
    isLocal = row.flag("attislocal")
    collation = row.optional("collation")
    storage = row.optional("storage")?.first
    compression = row.optional("compression")?.first
    let target: Int? = try row.number("attstattarget")
    statistics = target.flatMap { $0 >= 0 ? $0 : nil }
    options = row.optional("options")
    foreignOptions = row.optional("foreignoptions")
    defaultOID = try row.oid("defaultoid")
    defaultExpression = row.optional("defaultexpression")
  }

  var sql: String { quoteIdentifier(name) }
  var isGenerated: Bool { generated != " " }

  /// The column as `CREATE TABLE` has it. An identity comes with its sequence.
  func definition(withDefault: Bool, withNotNull: Bool) -> String {
    var text = "\(sql) \(type)"
    if let collation { text += " COLLATE \(collation)" }
    if let defaultExpression, withDefault {
      text +=
        isGenerated
        ? " GENERATED ALWAYS AS (\(defaultExpression)) \(generated == "v" ? "VIRTUAL" : "STORED")"
        : " DEFAULT \(defaultExpression)"
    }
    if isNotNull, withNotNull { text += " NOT NULL" }
    return text
  }

  /// The statements that set what `CREATE TABLE` has no words for.
  func adjustments(of table: String) -> String {
    var text = ""
    let column = "ALTER TABLE ONLY \(table) ALTER COLUMN \(sql) "
    if let statistics { text += column + "SET STATISTICS \(statistics);\n" }
    if let storage { text += column + "SET STORAGE \(TableColumn.storageName(storage));\n" }
    if let compression {
      text += column + "SET COMPRESSION \(compression == "l" ? "lz4" : "pglz");\n"
    }
    if let options { text += column + "SET (\(options));\n" }
    if let foreignOptions {
      text += "ALTER FOREIGN TABLE ONLY \(table) ALTER COLUMN \(sql)"
      text += ForeignOptions.clause(foreignOptions) + ";\n"
    }
    return text
  }

  private static func storageName(_ code: Character) -> String {
    switch code {
    case "p": "PLAIN"
    case "e": "EXTERNAL"
    case "m": "MAIN"
    default: "EXTENDED"
    }
  }

  /// The default as an entry of its own.
  func defaultObject(of relation: Relation) -> DumpObject {
    let table = relation.name.sql
    return DumpObject(
      ObjectKey(.attributeDefault, defaultOID), .columnDefault, schema: relation.name.schema,
      tag: "\(relation.name.name) \(name)", owner: relation.owner,
      definition: """
        ALTER TABLE ONLY \(table) ALTER COLUMN \(sql) SET DEFAULT \(defaultExpression ?? "NULL");

        """,
      dropStatement: "ALTER TABLE \(table) ALTER COLUMN \(sql) DROP DEFAULT;\n",
      requires: [relation.key])
  }
}
