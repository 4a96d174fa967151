internal import CPostgres

/// The owner of a libpq result.
///
/// Sendable: a PGresult is read-only once it is complete, and libpq lets any thread read it then;
/// it is freed when the last reader lets go.
final class ResultStorage: @unchecked Sendable {
  let raw: OpaquePointer
  let columns: [Column]

  /// Takes over `raw`. Results of one statement may share their columns.
  init(_ raw: OpaquePointer, columns: [Column]? = nil) {
    self.raw = raw
    self.columns =
      columns
      ?? (0..<PQnfields(raw)).map { index in
        Column(
          name: PQfname(raw, index).map { String(cString: $0) } ?? "",
          typeOID: PQftype(raw, index), typeModifier: PQfmod(raw, index),
          tableOID: PQftable(raw, index))
      }
  }

  deinit { PQclear(raw) }

  /// The bytes of a value, nil for NULL; they live as long as the storage.
  func value(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer? {
    let (row, column) = (Int32(row), Int32(column))
    guard PQgetisnull(raw, row, column) == 0 else { return nil }
    return UnsafeRawBufferPointer(
      start: PQgetvalue(raw, row, column), count: Int(PQgetlength(raw, row, column)))
  }
}

/// A column of a result.
public struct Column: Hashable, Sendable {
  /// The name, which need not be unique.
  public let name: String
  /// The type's object id.
  public let typeOID: UInt32
  /// The type's modifier, as a length or a precision; -1 for none.
  public let typeModifier: Int32
  /// The table that the column comes from, 0 for an expression.
  public let tableOID: UInt32
}

/// What one statement gave: rows, or only a command tag.
public struct QueryResult: Sendable {
  let storage: ResultStorage

  /// The columns, none for a statement that gives no rows.
  public var columns: [Column] { storage.columns }

  /// The rows.
  public var rows: Rows { Rows(storage: storage) }

  /// What the server says it did, as `INSERT 0 3`.
  public var commandTag: String { String(cString: PQcmdStatus(storage.raw)) }

  /// The number in the command tag: rows changed, copied or selected; 0 where it has none.
  public var affectedRows: Int64 { Int64(String(cString: PQcmdTuples(storage.raw))) ?? 0 }

  /// Whether the statement gives rows, be it none.
  public var hasRows: Bool { PQresultStatus(storage.raw) == PGRES_TUPLES_OK }

  /// The only value of the only row.
  ///
  /// - Throws: `PostgresError` of kind `decoding` when there is not exactly one row.
  public func single<Value: PostgresDecodable>(as type: Value.Type = Value.self) throws -> Value {
    guard rows.count == 1, columns.count >= 1 else {
      throw PostgresError(.decoding, "the query gave \(rows.count) rows where one was expected")
    }
    return try rows[0].decode(0, as: type)
  }

  /// The rows of a result, by index.
  public struct Rows: RandomAccessCollection, Sendable {
    let storage: ResultStorage

    /// 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { Int(PQntuples(storage.raw)) }
    /// A row; traps past the end, as an array does.
    public subscript(index: Int) -> Row {
      precondition(indices.contains(index), "row \(index) of \(count)")
      return Row(storage: storage, index: index, number: index + 1)
    }
  }
}
