internal import OrderedCollections
internal import PythonSubset

/// What comes out of a result, row by row: rows, single values, or mappings.
final class FilteredResult: PythonObject {
  enum Shape {
    case scalars(Int)
    case mappings
  }

  private let result: ResultObject
  private let shape: Shape

  init(_ result: ResultObject, _ shape: Shape) {
    self.result = result
    self.shape = shape
  }

  nonisolated(unsafe) static let scalars = PythonClass(
    host: "ScalarResult", module: "sqlalchemy.engine.result", members: ResultMethods.filtered)
  nonisolated(unsafe) static let mappings = PythonClass(
    host: "MappingResult", module: "sqlalchemy.engine.result", members: ResultMethods.filtered)

  override var pythonClass: PythonClass {
    if case .mappings = shape { FilteredResult.mappings } else { FilteredResult.scalars }
  }

  func shaped(_ row: RowObject) throws -> Value {
    switch shape {
    case .mappings: return .object(row.mapping)
    case .scalars(let place):
      guard row.values.indices.contains(place) else {
        throw PythonError(.indexError, "tuple index out of range")
      }
      return row.values[place]
    }
  }

  func next(_ python: Interpreter) throws -> Value? {
    try result.first(python).map(shaped)
  }

  func all() throws -> [Value] { try result.all().map(shaped) }

  override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    try result.load()
    return ClosureIterator("generator") { [self] python in try next(python) }
  }

  override class var ownMethods: [String] { ["keys"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "keys"
      ? .function("keys") { [result] _ in .object(ResultKeysObject(result.keys)) }
      : try super.attribute(name, python)
  }
}

/// The methods of results.
enum ResultMethods {
  /// One row at most, or the error that SQLAlchemy has.
  private static func only(_ rows: [Value], isRequired: Bool) throws -> Value {
    if rows.count > 1 {
      throw PythonError(
        SQLAlchemyErrors.multipleResults,
        isRequired
          ? "Multiple rows were found when exactly one was required"
          : "Multiple rows were found when one or none was required")
    }
    if let row = rows.first { return row }
    if !isRequired { return .null }
    throw PythonError(
      SQLAlchemyErrors.noResult, "No row was found when one was required")
  }

  private static func scalar(_ value: Value) -> Value {
    value.object(as: RowObject.self)?.values.first ?? value
  }

  private static func result(_ call: Call) throws -> ResultObject { try call.receiver() }

  private static func rows(_ call: Call) throws -> [Value] {
    try result(call).all().map { .object($0) }
  }

  private static func first(_ call: Call) throws -> Value {
    let object = try result(call)
    let row = try object.first(call.python)
    _ = try object.all()
    return row.map { .object($0) } ?? .null
  }

