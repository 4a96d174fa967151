/// The queries behind `\dt` and its relatives.
///
/// Each takes a name's pattern as `$1` and a schema's as `$2`, both null for all. Without a pattern
/// the objects of the system stay out.
enum CatalogListing {
  /// The query of a command, with sizes and comments where a `+` asks for them; nil for commands
  /// that list nothing.
  static func query(for command: String, isDetailed: Bool) -> String? {
    switch command {
    case "d": relations("r,p,v,m,S,f", isDetailed)
    case "dt": relations("r,p", isDetailed)
    case "dv": relations("v,m", isDetailed)
    case "dm": relations("m", isDetailed)
    case "ds": relations("S", isDetailed)
    case "di": indexes(isDetailed)
    case "df": functions
    case "dn": schemas
    case "du": roles
    case "dx": extensions
    case "l": databases(isDetailed)
    default: nil
    }
  }

  private static func relations(_ kinds: String, _ isDetailed: Bool) -> String {
    let details = """
      , CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END AS "rows, about",
           pg_size_pretty(pg_table_size(c.oid)) AS size,
           pg_size_pretty(pg_total_relation_size(c.oid)) AS "with indexes",
           obj_description(c.oid, 'pg_class') AS comment
      """
    return """
      SELECT n.nspname AS schema, c.relname AS name, \(relationKind) AS kind,
             pg_get_userbyid(c.relowner) AS owner\(isDetailed ? details : "")
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = ANY (string_to_array('\(kinds)', ',')::"char"[])
        AND \(matches("c.relname")) ORDER BY 1, 2
      """
  }

  private static func indexes(_ isDetailed: Bool) -> String {
    let details = """
      , pg_size_pretty(pg_relation_size(c.oid)) AS size, s.idx_scan AS scans
      """
    return """
      SELECT n.nspname AS schema, c.relname AS name, t.relname AS table,
             CASE WHEN i.indisprimary THEN 'primary key' WHEN i.indisunique THEN 'unique'
               ELSE '' END || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END AS kind,
             pg_get_userbyid(c.relowner) AS owner\(isDetailed ? details : "")
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = c.oid
      WHERE \(matches("c.relname")) ORDER BY 1, 2
      """
  }

  private static let functions = """
    SELECT n.nspname AS schema, p.proname AS name, pg_get_function_result(p.oid) AS result,
           pg_get_function_arguments(p.oid) AS arguments,
           CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window'
             WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE \(matches("p.proname")) ORDER BY 1, 2, 4
    """

  private static let schemas = """
    SELECT n.nspname AS schema, pg_get_userbyid(n.nspowner) AS owner,
           obj_description(n.oid, 'pg_namespace') AS comment
    FROM pg_namespace n
    WHERE ($1::text IS NOT NULL AND n.nspname ~ $1
        OR $1 IS NULL AND n.nspname !~ '^(pg_|information_schema$)')
      AND $2::text IS NULL ORDER BY 1
    """

  private static let roles = """
    SELECT r.rolname AS role,
           concat_ws(', ', CASE WHEN r.rolsuper THEN 'superuser' END,
             CASE WHEN NOT r.rolcanlogin THEN 'cannot log in' END,
             CASE WHEN r.rolcreatedb THEN 'create databases' END,
             CASE WHEN r.rolcreaterole THEN 'create roles' END,
             CASE WHEN r.rolreplication THEN 'replication' END,
             CASE WHEN r.rolbypassrls THEN 'bypass row security' END,
             CASE WHEN r.rolconnlimit >= 0 THEN r.rolconnlimit || ' connections' END,
             CASE WHEN r.rolvaliduntil < 'infinity'
               THEN 'password valid until ' || r.rolvaliduntil END) AS attributes,
           (SELECT string_agg(g.rolname, ', ' ORDER BY g.rolname) FROM pg_auth_members m
            JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid) AS "member of"
    FROM pg_roles r
    WHERE ($1::text IS NOT NULL AND r.rolname ~ $1 OR $1 IS NULL AND r.rolname !~ '^pg_')
      AND $2::text IS NULL ORDER BY 1
    """

  private static let extensions = """
    SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema,
           obj_description(e.oid, 'pg_extension') AS comment
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE ($1::text IS NULL OR e.extname ~ $1) AND $2::text IS NULL ORDER BY 1
    """

  /// The size of a database that one may not connect to is not for one to know.
  private static func databases(_ isDetailed: Bool) -> String {
    let details = """
      , CASE WHEN has_database_privilege(d.oid, 'CONNECT')
               THEN pg_size_pretty(pg_database_size(d.oid)) END AS size,
           shobj_description(d.oid, 'pg_database') AS comment
      """
    return """
      SELECT d.datname AS database, pg_get_userbyid(d.datdba) AS owner,
             pg_encoding_to_char(d.encoding) AS encoding, d.datcollate AS collation,
             d.datallowconn AS "takes connections"\(isDetailed ? details : "")
      FROM pg_database d
      WHERE ($1::text IS NULL OR d.datname ~ $1) AND $2::text IS NULL ORDER BY 1
      """
  }

  /// What `\sf` shows: the definitions of the functions that a pattern matches.
  static let definitions = """
    SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prokind <> 'a' AND \(matches("p.proname")) ORDER BY n.nspname, p.proname, p.oid
    """

  /// The words for `relkind`.
  static let relationKind = """
    CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view'
      WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table'
      WHEN 'c' THEN 'composite type' WHEN 't' THEN 'TOAST table'
      WHEN 'I' THEN 'partitioned index' ELSE 'index' END
    """

  /// Whether an object of the schema `n` is meant.
  static func matches(_ name: String) -> String {
    """
    ($1::text IS NULL OR \(name) ~ $1) AND ($2::text IS NULL OR n.nspname ~ $2)
        AND ($1 IS NOT NULL OR $2 IS NOT NULL OR n.nspname !~ '^(pg_|information_schema$)')
    """
  }
}
