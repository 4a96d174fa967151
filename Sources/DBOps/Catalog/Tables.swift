internal import Postgres

/// Everything that `CREATE TABLE` or `CREATE FOREIGN TABLE` and the statements after it need.
struct TableDefinition {
  var relation: Relation
  var columns: [TableColumn]
  /// The constraints that stand inside.
  var checks: [TableConstraint]
  /// Defaults that have an entry of their own, by the OID of their `pg_attrdef` row.
  var separateDefaults: Set<UInt32>
  /// The numbers of the columns of which NOT NULL is a constraint with a name.
  var namedNotNulls: Set<Int> = []

  /// A partition is made as a plain table with all its columns and attached afterwards: its
  /// columns may stand in another order than its parent's.
  private var isChild: Bool { relation.parents != nil }

  private var kind: ObjectKind { relation.form == .foreignTable ? .foreignTable : .table }

  var object: DumpObject {
    let name = relation.name
    var object = DumpObject(
      relation.key, kind, schema: name.schema, tag: name.name, owner: relation.owner,
      definition: definition, dropStatement: "DROP \(kind.name) \(name.sql);\n",
      claims: relation.companions + checks.map(\.address)
        + columns.filter { $0.defaultOID != 0 && !separateDefaults.contains($0.defaultOID) }
        .map { ObjectAddress(.attributeDefault, $0.defaultOID) })
    object.tablespace = kind == .table ? relation.tablespace ?? "" : nil
    object.accessMethod = relation.partitionKey == nil ? relation.accessMethod : nil
    return object
  }

  private var definition: String {
    let sql = relation.name.sql
    var lines = relation.ofType == nil ? columnLines : typedColumnLines
    lines += checks.filter { $0.isLocal || !isChild }.map(\.clause)
    var text = "CREATE \(relation.isUnlogged ? "UNLOGGED " : "")\(kind.name) \(sql)"
    if let type = relation.ofType { text += " OF \(type)" }
    if !lines.isEmpty {
      text += " (\n    " + lines.joined(separator: ",\n    ") + "\n)"
    } else if relation.ofType == nil {
      text += " ()"
    }
    if let parents = relation.parents { text += "\nINHERITS (\(parents))" }
    if let key = relation.partitionKey {
      text += "\nPARTITION BY \(key)"
      // What a session has for tables does not count for these; servers since 17 take one here.
      if let method = relation.accessMethod { text += "\nUSING \(quoteIdentifier(method))" }
    }
    if let clause = relation.foreignClause { text += "\n\(clause)" }
    if !relation.options.isEmpty { text += "\nWITH (\(relation.options))" }
    return text + ";\n" + adjustments
  }

  private var columnLines: [String] {
    columns.filter { $0.isLocal || !isChild }.map { column in
      column.definition(
        withDefault: !separateDefaults.contains(column.defaultOID),
        withNotNull: !notNullIsConstraint(column))
    }
  }

  /// The columns of a typed table are those of its type; only what it adds to them is said.
  private var typedColumnLines: [String] {
    columns.compactMap { column in
      var text = "\(column.sql) WITH OPTIONS"
      let bare = text
      if let value = column.defaultExpression, !separateDefaults.contains(column.defaultOID) {
        text += " DEFAULT \(value)"
      }
      if column.isNotNull, !notNullIsConstraint(column) { text += " NOT NULL" }
      return text == bare ? nil : text
    }
  }

  private func notNullIsConstraint(_ column: TableColumn) -> Bool {
    namedNotNulls.contains(column.number)
  }

  private var adjustments: String {
    let sql = relation.name.sql
    var text = ""
    for column in columns where isChild && !column.isLocal {
      text += inheritedAdjustments(column)
    }
    text += columns.map { $0.adjustments(of: sql) }.joined()
    // A foreign table has none, and says so by the word for NOTHING.
    switch relation.form == .foreignTable ? "d" : relation.replicaIdentity {
    case "n": text += "ALTER TABLE ONLY \(sql) REPLICA IDENTITY NOTHING;\n"
    case "f": text += "ALTER TABLE ONLY \(sql) REPLICA IDENTITY FULL;\n"
    default: break
    }
    if relation.forcesRowSecurity {
      text += "ALTER TABLE ONLY \(sql) FORCE ROW LEVEL SECURITY;\n"
    }
    return text
  }

  /// A child may have a default and NOT NULL of its own on a column that it inherits.
  private func inheritedAdjustments(_ column: TableColumn) -> String {
    let alter = "ALTER TABLE ONLY \(relation.name.sql) ALTER COLUMN \(column.sql) "
    var text = ""
    if let value = column.defaultExpression, !column.isGenerated,
      !separateDefaults.contains(column.defaultOID)
    {
      text += alter + "SET DEFAULT \(value);\n"
    }
    if column.isNotNull, !notNullIsConstraint(column) { text += alter + "SET NOT NULL;\n" }
    return text
  }
}

extension Relation {
  /// The entry that hangs a partition into its parent.
  var attachment: DumpObject? {
    guard let partition else { return nil }
    return DumpObject(
      ObjectKey(.relation, oid, .attachment), .tableAttachment, schema: name.schema, tag: name.name,
      owner: owner,
      definition: """
        ALTER TABLE ONLY \(partition.parentName.sql) ATTACH PARTITION \(name.sql) \
        \(partition.bound);

        """,
      requires: [key, ObjectKey(.relation, partition.parent)])
  }

  /// The entry that turns row security on.
  var rowSecurityObject: DumpObject? {
    guard hasRowSecurity else { return nil }
    return DumpObject(
      ObjectKey(.relation, oid, .rowSecurity), .rowSecurity, schema: name.schema, tag: name.name,
      owner: owner, definition: "ALTER TABLE \(name.sql) ENABLE ROW LEVEL SECURITY;\n",
      dropStatement: "ALTER TABLE \(name.sql) DISABLE ROW LEVEL SECURITY;\n", requires: [key])
  }

  /// The entry of the rows of a table. Generated columns are computed anew.
  func dataObject(_ columns: [TableColumn], keyColumn: String?) -> DumpObject {
    let list = columns.filter { !$0.isGenerated }.map(\.sql).joined(separator: ", ")
    let target = list.isEmpty ? name.sql : "\(name.sql) (\(list))"
    var object = DumpObject(
      ObjectKey(.relation, oid, .data), .tableData, schema: name.schema, tag: name.name,
      owner: owner, requires: [key])
    object.rows = RowSource(
      table: name, oid: oid, copyOut: "COPY \(target) TO STDOUT",
      copyIn: "COPY \(target) FROM stdin;\n", keyColumn: keyColumn, bytes: bytes,
      estimatedRows: estimatedRows)
    if form == .table, accessMethod == "heap", !list.isEmpty { object.rows?.rangeColumns = list }
    return object
  }
}
