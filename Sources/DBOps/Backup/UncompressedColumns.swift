internal import Postgres

/// Finds the columns of a table whose long values the server keeps as they are, because it could not
/// make them smaller: keys and digests in text, pictures, what was compressed before.
///
/// The server tries so with each value that it stores, which costs more than all else of loading such a
/// table. A restore that knows spares it that.
struct UncompressedColumns {
  let connection: Connection

  /// With less than this out of line, the question costs more than the answer saves.
  private static let leastOutOfLine: Int64 = 16 << 20
  /// How many blocks are looked at.
  private static let sampledBlocks: Int64 = 300
  /// How many long values have to be seen.
  private static let leastValues: Int64 = 1000
  /// Of the 1664 columns that a result may have, each takes two.
  private static let mostColumns = 800

  /// The names of the columns, in the table's order, by a sample of its rows; none where the server has
  /// something against the question, which must not cost the backup.
  func find(in source: RowSource) async throws -> [String] {
    // Servers before 14 cannot tell; other access methods may know no sample.
    guard source.rangeColumns != nil, !source.isPartial, source.bytes >= Self.leastOutOfLine,
      connection.info.serverVersion >= 140000
    else { return [] }
    try await connection.execute("SAVEPOINT before_sample")
    do {
      let columns = try await sample(source)
      try await connection.execute("RELEASE SAVEPOINT before_sample")
      return columns
    } catch let error as PostgresError where error.kind == .server {
      try await connection.execute("ROLLBACK TO SAVEPOINT before_sample")
      return []
    }
  }

  private func sample(_ source: RowSource) async throws -> [String] {
    let candidates = try await candidates(in: source)
    guard let share = candidates.share else { return [] }
    let counts = candidates.names.map { name in
      let column = quoteIdentifier(name)
      return """
        pg_catalog.count(*) FILTER (WHERE pg_catalog.pg_column_compression(\(column)) IS NOT NULL),
        pg_catalog.count(*) FILTER (WHERE pg_catalog.pg_column_size(\(column)) >= 2000)
        """
    }
    let row = try await connection.query(
      """
      SELECT \(counts.joined(separator: ",\n"))
      FROM ONLY \(source.table.sql) TABLESAMPLE SYSTEM (\(share)) REPEATABLE (0)
      """
    ).rows[0]
    return try candidates.names.enumerated().filter { index, _ in
      try row.decode(2 * index, as: Int64.self) == 0
        && row.decode(2 * index + 1, as: Int64.self) >= Self.leastValues
    }.map(\.element)
  }

  /// The columns that are compressed where that helps, and the share of the table to look at, in percent;
  /// nil where there is nothing to look at.
  private func candidates(
    in source: RowSource
  ) async throws -> (names: [String], share: String?) {
    let rows = try await connection.query(
      """
      SELECT a.attname, least(100, 100.0 * $2 * current_setting('block_size')::int8
        / greatest(1, pg_catalog.pg_relation_size(c.oid)))::float4::text
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      WHERE c.oid = $1 AND a.attnum > 0 AND NOT a.attisdropped AND a.attlen = -1
        AND a.attstorage = 'x' AND a.attgenerated <> 'v' AND c.reltoastrelid <> 0
        AND pg_catalog.pg_relation_size(c.reltoastrelid) >= $3
      ORDER BY a.attnum LIMIT \(Self.mostColumns)
      """,
      [
        SQLValue(Int64(source.oid)), SQLValue(Self.sampledBlocks), SQLValue(Self.leastOutOfLine),
      ]
    ).rows
    return (rows.compactMap { $0[0] }, rows.first?[1])
  }
}
