internal import OrderedCollections
public import PythonSubset

/// What `execute()` gives: the rows, which are all there already.
public final class ResultObject: PythonObject {
  /// The names of the columns.
  public let keys: [String]
  /// The rows not fetched so far.
  private(set) var rows: ArraySlice<[Value]>
  let rowCount: Int
  let returnsRows: Bool
  /// The columns that a statement named, by which rows can be asked too.
  let columns: [Column?]
  private let statement: StatementObject?
  private var isUnique = false

  init(
    _ result: StatementResult, _ columns: [ResultColumn], _ connection: ConnectionObject,
    _ python: Interpreter, _ statement: StatementObject? = nil
  ) {
    let hasColumns = columns.count == result.fields.count
    keys = result.fields.enumerated().map { place, field in
      hasColumns ? columns[place].key ?? field.name : field.name
    }
    returnsRows = !result.fields.isEmpty
    rowCount = result.rowCount
    self.statement = statement
    self.columns =
      hasColumns
      ? columns.map { if case .column(let column) = $0.expression.node { column } else { nil } }
      : []
    let reader = FetchedValue(python: python, library: connection.library)
    raw = (result, hasColumns ? columns.map(\.expression.type) : [], reader)
    rows = []
  }

  /// The rows as the server sent them, until the first is asked for.
  private var raw: (result: StatementResult, types: [SQLType], reader: FetchedValue)?

  /// Makes a result of rows that are there.
  init(keys: [String], rows: [[Value]], columns: [Column?] = []) {
    self.keys = keys
    self.rows = rows[...]
    self.columns = columns
    rowCount = rows.count
    returnsRows = true
    statement = nil
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "CursorResult", module: "sqlalchemy.engine.cursor", members: ResultMethods.all)

  public override var pythonClass: PythonClass { ResultObject.cls }

  /// Converts the rows when the first is asked for.
  func load() throws {
    guard returnsRows else {
      throw PythonError(
        SQLAlchemyErrors.resourceClosed,
        "This result object does not return rows. It has been closed automatically.")
    }
    guard let raw else { return }
    self.raw = nil
    let (result, types, reader) = raw
    rows = try result.rows.map { row in
      try reader.python.tick()
      return try row.enumerated().map { place, text in
        let oid = result.fields[place].type
        return types.isEmpty
          ? try reader.value(text, oid: oid)
          : try reader.value(text, oid: oid, as: types[place])
      }
    }[...]
  }

  /// The next row; nil at the end.
  func first(_ python: Interpreter) throws -> RowObject? {
    try load()
    return rows.popFirst().map { RowObject($0, self) }
  }

  /// All rows that are left.
  func all() throws -> [RowObject] {
    try load()
    defer { rows = [] }
    return rows.map { RowObject($0, self) }
  }

  /// The place of a column that is asked for by its place, its name, or as itself; nil where no
  /// column is that.
  func place(of key: Value) -> Int? {
    if let place = key.int {
      let counted = place < 0 ? place + keys.count : place
      return keys.indices.contains(counted) ? counted : nil
    }
    if let name = key.string { return keys.firstIndex(of: name) }
    guard let column = key.object(as: ColumnObject.self)?.column else { return nil }
    return columns.firstIndex { $0 === column || $0?.base === column.base }
      ?? keys.firstIndex(of: column.key)
  }

  /// The place of a column that has to be there.
  func knownPlace(of key: Value, _ python: Interpreter) throws -> Int {
    if let place = place(of: key) { return place }
    throw PythonError(
      SQLAlchemyErrors.noSuchColumn,
      "Could not locate column in row for column '\(try python.str(key))'")
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "rowcount": return .int(rowCount)
    case "returns_rows": return .bool(returnsRows)
    case "lastrowid": return .int(0)
    case "closed": return .bool(!returnsRows)
    case "is_insert": return .bool(statement is InsertObject)
    case "inserted_primary_key":
      throw Unsupported("result.inserted_primary_key; use returning()")
    case "context", "cursor": throw Unsupported("result.\(name)")
    default: return try super.attribute(name, python)
    }
  }

  public override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    try load()
    return ClosureIterator("generator") { [self] python in
      try first(python).map { .object($0) }
    }
  }

  public override func enter(_ python: Interpreter) throws -> Value? { .object(self) }
  public override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool { false }
}

/// A row: much as a tuple whose parts have names, but none by its class.
public final class RowObject: PythonObject {
  /// The values.
  public let values: [Value]
  private let result: ResultObject

