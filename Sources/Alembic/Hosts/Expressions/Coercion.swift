internal import PythonSubset

/// Makes expressions of what scripts give where SQLAlchemy takes an expression.
struct Coercion {
  let python: Interpreter

  init(_ python: Interpreter) { self.python = python }

  /// The expression that a value is, or a place with the value as one of a type.
  func expression(_ value: Value, as type: SQLType = .null) throws -> SQLExpression {
    if let made = try clause(value) { return made }
    if value.isNone, case .json = type {} else if value.isNone { return SQLExpression(.null) }
    return try literal(value, as: type)
  }

  /// The other side of an operator, as one of the type that it has beside an expression's.
  func operand(_ value: Value, beside type: SQLType) throws -> SQLExpression {
    try expression(value, as: Coercion.type(of: value, beside: type))
  }

  /// One of the results of `coalesce` or `CASE`. SQLAlchemy gives each a type by its value alone;
  /// dicts and lists, which have none then, are of the type of the one before.
  func alternative(_ value: Value, to type: SQLType) throws -> SQLExpression {
    let isContainer = value.dict != nil || value.list != nil
    return try expression(value, as: isContainer ? type : .null)
  }

  /// What a statement writes into a column: an expression, or a place with the value as one of
  /// the column's type. None goes through the type too, which may have a value for it.
  func stored(_ value: Value, in column: Column) throws -> SQLExpression {
    try clause(value) ?? literal(value, as: column.type)
  }

  /// A place with a value.
  func literal(_ value: Value, as type: SQLType = .null) throws -> SQLExpression {
    let bound = BindParameter("param", type: type, isUnique: true)
    bound.value = try BoundValue(python).convert(value, as: type)
    return SQLExpression(.bind(bound), type: Coercion.type(of: value, or: type))
  }

  /// The expression that a value is; nil where it is a plain value.
  func clause(_ value: Value) throws -> SQLExpression? {
    guard case .object(let object) = value else { return nil }
    switch object {
    case let object as ExpressionObject: return object.expression
    case let object as QueryObject:
      return SQLExpression(
        .scalarSelect(try object.query(python)),
        type: try object.query(python).resultColumns.first?.expression.type ?? .null)
    case let object as any ClauseProviding: return try object.clause(python)
    default:
      guard let provider = try python.optionalAttribute(of: value, "__clause_element__") else {
        return nil
      }
      return try clause(python.call(provider))
    }
  }

  /// An expression, where a text is SQL: `CHECK` conditions, `WHERE` of indexes.
  func sql(_ value: Value) throws -> SQLExpression {
    if let text = value.string { return SQLExpression(.text(TextClause(text))) }
    return try expression(value)
  }

  /// Columns, expressions, or texts that name columns.
  func reference(_ value: Value) throws -> ColumnReference {
    if let name = NameObject.name(value) { return .name(name.text) }
    if let column = value.object(as: ColumnObject.self), !column.column.isLiteral {
      return .column(column.column)
    }
    return .expression(try expression(value))
  }

  /// The type that a plain value has for the operators of an expression.
  static func type(of value: Value, or type: SQLType) -> SQLType {
    if case .null = type {
      switch value {
      case .bool: return .boolean
      case .int, .big: return .integer(.regular)
      case .float: return .float(.init())
      case .str: return .string(.init())
      case .bytes: return .binary(.init())
      default:
        switch value.pythonClass.qualifiedName {
        case "datetime.datetime": return .timestamp(.init())
        case "datetime.date": return .date
        case "datetime.timedelta": return .interval(fields: nil, precision: nil)
        case "decimal.Decimal": return .numeric(.init())
        case "uuid.UUID": return .uuid(.init())
        default: return .null
        }
      }
    }
    return type
  }

  /// The type that a plain value has beside an expression: the expression's own, unless the value is
  /// of another kind and says so (`TypeEngine.coerce_compared_value`).
  static func type(of value: Value, beside type: SQLType) -> SQLType {
    if case .tuple(let types) = type, let parts = value.sequence {
      return .tuple(zip(parts, types).map { self.type(of: $0, beside: $1) })
    }
    let own = self.type(of: value, or: .null)
    switch (type, own) {
    case (.json, .null), (.json, .numeric): return type
    case (.json, _), (.integer, .numeric), (.integer, .float), (.numeric, .integer),
      (.float, .integer):
      return own
    default: return type
    }
  }

  // MARK: Operators

