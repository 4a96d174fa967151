internal import Postgres

/// The operators and functions of an operator class or family.
struct OperatorMembers: Sendable {
  /// `OPERATOR 1 ...` and `FUNCTION 1 ...`, as `CREATE OPERATOR CLASS` takes them.
  var list: String?
  /// Their rows in the catalogs, which depend on what they are.
  var addresses: [ObjectAddress]

  /// SQL, to be joined, for what belongs to a class, or to a family and none of its classes.
  ///
  /// - Parameters:
  ///   - family: the OID of the family.
  ///   - class: the OID of the class, where its members are meant.
  ///   - condition: which members are meant, by the catalog and the OID of what they are.
  static func query(
    family: String, class: String? = nil,
    where condition: (_ kind: String, _ oid: String) -> String = { _, _ in "true" }
  ) -> String {
    let place = { (catalog: String) in
      let ofClass = """
        EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = '\(catalog)'::regclass
          AND d.objid = x.oid AND d.refclassid = 'pg_opclass'::regclass
        """
      return `class`.map { "\(ofClass) AND d.refobjid = \($0))" }
        ?? "NOT \(ofClass)) AND x.oid >= 16384"
    }
    return """
      CROSS JOIN LATERAL (
        SELECT string_agg(m.item, E',\\n    ' ORDER BY m.kind, m.number, m.item) AS members,
          string_agg(concat_ws(':', m.kind::oid, m.oid), ' ' ORDER BY m.kind, m.oid) AS addresses
        FROM (
          SELECT 'pg_amop'::regclass AS kind, x.oid, x.amopstrategy AS number,
            concat('OPERATOR ', x.amopstrategy, ' ', x.amopopr::regoperator,
              (SELECT ' FOR ORDER BY ' || quote_ident(sn.nspname) || '.' || quote_ident(s.opfname)
                FROM pg_opfamily AS s JOIN pg_namespace AS sn ON sn.oid = s.opfnamespace
                WHERE s.oid = x.amopsortfamily)) AS item
          FROM pg_amop AS x
          WHERE x.amopfamily = \(family) AND \(place("pg_amop"))
            AND \(condition("pg_operator", "x.amopopr"))
          UNION ALL
          SELECT 'pg_amproc'::regclass, x.oid, x.amprocnum,
            concat('FUNCTION ', x.amprocnum, ' (', format_type(x.amproclefttype, NULL), ', ',
              format_type(x.amprocrighttype, NULL), ') ', x.amproc::regprocedure)
          FROM pg_amproc AS x
          WHERE x.amprocfamily = \(family) AND \(place("pg_amproc"))
            AND \(condition("pg_proc", "x.amproc"))) AS m) AS member
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

/// What a user has added to an operator family of the server's own or of an extension.
///
/// pg_dump leaves this out: it has no entry for the family.
struct OperatorFamilyAddition: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var method: String
  var members: OperatorMembers

  /// What an extension adds is made of its own, or of the server's own in a family of its own.
  static func query(_ version: Int) -> String {
    let members = OperatorMembers.query(family: "f.oid") {
      "(f.oid < 16384 OR \($1) >= 16384) AND \(CatalogFilter.notMember($0, $1))"
    }
    return """
      SELECT f.oid, n.nspname, f.opfname, a.amname, member.members, member.addresses
      FROM pg_opfamily AS f JOIN pg_namespace AS n ON n.oid = f.opfnamespace
      JOIN pg_am AS a ON a.oid = f.opfmethod
      \(members)
      WHERE member.members IS NOT NULL
        AND (f.oid < 16384 OR NOT (\(CatalogFilter.notMember("pg_opfamily", "f.oid"))))
      """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("opfname"))
    method = try row.text("amname")
    members = try OperatorMembers(row)
  }

  /// The family is not dropped with it, and keeps its owner.
  var dumpObject: DumpObject {
    DumpObject(
      ObjectKey(.operatorFamily, oid, .addition), .operatorFamily, schema: name.schema,
      tag: name.name,
      definition: """
        ALTER OPERATOR FAMILY \(name.sql) USING \(quoteIdentifier(method)) ADD
            \(members.list ?? "");

        """,
      claims: members.addresses, requires: [ObjectKey(.operatorFamily, oid)])
  }
}
