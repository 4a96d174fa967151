internal import Postgres

/// A row security policy.
struct Policy: SelfContainedObject {
  var oid: UInt32
  var name: String
  var table: UInt32
  var tableName: QualifiedName
  var owner: String
  var isPermissive: Bool
  /// `r`, `a`, `w`, `d` or `*`.
  var command: Character
  /// The roles, quoted; nil for everybody.
  var roles: String?
  var condition: String?
  var check: String?

  static func query(_ version: Int) -> String {
    """
    SELECT p.oid, p.polname, p.polrelid, n.nspname, c.relname,
      pg_get_userbyid(c.relowner) AS owner, p.polpermissive, p.polcmd,
      CASE WHEN p.polroles <> '{0}' THEN
        (SELECT string_agg(quote_ident(r.rolname), ', ' ORDER BY r.rolname)
          FROM pg_roles AS r WHERE r.oid = ANY (p.polroles)) END AS roles,
      pg_get_expr(p.polqual, p.polrelid) AS condition,
      pg_get_expr(p.polwithcheck, p.polrelid) AS "check"
    FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE \(CatalogFilter.userRelation("c", "n"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("polname")
    table = try row.oid("polrelid")
    tableName = QualifiedName(try row.text("nspname"), try row.text("relname"))
    owner = try row.text("owner")
    isPermissive = row.flag("polpermissive")
    command = row.code("polcmd")
    roles = row.optional("roles")
    condition = row.optional("condition")
    check = row.optional("check")
  }

  var dumpObject: DumpObject {
    let commands: [Character: String] = [
      "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE",
    ]
    let policy = quoteIdentifier(name)
    var text = "CREATE POLICY \(policy) ON \(tableName.sql)"
    if !isPermissive { text += " AS RESTRICTIVE" }
    if let word = commands[command] { text += " FOR \(word)" }
    if let roles { text += " TO \(roles)" }
    if let condition { text += " USING (\(condition))" }
    if let check { text += " WITH CHECK (\(check))" }
    return DumpObject(
      ObjectKey(.policy, oid), .policy, schema: tableName.schema, tag: "\(tableName.name) \(name)",
      owner: owner, definition: text + ";\n",
      dropStatement: "DROP POLICY \(policy) ON \(tableName.sql);\n",
      requires: [ObjectKey(.relation, table)])
  }
}

/// Extended statistics of a user's.
struct UserStatistics: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var definition: String
  var target: Int?

  static func query(_ version: Int) -> String {
    let target = version >= 130000 ? "s.stxstattarget" : "-1"
    return """
      SELECT s.oid, n.nspname, s.stxname, pg_get_userbyid(s.stxowner) AS owner,
        pg_get_statisticsobjdef(s.oid) AS definition, \(target) AS target
      FROM pg_statistic_ext AS s JOIN pg_namespace AS n ON n.oid = s.stxnamespace
      WHERE \(CatalogFilter.userSchema("n"))
        AND \(CatalogFilter.notMember("pg_statistic_ext", "s.oid"))
      """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("stxname"))
    owner = try row.text("owner")
    definition = try row.text("definition")
    let target: Int? = try row.number("target")
    self.target = target.flatMap { $0 >= 0 ? $0 : nil }
  }

  var dumpObject: DumpObject {
    let change = target.map { "ALTER STATISTICS \(name.sql) SET STATISTICS \($0);\n" } ?? ""
    return DumpObject(
      ObjectKey(.statistics, oid), .statistics, schema: name.schema, tag: name.name, owner: owner,
      definition: definition + ";\n" + change, dropStatement: "DROP STATISTICS \(name.sql);\n")
  }
}
