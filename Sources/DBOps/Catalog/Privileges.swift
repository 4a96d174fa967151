internal import Archive
internal import Postgres

/// The rights on an object: what they are, and what they are in a restore before any is granted.
struct ObjectPrivileges: Sendable {
  /// What one role has granted another.
  struct Item: Hashable, Sendable {
    var grantor: String
    /// nil for PUBLIC.
    var grantee: String?
    var rights: Set<String>
    var grantable: Set<String>
  }

  var address: ObjectAddress
  /// The column; nil for the object itself.
  var column: String?
  var owner: String
  /// The object in the words of `GRANT`, with everything quoted.
  var target: String
  var tag: String
  var schema: String?
  /// What stands before each statement.
  var prefix = ""
  var current: [Item]
  var base: [Item]

  /// The statements that lead from `base` to `current`; empty where they are equal.
  var definition: String {
    var text = ""
    for item in base where !current.contains(item) { text += statement("REVOKE", item) }
    // A grantor's own right to grant has to be there before it can be passed on.
    var waiting = current.filter { !base.contains($0) }
    var holders: Set<String> = [owner]
    while !waiting.isEmpty {
      let ready = waiting.filter { holders.contains($0.grantor) }
      let batch = ready.isEmpty ? waiting : ready
      for item in batch { text += grant(item) }
      holders.formUnion(batch.compactMap { $0.grantable.isEmpty ? nil : $0.grantee })
      waiting.removeAll { batch.contains($0) }
    }
    return text
  }

  private func grant(_ item: Item) -> String {
    let text = statement("GRANT", item)
    guard item.grantor != owner else { return text }
    return "SET SESSION AUTHORIZATION \(quoteIdentifier(item.grantor));\n\(text)"
      + "RESET SESSION AUTHORIZATION;\n"
  }

  private func statement(_ verb: String, _ item: Item) -> String {
    let grantee = item.grantee.map(quoteIdentifier) ?? "PUBLIC"
    guard verb == "GRANT" else {
      return "\(prefix)REVOKE \(list(item.rights)) ON \(target) FROM \(grantee);\n"
    }
    let plain = item.rights.subtracting(item.grantable)
    var text = ""
    if !plain.isEmpty { text += "\(prefix)GRANT \(list(plain)) ON \(target) TO \(grantee);\n" }
    if !item.grantable.isEmpty {
      text +=
        "\(prefix)GRANT \(list(item.grantable)) ON \(target) TO \(grantee) WITH GRANT OPTION;\n"
    }
    return text
  }

  private func list(_ rights: Set<String>) -> String {
    rights.sorted().map { right in
      column.map { "\(right) (\(quoteIdentifier($0)))" } ?? right
    }.joined(separator: ",")
  }

  /// Roles that the rights name.
  var roles: Set<String> {
    Set((current + base).flatMap { [$0.grantor, $0.grantee ?? owner] } + [owner])
  }
}

/// One right out of an access list.
struct PrivilegeRow: Sendable {
  var address: ObjectAddress
  var part: Int
  var column: String?
  var owner: String
  var type: String
  var identity: String
  var name: String
  var schema: String?
  var isCurrent: Bool
  var grantor: String
  var grantee: String?
  var right: String
  var isGrantable: Bool