  init(_ values: [Value], _ result: ResultObject) {
    self.values = values
    self.result = result
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "Row", module: "sqlalchemy.engine.row",
    members: [
      "_asdict": .method { call in
        let row: RowObject = try call.receiver()
        return .dict(row.mapping.dictionary)
      },
      "index": .method("self, value, start=0, stop=None") { call in
        let row: RowObject = try call.receiver()
        return try call.python.callMethod("index", of: .tuple(row.values), [call["value"]])
      },
      "count": .method("self, value") { call in
        let row: RowObject = try call.receiver()
        return try call.python.callMethod("count", of: .tuple(row.values), [call["value"]])
      },
      "_tuple": .method { call in call[0] },
      "tuple": .method { call in call[0] },
    ])

  public override var pythonClass: PythonClass { RowObject.cls }

  /// The row by the names of the columns.
  var mapping: MappingObject { MappingObject(values, result) }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "_mapping": return .object(mapping)
    case "_fields": return .tuple(result.keys.map { .string($0) })
    case "t", "_t":
      if !result.keys.contains(name) { return .object(self) }
    default: break
    }
    if let place = result.keys.firstIndex(of: name) { return values[place] }
    if let value = try super.attribute(name, python) { return value }
    if name.hasPrefix("__") { return nil }
    throw PythonError(
      .attributeError, "Could not locate column in row for column '\(name)'")
  }

  public override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    try python.item(of: .tuple(values), key)
  }

  public override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator("tuple_iterator", over: values)
  }

  public override func length(_ python: Interpreter) throws -> Int? { values.count }

  public override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    try python.contains(.tuple(values), item)
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    let right: Value =
      if let row = other.object(as: RowObject.self) { .tuple(row.values) } else { other }
    guard right.tuple != nil else { return nil }
    return try python.compare(op, .tuple(values), right)
  }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    guard op == .add, let items = other.tuple else { return nil }
    return .tuple(reflected ? items + values : values + items)
  }

  public override func hash(_ python: Interpreter) throws -> Int {
    try python.hash(.tuple(values))
  }

  public override func representation(_ python: Interpreter) throws -> String {
    try python.repr(.tuple(values))
  }
}

/// The names of a result's columns.
final class ResultKeysObject: PythonObject {
  private let keys: [Value]

  init(_ keys: [String]) { self.keys = keys.map { .string($0) } }

  override var typeName: String { "RMKeyView" }

  override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator("iterator", over: keys)
  }

  override func length(_ python: Interpreter) throws -> Int? { keys.count }

  override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    try python.contains(.list(keys), item)
  }

  override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard op == .equal || op == .notEqual else { return nil }
    return try python.compare(op, .list(keys), .list(python.items(other)))
  }

  override func representation(_ python: Interpreter) throws -> String {
    "RMKeyView(\(try python.repr(.list(keys))))"
  }
}

/// A row as a dictionary that does not change.
public final class MappingObject: PythonObject {
  private let values: [Value]
  private let result: ResultObject

  init(_ values: [Value], _ result: ResultObject) {
    self.values = values
    self.result = result
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "RowMapping", module: "sqlalchemy.engine.row",
    members: [
      "keys": .method { call in
        let object: MappingObject = try call.receiver()
        return .list(object.dictionary.keys)
      },
      "values": .method { call in
        let object: MappingObject = try call.receiver()
        return .list(object.values)
      },
      "items": .method { call in
        let object: MappingObject = try call.receiver()
        return .list(object.dictionary.items.map { .tuple([$0.key, $0.value]) })
      },
      "get": .method("self, key, default=None") { call in
        let object: MappingObject = try call.receiver()
        return object.find(call["key"]) ?? call["default"]
      },
    ])

  public override var pythonClass: PythonClass { MappingObject.cls }

  /// A dictionary with the same content.
  var dictionary: PythonDict { PythonDict(zip(result.keys, values).map { ($0, $1) }) }

  /// A mapping is not asked by place.
  private func find(_ key: Value) -> Value? {
    key.int == nil ? result.place(of: key).map { values[$0] } : nil
  }

  public override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    if let value = find(key) { return value }
    if key.int == nil { return values[try result.knownPlace(of: key, python)] }
    throw PythonError(
      SQLAlchemyErrors.noSuchColumn,
      "Could not locate column in row for column '\(try python.str(key))'")
  }

  public override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    find(item) != nil
  }

  public override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator("iterator", over: result.keys.map { .string($0) })
  }

  public override func length(_ python: Interpreter) throws -> Int? { values.count }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    let right = other.object(as: MappingObject.self).map { Value.dict($0.dictionary) } ?? other
    return try python.compare(op, .dict(dictionary), right)
  }

  public override func representation(_ python: Interpreter) throws -> String {
    try python.repr(.dict(dictionary))
  }
}
