internal import Postgres

/// A trigger of a user's on a table or view.
struct UserTrigger: SelfContainedObject {
  var oid: UInt32
  var name: String
  var table: UInt32
  var tableName: QualifiedName
  var owner: String
  /// `O` enabled, `D` disabled, `R` replica, `A` always.
  var state: Character
  /// The state of the partitioned table's trigger that this one is a copy of.
  var parentState: Character?
  var definition: String
  /// The `pg_constraint` row of a constraint trigger.
  var constraint: UInt32

  /// Copies on partitions, which come with their parent's, are left out unless their state was
  /// changed.
  static func query(_ version: Int) -> String {
    let parent = version >= 130000 ? "g.tgparentid" : "0"
    return """
      SELECT g.oid, g.tgname, g.tgrelid, n.nspname, c.relname,
        pg_get_userbyid(c.relowner) AS owner, g.tgenabled, up.tgenabled AS parentstate,
        pg_get_triggerdef(g.oid, false) AS definition, g.tgconstraint
      FROM pg_trigger AS g JOIN pg_class AS c ON c.oid = g.tgrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_trigger AS up ON up.oid = \(parent)
      WHERE (NOT g.tgisinternal OR up.oid IS NOT NULL AND NOT up.tgisinternal)
        AND (up.oid IS NULL OR up.tgenabled <> g.tgenabled
          AND NOT \(Relation.isBeingDetached("c.oid", version)))
        AND c.relkind IN ('r', 'p', 'f', 'v') AND \(CatalogFilter.userRelation("c", "n"))
      """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("tgname")
    table = try row.oid("tgrelid")
    tableName = QualifiedName(try row.text("nspname"), try row.text("relname"))
    owner = try row.text("owner")
    state = row.code("tgenabled")
    parentState = row.optional("parentstate")?.first
    definition = try row.text("definition")
    constraint = try row.oid("tgconstraint")
  }

  var dumpObject: DumpObject {
    let trigger = quoteIdentifier(name)
    return DumpObject(
      ObjectKey(.trigger, oid), .trigger, schema: tableName.schema,
      tag: "\(tableName.name) \(name)", owner: owner,
      definition: (parentState == nil ? definition + ";\n" : "") + stateChange(trigger),
      dropStatement: "DROP TRIGGER \(trigger) ON \(tableName.sql);\n",
      claims: constraint == 0 ? [] : [ObjectAddress(.constraint, constraint)],
      requires: [ObjectKey(.relation, table)])
  }

  private func stateChange(_ trigger: String) -> String {
    if state == (parentState ?? "O") { return "" }
    let word =
      switch state {
      case "D": "DISABLE"
      case "R": "ENABLE REPLICA"
      case "A": "ENABLE ALWAYS"
      default: "ENABLE"
      }
    return "\nALTER TABLE \(tableName.sql) \(word) TRIGGER \(trigger);\n"
  }
}

/// A rule of a user's; those that make a view a view are part of the view.
struct UserRule: SelfContainedObject {
  var oid: UInt32
  var name: String
  var table: UInt32
  var tableName: QualifiedName
  var owner: String
  var state: Character
  var definition: String

  static func query(_ version: Int) -> String {
    """
    SELECT r.oid, r.rulename, r.ev_class, n.nspname, c.relname,
      pg_get_userbyid(c.relowner) AS owner, r.ev_enabled, pg_get_ruledef(r.oid) AS definition
    FROM pg_rewrite AS r JOIN pg_class AS c ON c.oid = r.ev_class
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN' AND c.relkind IN ('r', 'p', 'v')
      AND \(CatalogFilter.userRelation("c", "n"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("rulename")
    table = try row.oid("ev_class")
    tableName = QualifiedName(try row.text("nspname"), try row.text("relname"))
    owner = try row.text("owner")
    state = row.code("ev_enabled")
    definition = try row.text("definition")
  }

  var dumpObject: DumpObject {
    let rule = quoteIdentifier(name)
    let word: String? =
      switch state {
      case "D": "DISABLE"
      case "R": "ENABLE REPLICA"
      case "A": "ENABLE ALWAYS"
      default: nil
      }
    let change = word.map { "ALTER TABLE \(tableName.sql) \($0) RULE \(rule);\n" } ?? ""
    return DumpObject(
      ObjectKey(.rewriteRule, oid), .rule, schema: tableName.schema,
      tag: "\(tableName.name) \(name)", owner: owner, definition: definition + "\n" + change,
      dropStatement: "DROP RULE \(rule) ON \(tableName.sql);\n",
      requires: [ObjectKey(.relation, table)])
  }
}
