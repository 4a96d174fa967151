internal import Archive
internal import Postgres

/// Proves a restored database against the manifest, table by table.
struct RestoreChecks: Sendable {
  let manifest: Manifest?
  let analyze: Bool

  /// A table, or a group whose statistics are made by one command.
  struct Item: Sendable {
    let name: String
    let size: Int64
    /// Whether ANALYZE of this table makes its partitions' statistics too, or has no sense.
    let isAnalyzed: Bool
    /// Whether its rows are those of its partitions.
    let isPartitioned: Bool
    /// Whether it can be looked at before all other tables are there: not where its statistics are
    /// those of others too, nor where its rows come last.
    let standsAlone: Bool
    let rows: Int64?
  }

  /// Everything to be looked at, the largest first.
  ///
  /// ANALYZE of a table goes on to its children: it would ask other servers for rows of those that
  /// are foreign. So their ancestors are left alone, and the partitions beside them are taken singly.
  func items(_ connection: Connection) async throws -> [Item] {
    let rows = try await connection.query(
      """
      WITH RECURSIVE partly_foreign(oid) AS (
        SELECT i.inhparent FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid WHERE c.relkind = 'f'
        UNION
        SELECT i.inhparent FROM pg_catalog.pg_inherits i
        JOIN partly_foreign f ON f.oid = i.inhrelid)
      SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
        CASE WHEN c.relkind = 'p' THEN 0 ELSE pg_catalog.pg_relation_size(c.oid) END,
        c.oid NOT IN (SELECT oid FROM partly_foreign) AND (NOT c.relispartition OR EXISTS (
          SELECT FROM pg_catalog.pg_inherits i JOIN partly_foreign f ON f.oid = i.inhparent
          WHERE i.inhrelid = c.oid)), n.nspname, c.relname,
        c.relkind = 'p',
        c.relkind = 'r' AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm', 'p') AND n.nspname NOT LIKE 'pg\\_%'
        AND n.nspname <> 'information_schema'
      ORDER BY 2 DESC, 1
      """
    ).rows
    return try rows.map { row in
      let name = quoteIdentifier(row[3] ?? "", row[4] ?? "")
      return Item(
        name: row[0] ?? "", size: try row.decode(1, as: Int64.self),
        isAnalyzed: try row.decode(2, as: Bool.self),
        isPartitioned: try row.decode(5, as: Bool.self),
        standsAlone: try row.decode(6, as: Bool.self), rows: manifest?.tables[name]?.rows)
    }
  }

  /// Makes a table's statistics.
  func analyze(_ item: Item, _ connection: Connection) async throws {
    if analyze, item.isAnalyzed { try await connection.execute("ANALYZE \(item.name)") }
  }

  /// Counts a table's rows.
  func count(_ item: Item, _ connection: Connection) async throws {
    guard let expected = item.rows else { return }
    let only = item.isPartitioned ? "" : "ONLY "
    let rows = try await connection.query("SELECT count(*) FROM \(only)\(item.name)")
      .single(as: Int64.self)
    guard rows == expected else {
      throw DBError(
        .contentDiffers, "\(item.name) has \(rows) rows; the manifest says \(expected)")
    }
  }

  /// Every table of the manifest is there, and every sequence is where it was.
  func checkRest(_ items: [Item], _ connection: Connection) async throws {
    guard let manifest else { return }
    let counted = items.filter { $0.rows != nil }.count
    guard counted == manifest.tables.count else {
      throw DBError(
        .contentDiffers,
        "\(manifest.tables.count - counted) tables of the manifest are not in the database")
    }
    let sequences = manifest.sequences.sorted { $0.key < $1.key }
    let results = try await connection.pipeline(
      sequences.map { Statement("SELECT last_value, is_called FROM \($0.key)") })
    for (sequence, result) in zip(sequences, results) {
      guard let row = result.rows.first,
        try row.decode(0, as: Int64.self) == sequence.value.lastValue,
        try row.decode(1, as: Bool.self) == sequence.value.isCalled
      else {
        throw DBError(
          .contentDiffers, "the sequence \(sequence.key) is not where the manifest says")
      }
    }
  }
}
