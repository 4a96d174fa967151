internal import Postgres

/// A type of a user's.
struct UserType: Sendable {
  enum Form: Sendable {
    case enumeration(labels: String)
    case domain(Domain)
    case composite(attributes: String)
    case range(options: String, hasFunctions: Bool)
    case base(options: String)
    /// A type that has a name and nothing else.
    case shell
  }

  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var form: Form
  /// Types that come with it: its array, its multirange, and the relation of a composite.
  var companions: [ObjectAddress]

  /// Row types of tables and array types come with what they belong to.
  static func query(_ version: Int) -> String {
    let multirange =
      version >= 140000
      ? "r.rngmultitypid, (SELECT mt.typarray FROM pg_type AS mt WHERE mt.oid = r.rngmultitypid)"
      : "0 AS rngmultitypid, 0"
    return """
      SELECT t.oid, t.typname, n.nspname, pg_get_userbyid(t.typowner) AS owner, t.typtype,
        t.typarray, t.typrelid, \(multirange) AS multiarray,
        CASE t.typtype WHEN 'e' THEN \(labels) WHEN 'c' THEN \(attributes)
          WHEN 'r' THEN \(rangeOptions(version))
          WHEN 'b' THEN \(baseOptions(version)) END AS body,
        r.rngcanonical <> 0 AS hasfunctions,
        CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base,
        CASE WHEN t.typtype = 'd' AND t.typcollation <> b.typcollation
          THEN \(collation("t.typcollation")) END AS collation,
        t.typnotnull, pg_get_expr(t.typdefaultbin, 0) AS defaultexpression,
        CASE WHEN t.typdefaultbin IS NULL THEN t.typdefault END AS defaulttext
      FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
      LEFT JOIN pg_type AS b ON b.oid = t.typbasetype
      LEFT JOIN pg_class AS c ON c.oid = t.typrelid
      LEFT JOIN pg_range AS r ON r.rngtypid = t.oid
      WHERE (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c'
          OR t.typtype = 'p' AND NOT t.typisdefined
          OR t.typtype = 'b' AND NOT EXISTS (SELECT FROM pg_type AS el WHERE el.typarray = t.oid))
        AND \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_type", "t.oid"))
      """
  }

  private static let labels = """
    (SELECT string_agg('    ' || quote_literal(l.enumlabel), E',\\n' ORDER BY l.enumsortorder)
      FROM pg_enum AS l WHERE l.enumtypid = t.oid)
    """

  private static let attributes = """
    (SELECT string_agg('    ' || quote_ident(a.attname) || ' '
        || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attcollation <> at.typcollation
          THEN ' COLLATE ' || \(collation("a.attcollation")) ELSE '' END,
        E',\\n' ORDER BY a.attnum)
      FROM pg_attribute AS a JOIN pg_type AS at ON at.oid = a.atttypid
      WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
    """

  private static func rangeOptions(_ version: Int) -> String {
    let multirange =
      version >= 140000
      ? """
      || (SELECT E',\\n    multirange_type_name = ' || quote_ident(mn.nspname) || '.'
        || quote_ident(mt.typname)
        FROM pg_type AS mt JOIN pg_namespace AS mn ON mn.oid = mt.typnamespace
        WHERE mt.oid = r.rngmultitypid)
      """ : ""
    return """
      (SELECT '    subtype = ' || format_type(r.rngsubtype, NULL) \(multirange)
        || CASE WHEN oc.opcdefault THEN '' ELSE E',\\n    subtype_opclass = '
          || quote_ident(ocn.nspname) || '.' || quote_ident(oc.opcname) END
        || CASE WHEN r.rngcollation = st.typcollation THEN ''
          ELSE E',\\n    collation = ' || \(collation("r.rngcollation")) END
        || CASE WHEN r.rngsubdiff = 0 THEN ''
          ELSE E',\\n    subtype_diff = ' || r.rngsubdiff::regproc::text END
        || CASE WHEN r.rngcanonical = 0 THEN ''
          ELSE E',\\n    canonical = ' || r.rngcanonical::regproc::text END
        FROM pg_opclass AS oc JOIN pg_namespace AS ocn ON ocn.oid = oc.opcnamespace,
          pg_type AS st
        WHERE oc.oid = r.rngsubopc AND st.oid = r.rngsubtype)
      """
  }

