internal import PythonSubset

extension AlterColumn {
  /// Reads the arguments of `op.alter_column`.
  init(_ call: Call) throws {
    self.init()
    let python = call.python
    if !call["type_"].isNone { type = try TypeCoercion.type(call["type_"], python) }
    if !call["existing_type"].isNone {
      existingType = try TypeCoercion.type(call["existing_type"], python)
    }
    using = try call.optionalString("postgresql_using")
    if !call["nullable"].isNone { isNullable = try call.truth("nullable") }
    newName = try call.optionalName("new_column_name")
    switch call["comment"] {
    case .bool(false): break
    case .null: comment = .some(nil)
    default: comment = try call.string("comment")
    }
    switch call["server_default"] {
    case .bool(false): break
    default:
      let value = try ColumnReading.serverDefault(call["server_default"], python)
      serverDefault = value.map { .set($0) } ?? .drop
    }
    if case .bool(false) = call["existing_server_default"] { return }
    existingDefault = try ColumnReading.serverDefault(call["existing_server_default"], python)
  }
}
