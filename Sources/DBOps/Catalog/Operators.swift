internal import Postgres

/// An operator of a user's.
struct UserOperator: SelfContainedObject {
  var oid: UInt32
  /// The schema, quoted, with the operator's characters.
  var sql: String
  var schema: String
  var name: String
  var owner: String
  var left: String?
  var right: String?
  /// `FUNCTION = f`, and so on.
  var options: [String]

  /// One that is only a name, for another to be the commutator or negator of, comes with that one.
  static func query(_ version: Int) -> String {
    """
    SELECT o.oid, n.nspname, o.oprname, pg_get_userbyid(o.oprowner) AS owner,
      CASE WHEN o.oprleft <> 0 THEN format_type(o.oprleft, NULL) END AS leftarg,
      CASE WHEN o.oprright <> 0 THEN format_type(o.oprright, NULL) END AS rightarg,
      o.oprcode AS function, \(reference(to: "o.oprcom")) AS commutator,
      \(reference(to: "o.oprnegate")) AS negator, nullif(o.oprrest, 0)::regproc AS restriction,
      nullif(o.oprjoin, 0)::regproc AS "join", o.oprcanhash, o.oprcanmerge
    FROM pg_operator AS o JOIN pg_namespace AS n ON n.oid = o.oprnamespace
    WHERE o.oprcode::oid <> 0 AND \(CatalogFilter.userSchema("n"))
      AND \(CatalogFilter.notMember("pg_operator", "o.oid"))
    """
  }

  /// SQL for an operator as an option's value; NULL for none.
  static func reference(to oid: String) -> String {
    """
    (SELECT 'OPERATOR(' || quote_ident(rn.nspname) || '.' || r.oprname || ')'
      FROM pg_operator AS r JOIN pg_namespace AS rn ON rn.oid = r.oprnamespace
      WHERE r.oid = \(oid))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    schema = try row.text("nspname")
    name = try row.text("oprname")
    sql = "\(quoteIdentifier(schema)).\(name)"
    owner = try row.text("owner")
    left = row.optional("leftarg")
    right = row.optional("rightarg")
    let columns = [
      ("function", "FUNCTION"), ("leftarg", "LEFTARG"), ("rightarg", "RIGHTARG"),
      ("commutator", "COMMUTATOR"), ("negator", "NEGATOR"), ("restriction", "RESTRICT"),
      ("join", "JOIN"),
    ]
    options = columns.compactMap { column, word in
      row.optional(column).map { "\(word) = \($0)" }
    }
    if row.flag("oprcanhash") { options.append("HASHES") }
    if row.flag("oprcanmerge") { options.append("MERGES") }
  }

  var dumpObject: DumpObject {
    let arguments = "(\(left ?? "NONE"), \(right ?? "NONE"))"
    var object = DumpObject(
      ObjectKey(.operator, oid), .operator, schema: schema, tag: name, owner: owner,
      definition: "CREATE OPERATOR \(sql) (\n    \(options.joined(separator: ",\n    "))\n);\n",
      dropStatement: "DROP OPERATOR \(sql) \(arguments);\n")
    object.sortName = "\(name) \(arguments)"
    return object
  }
}
