internal import Postgres

/// A table, partitioned table, foreign table, view or materialized view.
struct Relation: Sendable {
  /// What `pg_class.relkind` says.
  enum Form: Character, Sendable {
    case table = "r"
    case partitionedTable = "p"
    case foreignTable = "f"
    case view = "v"
    case materializedView = "m"
  }

  /// How a partition hangs in its parent.
  struct Partition: Sendable {
    var parent: UInt32
    var parentName: QualifiedName
    var bound: String
    var isDetaching: Bool
  }

  var oid: UInt32
  var form: Form
  var name: QualifiedName
  var owner: String
  var isUnlogged: Bool
  var rowType: UInt32
  var arrayType: UInt32
  var tablespace: String?
  var accessMethod: String?
  /// Storage parameters as `WITH (...)` takes them; empty where there are none.
  var options: String
  /// `LOCAL` or `CASCADED`, of a view.
  var checkOption: String?
  var isPopulated: Bool
  /// `d` default, `n` nothing, `f` full, `i` index.
  var replicaIdentity: Character
  var hasRowSecurity: Bool
  var forcesRowSecurity: Bool
  /// The name of the type that a typed table follows.
  var ofType: String?
  var partitionKey: String?
  /// Whether rows go to partitions by the hash of an enumeration's label, which is another one in
  /// every database.
  var isHashedByEnumeration: Bool
  var partition: Partition?
  /// `SERVER ...` and the options of a foreign table.
  var foreignClause: String?
  /// Parents by `INHERITS`, in order, as SQL has them.
  var parents: String?
  /// The text of a view.
  var query: String?
  /// The `_RETURN` rule of a view.
  var ruleOID: UInt32
  var bytes: Int64
  var estimatedRows: Int64?

  /// Relations that hold rows of their own and must be locked before anything else is read.
  static let lockQuery = """
    SELECT c.oid, n.nspname, c.relname, c.relispartition AS ispartition
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND \(CatalogFilter.userRelation("c", "n"))
    UNION
    SELECT c.oid, n.nspname, c.relname, false
    FROM pg_extension AS e CROSS JOIN LATERAL unnest(e.extconfig) AS x(oid)
    JOIN pg_class AS c ON c.oid = x.oid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r'
    ORDER BY 2, 3
    """

  static func query(_ version: Int) -> String {
    let detaching = version >= 140000 ? "i.inhdetachpending" : "false"
    return """
      SELECT c.oid, c.relkind, n.nspname, c.relname, pg_get_userbyid(c.relowner) AS owner,
        c.relpersistence, c.reltype, coalesce(t.typarray, 0) AS typarray, ts.spcname, am.amname,
        concat_ws(', ', \(options("c.reloptions")),
          \(options("toast.reloptions", prefix: "toast."))) AS options,
        (SELECT upper(o.option_value) FROM pg_options_to_table(c.reloptions) AS o
          WHERE o.option_name = 'check_option') AS checkoption,
        c.relispopulated, c.relreplident, c.relrowsecurity, c.relforcerowsecurity,
        CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS oftype,
        fs.srvname, \(ForeignOptions.list("ft.ftoptions")) AS foreignoptions,
        CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partitionkey,
        (SELECT EXISTS (SELECT FROM pg_opclass AS o JOIN pg_am AS oa ON oa.oid = o.opcmethod
            WHERE o.oid = ANY (pt.partclass) AND oa.amname = 'hash' AND o.opcname = 'enum_ops')
          FROM pg_partitioned_table AS pt WHERE pt.partrelid = c.oid) AS enumhash,
        i.inhparent, pn.nspname AS parentschema, p.relname AS parentname,
        pg_get_expr(c.relpartbound, c.oid) AS bound, \(detaching) AS detaching,
        (SELECT string_agg(quote_ident(hn.nspname) || '.' || quote_ident(hc.relname), ', '
            ORDER BY h.inhseqno)
          FROM pg_inherits AS h JOIN pg_class AS hc ON hc.oid = h.inhparent
          JOIN pg_namespace AS hn ON hn.oid = hc.relnamespace
          WHERE h.inhrelid = c.oid AND NOT c.relispartition) AS parents,
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query,
        (SELECT r.oid FROM pg_rewrite AS r WHERE r.ev_class = c.oid AND r.rulename = '_RETURN')
          AS rule,
        CASE WHEN c.relkind IN ('r', 'm') THEN pg_table_size(c.oid) END AS bytes,
        CASE WHEN c.reltuples > 0 THEN c.reltuples::int8 END AS rows
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      LEFT JOIN pg_type AS t ON t.oid = c.reltype
      LEFT JOIN pg_tablespace AS ts ON ts.oid = c.reltablespace
      LEFT JOIN pg_am AS am ON am.oid = c.relam
      LEFT JOIN pg_class AS toast ON toast.oid = c.reltoastrelid
      LEFT JOIN pg_foreign_table AS ft ON ft.ftrelid = c.oid
      LEFT JOIN pg_foreign_server AS fs ON fs.oid = ft.ftserver
      LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND c.relispartition
      LEFT JOIN pg_class AS p ON p.oid = i.inhparent
      LEFT JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
      WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND \(CatalogFilter.userRelation("c", "n"))
      """
  }