  /// `a / b`, which is no division of integers: SQLAlchemy makes a number of the right side.
  static func quotient(_ left: SQLExpression, _ right: SQLExpression) -> SQLExpression {
    let type: SQLType =
      switch right.type {
      case .numeric, .float: right.type
      default: .numeric(.init())
      }
    let divisor = SQLExpression(.cast(right, type), type: type)
    return SQLExpression(
      .binary(left, .divide, divisor, escape: nil), type: resultType(.divide, left.type, type))
  }

  /// `a // b`.
  static func floored(_ left: SQLExpression, _ right: SQLExpression) -> SQLExpression {
    let type = resultType(.floorDivide, left.type, right.type)
    let made = SQLExpression(.binary(left, .divide, right, escape: nil), type: type)
    if case .integer = left.type, case .integer = right.type { return made }
    return SQLExpression(
      .function(.init("FLOOR", [made], isBare: false, labelName: "floor")), type: type)
  }

  /// `a op b`, where None means `IS NULL`.
  func comparison(
    _ left: SQLExpression, _ op: SQLOperator, _ other: Value
  ) throws -> SQLExpression {
    let isEquality = op == .equal || op == .notEqual
    if isEquality, other.isNone || isNull(other) {
      let same: SQLOperator = op == .equal ? .isSame : .isNotSame
      return SQLExpression(
        .binary(left, same, SQLExpression(.null), escape: nil), type: .boolean)
    }
    if let flag = other.bool {
      return SQLExpression(
        .binary(left, op, SQLExpression(.constant(flag), type: .boolean), escape: nil),
        type: .boolean)
    }
    let right = try operand(other, beside: left.type)
    // `ANY (...)` stands on the right side only.
    if case .quantified = left.node {
      return SQLExpression(.binary(right, op.exchanged, left, escape: nil), type: .boolean)
    }
    return SQLExpression(.binary(left, op, right, escape: nil), type: .boolean)
  }

  private func isNull(_ value: Value) -> Bool {
    guard let object = value.object(as: ExpressionObject.self) else { return false }
    if case .null = object.expression.node { return true }
    return false
  }

  /// The opposite of a condition: of a comparison by its operator, of anything else by `NOT`.
  static func negated(_ expression: SQLExpression) -> SQLExpression {
    switch expression.node {
    case .binary(let left, let op, let right, let escape):
      if let opposite = op.negated {
        return SQLExpression(.binary(left, opposite, right, escape: escape), type: .boolean)
      }
    case .between(let value, let low, let high, let isNegated, let symmetric):
      return SQLExpression(
        .between(value, low, high, isNegated: !isNegated, symmetric: symmetric), type: .boolean)
    case .constant(let flag): return SQLExpression(.constant(!flag), type: .boolean)
    case .exists(let query, let isNegated):
      return SQLExpression(.exists(query, isNegated: !isNegated), type: .boolean)
    case .unary("NOT ", let inner, _): return inner
    case .conjunction(_, let items) where items.count > 1:
      return SQLExpression(
        .unary(prefix: "NOT ", SQLExpression(.grouping(expression)), precedence: 5),
        type: .boolean)
    default: break
    }
    return SQLExpression(.unary(prefix: "NOT ", expression, precedence: 5), type: .boolean)
  }

  /// Conditions joined; those that are joined by the same word already are taken apart.
  static func conjunction(isAnd: Bool, _ items: [SQLExpression]) -> SQLExpression {
    var flat: [SQLExpression] = []
    for item in items {
      switch item.node {
      case .conjunction(isAnd, let inner): flat += inner
      // `true` in an AND and `false` in an OR say nothing.
      case .constant(isAnd) where items.count > 1: continue
      case .constant(!isAnd): return item
      default: flat.append(item)
      }
    }
    if flat.isEmpty { return SQLExpression(.constant(isAnd), type: .boolean) }
    if flat.count == 1 { return flat[0] }
    return SQLExpression(.conjunction(isAnd: isAnd, flat), type: .boolean)
  }

  static func resultType(_ op: BinaryOperator, _ left: SQLType, _ right: SQLType) -> SQLType {
    switch (left, right) {
    case (.timestamp, .timestamp) where op == .subtract: .interval(fields: nil, precision: nil)
    case (.null, _): right
    case (.integer, .numeric), (.integer, .float), (.interval, .timestamp), (.integer, .date):
      right
    default: left
    }
  }

