internal import Postgres

/// One right that a role grants on what it will make: `ALTER DEFAULT PRIVILEGES`.
struct DefaultPrivilegeRow: Sendable {
  var oid: UInt32
  var role: String
  var schema: String?
  var form: Character
  var isCurrent: Bool
  var grantee: String?
  var right: String
  var isGrantable: Bool

  /// Those of a schema add to what is granted everywhere; those of the whole database take the
  /// place of what is built in.
  static let query = """
    SELECT d.oid, pg_get_userbyid(d.defaclrole) AS role, n.nspname, d.defaclobjtype, x.iscurrent,
      CASE WHEN x.grantee <> 0 THEN pg_get_userbyid(x.grantee) END AS grantee,
      x.privilege_type, x.is_grantable
    FROM pg_default_acl AS d LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace
    LEFT JOIN LATERAL (
      SELECT true AS iscurrent, * FROM aclexplode(d.defaclacl)
      UNION ALL
      SELECT false, * FROM aclexplode(CASE WHEN d.defaclnamespace = 0 THEN acldefault(
        CASE d.defaclobjtype WHEN 'S' THEN 's'::"char" ELSE d.defaclobjtype END, d.defaclrole)
        END)) AS x ON true
    ORDER BY d.oid
    """

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    role = try row.text("role")
    schema = row.optional("nspname")
    form = row.code("defaclobjtype")
    isCurrent = row.flag("iscurrent")
    grantee = row.optional("grantee")
    right = row.orEmpty("privilege_type")
    isGrantable = row.flag("is_grantable")
  }

  /// The entries, one for each role, schema and kind of object.
  static func dumpObjects(_ rows: [DefaultPrivilegeRow]) -> [DumpObject] {
    Dictionary(grouping: rows, by: \.oid).values.compactMap { rows in
      guard let first = rows.first else { return nil }
      let words: [Character: String] = [
        "r": "TABLES", "S": "SEQUENCES", "f": "FUNCTIONS", "T": "TYPES", "n": "SCHEMAS",
        "L": "LARGE OBJECTS",
      ]
      let word = words[first.form] ?? "TABLES"
      let place = first.schema.map { " IN SCHEMA \(quoteIdentifier($0))" } ?? ""
      let privileges = ObjectPrivileges(
        owner: first.role, target: word,
        prefix: "ALTER DEFAULT PRIVILEGES FOR ROLE \(quoteIdentifier(first.role))\(place) ",
        current: items(rows.filter(\.isCurrent)), base: items(rows.filter { !$0.isCurrent }))
      return DumpObject(
        ObjectKey(.defaultPrivileges, first.oid), .defaultPrivileges, schema: first.schema,
        tag: "DEFAULT PRIVILEGES FOR \(word)", owner: first.role,
        definition: privileges.definition)
    }
  }

  private static func items(_ rows: [DefaultPrivilegeRow]) -> [ObjectPrivileges.Item] {
    let granted = rows.filter { !$0.right.isEmpty }
    let byGrantee: [String?: [DefaultPrivilegeRow]] = Dictionary(grouping: granted, by: \.grantee)
    let grantees = byGrantee.keys.sorted { ($0 ?? "") < ($1 ?? "") }
    return grantees.map { grantee in
      let rows = byGrantee[grantee] ?? []
      return ObjectPrivileges.Item(
        grantor: rows.first?.role ?? "", grantee: grantee, rights: Set(rows.map(\.right)),
        grantable: Set(rows.filter(\.isGrantable).map(\.right)))
    }
  }
}
