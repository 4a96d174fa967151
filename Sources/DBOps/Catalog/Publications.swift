internal import Postgres

/// A publication for logical replication.
struct Publication: SelfContainedObject {
  var oid: UInt32
  var name: String
  var owner: String
  var isForAllTables: Bool
  var options: String

  static func query(_ version: Int) -> String {
    let root = version >= 130000 ? "p.pubviaroot" : "false"
    let generated = version >= 180000 ? "p.pubgencols = 's'" : "false"
    return """
      SELECT p.oid, p.pubname, pg_get_userbyid(p.pubowner) AS owner, p.puballtables,
        concat('publish = ', quote_literal(concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END,
          CASE WHEN p.pubupdate THEN 'update' END, CASE WHEN p.pubdelete THEN 'delete' END,
          CASE WHEN p.pubtruncate THEN 'truncate' END)),
          CASE WHEN \(root) THEN ', publish_via_partition_root = true' END,
          CASE WHEN \(generated) THEN ', publish_generated_columns = stored' END) AS options
      FROM pg_publication AS p
      WHERE \(CatalogFilter.notMember("pg_publication", "p.oid"))
      """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("pubname")
    owner = try row.text("owner")
    isForAllTables = row.flag("puballtables")
    options = try row.text("options")
  }

  var dumpObject: DumpObject {
    let publication = quoteIdentifier(name)
    return DumpObject(
      ObjectKey(.publication, oid), .publication, tag: name, owner: owner,
      definition: """
        CREATE PUBLICATION \(publication)\(isForAllTables ? " FOR ALL TABLES" : "") \
        WITH (\(options));

        """,
      dropStatement: "DROP PUBLICATION \(publication);\n")
  }
}

/// A table or the tables of a schema in a publication.
struct PublicationMember: SelfContainedObject {
  var key: ObjectKey
  var publication: String
  var owner: String
  /// The schema; with the table's name where a table is meant.
  var schema: String
  var table: String?
  var columns: String?
  var condition: String?

  static func query(_ version: Int) -> String {
    let columns =
      version >= 150000
      ? """
      (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute AS a
        WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs))
      """ : "NULL"
    let condition = version >= 150000 ? "pg_get_expr(r.prqual, r.prrelid)" : "NULL"
    let schemas = """
      UNION ALL
      SELECT 'pg_publication_namespace'::regclass::oid, s.oid, p.pubname,
        pg_get_userbyid(p.pubowner), n.nspname, NULL, NULL, NULL
      FROM pg_publication_namespace AS s JOIN pg_publication AS p ON p.oid = s.pnpubid
      JOIN pg_namespace AS n ON n.oid = s.pnnspid
      """
    return """
      SELECT 'pg_publication_rel'::regclass::oid AS classid, r.oid, p.pubname,
        pg_get_userbyid(p.pubowner) AS owner, n.nspname, c.relname, \(columns) AS columns,
        \(condition) AS condition
      FROM pg_publication_rel AS r JOIN pg_publication AS p ON p.oid = r.prpubid
      JOIN pg_class AS c ON c.oid = r.prrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
      \(version >= 150000 ? schemas : "")
      """
  }

  init(_ row: CatalogRow) throws {
    key = ObjectKey(CatalogClass(rawValue: try row.oid("classid")), try row.oid("oid"))
    publication = try row.text("pubname")
    owner = try row.text("owner")
    schema = try row.text("nspname")
    table = row.optional("relname")
    columns = row.optional("columns")
    condition = row.optional("condition")
  }

  var dumpObject: DumpObject {
    let alter = "ALTER PUBLICATION \(quoteIdentifier(publication)) ADD"
    guard let table else {
      return DumpObject(
        key, .publicationSchema, schema: schema, tag: "\(publication) \(schema)", owner: owner,
        definition: "\(alter) TABLES IN SCHEMA \(quoteIdentifier(schema));\n")
    }
    let list = columns.map { " (\($0))" } ?? ""
    let filter = condition.map { " WHERE (\($0))" } ?? ""
    return DumpObject(
      key, .publicationTable, schema: schema, tag: "\(publication) \(table)", owner: owner,
      definition: "\(alter) TABLE ONLY \(quoteIdentifier(schema, table))\(list)\(filter);\n")
  }
}
