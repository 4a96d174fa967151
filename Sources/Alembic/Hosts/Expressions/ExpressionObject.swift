public import PythonSubset

/// An SQL expression as Python sees it: what operators and methods of SQLAlchemy's columns give.
open class ExpressionObject: PythonObject {
  /// The expression.
  public internal(set) final var expression: SQLExpression

  /// Wraps an expression.
  public init(_ expression: SQLExpression) { self.expression = expression }

  open override var pythonClass: PythonClass { ExpressionClasses.cls(of: expression) }

  open override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if let value = try super.attribute(name, python) { return value }
    if name.hasPrefix("__") { return nil }
    throw PythonError(
      .attributeError,
      "Neither '\(pythonClass.name)' object nor 'Comparator' object has an attribute '\(name)'")
  }

  open override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    guard let made = try arithmetic(op, other, reflected, python) else { return nil }
    return .object(ExpressionObject(made))
  }

  private func arithmetic(
    _ op: BinaryOperator, _ other: Value, _ reflected: Bool, _ python: Interpreter
  ) throws -> SQLExpression? {
    let coercion = Coercion(python)
    let operand = try coercion.expression(other, as: operandType(other))
    let (left, right) = reflected ? (operand, expression) : (expression, operand)
    switch op {
    case .bitAnd where left.isBoolean || right.isBoolean:
      return Coercion.conjunction(isAnd: true, [left, right])
    case .bitOr where left.isBoolean || right.isBoolean:
      return Coercion.conjunction(isAnd: false, [left, right])
    case .divide: return Coercion.quotient(left, right)
    case .floorDivide: return Coercion.floored(left, right)
    default: break
    }
    let isText = try left.type.isText || right.type.isText
    guard let sql = op.sqlOperator(isText: isText) else {
      return nil
    }
    let type = Coercion.resultType(op, left.type, right.type)
    return SQLExpression(.binary(left, sql, right, escape: nil), type: type)
  }

  /// A duration is added to a time, not a time.
  private func operandType(_ other: Value) -> SQLType {
    switch expression.type {
    case .timestamp, .date, .time: .null
    default: Coercion.type(of: other, beside: expression.type)
    }
  }

  open override func unary(_ op: UnaryOperator, _ python: Interpreter) throws -> Value? {
    switch op {
    case .invert: return .object(ExpressionObject(Coercion.negated(expression)))
    case .negative:
      return .object(
        ExpressionObject(
          SQLExpression(.unary(prefix: "-", expression, precedence: 8), type: expression.type)))
    default: return nil
    }
  }

  open override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    let coercion = Coercion(python)
    guard let sql = op.sqlOperator else { return nil }
    return .object(
      ExpressionObject(try coercion.comparison(expression, sql, other)))
  }

  open override func truth(_ python: Interpreter) throws -> Bool {
    if case .binary(let left, let op, let right, _) = expression.node,
      op == .equal || op == .notEqual
    {
      let isSame: Bool =
        if case .column(let a) = left.node, case .column(let b) = right.node { a === b } else {
          false
        }
      return isSame == (op == .equal)
    }
    throw PythonError(.typeError, "Boolean value of this clause is not defined")
  }

  /// `a[1]` of an array, `a["key"]` of JSON.
  open override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    .object(ExpressionObject(try Coercion(python).element(of: expression, key)))
  }

  /// The SQL, with the names of places where values are not known.
  open override func text(_ python: Interpreter) throws -> String {
    try translatingErrors {
      try SQLCompiler(style: .script) { $0.shown }.text(expression)
    }
  }

  open override func representation(_ python: Interpreter) throws -> String {
    "<sqlalchemy.sql.elements.\(pythonClass.name) object at \(address)>"
  }
}

extension SQLExpression {
  /// Whether its value is true or false.
  var isBoolean: Bool {
    switch node {
    case .binary(_, let op, _, _): op.isComparison
    case .between, .conjunction, .exists, .constant: true
    default: if case .boolean = type { true } else { false }
    }
  }
}

extension BinaryOperator {
  /// SQL's operator; `+` of texts joins them.
  func sqlOperator(isText: Bool) -> SQLOperator? {
    switch self {
    case .add: isText ? .concatenate : .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .modulo: .modulo
    case .bitAnd: .bitAnd
    case .bitOr: .bitOr
    case .bitXor: .bitXor
    case .leftShift: .shiftLeft
    case .rightShift: .shiftRight
    default: nil
    }
  }
}

extension ComparisonOperator {
  /// SQL's operator.
  var sqlOperator: SQLOperator? {
    switch self {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    default: nil
    }
  }
}
