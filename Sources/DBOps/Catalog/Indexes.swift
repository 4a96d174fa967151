internal import Postgres

/// An index, of a constraint or on its own.
struct TableIndex: Sendable {
  var oid: UInt32
  var name: QualifiedName
  var table: UInt32
  var tableName: QualifiedName
  var owner: String
  var tablespace: String?
  var definition: String
  /// Storage parameters as `WITH (...)` takes them.
  var options: String
  var isClustered: Bool
  var isReplicaIdentity: Bool
  /// `column number=target` pairs of the columns that have a statistics target.
  var statistics: String
  /// The key that it belongs to; 0 for a plain index.
  var constraint: UInt32
  /// The index of the partitioned table that it hangs in.
  var parent: UInt32
  var parentName: QualifiedName?

  /// Those that are not valid are left out, as pg_dump does: `omittedQuery` names them.
  static let query = """
    SELECT c.oid, n.nspname, c.relname, i.indrelid, tn.nspname AS tableschema,
      t.relname AS tablename, pg_get_userbyid(t.relowner) AS owner, ts.spcname,
      pg_get_indexdef(c.oid) AS definition, \(Relation.options("c.reloptions")) AS options,
      i.indisclustered, i.indisreplident, k.oid AS "constraint", h.inhparent,
      pn.nspname AS parentschema, p.relname AS parentname,
      (SELECT string_agg(a.attnum || '=' || a.attstattarget, ' ' ORDER BY a.attnum)
        FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attstattarget >= 0) AS statistics
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_class AS t ON t.oid = i.indrelid
    JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
    LEFT JOIN pg_tablespace AS ts ON ts.oid = c.reltablespace
    LEFT JOIN pg_constraint AS k ON k.conindid = c.oid AND k.conrelid = t.oid
      AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid
    LEFT JOIN pg_class AS p ON p.oid = h.inhparent
    LEFT JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
    WHERE t.relkind IN ('r', 'p', 'm') AND \(CatalogFilter.userRelation("t", "tn"))
      AND (i.indisvalid OR t.relkind = 'p') AND i.indisready
    """

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("relname"))
    table = try row.oid("indrelid")
    tableName = QualifiedName(try row.text("tableschema"), try row.text("tablename"))
    owner = try row.text("owner")
    tablespace = row.optional("spcname")
    definition = try row.text("definition")
    options = row.orEmpty("options")
    isClustered = row.flag("indisclustered")
    isReplicaIdentity = row.flag("indisreplident")
    statistics = row.orEmpty("statistics")
    constraint = try row.oid("constraint")
    parent = try row.oid("inhparent")
    if parent != 0 {
      parentName = QualifiedName(try row.text("parentschema"), try row.text("parentname"))
    }
  }

  /// What is set after the index stands.
  var adjustments: String {
    var text = ""
    if isClustered {
      text += "\nALTER TABLE \(tableName.sql) CLUSTER ON \(quoteIdentifier(name.name));\n"
    }
    if isReplicaIdentity {
      let index = quoteIdentifier(name.name)
      text += "\nALTER TABLE ONLY \(tableName.sql) REPLICA IDENTITY USING INDEX \(index);\n"
    }
    for pair in statistics.split(separator: " ") {
      let parts = pair.split(separator: "=")
      guard parts.count == 2 else { continue }
      text += "ALTER INDEX \(name.sql) ALTER COLUMN \(parts[0]) SET STATISTICS \(parts[1]);\n"
    }
    return text
  }

  var dumpObject: DumpObject {
    var object = DumpObject(
      ObjectKey(.relation, oid), .index, schema: tableName.schema, tag: name.name, owner: owner,
      definition: definition + ";\n" + adjustments,
      dropStatement: "DROP INDEX \(name.sql);\n", requires: [ObjectKey(.relation, table)])
    object.tablespace = tablespace ?? ""
    return object
  }

  /// The entry that hangs a partition's index into that of the partitioned table.
  var attachment: DumpObject? {
    guard let parentName else { return nil }
    return DumpObject(
      ObjectKey(.relation, oid, .attachment), .indexAttachment, schema: tableName.schema,
      tag: name.name,
      definition: "ALTER INDEX \(parentName.sql) ATTACH PARTITION \(name.sql);\n",
      requires: [ObjectKey(.relation, oid), ObjectKey(.relation, parent)])
  }
}
