/// The queries behind `\d` and its relatives.
enum CatalogListing {
  /// The query of a command, with the pattern of names as `$1`; nil for other commands.
  static func query(for command: String) -> String? {
    switch command {
    case "d": relations("r,p,v,m,S,f")
    case "dt": relations("r,p")
    case "di": relations("i,I")
    case "dv": relations("v,m")
    case "df": functions
    case "dn":
      """
      SELECT nspname AS schema, pg_get_userbyid(nspowner) AS owner FROM pg_namespace
      WHERE nspname LIKE $1 AND nspname !~ '^pg_(toast|temp)' ORDER BY 1
      """
    case "du":
      """
      SELECT rolname AS role, rolsuper AS superuser, rolcreatedb AS "create db",
             rolcreaterole AS "create role", rolcanlogin AS login
      FROM pg_roles WHERE rolname LIKE $1 AND rolname !~ '^pg_' ORDER BY 1
      """
    case "l":
      """
      SELECT datname AS database, pg_get_userbyid(datdba) AS owner,
             pg_encoding_to_char(encoding) AS encoding, datcollate AS collation
      FROM pg_database WHERE datname LIKE $1 ORDER BY 1
      """
    default: nil
    }
  }

  /// The columns of the relation `$1`.
  static let columns = """
    SELECT a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull AS "not null", pg_get_expr(d.adbin, d.adrelid) AS default
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
    """

  /// The indexes, constraints and triggers of the relation `$1`.
  static let parts = """
    SELECT 'index' AS kind, pg_get_indexdef(indexrelid) AS definition
    FROM pg_index WHERE indrelid = $1::regclass
    UNION ALL SELECT 'constraint', quote_ident(conname) || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid = $1::regclass
    UNION ALL SELECT 'trigger', pg_get_triggerdef(oid)
    FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal ORDER BY 1, 2
    """

  private static func relations(_ kinds: String) -> String {
    """
    SELECT n.nspname AS schema, c.relname AS name,
           CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table'
             WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence'
             WHEN 'f' THEN 'foreign table' ELSE 'index' END AS kind,
           pg_get_userbyid(c.relowner) AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = ANY (string_to_array('\(kinds)', ',')::"char"[]) AND c.relname LIKE $1
      AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1, 2
    """
  }

  private static let functions = """
    SELECT n.nspname AS schema, p.proname AS name, pg_get_function_result(p.oid) AS result,
           pg_get_function_identity_arguments(p.oid) AS arguments
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proname LIKE $1 AND n.nspname !~ '^(pg_|information_schema$)' ORDER BY 1, 2, 4
    """
}
