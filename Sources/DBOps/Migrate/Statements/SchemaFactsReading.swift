public import Postgres

extension SchemaFacts {
  /// Reads what is known of the tables that statements name, in one exchange with the server.
  ///
  /// Sizes are those of the files. A table that somebody has locked against reading would make the
  /// question wait: after two seconds the catalogs' own, older numbers are taken instead.
  public static func read(
    _ connection: Connection, for statements: [String]
  ) async throws -> SchemaFacts {
    let names = Set(statements.flatMap { SQLTokens.tokens(of: $0).compactMap(\.name) })
    let list = SQLValue(array: names.sorted().map { SQLValue($0) })
    do {
      return try await read(connection, list, exactSizes: true)
    } catch let error as PostgresError where error.sqlState == "55P03" {
      return try await read(connection, list, exactSizes: false)
    }
  }

  private static func read(
    _ connection: Connection, _ names: SQLValue, exactSizes: Bool
  ) async throws -> SchemaFacts {
    let results = try await connection.pipeline([
      Statement("SELECT set_config('lock_timeout', '2s', true)"),
      Statement("SELECT unnest(current_schemas(false))"),
      Statement(relationsQuery(exactSizes: exactSizes), [names]),
      Statement(columnsQuery, [names]),
      Statement(constraintsQuery, [names]),
      Statement(functionsQuery, [names]),
      Statement(domainsQuery, [names]),
      Statement(basesQuery),
      Statement(viewsQuery),
    ])
    var facts = SchemaFacts(serverVersion: connection.info.serverVersion, isLive: true)
    facts.searchPath = results[1].rows.compactMap { $0[0] }
    for row in results[2].rows { try facts.addRelation(row) }
    for row in results[3].rows {
      let type = readType(row["type"] ?? "")
      facts.relations[name(row)]?.columns[row["attname"] ?? ""] = Column(
        type: type, isNotNull: try row.decode("attnotnull"))
    }
    for row in results[4].rows { try facts.addConstraint(row) }
    for row in results[5].rows {
      facts.functions[row[0] ?? ""] = try row.decode(1)
    }
    for row in results[6].rows {
      let domain = ObjectName(row["domain_schema"], row["domain"] ?? "")
      facts.domainTables[domain, default: []].append(name(row))
    }
    for row in results[7].rows {
      facts.domainBases[row[0] ?? ""] = readType(row[1] ?? "")
    }
    for row in results[8].rows {
      let source = ObjectName(row["source_schema"], row["source"] ?? "")
      facts.sources[name(row), default: [:]][source] = nameSet(row["columns"])
    }
    return facts
  }

  private static func name(_ row: Row) -> ObjectName {
    ObjectName(row["nspname"], row["relname"] ?? "")
  }

  /// Names that the query has joined by a character that nobody uses in them.
  private static func nameSet(_ text: String?) -> Set<String> {
    Set((text ?? "").split(separator: "\u{1}").map(String.init))
  }

  private static func readType(_ text: String) -> TypeName {
    var reader = SQLReader(SQLTokens.tokens(of: text))
    return ColumnReader.type(&reader) ?? TypeName(spelled: text)
  }

  private mutating func addRelation(_ row: Row) throws {
    guard let kind = Relation.Kind(rawValue: row["relkind"] ?? "") else { return }
    var relation = Relation(kind: kind)
    relation.bytes = try row.decode("bytes")
    relation.totalBytes = try row.decode("total_bytes")
    relation.rows = try row.decode("rows")
    relation.isEmpty = relation.bytes == 0 && kind == .table
    if relation.isEmpty { relation.rows = 0 }
    if let schema = row["table_schema"], let table = row["table_name"] {
      relation.table = ObjectName(schema, table)
    }
    relation.column = row["column_name"]
    if let schema = row["parent_schema"], let parent = row["parent_name"] {
      relation.parent = ObjectName(schema, parent)
    }
    relation.isDefaultPartition = try row.decode("is_default")
    relations[SchemaFacts.name(row)] = relation
  }

  private mutating func addConstraint(_ row: Row) throws {
    let kinds: [String: Constraint.Kind] = [
      "c": .check, "f": .foreignKey, "u": .unique, "p": .primaryKey, "x": .exclude, "n": .notNull,
    ]
    guard let kind = kinds[row["contype"] ?? ""] else { return }
    var constraint = Constraint(kind: kind, isValidated: try row.decode("convalidated"))
    if let schema = row["other_schema"], let other = row["other_name"] {
      constraint.references = ObjectName(schema, other)
    }
    constraint.columns = SchemaFacts.nameSet(row["columns"])
    constraint.referencedColumns = SchemaFacts.nameSet(row["other_columns"])
    switch kind {
    case .check: constraint.notNull = NotNullChecks.columns(in: row["condition"] ?? "")
    case .notNull: constraint.notNull = constraint.columns
    default: break
    }
    relations[SchemaFacts.name(row)]?.constraints[row["conname"] ?? ""] = constraint
  }

