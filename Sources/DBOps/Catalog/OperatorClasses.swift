internal import Postgres

/// The operators and functions of an operator class or family.
struct OperatorMembers: Sendable {
  /// `OPERATOR 1 ...` and `FUNCTION 1 ...`, as `CREATE OPERATOR CLASS` takes them.
  var list: String?
  /// Their rows in the catalogs, which depend on what they are.
  var addresses: [ObjectAddress]

  /// SQL, to be joined, for what belongs to a class, or to a family and none of its classes.
  ///
  /// A member of another family may depend on this one too: it sorts by it.
  static func query(of catalog: String, _ oid: String, family: String) -> String {
    """
    CROSS JOIN LATERAL (
      SELECT string_agg(m.item, E',\\n    ' ORDER BY m.kind, m.number, m.item) AS members,
        string_agg(concat_ws(':', m.kind::oid, m.oid), ' ' ORDER BY m.kind, m.oid) AS addresses
      FROM (
        SELECT 'pg_amop'::regclass AS kind, o.oid, o.amopstrategy AS number,
          concat('OPERATOR ', o.amopstrategy, ' ', o.amopopr::regoperator, (SELECT ' FOR ORDER BY '
            || quote_ident(sn.nspname) || '.' || quote_ident(s.opfname) FROM pg_opfamily AS s
            JOIN pg_namespace AS sn ON sn.oid = s.opfnamespace WHERE s.oid = o.amopsortfamily))
          AS item
        FROM pg_amop AS o JOIN pg_depend AS d ON d.classid = 'pg_amop'::regclass
          AND d.objid = o.oid AND d.refclassid = '\(catalog)'::regclass AND d.refobjid = \(oid)
        WHERE o.amopfamily = \(family)
        UNION ALL
        SELECT 'pg_amproc'::regclass, p.oid, p.amprocnum,
          concat('FUNCTION ', p.amprocnum, ' (', format_type(p.amproclefttype, NULL), ', ',
            format_type(p.amprocrighttype, NULL), ') ', p.amproc::regprocedure)
        FROM pg_amproc AS p JOIN pg_depend AS d ON d.classid = 'pg_amproc'::regclass
          AND d.objid = p.oid AND d.refclassid = '\(catalog)'::regclass AND d.refobjid = \(oid)
        WHERE p.amprocfamily = \(family)) AS m) AS member
    """
  }

  init(_ row: CatalogRow) throws {
    list = row.optional("members")
    addresses = row.orEmpty("addresses").split(separator: " ").compactMap { pair in
      let parts = pair.split(separator: ":").compactMap { UInt32($0) }
      return parts.count == 2
        ? ObjectAddress(CatalogClass(rawValue: parts[0]), parts[1]) : nil
    }
  }
}

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
    \(OperatorMembers.query(of: "pg_opfamily", "f.oid", family: "f.oid"))
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
    \(OperatorMembers.query(of: "pg_opclass", "c.oid", family: "c.opcfamily"))
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
