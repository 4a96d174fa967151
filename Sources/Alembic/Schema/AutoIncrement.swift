extension Table {
  /// The column of the primary key that counts up by itself and is therefore a `SERIAL`; nil
  /// where there is none.
  ///
  /// A single key of a number type does unless it has a default, refers to another table or was
  /// told not to; of a key of several columns only one that was told to. Throws where a column
  /// was told to and its type cannot.
  public var autoIncrementColumn: Column? {
    get throws {
      guard let key = primaryKeyConstraint else { return nil }
      if key.columns.count == 1 { return try single(key.columns[0]) }
      let told = key.columns.filter { $0.autoIncrement == .always }
      for column in told { try requireCountable(column) }
      guard told.count < 2 else {
        throw SchemaError(
          .argument,
          "Only one Column may be marked autoincrement=True, found both \(told[1].key) and "
            + "\(told[0].key).")
      }
      return told.first
    }
  }

  private func single(_ column: Column) throws -> Column? {
    switch column.autoIncrement {
    case .never: return nil
    case .always:
      try requireCountable(column)
      return column
    case .automatic where !column.foreignKeys.isEmpty: return nil
    case .automatic, .ignoringForeignKeys:
      guard try column.type.isCountable, column.clientDefault == nil else { return nil }
      switch column.serverDefault {
      case nil, .identity: return column
      default: return nil
      }
    }
  }

  private func requireCountable(_ column: Column) throws {
    guard try column.type.isCountable else {
      throw SchemaError(
        .argument,
        "Column type \(try TypeCompiler.text(column.type)) on column '\(fullName).\(column.key)' is "
          + "not compatible with autoincrement=True")
    }
  }
}

extension Column {
  /// `SERIAL`, `BIGSERIAL` or `SMALLSERIAL` where the column is written as one.
  var serialKeyword: String? {
    get throws {
      guard isPrimaryKey, identity == nil, clientDefault == nil,
        sequence?.isOptional ?? true,
        let table = table as? Table, try table.autoIncrementColumn === self
      else { return nil }
      switch try type.resolved() {
      case .integer(.big): return "BIGSERIAL"
      case .integer(.small): return "SMALLSERIAL"
      default: return "SERIAL"
      }
    }
  }
}
