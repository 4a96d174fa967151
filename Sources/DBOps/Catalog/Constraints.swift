internal import Postgres

/// A constraint of a table or domain.
struct TableConstraint: Sendable {
  var oid: UInt32
  var name: String
  /// `p` primary key, `u` unique, `x` exclusion, `f` foreign key, `c` check, `n` not null.
  var form: Character
  /// The table's OID; 0 for a domain's.
  var relation: UInt32
  var domain: UInt32
  /// The owner's name: the table's or the domain's.
  var parent: QualifiedName
  var parentKind: Character
  var role: String
  var isValidated: Bool
  /// Whether its own table must say it, rather than a parent of that.
  var isLocal: Bool
  /// The constraint of the partitioned table that it comes with; 0 where it stands for itself.
  var parentConstraint: UInt32
  var definition: String
  var index: UInt32
  /// The index of the key that a foreign key refers to.
  var referencedIndex: UInt32
  var isDeferrable: Bool
  var isDeferred: Bool
  /// The columns of a key, by number.
  var columnNumbers: [Int]

  static func query(_ version: Int) -> String {
    """
    SELECT k.oid, k.conname, k.contype, k.conrelid, k.contypid, k.convalidated,
      k.conislocal OR \(isStronger(version)) AS conislocal,
      k.conparentid, k.condeferrable, k.condeferred,
      CASE WHEN k.contype IN ('p', 'u', 'x') THEN k.conindid END AS index,
      CASE WHEN k.contype = 'f' THEN k.conindid END AS referenced,
      array_to_string(k.conkey, ' ') AS columns,
      coalesce(n.nspname, dn.nspname) AS nspname, coalesce(c.relname, d.typname) AS parent,
      c.relkind, pg_get_userbyid(coalesce(c.relowner, d.typowner)) AS role,
      pg_get_constraintdef(k.oid) AS definition
    FROM pg_constraint AS k
    LEFT JOIN pg_class AS c ON c.oid = k.conrelid
    LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_type AS d ON d.oid = k.contypid
    LEFT JOIN pg_namespace AS dn ON dn.oid = d.typnamespace
    WHERE (c.relkind IN ('r', 'p', 'f') AND k.contype IN ('p', 'u', 'x', 'f', 'c'\
    \(version >= 180000 ? ", 'n'" : ""))
        AND \(CatalogFilter.userRelation("c", "n")))
      OR (k.contypid <> 0 AND k.contype IN ('c'\(version >= 170000 ? ", 'n'" : "")) AND \(CatalogFilter.userSchema("dn"))
        AND \(CatalogFilter.notMember("pg_type", "d.oid")))
    ORDER BY k.conrelid, k.conname, k.oid
    """
  }

  /// SQL for whether it holds for all rows where a parent's, from which it comes, does not: a NOT NULL
  /// of a table that was made after the parent's was added as NOT VALID. The parent's goes there
  /// again after the data, and would take its state along.
  private static func isStronger(_ version: Int) -> String {
    guard version >= 180000 else { return "false" }
    return """
      k.contype = 'n' AND k.convalidated AND EXISTS (
        SELECT FROM pg_inherits AS h
        JOIN pg_constraint AS pk ON pk.conrelid = h.inhparent AND pk.contype = 'n'
          AND NOT pk.convalidated
        JOIN pg_attribute AS pa ON pa.attrelid = h.inhparent AND pa.attnum = pk.conkey[1]
        JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
          AND a.attname = pa.attname
        WHERE h.inhrelid = k.conrelid)
      """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("conname")
    form = row.code("contype")
    relation = try row.oid("conrelid")
    domain = try row.oid("contypid")
    parent = QualifiedName(try row.text("nspname"), try row.text("parent"))
    parentKind = row.code("relkind")
    role = try row.text("role")
    isValidated = row.flag("convalidated")
    isLocal = row.flag("conislocal")
    parentConstraint = try row.oid("conparentid")
    definition = try row.text("definition")
    index = try row.oid("index")
    referencedIndex = try row.oid("referenced")
    isDeferrable = row.flag("condeferrable")
    isDeferred = row.flag("condeferred")
    columnNumbers = row.orEmpty("columns").split(separator: " ").compactMap { Int($0) }
  }

  var address: ObjectAddress { ObjectAddress(.constraint, oid) }

  /// Whether it stands in the statement that makes its table or domain.
  var isCheck: Bool { form == "c" || form == "n" }

  /// A check that old rows need not satisfy cannot stand in the statement that makes the table:
  /// there it would count as valid.
  var isSeparate: Bool { isCheck && !isValidated }

  /// The constraint inside `CREATE TABLE`.
  var clause: String { "CONSTRAINT \(quoteIdentifier(name)) \(definition)" }

  /// A check as an entry of its own, after the data.
  var checkObject: DumpObject {
    let what = domain == 0 ? "TABLE" : "DOMAIN"
    return object(
      .checkConstraint, "ALTER \(what) \(parent.sql)", definition,
      requires: domain == 0 ? ObjectKey(.relation, relation) : ObjectKey(.type, domain))
  }

  /// A foreign key. On a partitioned table it goes to the partitions as well.
  var foreignKeyObject: DumpObject {
    let only = parentKind == "p" ? "" : "ONLY "
    return object(
      .foreignKey, "ALTER TABLE \(only)\(parent.sql)", definition,
      requires: ObjectKey(.relation, relation))
  }

  /// A key or exclusion; its index comes with it.
  func keyObject(_ index: TableIndex) -> DumpObject {
    var object = object(
      .constraint, "ALTER TABLE ONLY \(parent.sql)", definition(with: index.options),
      requires: ObjectKey(.relation, relation))
    object.claims.append(ObjectAddress(.relation, index.oid))
    object.definition += index.adjustments
    object.tablespace = index.tablespace ?? ""
    return object
  }

  /// `pg_get_constraintdef` leaves out the storage parameters of keys, though not of exclusions.
  private func definition(with options: String) -> String {
    guard !options.isEmpty, form != "x" else { return definition }
    var suffix = ""
    if isDeferrable { suffix += " DEFERRABLE" }
    if isDeferred { suffix += " INITIALLY DEFERRED" }
    guard definition.hasSuffix(suffix) else { return definition }
    return "\(definition.dropLast(suffix.count)) WITH (\(options))\(suffix)"
  }

  private func object(
    _ kind: ObjectKind, _ alter: String, _ body: String, requires: ObjectKey
  ) -> DumpObject {
    let constraint = quoteIdentifier(name)
    return DumpObject(
      ObjectKey(address), kind, schema: parent.schema, tag: "\(parent.name) \(name)", owner: role,
      definition: "\(alter)\n    ADD CONSTRAINT \(constraint) \(body);\n",
      dropStatement: "\(alter) DROP CONSTRAINT \(constraint);\n", requires: [requires])
  }
}
