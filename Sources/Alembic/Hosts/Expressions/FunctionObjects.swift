internal import OrderedCollections
internal import PythonSubset

/// `sa.func`: each attribute is a function of SQL.
final class FunctionNamespace: PythonObject {
  private let path: [String]

  init(_ path: [String] = []) { self.path = path }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "_FunctionGenerator", module: "sqlalchemy.sql.functions")

  override var pythonClass: PythonClass { FunctionNamespace.cls }
  override var isCallable: Bool { !path.isEmpty }

  /// A trailing underscore lets a script say a word that Python keeps for itself.
  override var answersAnyName: Bool { true }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if name.hasPrefix("__") { return try super.attribute(name, python) }
    let bare = name.hasSuffix("_") ? String(name.dropLast()) : name
    return .object(FunctionNamespace(path + [bare]))
  }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    guard let last = path.last else { return try super.call(arguments, python) }
    // SQLAlchemy has constructs of their own under these names.
    if path.count == 1, ["cast", "extract"].contains(last.lowercased()) {
      return try python.call(try CoreFunctions.member(last.lowercased(), python), arguments)
    }
    let coercion = Coercion(python)
    var given: [SQLExpression] = []
    for value in arguments.positional { given.append(try argument(value, given, coercion)) }
    let lowered = last.lowercased()
    if lowered == "count", given.isEmpty { given = [SQLExpression(.literalColumn("*"))] }
    let isBare = FunctionTypes.bare.contains(lowered) && path.count == 1
    let name =
      isBare
      ? lowered.uppercased() : path.map(FunctionNamespace.written).joined(separator: ".")
    var type = FunctionTypes.result(of: lowered, given)
    if let stated = arguments["type_"] { type = try TypeCoercion.type(stated, python) }
    return .object(
      ExpressionObject(
        SQLExpression(
          .function(.init(name, given, isBare: isBare, labelName: last)), type: type)))
  }

  /// Names of functions are quoted only where they hold what no name may hold.
  private static func written(_ name: String) -> String {
    let isPlain = name.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }
    return isPlain ? name : IdentifierPreparer.quoted(name)
  }

  private func argument(
    _ value: Value, _ before: [SQLExpression], _ coercion: Coercion
  ) throws -> SQLExpression {
    if path.last?.lowercased() == "coalesce", let first = before.first {
      return try coercion.alternative(value, to: first.type)
    }
    if let table = value.object(as: FromObject.self) {
      return SQLExpression(.literalColumn(SQLCompiler().sourceName(table.source)))
    }
    return try coercion.expression(value)
  }
}

/// What is known of functions: their types, and which are written without parentheses.
enum FunctionTypes {
  static let bare: Set = [
    "current_timestamp", "current_date", "current_time", "current_user", "localtime",
    "localtimestamp", "session_user", "user", "sysdate",
  ]

  static func result(of name: String, _ arguments: [SQLExpression]) -> SQLType {
    switch name {
    case "now", "current_timestamp", "sysdate", "localtimestamp": .timestamp(.init(timezone: true))
    case "current_date": .date
    case "current_time", "localtime": .time(timezone: false, precision: nil)
    case "count", "char_length", "length", "rank", "dense_rank", "row_number": .integer(.regular)
    case "lower", "upper", "concat", "current_user", "session_user", "user", "replace", "trim",
      "substring", "string_agg", "to_char":
      .string(.init())
    case "coalesce", "max", "min", "sum", "array_append": arguments.first?.type ?? .null
    case "array_agg": .array(.init(arguments.first?.type ?? .null))
    case "percent_rank", "cume_dist": .numeric(.init())
    default: .null
    }
  }
}

