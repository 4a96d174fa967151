internal import Postgres

/// An operator family of a user's, with what belongs to none of its classes.
struct OperatorFamily: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var method: String
  var members: OperatorMembers

  static func query(_ version: Int) -> String {
    """
    SELECT f.oid, n.nspname, f.opfname, pg_get_userbyid(f.opfowner) AS owner, a.amname,
      member.members, member.addresses
    FROM pg_opfamily AS f JOIN pg_namespace AS n ON n.oid = f.opfnamespace
    JOIN pg_am AS a ON a.oid = f.opfmethod
    \(OperatorMembers.query(family: "f.oid"))
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_opfamily", "f.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("opfname"))
    owner = try row.text("owner")
    method = try row.text("amname")
    members = try OperatorMembers(row)
  }

  var dumpObject: DumpObject {
    let family = "OPERATOR FAMILY \(name.sql) USING \(quoteIdentifier(method))"
    let addition = members.list.map { "ALTER \(family) ADD\n    \($0);\n" } ?? ""
    var object = DumpObject(
      ObjectKey(.operatorFamily, oid), .operatorFamily, schema: name.schema, tag: name.name,
      owner: owner, definition: "CREATE \(family);\n\(addition)",
      dropStatement: "DROP \(family);\n", claims: members.addresses)
    object.sortName = "\(name.name) \(method)"
    return object
  }
}

/// An operator class of a user's.
struct OperatorClass: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var isDefault: Bool
  var type: String
  var storage: String?
  var method: String
  var family: String
  var members: OperatorMembers

  static func query(_ version: Int) -> String {
    """
    SELECT c.oid, n.nspname, c.opcname, pg_get_userbyid(c.opcowner) AS owner, c.opcdefault,
      a.amname, format_type(c.opcintype, NULL) AS type,
      CASE WHEN c.opckeytype <> 0 THEN format_type(c.opckeytype, NULL) END AS storage,
      quote_ident(fn.nspname) || '.' || quote_ident(f.opfname) AS family,
      member.members, member.addresses
    FROM pg_opclass AS c JOIN pg_namespace AS n ON n.oid = c.opcnamespace
    JOIN pg_am AS a ON a.oid = c.opcmethod
    JOIN pg_opfamily AS f ON f.oid = c.opcfamily
    JOIN pg_namespace AS fn ON fn.oid = f.opfnamespace
    \(OperatorMembers.query(family: "c.opcfamily", class: "c.oid"))
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_opclass", "c.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("opcname"))
    owner = try row.text("owner")
    isDefault = row.flag("opcdefault")
    type = try row.text("type")
    storage = row.optional("storage")
    method = try row.text("amname")
    family = try row.text("family")
    members = try OperatorMembers(row)
  }

  var dumpObject: DumpObject {
    let using = "USING \(quoteIdentifier(method))"
    var items = [storage.map { "STORAGE \($0)" }, members.list].compactMap { $0 }
    // A class needs an item; this one says what goes without saying.
    if items.isEmpty { items.append("STORAGE \(type)") }
    var object = DumpObject(
      ObjectKey(.operatorClass, oid), .operatorClass, schema: name.schema, tag: name.name,
      owner: owner,
      definition: """
        CREATE OPERATOR CLASS \(name.sql)
            \(isDefault ? "DEFAULT " : "")FOR TYPE \(type) \(using) FAMILY \(family) AS
            \(items.joined(separator: ",\n    "));

        """,
      dropStatement: "DROP OPERATOR CLASS \(name.sql) \(using);\n", claims: members.addresses)
    object.sortName = "\(name.name) \(method)"
    return object
  }
}
