internal import Diagnostics
internal import Postgres

/// The account of everything that the catalogs hold, whatever kind it is.
///
/// What no entry of the archive stands for is looked up here, so that nothing is left out in
/// silence: a kind that the backup does not know shows up as objects without an entry.
enum Inventory {
  /// Every object of a user's: not of an extension, not of a temporary schema, and not merely a
  /// part of another object, as the index of a key, a row type, an array type or the trigger of a
  /// foreign key are.
  static func query(_ version: Int) -> String {
    var parts =
      relationParts(version) + [
        simple("pg_am"), casts, scoped("pg_collation", "collnamespace"),
        scoped("pg_conversion", "connamespace"), simple("pg_default_acl"),
        simple("pg_event_trigger"),
        simple("pg_foreign_data_wrapper"), simple("pg_foreign_server"),
        // The catalog itself is for superusers alone.
        "SELECT 'pg_user_mapping'::regclass, umid FROM pg_user_mappings",
        simple("pg_language"), scoped("pg_namespace", "oid"), scoped("pg_opclass", "opcnamespace"),
        scoped("pg_operator", "oprnamespace") + " AND x.oprcode::oid <> 0",
        scoped("pg_opfamily", "opfnamespace"),
        scoped("pg_statistic_ext", "stxnamespace"), simple("pg_publication"),
        simple("pg_transform"), scoped("pg_ts_config", "cfgnamespace"),
        scoped("pg_ts_dict", "dictnamespace"), scoped("pg_ts_parser", "prsnamespace"),
        scoped("pg_ts_template", "tmplnamespace"), simple("pg_extension"),
        "SELECT 'pg_largeobject'::regclass, oid FROM pg_largeobject_metadata",
        functions, types,
      ]
    parts.append(simple("pg_publication_rel"))
    if version >= 150000 { parts.append(simple("pg_publication_namespace")) }
    return """
      SELECT o.classid::oid AS classid, o.objid FROM (
      \(parts.map { "(\($0))" }.joined(separator: "\nUNION ALL\n"))
      ) AS o(classid, objid)
      WHERE NOT EXISTS (SELECT FROM pg_depend AS m WHERE m.classid = o.classid
        AND m.objid = o.objid AND m.deptype = 'e')
      """
  }

  private static func simple(_ catalog: String) -> String {
    "SELECT '\(catalog)'::regclass, oid FROM \(catalog) WHERE oid >= 16384"
  }

  private static func scoped(_ catalog: String, _ namespace: String) -> String {
    """
    SELECT '\(catalog)'::regclass, x.oid FROM \(catalog) AS x \
    JOIN pg_namespace AS n ON n.oid = x.\(namespace) \
    WHERE x.oid >= 16384 AND \(CatalogFilter.userSchema("n"))
    """
  }

  /// Functions that a type brings along, as the constructors of a range, come with it.
  private static let functions =
    scoped("pg_proc", "pronamespace")
      + """
       AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass \
      AND d.objid = x.oid AND d.deptype = 'i')
      """

  /// The casts of a range to its multirange come with the range.
  private static let casts =
    simple("pg_cast")
      + """
       AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_cast'::regclass \
      AND d.objid = pg_cast.oid AND d.deptype = 'i')
      """

  private static let types =
    scoped("pg_type", "typnamespace")
      + """
       AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_type'::regclass \
      AND d.objid = x.oid AND d.deptype = 'i')
      """

  /// Relations and what hangs on them. What hangs on the relations of an extension is its own.
  private static func relationParts(_ version: Int) -> [String] {
    let relation = { (column: String) in
      "JOIN pg_class AS c ON c.oid = x.\(column) JOIN pg_namespace AS n ON n.oid = c.relnamespace"
    }
    let filter = CatalogFilter.userRelation("c", "n")
    let clone =
      version >= 130000
      ? "AND (x.tgparentid = 0 OR x.tgenabled <> (SELECT up.tgenabled FROM pg_trigger AS up "
        + "WHERE up.oid = x.tgparentid) AND NOT \(Relation.isBeingDetached("c.oid", version)))" : ""
    return [
      """
      SELECT 'pg_class'::regclass, c.oid FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind NOT IN ('t', 'i', 'I') AND \(CatalogFilter.userSchema("n"))
      """,
      """
      SELECT 'pg_class'::regclass, x.indexrelid FROM pg_index AS x \(relation("indrelid"))
      WHERE (x.indisvalid OR c.relkind = 'p') AND x.indisready AND c.relkind <> 't' AND \(filter)
      """,
      """
      SELECT 'pg_attrdef'::regclass, x.oid FROM pg_attrdef AS x \(relation("adrelid"))
      WHERE \(filter)
      """,
      """
      SELECT 'pg_rewrite'::regclass, x.oid FROM pg_rewrite AS x \(relation("ev_class"))
      WHERE \(filter)
      """,
      """
      SELECT 'pg_trigger'::regclass, x.oid FROM pg_trigger AS x \(relation("tgrelid"))
      WHERE NOT x.tgisinternal \(clone) AND \(filter)
      """,
      """
      SELECT 'pg_policy'::regclass, x.oid FROM pg_policy AS x \(relation("polrelid"))
      WHERE \(filter)
      """,
      """
      SELECT 'pg_constraint'::regclass, x.oid FROM pg_constraint AS x \(relation("conrelid"))
      WHERE x.conparentid = 0 \(version >= 180000 ? "" : "AND x.contype <> 'n'") AND \(filter)
      """,
      """
      SELECT 'pg_constraint'::regclass, x.oid FROM pg_constraint AS x
      JOIN pg_type AS t ON t.oid = x.contypid JOIN pg_namespace AS n ON n.oid = t.typnamespace
      WHERE \(CatalogFilter.userSchema("n"))
        AND \(CatalogFilter.notMember("pg_type", "t.oid"))
      """,
    ]
  }