/// The methods of functions.
enum FunctionMethods {
  static var all: OrderedDictionary<String, Value> {
    [
      "alias": .method("self, name=None, joins_implicitly=False") { call in
        let object: ExpressionObject = try call.receiver()
        let column = Column(NameObject.name(call["name"]), object.expression.type)
        return .object(
          FromObject(
            TableFunction(
              object.expression, name: NameObject.name(call["name"]), columns: [column])))
      },
      "table_valued": .method(
        "self, *expr, with_ordinality=None, joins_implicitly=None, name=None"
      ) { call in
        let object: ExpressionObject = try call.receiver()
        var columns = try call.rest.map { try TableReading.lightColumn($0, call.python) }
        let ordinality = call["with_ordinality"]
        if !ordinality.isNone {
          columns.append(Column(NameObject.name(ordinality), .integer(.regular)))
        }
        return .object(
          FromObject(
            TableFunction(
              object.expression, name: NameObject.name(call["name"]), columns: columns,
              hasOrdinality: !ordinality.isNone)))
      },
      "column_valued": .method("self, name=None, joins_implicitly=False") { call in
        let object: ExpressionObject = try call.receiver()
        let name = NameObject.name(call["name"]) ?? SQLName("anon_1")
        let column = Column(name, object.expression.elementType)
        let source = TableFunction(object.expression, name: name, columns: [])
        let whole = Column(name, column.type)
        whole.isLiteral = true
        whole.table = source
        return .object(ExpressionObject(whole.expression))
      },
      "select": .method("self") { call in
        let object: ExpressionObject = try call.receiver()
        var select = SelectStatement()
        select.items = [SelectItem(object.expression)]
        return .object(SelectObject(select))
      },
      "scalar_table_valued": ExpressionMethods.making("self, name, type_=None") {
        expression, call, _ in
        SQLExpression(.field(expression, try call.string("name")))
      },
    ]
  }

  private static func list(_ value: Value, _ coercion: Coercion) throws -> [SQLExpression] {
    if value.isNone { return [] }
    let values = value.sequence ?? [value]
    return try values.map {
      if let name = $0.string {
        return SQLExpression(.literalColumn(IdentifierPreparer.quote(name)))
      }
      return try coercion.expression($0)
    }
  }

  static let overSignature =
    "self, partition_by=None, order_by=None, rows=None, range_=None, groups=None"

  nonisolated(unsafe) static let over = ExpressionMethods.making(overSignature) {
    expression, call, coercion in
    try window(expression, call, coercion)
  }

  static func window(
    _ expression: SQLExpression, _ call: Call, _ coercion: Coercion
  ) throws -> SQLExpression {
    var frame: String?
    for (word, name) in [("ROWS", "rows"), ("RANGE", "range_"), ("GROUPS", "groups")] {
      guard let bounds = call[name].sequence, bounds.count == 2 else { continue }
      let low = bound(bounds[0], isStart: true)
      let high = bound(bounds[1], isStart: false)
      frame = "\(word) BETWEEN \(low) AND \(high)"
    }
    return SQLExpression(
      .window(
        .init(
          expression, partition: try list(call["partition_by"], coercion),
          order: try list(call["order_by"], coercion), frame: frame)), type: expression.type)
  }

  private static func bound(_ value: Value, isStart: Bool) -> String {
    guard let number = value.int else {
      return isStart ? "UNBOUNDED PRECEDING" : "UNBOUNDED FOLLOWING"
    }
    if number == 0 { return "CURRENT ROW" }
    return number < 0 ? "\(-number) PRECEDING" : "\(number) FOLLOWING"
  }

  nonisolated(unsafe) static let filter = ExpressionMethods.making("self, *criterion") {
    expression, call, coercion in
    let criteria = try call.rest.map { try coercion.sql($0) }
    return SQLExpression(
      .filtered(expression, Coercion.conjunction(isAnd: true, criteria)), type: expression.type)
  }

  nonisolated(unsafe) static let withinGroup = ExpressionMethods.making("self, *order_by") {
    expression, call, coercion in
    SQLExpression(
      .withinGroup(expression, try call.rest.map { try coercion.expression($0) }),
      type: expression.type)
  }
}
