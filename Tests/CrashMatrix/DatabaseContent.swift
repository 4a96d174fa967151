internal import Postgres

/// Everything that matters in a database, made comparable: its tables' rows, its sequences and the
/// definitions of what stands around them.
struct DatabaseContent: Hashable, CustomStringConvertible {
  /// A line an object: `table users 500 rows 1b2c...`.
  var lines: [String]

  var description: String { lines.joined(separator: "\n") }

  /// Reads a database in one snapshot.
  static func read(_ settings: ConnectionSettings) async throws -> DatabaseContent {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    var lines = try await texts(connection, objects)
    for table in try await texts(connection, tables) {
      let digest = """
        SELECT format('%s %s rows %s', \(quoteLiteral(table)), count(*),
          md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), ''))) FROM \(table) t
        """
      lines += try await texts(connection, digest)
    }
    await connection.close()
    return DatabaseContent(lines: lines)
  }

  private static func texts(_ connection: Connection, _ sql: String) async throws -> [String] {
    try await connection.query(sql).rows.map { try $0.decode(0, as: String.self) }
  }

  private static let tables = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
    """

  private static let objects = """
    SELECT 'column ' || attrelid::regclass || ' ' || attname || ' ' || format_type(atttypid, atttypmod)
      FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
      WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped AND relkind IN ('r', 'v')
    UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indrelid
      WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'view ' || viewname || ' ' || definition FROM pg_views WHERE schemaname = 'public'
    UNION ALL SELECT format('sequence %s %s', sequencename, last_value) FROM pg_sequences
    ORDER BY 1
    """
}
