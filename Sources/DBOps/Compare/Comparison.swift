internal import Postgres

/// One respect in which a database is not what was expected.
public struct Difference: Hashable, Sendable {
  /// What differs.
  public enum Kind: String, Sendable {
    /// There is no such database.
    case database
    /// A table is missing.
    case missingTable = "missing-table"
    /// A table is there that was not expected.
    case extraTable = "extra-table"
    /// A table has another number of rows.
    case rows
    /// A table's greatest key is another one.
    case newestKey = "newest-key"
    /// A sequence is missing or stands elsewhere.
    case sequence
    /// A sequence would hand out a key that its table has already.
    case sequenceBehind = "sequence-behind"
    /// Alembic's revision is another one.
    case revision
    /// A large object is missing, not expected, or has other bytes.
    case largeObject = "large-object"
  }

  /// What differs.
  public var kind: Kind
  /// The table, sequence or database.
  public var object: String
  /// What was expected; nil for nothing.
  public var expected: String?
  /// What is there; nil for nothing.
  public var actual: String?

  /// Describes a difference.
  public init(_ kind: Kind, _ object: String, expected: String?, actual: String?) {
    self.kind = kind
    self.object = object
    self.expected = expected
    self.actual = actual
  }
}

/// Compares a database with what it ought to hold.
public struct Comparison: Sendable {
  /// What it ought to hold.
  public var expected: Contents
  /// Whether tables and sequences that are not expected are differences.
  public var isComplete: Bool

  /// Describes the expectation.
  public init(expected: Contents, isComplete: Bool = false) {
    self.expected = expected
    self.isComplete = isComplete
  }

  /// Reads the database and gives every difference, in the order of the names; a database that
  /// does not exist or takes no connections differs in that.
  public func differences(of server: DatabaseServer) async throws -> [Difference] {
    let keys = expected.tables.compactMapValues(\.newestKey?.column)
    do {
      return try await server.withConnection { connection in
        let actual = try await Contents.read(connection, keys: keys)
        return differences(from: actual) + (try await Comparison.sequencesBehind(connection))
      }
    } catch let error as PostgresError where ["3D000", "55000"].contains(error.sqlState) {
      return [
        Difference(
          .database, server.settings["dbname"] ?? "", expected: "a database that can be read",
          actual: error.message)
      ]
    }
  }

  /// Compares with contents that were read elsewhere.
  public func differences(from actual: Contents) -> [Difference] {
    var found: [Difference] = []
    for (name, table) in expected.tables.sorted(by: { $0.key < $1.key }) {
      found += differences(name, table, actual.tables[name])
    }
    if isComplete {
      for (name, table) in actual.tables.sorted(by: { $0.key < $1.key })
      where expected.tables[name] == nil {
        found.append(
          Difference(.extraTable, name, expected: nil, actual: "\(table.rows) rows"))
      }
    }
    for (name, place) in (expected.sequences ?? [:]).sorted(by: { $0.key < $1.key })
    where actual.sequences?[name] != place {
      found.append(
        Difference(
          .sequence, name, expected: place.summary, actual: actual.sequences?[name]?.summary))
    }
    if let revision = expected.revision, let other = actual.revision, revision != other {
      found.append(Difference(.revision, "alembic_version", expected: revision, actual: other))
    }
    return found
  }

  private func differences(
    _ name: String, _ expected: Contents.Table, _ actual: Contents.Table?
  ) -> [Difference] {
    guard let actual else {
      return [
        Difference(.missingTable, name, expected: "\(expected.rows) rows", actual: nil)
      ]
    }
    var found: [Difference] = []
    if expected.rows != actual.rows {
      found.append(
        Difference(.rows, name, expected: "\(expected.rows)", actual: "\(actual.rows)"))
    }
    if let key = expected.newestKey, key.value != actual.newestKey?.value {
      found.append(
        Difference(
          .newestKey, "\(name).\(key.column)", expected: key.value,
          actual: actual.newestKey?.value))
    }
    return found
  }

  /// Sequences that stand before the greatest value of the column that they feed: the next insert
  /// would fail. What was expected does not matter to that.
  static func sequencesBehind(_ connection: Connection) async throws -> [Difference] {
    let owned = try await connection.query(
      """
      SELECT sn.nspname, s.relname, tn.nspname, t.relname, a.attname
      FROM pg_depend d
      JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
      JOIN pg_namespace sn ON sn.oid = s.relnamespace
      JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p')
      JOIN pg_namespace tn ON tn.oid = t.relnamespace
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
      JOIN pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0 AND NOT q.seqcycle
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
        AND d.deptype IN ('a', 'i') AND a.atttypid IN (20, 21, 23) AND s.relpersistence <> 't'
      ORDER BY 1, 2
      """)
    var found: [Difference] = []
    for row in owned.rows {
      let names = row.columns.indices.map { row[$0] ?? "" }
      let sequence = quoteIdentifier(names[0], names[1])
      let result = try await connection.query(
        """
        SELECT (SELECT max(\(quoteIdentifier(names[4])))
            FROM \(quoteIdentifier(names[2], names[3]))) AS newest,
          (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END
            FROM \(sequence)) AS place
        """)
      let newest: Int64? = try result.rows[0].decode("newest")
      let place: Int64 = try result.rows[0].decode("place")
      if let newest, newest > place {
        found.append(
          Difference(
            .sequenceBehind, sequence, expected: "at least \(newest)", actual: "\(place)"))
      }
    }
    return found
  }
}

extension Manifest.Sequence {
  /// `41, called`: the next value is 42.
  fileprivate var summary: String { "\(lastValue)\(isCalled ? "" : ", not called")" }
}