  /// SQL for whether a partition's detachment was begun and not ended.
  static func isBeingDetached(_ oid: String, _ version: Int) -> String {
    guard version >= 140000 else { return "false" }
    return
      "EXISTS (SELECT FROM pg_inherits AS hd WHERE hd.inhrelid = \(oid) AND hd.inhdetachpending)"
  }

  /// SQL for an object's options as a list that `WITH (...)` and `SET (...)` take.
  ///
  /// A view's `check_option` has a clause of its own. `pg_attver` is the server's own bookkeeping
  /// of a column's version, kept among its options since PostgreSQL 15.20; pg_dump leaves it out
  /// too.
  static func options(_ column: String, prefix: String = "") -> String {
    """
    (SELECT string_agg('\(prefix)' || quote_ident(o.option_name) || '='
        || quote_literal(o.option_value), ', ')
      FROM pg_options_to_table(\(column)) AS o
      WHERE o.option_name NOT IN ('check_option', 'pg_attver'))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    guard let form = Form(rawValue: row.code("relkind")) else {
      throw UnexpectedCatalogValue(column: "relkind", value: row.optional("relkind"))
    }
    self.form = form
    name = QualifiedName(try row.text("nspname"), try row.text("relname"))
    owner = try row.text("owner")
    isUnlogged = row.code("relpersistence") == "u"
    rowType = try row.oid("reltype")
    arrayType = try row.oid("typarray")
    tablespace = row.optional("spcname")
    accessMethod = row.optional("amname")
    options = row.orEmpty("options")
    checkOption = row.optional("checkoption")
    isPopulated = row.flag("relispopulated")
    replicaIdentity = row.code("relreplident")
    hasRowSecurity = row.flag("relrowsecurity")
    forcesRowSecurity = row.flag("relforcerowsecurity")
    ofType = row.optional("oftype")
    isHashedByEnumeration = row.flag("enumhash")
    partitionKey = row.optional("partitionkey")
    if let bound = row.optional("bound") {
      partition = Partition(
        parent: try row.oid("inhparent"),
        parentName: QualifiedName(try row.text("parentschema"), try row.text("parentname")),
        bound: bound, isDetaching: row.flag("detaching"))
    }
    foreignClause = row.optional("srvname").map {
      "SERVER \(quoteIdentifier($0))\(ForeignOptions.clause(row.optional("foreignoptions")))"
    }
    parents = row.optional("parents")
    query = row.optional("query")
    ruleOID = try row.oid("rule")
    bytes = try row.number("bytes") ?? 0
    estimatedRows = try row.number("rows")
  }

  var key: ObjectKey { ObjectKey(.relation, oid) }

  /// What stands for the relation when others depend on it.
  var companions: [ObjectAddress] {
    [
      ObjectAddress(.type, rowType), ObjectAddress(.type, arrayType),
      ObjectAddress(.rewriteRule, ruleOID),
    ].filter { $0.oid != 0 }
  }
}
