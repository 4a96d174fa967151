public import PythonSubset

/// A source of rows as Python sees it: a table, an alias, a subquery, a join.
public final class FromObject: PythonObject {
  /// The source.
  public let source: FromClause
  /// `info=`.
  var info = PythonDict()

  init(_ source: FromClause) {
    self.source = source
    super.init()
    source.payload = self
  }

  /// The object of a source: always the same for the same source.
  static func of(_ source: FromClause) -> FromObject {
    source.payload as? FromObject ?? FromObject(source)
  }

  /// The table, if it is one.
  public var table: Table? { source as? Table }

  public override var pythonClass: PythonClass {
    switch source {
    case let table as Table:
      table.metadata == nil ? FromClasses.lightTable : FromClasses.table
    case is Join: FromClasses.join
    case is Subquery: FromClasses.subquery
    case is CommonTable: FromClasses.commonTable
    case is ValuesClause: FromClasses.values
    default: FromClasses.alias
    }
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "c", "columns", "exported_columns": return .object(ColumnCollection(source.columns))
    case "info": return .dict(info)
    case "name":
      return switch source {
      case let table as Table: .string(table.name.text)
      case let alias as Alias: .string(orNone: alias.name?.text)
      case let subquery as Subquery: .string(orNone: subquery.name?.text)
      case let common as CommonTable: .string(orNone: common.name?.text)
      default: nil
      }
    case "column":
      guard let function = source as? TableFunction else {
        return try super.attribute(name, python)
      }
      let whole = Column(
        SQLName(SQLCompiler().sourceName(function)), function.columns.first?.type ?? .null)
      whole.isLiteral = true
      whole.table = function
      return .object(ColumnObject.of(whole))
    case "element":
      if let alias = source as? Alias { return .object(FromObject.of(alias.source)) }
      return try super.attribute(name, python)
    case "primary_key":
      if let key = table?.primaryKeyConstraint { return .object(ConstraintObject(key)) }
      return .object(ColumnCollection(source.primaryKey))
    case "foreign_keys":
      let keys = source.columns.flatMap(\.base.foreignKeys)
      return .set(try PythonSet(keys.map { .object(ForeignKeyObject.of($0)) }, python))
    default: break
    }
    if let table, let value = try tableAttribute(table, name, python) { return value }
    return try super.attribute(name, python)
  }

  private func tableAttribute(
    _ table: Table, _ name: String, _ python: Interpreter
  ) throws -> Value? {
    switch name {
    case "schema": .string(orNone: table.schema?.text)
    case "fullname", "key", "description": .string(table.fullName)
    case "metadata": table.metadata.map { .object(MetaDataObject.of($0)) } ?? .null
    case "comment": .string(orNone: table.comment)
    case "indexes":
      .set(try PythonSet(table.indexes.map { .object(IndexObject($0)) }, python))
    case "constraints":
      .set(try PythonSet(table.constraints.map { .object(ConstraintObject($0)) }, python))
    case "foreign_key_constraints":
      .set(
        try PythonSet(
          table.constraints.filter { $0 is ForeignKeyConstraint }
            .map { .object(ConstraintObject($0)) }, python))
    case "autoincrement_column":
      try table.autoIncrementColumn.map { .object(ColumnObject.of($0)) } ?? .null
    default: nil
    }
  }

  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    guard let table else { return false }
    switch name {
    case "name": table.name = NameObject.name(value) ?? table.name
    case "schema": table.schema = NameObject.name(value)
    case "comment": table.comment = value.string
    default: return false
    }
    return true
  }

  public override func representation(_ python: Interpreter) throws -> String {
    guard let table, table.metadata != nil else {
      return "<sqlalchemy.sql.selectable.\(pythonClass.name) at \(address); \(source.title)>"
    }
    let columns = try table.columns.map { try python.repr(.object(ColumnObject.of($0))) }
    let schema = table.schema.map { "'\($0.text)'" } ?? "None"
    return "Table('\(table.name.text)', MetaData(), "
      + columns.map { "\($0), " }.joined() + "schema=\(schema))"
  }

  public override func text(_ python: Interpreter) throws -> String { source.title }
}

/// `table.c`: columns by name, by number, and in order.
final class ColumnCollection: PythonObject {
  private let columns: [Column]

  init(_ columns: [Column]) { self.columns = columns }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "ColumnCollection", module: "sqlalchemy.sql.base",
    members: [
      "keys": .method { call in
        let object: ColumnCollection = try call.receiver()
        return .list(object.columns.map { .string($0.key) })
      },
      "values": .method { call in
        let object: ColumnCollection = try call.receiver()
        return .list(object.columns.map { .object(ColumnObject.of($0)) })
      },
      "items": .method { call in
        let object: ColumnCollection = try call.receiver()
        return .list(
          object.columns.map { .tuple([.string($0.key), .object(ColumnObject.of($0))]) })
      },
      "get": .method("self, key, default=None") { call in
        let object: ColumnCollection = try call.receiver()
        let found = call["key"].string.flatMap { object.find($0) }
        return found.map { .object(ColumnObject.of($0)) } ?? call["default"]
      },
      "contains_column": .method("self, col") { call in
        let object: ColumnCollection = try call.receiver()
        let column = call["col"].object(as: ColumnObject.self)?.column
        return .bool(object.columns.contains { $0 === column })
      },
    ])

  override var pythonClass: PythonClass { ColumnCollection.cls }

  private func find(_ key: String) -> Column? { columns.first { $0.key == key } }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if let column = find(name) { return .object(ColumnObject.of(column)) }
    return try super.attribute(name, python)
  }

  override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    if let name = key.string {
      guard let column = find(name) else { throw PythonError(.keyError, arguments: [key]) }
      return .object(ColumnObject.of(column))
    }
    if let index = key.int {
      let place = index < 0 ? index + columns.count : index
      guard columns.indices.contains(place) else {
        throw PythonError(.indexError, "list index out of range")
      }
      return .object(ColumnObject.of(columns[place]))
    }
    return try python.item(of: .tuple(columns.map { .object(ColumnObject.of($0)) }), key)
  }

  override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator("list_iterator", over: columns.map { .object(ColumnObject.of($0)) })
  }

  override func length(_ python: Interpreter) throws -> Int? { columns.count }

  override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    if let name = item.string { return find(name) != nil }
    let column = item.object(as: ColumnObject.self)?.column
    return columns.contains { $0 === column }
  }
}