  /// The server's own words for objects.
  static func describe(_ addresses: [ObjectAddress]) -> Statement {
    let catalogs = addresses.map { SQLValue($0.catalog.rawValue) as SQLValue? }
    let objects = addresses.map { SQLValue($0.oid) as SQLValue? }
    return Statement(
      """
      SELECT i.type, i.identity
      FROM unnest($1::oid[], $2::oid[]) AS o(classid, objid)
      CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
      ORDER BY i.type, i.identity
      """, [SQLValue(array: catalogs), SQLValue(array: objects)])
  }

  /// What pg_dump leaves out as well, for a note: its place is nobody's loss or another tool's.
  static let omittedQuery = """
    SELECT 'invalid index' AS type, quote_ident(n.nspname) || '.' || quote_ident(ic.relname)
      AS identity
    FROM pg_index AS x JOIN pg_class AS c ON c.oid = x.indrelid
    JOIN pg_class AS ic ON ic.oid = x.indexrelid
    JOIN pg_namespace AS n ON n.oid = ic.relnamespace
    WHERE c.relkind <> 'p' AND NOT (x.indisvalid AND x.indisready)
      AND \(CatalogFilter.userRelation("c", "n"))
    UNION ALL
    SELECT 'security labels', 'of ' || count(*) || ' built-in objects, by ' || l.provider
    FROM pg_seclabel AS l
    WHERE l.objoid < 16384 AND NOT (l.classoid = 'pg_namespace'::regclass AND l.objoid = 2200)
    GROUP BY l.provider
    UNION ALL
    SELECT i.type, i.identity FROM (
      SELECT 'pg_class'::regclass AS classid, oid AS objid, relnamespace AS namespace FROM pg_class
        WHERE relkind NOT IN ('t', 'i', 'I')
      UNION ALL SELECT 'pg_proc'::regclass, oid, pronamespace FROM pg_proc) AS o
    JOIN pg_namespace AS n ON n.oid = o.namespace
    CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
    WHERE o.objid >= 16384 AND n.nspname IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT FROM pg_depend AS m WHERE m.classid = o.classid
        AND m.objid = o.objid AND m.deptype = 'e')
    ORDER BY 1, 2
    """
}

extension Inventory {
  /// What hangs on the tables of extensions. The extension makes its own again, and nothing tells
  /// those from what somebody has added.
  static let leftToExtensionsQuery = """
    SELECT i.type, i.identity FROM (
      SELECT 'pg_policy'::regclass, oid, polrelid FROM pg_policy
      UNION ALL SELECT 'pg_trigger'::regclass, oid, tgrelid FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT 'pg_rewrite'::regclass, oid, ev_class FROM pg_rewrite
        WHERE rulename <> '_RETURN') AS o(classid, objid, relation)
    CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
    WHERE o.objid >= 16384 AND NOT \(CatalogFilter.notMember("pg_class", "o.relation"))
    ORDER BY 1, 2
    """
}

/// An object that the backup cannot hold, and why where the kind alone does not say it.
struct UnsupportedObject: Hashable, Comparable, Sendable, CustomStringConvertible {
  var kind: String
  var identity: String
  var reason: String?

  var description: String {
    "\(kind) \(identity)" + (reason.map { ": \($0)" } ?? "")
  }

  static func < (a: UnsupportedObject, b: UnsupportedObject) -> Bool {
    (a.kind, a.identity) < (b.kind, b.identity)
  }
}