  /// SQL for a collation's quoted name.
  static func collation(_ oid: String) -> String {
    """
    (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname) FROM pg_collation AS co \
    JOIN pg_namespace AS cn ON cn.oid = co.collnamespace WHERE co.oid = \(oid))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("typname"))
    owner = try row.text("owner")
    companions = [
      ObjectAddress(.relation, try row.oid("typrelid")),
      ObjectAddress(.type, try row.oid("typarray")),
      ObjectAddress(.type, try row.oid("rngmultitypid")),
      ObjectAddress(.type, try row.oid("multiarray")),
    ].filter { $0.oid != 0 }
    switch row.code("typtype") {
    case "e": form = .enumeration(labels: row.orEmpty("body"))
    case "c": form = .composite(attributes: row.orEmpty("body"))
    case "r":
      form = .range(options: try row.text("body"), hasFunctions: row.flag("hasfunctions"))
    case "b": form = .base(options: try row.text("body"))
    case "p": form = .shell
    default: form = .domain(try Domain(row))
    }
  }

  /// The entries. A type whose functions take or give the type itself is made as a name first.
  ///
  /// - Parameters:
  ///   - constraints: those of a domain that stand inside.
  ///   - isNotNullNamed: whether the domain's NOT NULL is a constraint, as it is since 17.
  ///   - needs: what the default of a domain calls which is set apart from it; none where it stands
  ///     inside.
  func dumpObjects(
    _ constraints: [TableConstraint], isNotNullNamed: Bool, defaultAfter needs: [ObjectAddress]
  ) -> [DumpObject] {
    var object = dumpObject(constraints, isNotNullNamed: isNotNullNamed, hasDefault: needs.isEmpty)
    switch form {
    case .domain(let domain) where !needs.isEmpty:
      object.needsNot = needs
      return [object, defaultObject(of: domain, after: needs)]
    case .base, .range(_, true):
      let shell = shellObject
      object.requires = [shell.key]
      return [shell, object]
    default: return [object]
    }
  }

  private var shellObject: DumpObject {
    DumpObject(
      ObjectKey(.type, oid, .shell), .shellType, schema: name.schema, tag: name.name, owner: owner,
      definition: "CREATE TYPE \(name.sql);\n")
  }

  /// The default of a domain as an entry of its own, which pg_dump has none of: its archives of such
  /// a domain cannot be restored.
  private func defaultObject(of domain: Domain, after needs: [ObjectAddress]) -> DumpObject {
    let alter = "ALTER DOMAIN \(name.sql)"
    return DumpObject(
      ObjectKey(.type, oid, .defaultValue), .columnDefault, schema: name.schema, tag: name.name,
      owner: owner, definition: "\(alter) SET DEFAULT \(domain.defaultText ?? "NULL");\n",
      dropStatement: "\(alter) DROP DEFAULT;\n",
      requires: [ObjectKey(.type, oid)] + needs.map { ObjectKey($0) })
  }

  private func dumpObject(
    _ constraints: [TableConstraint], isNotNullNamed: Bool, hasDefault: Bool
  ) -> DumpObject {
    let sql = name.sql
    var claims = companions
    let definition: String
    switch form {
    case .enumeration(let labels): definition = "CREATE TYPE \(sql) AS ENUM (\n\(labels)\n);\n"
    case .composite(let attributes): definition = "CREATE TYPE \(sql) AS (\n\(attributes)\n);\n"
    case .shell: definition = "CREATE TYPE \(sql);\n"
    case .base(let options): definition = "CREATE TYPE \(sql) (\n\(options)\n);\n"
    case .range(let options, _): definition = "CREATE TYPE \(sql) AS RANGE (\n\(options)\n);\n"
    case .domain(var domain):
      if isNotNullNamed { domain.isNotNull = false }
      if !hasDefault { domain.defaultText = nil }
      let inside = constraints.filter { !$0.isSeparate }
      claims += inside.map(\.address)
      definition = domain.definition(of: sql, inside)
    }
    let isDomain = if case .domain = form { true } else { false }
    return DumpObject(
      ObjectKey(.type, oid), isDomain ? .domain : .type, schema: name.schema, tag: name.name,
      owner: owner, definition: definition,
      dropStatement: "DROP \(isDomain ? "DOMAIN" : "TYPE") \(sql);\n", claims: claims)
  }
}

/// What a domain adds to its base type.
struct Domain: Sendable {
  var base: String
  var collation: String?
  var isNotNull: Bool
  var defaultText: String?

  init(_ row: CatalogRow) throws {
    base = try row.text("base")
    collation = row.optional("collation")
    isNotNull = row.flag("typnotnull")
    defaultText =
      row.optional("defaultexpression") ?? row.optional("defaulttext").map(quoteLiteral)
  }

  func definition(of name: String, _ constraints: [TableConstraint]) -> String {
    var text = "CREATE DOMAIN \(name) AS \(base)"
    if let collation { text += " COLLATE \(collation)" }
    if isNotNull { text += " NOT NULL" }
    if let defaultText { text += " DEFAULT \(defaultText)" }
    for constraint in constraints {
      text += "\n    CONSTRAINT \(quoteIdentifier(constraint.name)) \(constraint.definition)"
    }
    return text + ";\n"
  }
}