  static var all: OrderedDictionary<String, Value> {
    [
      "fetchall": .method { call in .list(try rows(call)) },
      // Of the dialect: psycopg2 counts the rows of one statement and of many.
      "supports_sane_rowcount": .method { _ in .bool(true) },
      "supports_sane_multi_rowcount": .method { _ in .bool(true) },
      "all": .method { call in .list(try rows(call)) },
      "fetchone": .method { call in
        try result(call).first(call.python).map { .object($0) } ?? .null
      },
      "fetchmany": .method("self, size=None") { call in
        let object = try result(call)
        var rows: [Value] = []
        let size = try call.optionalInt("size") ?? 1
        while rows.count < size, let row = try object.first(call.python) {
          rows.append(.object(row))
        }
        return .list(rows)
      },
      "first": .method { call in try first(call) },
      "one": .method { call in try only(rows(call), isRequired: true) },
      "one_or_none": .method { call in try only(rows(call), isRequired: false) },
      "scalar": .method { call in scalar(try first(call)) },
      "scalar_one": .method { call in scalar(try only(rows(call), isRequired: true)) },
      "scalar_one_or_none": .method { call in scalar(try only(rows(call), isRequired: false)) },
      "scalars": .method("self, index=0") { call in
        let object = try result(call)
        let place = try object.knownPlace(of: call["index"], call.python)
        return .object(FilteredResult(object, .scalars(place)))
      },
      "mappings": .method { call in .object(FilteredResult(try result(call), .mappings)) },
      "keys": .method { call in .object(ResultKeysObject(try result(call).keys)) },
      "unique": .method("self, strategy=None") { call in
        let object = try result(call)
        let all = try object.all()
        let seen = PythonDict()
        for row in all { try seen.set(.object(row), to: .null, call.python) }
        return .object(
          ResultObject(
            keys: object.keys,
            rows: seen.keys.compactMap { $0.object(as: RowObject.self)?.values },
            columns: object.columns))
      },
      "partitions": .method("self, size=None") { call in
        let all = try rows(call)
        let size = max(1, try call.optionalInt("size") ?? all.count)
        var parts: [Value] = []
        for start in stride(from: 0, to: all.count, by: size) {
          parts.append(.list(Array(all[start..<min(start + size, all.count)])))
        }
        return .object(FilteredIterator.over(parts))
      },
      "columns": .method("self, *col_expressions") { call in
        let object = try result(call)
        let places = try call.rest.map { try object.knownPlace(of: $0, call.python) }
        let rows = try object.all().map { row in places.map { row.values[$0] } }
        return .object(
          ResultObject(
            keys: places.map { object.keys[$0] }, rows: rows,
            columns: object.columns.isEmpty ? [] : places.map { object.columns[$0] }))
      },
      "yield_per": .method("self, num") { call in call[0] },
      "tuples": .method { call in call[0] },
      "close": .method { _ in .null },
      "freeze": .method { _ in throw Unsupported("result.freeze()") },
    ]
  }

  private static func shaped(_ call: Call) throws -> FilteredResult { try call.receiver() }

  static var filtered: OrderedDictionary<String, Value> {
    [
      "all": .method { call in .list(try shaped(call).all()) },
      "fetchall": .method { call in .list(try shaped(call).all()) },
      "fetchone": .method { call in try shaped(call).next(call.python) ?? .null },
      "fetchmany": .method("self, size=None") { call in
        let object = try shaped(call)
        var rows: [Value] = []
        let size = try call.optionalInt("size") ?? 1
        while rows.count < size, let row = try object.next(call.python) { rows.append(row) }
        return .list(rows)
      },
      "first": .method { call in
        let object = try shaped(call)
        let value = try object.next(call.python)
        _ = try object.all()
        return value ?? .null
      },
      "one": .method { call in try only(shaped(call).all(), isRequired: true) },
      "one_or_none": .method { call in try only(shaped(call).all(), isRequired: false) },
      "unique": .method("self, strategy=None") { call in
        let seen = PythonDict()
        for value in try shaped(call).all() { try seen.set(value, to: .null, call.python) }
        return .object(FilteredIterator.over(seen.keys))
      },
      "partitions": .method("self, size=None") { call in
        let all = try shaped(call).all()
        let size = max(1, try call.optionalInt("size") ?? all.count)
        return .list(
          stride(from: 0, to: all.count, by: size).map {
            .list(Array(all[$0..<min($0 + size, all.count)]))
          })
      },
      "yield_per": .method("self, num") { call in call[0] },
      "close": .method { _ in .null },
    ]
  }
}

/// Values that a script goes through, with `all()` beside.
final class FilteredIterator: PythonIterator {
  private var items: ArraySlice<Value>

  private init(_ items: [Value]) { self.items = items[...] }

  static func over(_ items: [Value]) -> FilteredIterator { FilteredIterator(items) }

  override func next(_ python: Interpreter) throws -> Value? { items.popFirst() }

  override class var ownMethods: [String] { ["all", "fetchall", "first"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "all", "fetchall":
      .function(name) { [self] _ in
        defer { items = [] }
        return .list(Array(items))
      }
    case "first":
      .function(name) { [self] _ in
        defer { items = [] }
        return items.first ?? .null
      }
    default: try super.attribute(name, python)
    }
  }
}
