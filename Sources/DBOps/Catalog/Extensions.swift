internal import Postgres

/// An extension that a user has created.
struct UserExtension: SelfContainedObject {
  var oid: UInt32
  var name: String
  var version: String
  var schema: String

  /// Those of a new database, such as plpgsql, need no entry.
  static func query(_ version: Int) -> String {
    """
    SELECT e.oid, e.extname, e.extversion, n.nspname
    FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.oid >= 16384
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("extname")
    version = try row.text("extversion")
    schema = try row.text("nspname")
  }

  var dumpObject: DumpObject {
    DumpObject(
      ObjectKey(.extension, oid), .extension, tag: name,
      definition: """
        CREATE EXTENSION IF NOT EXISTS \(quoteIdentifier(name)) \
        WITH SCHEMA \(quoteIdentifier(schema));

        """,
      dropStatement: "DROP EXTENSION \(quoteIdentifier(name));\n")
  }
}

/// A table or sequence of an extension whose rows are the user's, by `pg_extension_config_dump`.
struct ExtensionConfiguration: Sendable {
  var extensionOID: UInt32
  var oid: UInt32
  var relationKind: Character
  var name: QualifiedName
  var owner: String
  var condition: String
  /// The columns that `COPY` takes, quoted and in order.
  var columns: String
  var bytes: Int64

  static let query = """
    SELECT e.oid AS extension, c.oid, c.relkind, n.nspname, c.relname,
      pg_get_userbyid(c.relowner) AS owner, x.condition,
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = '') AS columns,
      CASE WHEN c.relkind = 'r' THEN pg_relation_size(c.oid) END AS bytes
    FROM pg_extension AS e
    CROSS JOIN LATERAL unnest(e.extconfig, e.extcondition) AS x(oid, condition)
    JOIN pg_class AS c ON c.oid = x.oid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    """

  init(_ row: CatalogRow) throws {
    extensionOID = try row.oid("extension")
    oid = try row.oid("oid")
    relationKind = row.code("relkind")
    name = QualifiedName(try row.text("nspname"), try row.text("relname"))
    owner = try row.text("owner")
    condition = row.orEmpty("condition")
    columns = row.orEmpty("columns")
    bytes = try row.number("bytes") ?? 0
  }

  /// The entry of a table's rows.
  var dataObject: DumpObject {
    let list = columns.isEmpty ? "" : " (\(columns))"
    // A condition is free text of the extension's, so that it goes into a query of its own.
    let source =
      condition.isEmpty
      ? name.sql + list : "(SELECT \(columns) FROM ONLY \(name.sql) \(condition))"
    var object = DumpObject(
      ObjectKey(.relation, oid, .data), .tableData, schema: name.schema, tag: name.name,
      owner: owner, requires: [ObjectKey(.extension, extensionOID)])
    object.rows = RowSource(
      table: name, oid: oid, copyOut: "COPY \(source) TO STDOUT",
      copyIn: "COPY \(name.sql)\(list) FROM stdin;\n", keyColumn: nil, bytes: bytes,
      estimatedRows: nil, isPartial: true)
    return object
  }
}