  /// `IN` or `NOT IN` of values or of a query.
  func membership(
    _ left: SQLExpression, _ value: Value, isNegated: Bool
  ) throws -> SQLExpression {
    let op: SQLOperator = isNegated ? .notIn : .isIn
    let right: SQLExpression =
      if let query = value.object(as: QueryObject.self) {
        SQLExpression(.scalarSelect(try query.query(python)))
      } else if let object = value.object(as: ExpressionObject.self) {
        try expanding(object.expression)
      } else {
        try list(python.items(value), of: left)
      }
    return SQLExpression(.binary(left, op, right, escape: nil), type: .boolean)
  }

  /// A place in an `IN` stands for a list, also where that was not said of it.
  private func expanding(_ expression: SQLExpression) throws -> SQLExpression {
    guard case .bind(let place) = expression.node, !place.isExpanding else { return expression }
    let list = BindParameter(
      place.key, type: place.type, isUnique: place.isUnique, isExpanding: true)
    if let given = place.payload as? GivenValue {
      list.payload = given
      list.value = try BoundParameter(python).value(given.value, of: list)
    }
    return SQLExpression(.bind(list), type: expression.type)
  }

  private func list(_ values: [Value], of left: SQLExpression) throws -> SQLExpression {
    let made = try values.map { try clause($0) }
    // Plain values are all of the type that the first has; among expressions each has its own.
    let common =
      made.allSatisfy { $0 == nil }
      ? values.first.map { Coercion.type(of: $0, beside: left.type) } : nil
    let items = try zip(values, made).map { value, made in
      if let made { return made }
      let type = common ?? Coercion.type(of: value, beside: left.type)
      if case .tuple(let types) = type, let parts = value.sequence {
        return SQLExpression(.tuple(try zip(parts, types).map { try expression($0, as: $1) }))
      }
      return try expression(value, as: type)
    }
    return SQLExpression(.tuple(items))
  }

  /// An element of an array or of JSON.
  func element(of base: SQLExpression, _ key: Value) throws -> SQLExpression {
    switch try base.type.resolved() {
    case .json(let json): return try jsonElement(of: base, json, key)
    case .hstore:
      return SQLExpression(
        .binary(base, .jsonItem, try expression(key), escape: nil), type: .string(.init("TEXT")))
    case .array(let array):
      if let slice = key.object(as: PythonSlice.self) {
        let offset = array.hasZeroIndexes ? 1 : 0
        let bounds = try [slice.start, slice.stop].map {
          try literal(.int(python.index($0) + offset))
        }
        return SQLExpression(.slice(base, bounds[0], bounds[1]), type: base.type)
      }
      if let object = key.object(as: ExpressionObject.self) {
        return SQLExpression(.element(base, object.expression), type: array.item)
      }
      let index = try python.index(key) + (array.hasZeroIndexes ? 1 : 0)
      return SQLExpression(.element(base, try literal(.int(index))), type: array.item)
    default:
      throw PythonError(
        .notImplementedError, "Operator 'getitem' is not supported on this expression")
    }
  }

  private func jsonElement(
    of base: SQLExpression, _ json: SQLType.JSONType, _ key: Value
  ) throws -> SQLExpression {
    if let path = key.sequence {
      let words = try path.map { try python.str($0) }.joined(separator: ", ")
      return SQLExpression(
        .binary(base, .jsonPath, try literal(.string("{\(words)}")), escape: nil), type: base.type)
    }
    let index = try expression(key)
    if json.isBinary { return SQLExpression(.element(base, index), type: base.type) }
    return SQLExpression(.binary(base, .jsonItem, index, escape: nil), type: base.type)
  }

  /// The same element as text.
  static func astext(_ expression: SQLExpression) throws -> SQLExpression {
    let text = SQLType.string(.init("TEXT"))
    switch expression.node {
    case .binary(let base, .jsonItem, let key, _), .element(let base, let key):
      return SQLExpression(.binary(base, .jsonText, key, escape: nil), type: text)
    case .binary(let base, .jsonPath, let path, _):
      return SQLExpression(.binary(base, .jsonPathText, path, escape: nil), type: text)
    default:
      throw PythonError(
        .attributeError,
        "Neither 'Column' object nor 'Comparator' object has an attribute 'astext'")
    }
  }
}

/// Something that stands for an expression without being one.
protocol ClauseProviding {
  func clause(_ python: Interpreter) throws -> SQLExpression
}
