/// The arithmetic and bitwise operators, in augmented assignments too.
public enum BinaryOperator: UInt8, Sendable, CaseIterable {
  case add, subtract, multiply, matrixMultiply, divide, floorDivide, modulo, power
  case leftShift, rightShift, bitAnd, bitOr, bitXor

  /// The operator as Python writes it: `+`, `//`...
  public var symbol: String {
    switch self {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .matrixMultiply: "@"
    case .divide: "/"
    case .floorDivide: "//"
    case .modulo: "%"
    case .power: "**"
    case .leftShift: "<<"
    case .rightShift: ">>"
    case .bitAnd: "&"
    case .bitOr: "|"
    case .bitXor: "^"
    }
  }
}

/// The operators before an operand.
public enum UnaryOperator: UInt8, Sendable, CaseIterable {
  case positive, negative, invert, not

  /// The operator as Python writes it.
  public var symbol: String {
    switch self {
    case .positive: "+"
    case .negative: "-"
    case .invert: "~"
    case .not: "not"
    }
  }
}

/// `and` and `or`.
public enum BooleanOperator: UInt8, Sendable, CaseIterable {
  case and, or
}

/// The comparison operators, which chain.
public enum ComparisonOperator: UInt8, Sendable, CaseIterable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case `is`, isNot, `in`, notIn

  /// The operator as Python writes it: `==`, `not in`...
  public var symbol: String {
    switch self {
    case .equal: "=="
    case .notEqual: "!="
    case .less: "<"
    case .lessOrEqual: "<="
    case .greater: ">"
    case .greaterOrEqual: ">="
    case .is: "is"
    case .isNot: "is not"
    case .in: "in"
    case .notIn: "not in"
    }
  }
}
