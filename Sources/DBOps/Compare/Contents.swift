public import Postgres

/// What is in a database, as far as a comparison looks.
public struct Contents: Hashable, Sendable {
  /// What is known of a table.
  public struct Table: Hashable, Sendable {
    /// How many rows it has.
    public var rows: Int64
    /// The greatest key, where it is known.
    public var newestKey: Manifest.NewestKey?

    /// Describes a table.
    public init(rows: Int64, newestKey: Manifest.NewestKey? = nil) {
      self.rows = rows
      self.newestKey = newestKey
    }
  }

  /// The tables by their names in SQL.
  public var tables: [String: Table]
  /// The sequences by their names in SQL; nil where they are not to be looked at.
  public var sequences: [String: Manifest.Sequence]?
  /// Alembic's revision; outer nil where it is not to be looked at.
  public var revision: String??

  /// Describes contents.
  public init(
    tables: [String: Table], sequences: [String: Manifest.Sequence]? = nil,
    revision: String?? = nil
  ) {
    self.tables = tables
    self.sequences = sequences
    self.revision = revision
  }

  /// What a backup says that it holds.
  public init(_ manifest: Manifest) {
    self.init(
      tables: manifest.tables.mapValues { Table(rows: $0.rows, newestKey: $0.newestKey) },
      sequences: manifest.sequences, revision: .some(manifest.alembicRevision))
  }

  /// Reads what is in a database, in one snapshot.
  ///
  /// - Parameter keys: the columns whose greatest value is wanted, by table.
  public static func read(
    _ connection: Connection, keys: [String: String] = [:]
  ) async throws -> Contents {
    let options = TransactionOptions(isolation: .repeatableRead, isReadOnly: true)
    return try await connection.transaction(options) { connection in
      var contents = Contents(tables: [:], sequences: [:])
      for name in try await tableNames(connection) {
        contents.tables[name] = try await table(name, key: keys[name], over: connection)
      }
      for name in try await sequenceNames(connection) {
        let row = try await connection.query("SELECT last_value, is_called FROM \(name)").rows[0]
        contents.sequences?[name] = Manifest.Sequence(
          lastValue: try row.decode("last_value"), isCalled: try row.decode("is_called"))
      }
      contents.revision = .some(try await AlembicVersion.read(connection))
      return contents
    }
  }

  private static func table(
    _ name: String, key: String?, over connection: Connection
  ) async throws -> Table {
    // A key that the table has no more is a difference in its newest value, not an error.
    let known = try await key.asyncFilter { try await hasColumn($0, of: name, over: connection) }
    // As the backup takes it down; max() knows fewer types, uuid not among them.
    let newest =
      known.map {
        ", (SELECT \($0)::text FROM ONLY \(name) ORDER BY \($0) DESC NULLS LAST LIMIT 1)"
      } ?? ", NULL"
    // ONLY: the rows of partitions and children are counted with those.
    let result = try await connection.query("SELECT count(*)\(newest) FROM ONLY \(name)")
    let row = result.rows[0]
    let value: String? = try row.decode(1)
    return Table(
      rows: try row.decode(0),
      newestKey: known.flatMap { column in
        value.map { Manifest.NewestKey(column: column, value: $0) }
      })
  }

  private static func hasColumn(
    _ column: String, of table: String, over connection: Connection
  ) async throws -> Bool {
    try await connection.query(
      """
      SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = $1::regclass
        AND quote_ident(attname) = $2 AND attnum > 0 AND NOT attisdropped)
      """, [SQLValue(table), SQLValue(column)]
    ).single()
  }

  /// Tables with rows of their own: partitioned tables keep theirs in their partitions.
  private static func tableNames(_ connection: Connection) async throws -> [String] {
    try await names("c.relkind = 'r'", connection)
  }

  private static func sequenceNames(_ connection: Connection) async throws -> [String] {
    try await names("c.relkind = 'S'", connection)
  }

  private static func names(_ kind: String, _ connection: Connection) async throws -> [String] {
    let result = try await connection.query(
      """
      SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE \(kind) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND c.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
          AND d.objid = c.oid AND d.deptype = 'e')
      ORDER BY 1, 2
      """)
    return result.rows.map { quoteIdentifier($0[0] ?? "", $0[1] ?? "") }
  }
}

extension Optional where Wrapped: Sendable {
  fileprivate func asyncFilter(
    _ isIncluded: (Wrapped) async throws -> Bool
  ) async rethrows -> Wrapped? {
    guard let value = self, try await isIncluded(value) else { return nil }
    return value
  }
}