  /// All user relations; sizes only of those that are named and of partitions. The estimate of rows
  /// is the planner's: the density of the last ANALYZE, times the size of today.
  private static func relationsQuery(exactSizes: Bool) -> String {
    let pages = exactSizes ? "pg_relation_size(s.oid)" : "s.relpages::bigint * 8192"
    let total = exactSizes ? "pg_total_relation_size(s.oid)" : "s.relpages::bigint * 8192"
    return """
      WITH s AS MATERIALIZED (
        SELECT c.*, n.nspname, c.relname = ANY ($1) OR c.relispartition AS is_named
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'i', 'I', 'v', 'm', 'S', 'f')
          AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      ), c AS (
        SELECT *, CASE WHEN is_named AND relkind IN ('r', 'm', 'i', 'S')
            THEN \(pages) END AS bytes,
          CASE WHEN is_named AND relkind IN ('r', 'm')
            THEN \(total) END AS total_bytes
        FROM s
      )
      SELECT c.nspname, c.relname, c.relkind, c.bytes, c.total_bytes,
        CASE WHEN c.reltuples > 0 AND c.relpages > 0
          THEN (c.reltuples / c.relpages * (c.bytes / 8192.0))::bigint
          WHEN c.relkind = 'p' AND c.reltuples > 0 THEN c.reltuples::bigint
          ELSE nullif(pg_stat_get_live_tuples(c.oid), 0) END AS rows,
        tn.nspname AS table_schema, t.relname AS table_name, a.attname AS column_name,
        pn.nspname AS parent_schema, p.relname AS parent_name,
        coalesce(pt.partdefid = c.oid, false) AS is_default
      FROM c
      LEFT JOIN pg_index AS x ON x.indexrelid = c.oid
      LEFT JOIN pg_depend AS d ON c.relkind = 'S' AND d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
      LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      LEFT JOIN pg_class AS t ON t.oid = coalesce(x.indrelid, d.refobjid)
      LEFT JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
      LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND i.inhseqno = 1
        AND c.relkind IN ('r', 'p', 'f')
      LEFT JOIN pg_class AS p ON p.oid = i.inhparent
      LEFT JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
      LEFT JOIN pg_partitioned_table AS pt ON pt.partrelid = p.oid
      """
  }

  private static let columnsQuery = """
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
      a.attnotnull
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname = ANY ($1) AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0
      AND NOT a.attisdropped AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    """

  /// Foreign keys of all tables, for they lock the other table too; others of the named ones.
  private static let constraintsQuery = """
    SELECT n.nspname, c.relname, k.conname, k.contype, k.convalidated,
      fn.nspname AS other_schema, f.relname AS other_name,
      CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) END AS condition,
      (SELECT string_agg(a.attname, chr(1)) FROM pg_attribute AS a
        WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)) AS columns,
      (SELECT string_agg(a.attname, chr(1)) FROM pg_attribute AS a
        WHERE a.attrelid = k.confrelid AND a.attnum = ANY (k.confkey)) AS other_columns
    FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_class AS f ON f.oid = k.confrelid
    LEFT JOIN pg_namespace AS fn ON fn.oid = f.relnamespace
    WHERE (k.contype = 'f' OR c.relname = ANY ($1))
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    """

  private static let functionsQuery = """
    SELECT proname, bool_or(provolatile = 'v') FROM pg_proc WHERE proname = ANY ($1) GROUP BY 1
    """

  /// The types below domains, by the names that `format_type` gives these.
  private static let basesQuery = """
    SELECT format_type(oid, NULL), format_type(typbasetype, typtypmod) FROM pg_type
    WHERE typtype = 'd' AND oid >= 16384
    """

  private static let viewsQuery = """
    SELECT n.nspname, v.relname, sn.nspname AS source_schema, s.relname AS source,
      string_agg(DISTINCT a.attname, chr(1)) AS columns
    FROM pg_rewrite AS w JOIN pg_class AS v ON v.oid = w.ev_class AND v.relkind IN ('v', 'm')
    JOIN pg_namespace AS n ON n.oid = v.relnamespace
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
    JOIN pg_class AS s ON s.oid = d.refobjid JOIN pg_namespace AS sn ON sn.oid = s.relnamespace
    LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      AND a.attnum > 0
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    GROUP BY 1, 2, 3, 4
    """

  private static let domainsQuery = """
    SELECT tn.nspname AS domain_schema, t.typname AS domain, n.nspname, c.relname
    FROM pg_type AS t JOIN pg_namespace AS tn ON tn.oid = t.typnamespace
    JOIN pg_attribute AS a ON a.atttypid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm')
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE t.typtype = 'd' AND t.typname = ANY ($1)
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
    """
}