  /// Every access list that is not what the object begins with, exploded.
  static let query = """
    WITH lists AS (
      SELECT 'pg_class'::regclass AS classid, c.oid AS objid, 0 AS part, NULL::name AS attname,
        c.relacl AS acl, c.relowner AS owner, CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END AS kind,
        c.relname AS name, c.relnamespace AS namespace
      FROM pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
      UNION ALL
      SELECT 'pg_class'::regclass, c.oid, a.attnum, a.attname, a.attacl, c.relowner, 'c',
        c.relname, c.relnamespace
      FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
      WHERE a.attnum <> 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND (a.attacl IS NOT NULL OR EXISTS (SELECT FROM pg_init_privs AS ip
          WHERE ip.classoid = 'pg_class'::regclass AND ip.objoid = c.oid
          AND ip.objsubid = a.attnum))
      UNION ALL
      SELECT 'pg_proc'::regclass, oid, 0, NULL, proacl, proowner, 'f', proname, pronamespace
      FROM pg_proc
      UNION ALL
      SELECT 'pg_type'::regclass, oid, 0, NULL, typacl, typowner, 'T', typname, typnamespace
      FROM pg_type
      UNION ALL
      SELECT 'pg_namespace'::regclass, oid, 0, NULL, nspacl, nspowner, 'n', nspname, 0
      FROM pg_namespace
      WHERE nspname !~ '^pg_(temp|toast)' AND nspname <> 'information_schema'
      UNION ALL
      SELECT 'pg_language'::regclass, oid, 0, NULL, lanacl, lanowner, 'l', lanname, 0
      FROM pg_language WHERE lanpltrusted
      UNION ALL
      SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, NULL, fdwacl, fdwowner, 'F', fdwname, 0
      FROM pg_foreign_data_wrapper
      UNION ALL
      SELECT 'pg_foreign_server'::regclass, oid, 0, NULL, srvacl, srvowner, 'S', srvname, 0
      FROM pg_foreign_server
      UNION ALL
      SELECT 'pg_largeobject'::regclass, oid, 0, NULL, lomacl, lomowner, 'L', oid::text::name, 0
      FROM pg_largeobject_metadata
      UNION ALL
      SELECT 'pg_database'::regclass, oid, 0, NULL, datacl, datdba, 'd', datname, 0
      FROM pg_database WHERE datname = current_database()
    ), changed AS (
      SELECT l.*,
        coalesce(l.acl, acldefault(l.kind::"char", l.owner)) AS now,
        CASE WHEN l.classid = 'pg_namespace'::regclass AND l.name = 'public'
          THEN ARRAY[makeaclitem(l.owner, l.owner, 'USAGE', false),
            makeaclitem(l.owner, l.owner, 'CREATE', false), makeaclitem(0, l.owner, 'USAGE', false)]
          ELSE coalesce(ip.initprivs, acldefault(l.kind::"char", l.owner)) END AS base
      FROM lists AS l LEFT JOIN pg_init_privs AS ip
        ON ip.classoid = l.classid AND ip.objoid = l.objid AND ip.objsubid = l.part
      WHERE (l.acl IS NOT NULL OR ip.initprivs IS NOT NULL)
        AND l.acl IS DISTINCT FROM ip.initprivs
    )
    SELECT c.classid::oid AS classid, c.objid, c.part, c.attname,
      pg_get_userbyid(c.owner) AS owner, i.type, i.identity, c.name, n.nspname,
      x.iscurrent, CASE WHEN x.grantor <> 0 THEN pg_get_userbyid(x.grantor) END AS grantor,
      CASE WHEN x.grantee <> 0 THEN pg_get_userbyid(x.grantee) END AS grantee,
      x.privilege_type, x.is_grantable
    FROM changed AS c
    CROSS JOIN LATERAL pg_identify_object(c.classid, c.objid, 0) AS i
    LEFT JOIN pg_namespace AS n ON n.oid = c.namespace
    LEFT JOIN LATERAL (
      SELECT true AS iscurrent, * FROM aclexplode(c.now)
      UNION ALL
      SELECT false, * FROM aclexplode(c.base)) AS x ON true
    WHERE n.nspname IS NULL
      OR n.nspname !~ '^pg_(temp|toast)' AND n.nspname <> 'information_schema'
    ORDER BY 1, 2, 3
    """

  init(_ row: CatalogRow) throws {
    address = ObjectAddress(
      CatalogClass(rawValue: try row.oid("classid")), try row.oid("objid"))
    part = try row.number("part") ?? 0
    column = row.optional("attname")
    owner = try row.text("owner")
    type = try row.text("type")
    identity = try row.text("identity")
    name = try row.text("name")
    schema = row.optional("nspname")
    isCurrent = row.flag("iscurrent")
    grantor = row.orEmpty("grantor")
    grantee = row.optional("grantee")
    right = row.orEmpty("privilege_type")
    isGrantable = row.flag("is_grantable")
  }
}

extension ObjectPrivileges {
  /// Rights on what does not exist yet.
  init(owner: String, target: String, prefix: String, current: [Item], base: [Item]) {
    self.init(
      address: ObjectAddress(.defaultPrivileges, 0), owner: owner, target: target, tag: target,
      prefix: prefix, current: current, base: base)
  }

  /// Puts the rows of each access list together.
  static func gather(_ rows: [PrivilegeRow]) -> [ObjectPrivileges] {
    var lists: [ObjectPrivileges] = []
    var last: (ObjectAddress, Int)?
    for row in rows {
      if last == nil || last?.0 != row.address || last?.1 != row.part {
        lists.append(ObjectPrivileges(row))
        last = (row.address, row.part)
      }
      guard !row.right.isEmpty else { continue }
      lists[lists.count - 1].add(row)
    }
    return lists
  }

  private init(_ row: PrivilegeRow) {
    address = row.address
    column = row.column
    owner = row.owner
    schema = row.schema
    let word = ObjectPrivileges.word(row.type)
    target = "\(word) \(row.identity)"
    tag = "\(word) \(row.name)"
    if let column = row.column { tag = "COLUMN \(row.name).\(column)" }
    if word == "FUNCTION" || word == "PROCEDURE" {
      let arguments = row.identity.drop { $0 != "(" }
      tag = "\(word) \(row.name)\(arguments)"
    }
    current = []
    base = []
  }

  /// The kind in the words of `GRANT`: views and materialized views count as tables.
  private static func word(_ type: String) -> String {
    switch type {
    case "view", "materialized view", "foreign table", "table": "TABLE"
    case "aggregate": "FUNCTION"
    case "composite type": "TYPE"
    case "server": "FOREIGN SERVER"
    case "foreign-data wrapper": "FOREIGN DATA WRAPPER"
    default: type.uppercased()
    }
  }

  private mutating func add(_ row: PrivilegeRow) {
    if row.isCurrent {
      ObjectPrivileges.add(row, to: &current)
    } else {
      ObjectPrivileges.add(row, to: &base)
    }
  }

  private static func add(_ row: PrivilegeRow, to items: inout [Item]) {
    let place = items.firstIndex { $0.grantor == row.grantor && $0.grantee == row.grantee }
    let index = place ?? items.count
    if place == nil {
      items.append(Item(grantor: row.grantor, grantee: row.grantee, rights: [], grantable: []))
    }
    items[index].rights.insert(row.right)
    if row.isGrantable { items[index].grantable.insert(row.right) }
  }
}
