internal import PythonSubset
internal import Text

/// A constraint as the catalogs have it.
struct ReflectedConstraint {
  var name: String
  var columns: [String]
  var isDeferrable: Bool
  var isDeferred: Bool
  var definition: String
  var comment: String?
  var include: [String]
  var nullsNotDistinct: Bool
}

/// A foreign key as the catalogs have it.
struct ReflectedForeignKey {
  var constraint: ReflectedConstraint
  var schema: String?
  var table: String
  var targets: [String]
  var onDelete: String?
  var onUpdate: String?
  var match: String?
}

/// An index as the catalogs have it.
struct ReflectedIndex {
  var name: String
  var isUnique: Bool
  /// The columns; nil where an expression stands.
  var columns: [String?]
  /// Columns and expressions as text.
  var expressions: [String]
  /// The order of each: bit 0 is descending, bit 1 nulls first.
  var options: [Int]
  var include: [String]
  var method: String
  var predicate: String?
  /// Operator classes that are not the usual ones; nil where they are.
  var operatorClasses: [String?]
  var constraint: String?
  var nullsNotDistinct: Bool
  var with: [String]
}

extension Catalog {
  /// The constraints of a kind of `pg_constraint.contype`, by name.
  func constraints(
    _ kind: String, of table: String, schema: String?
  ) throws -> [ReflectedConstraint] {
    let oid = try tableOID(table, schema: schema)
    let rows = try rows(
      """
      SELECT k.conname,
        (SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
          FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS p(number, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = p.number),
        k.condeferrable, k.condeferred, pg_catalog.pg_get_constraintdef(k.oid, true),
        pg_catalog.obj_description(k.oid, 'pg_constraint'),
        (SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
          FROM pg_catalog.pg_index AS x, pg_catalog.unnest(x.indkey::int2[])
            WITH ORDINALITY AS p(number, place), pg_catalog.pg_attribute AS a
          WHERE x.indexrelid = k.conindid AND p.place > x.indnkeyatts
            AND a.attrelid = k.conrelid AND a.attnum = p.number)
      FROM pg_catalog.pg_constraint AS k
      WHERE k.conrelid = \(oid) AND k.contype = '\(kind)' ORDER BY k.conname
      """)
    return try rows.map { row in
      ReflectedConstraint(
        name: row[0] ?? "", columns: try Catalog.texts(row[1]).compactMap { $0 },
        isDeferrable: row[2] == "t", isDeferred: row[3] == "t", definition: row[4] ?? "",
        comment: row[5] ?? nil, include: try Catalog.texts(row[6]).compactMap { $0 },
        nullsNotDistinct: row[4]?.contains(text: "NULLS NOT DISTINCT") ?? false)
    }
  }

  /// The foreign keys of a table, by name.
  func foreignKeys(of table: String, schema: String?) throws -> [ReflectedForeignKey] {
    let constraints = try constraints("f", of: table, schema: schema)
    if constraints.isEmpty { return [] }
    let oid = try tableOID(table, schema: schema)
    let rows = try rows(
      """
      SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid),
        (SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
          FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS p(number, place)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = p.number),
        k.confdeltype, k.confupdtype, k.confmatchtype
      FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS c ON c.oid = k.confrelid
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      WHERE k.conrelid = \(oid) AND k.contype = 'f' ORDER BY k.conname
      """)
    return try zip(constraints, rows).map { constraint, row in
      let isOwn = row[0] == schema
      return ReflectedForeignKey(
        constraint: constraint, schema: isOwn ? schema : row[2] == "t" ? nil : row[0],
        table: row[1] ?? "", targets: try Catalog.texts(row[3]).compactMap { $0 },
        onDelete: Catalog.action(row[4]), onUpdate: Catalog.action(row[5]),
        match: row[6] == "f" ? "FULL" : nil)
    }
  }

  private static func action(_ letter: String?) -> String? {
    switch letter {
    case "r": "RESTRICT"
    case "c": "CASCADE"
    case "n": "SET NULL"
    case "d": "SET DEFAULT"
    default: nil
    }
  }

  /// The indexes of a table but for that of the primary key, by name.
  func indexes(of table: String, schema: String?) throws -> [ReflectedIndex] {
    let oid = try tableOID(table, schema: schema)
    let rows = try rows(
      """
      SELECT c.relname, x.indisunique,
        (SELECT pg_catalog.json_agg(a.attname ORDER BY p.place)
          FROM pg_catalog.unnest(x.indkey::int2[]) WITH ORDINALITY AS p(number, place)
          LEFT JOIN pg_catalog.pg_attribute AS a
            ON a.attrelid = x.indrelid AND a.attnum = p.number AND p.number > 0),
        (SELECT pg_catalog.json_agg(pg_catalog.pg_get_indexdef(x.indexrelid, g.n, true)
            ORDER BY g.n)
          FROM pg_catalog.generate_series(1, x.indnkeyatts::int) AS g(n)),
        x.indoption, m.amname, pg_catalog.pg_get_expr(x.indpred, x.indrelid),
        (SELECT pg_catalog.json_agg(CASE WHEN o.opcdefault THEN NULL ELSE o.opcname END
            ORDER BY p.place)
          FROM pg_catalog.unnest(x.indclass::oid[]) WITH ORDINALITY AS p(class, place)
          JOIN pg_catalog.pg_opclass AS o ON o.oid = p.class),
        (SELECT k.conname FROM pg_catalog.pg_constraint AS k
          WHERE k.conindid = c.oid AND k.conrelid = x.indrelid AND k.contype IN ('u', 'x')),
        x.indnkeyatts, pg_catalog.pg_get_indexdef(c.oid), pg_catalog.array_to_json(c.reloptions)
      FROM pg_catalog.pg_index AS x JOIN pg_catalog.pg_class AS c ON c.oid = x.indexrelid
        JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
      WHERE x.indrelid = \(oid) AND NOT x.indisprimary ORDER BY c.relname
      """)
    return try rows.map { row in
      let columns = try Catalog.texts(row[2])
      let count = row[9].flatMap { Int($0) } ?? columns.count
      return ReflectedIndex(
        name: row[0] ?? "", isUnique: row[1] == "t", columns: Array(columns.prefix(count)),
        expressions: try Catalog.texts(row[3]).map { $0 ?? "" },
        options: (row[4] ?? "").split(separator: " ").compactMap { Int($0) },
        include: columns.dropFirst(count).compactMap { $0 }, method: row[5] ?? "btree",
        predicate: row[6] ?? nil, operatorClasses: try Catalog.texts(row[7]),
        constraint: row[8] ?? nil,
        nullsNotDistinct: row[10]?.contains(text: "NULLS NOT DISTINCT") ?? false,
        with: try Catalog.texts(row[11]).compactMap { $0 })
    }
  }

  /// The comment of a table.
  func comment(of table: String, schema: String?) throws -> String? {
    let oid = try tableOID(table, schema: schema)
    return try rows("SELECT pg_catalog.obj_description(\(oid), 'pg_class')").first?.first ?? nil
  }
}
