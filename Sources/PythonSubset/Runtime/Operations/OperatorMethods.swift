extension BinaryOperator {
  private var stem: String {
    switch self {
    case .add: "add"
    case .subtract: "sub"
    case .multiply: "mul"
    case .matrixMultiply: "matmul"
    case .divide: "truediv"
    case .floorDivide: "floordiv"
    case .modulo: "mod"
    case .power: "pow"
    case .leftShift: "lshift"
    case .rightShift: "rshift"
    case .bitAnd: "and"
    case .bitOr: "or"
    case .bitXor: "xor"
    }
  }

  /// The special method of the left operand: `__add__`.
  public var method: String { "__\(stem)__" }
  /// The special method of the right operand: `__radd__`.
  public var reflectedMethod: String { "__r\(stem)__" }
  /// The special method of the augmented assignment: `__iadd__`.
  public var inPlaceMethod: String { "__i\(stem)__" }
}

extension ComparisonOperator {
  /// The special method; nil for `is` and `in`.
  public var method: String? {
    switch self {
    case .equal: "__eq__"
    case .notEqual: "__ne__"
    case .less: "__lt__"
    case .lessOrEqual: "__le__"
    case .greater: "__gt__"
    case .greaterOrEqual: "__ge__"
    default: nil
    }
  }

  /// The operator with the operands exchanged: `<` for `>`.
  public var exchanged: ComparisonOperator {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: self
    }
  }
}
