internal import CPostgres

/// One row of a result.
public struct Row: Sendable {
  let storage: ResultStorage
  let index: Int
  /// Which row of the statement it is, from 1.
  public let number: Int

  /// The columns of the result.
  public var columns: [Column] { storage.columns }

  /// The text of a value; nil for NULL. Traps when there is no such column.
  public subscript(column: Int) -> String? {
    withBytes(of: column) { $0.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// The text of a value by its column's name; nil for NULL. Traps when there is no such column.
  public subscript(name: String) -> String? {
    guard let column = position(of: name) else {
      preconditionFailure("the result has no column \"\(name)\"")
    }
    return self[column]
  }

  /// The position of the first column of a name.
  public func position(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

  /// The bytes of a value in its text form, nil for NULL, without a copy: they must not be kept.
  public func withBytes<Result>(
    of column: Int, _ body: (UnsafeRawBufferPointer?) throws -> Result
  ) rethrows -> Result {
    precondition(columns.indices.contains(column), "column \(column) of \(columns.count)")
    return try withExtendedLifetime(storage) { try body(storage.value(index, column)) }
  }

  /// A value as a Swift type; an optional type takes NULL.
  ///
  /// - Throws: `PostgresError` of kind `decoding` that names the column, the row and the type.
  public func decode<Value: PostgresDecodable>(
    _ column: Int, as type: Value.Type = Value.self
  ) throws -> Value {
    try withBytes(of: column) { bytes in
      do {
        return try Value.decode(Field(bytes: bytes, typeOID: columns[column].typeOID))
      } catch let mismatch as Mismatch {
        throw PostgresError(
          .decoding,
          "column \"\(columns[column].name)\" of row \(number) is not \(type): \(mismatch.reason)")
      }
    }
  }

  /// A value by its column's name as a Swift type; an optional type takes NULL.
  ///
  /// - Throws: `PostgresError` of kind `decoding` that names the column, the row and the type.
  public func decode<Value: PostgresDecodable>(
    _ name: String, as type: Value.Type = Value.self
  ) throws -> Value {
    guard let column = position(of: name) else {
      let names = columns.map(\.name).joined(separator: ", ")
      throw PostgresError(.decoding, "the result has no column \"\(name)\"; it has \(names)")
    }
    return try decode(column, as: type)
  }
}
