extension Parser {
  /// How tightly operators bind; higher binds tighter.
  enum Level {
    static let none: UInt8 = 0
    static let or: UInt8 = 1
    static let and: UInt8 = 2
    static let not: UInt8 = 3
    static let comparison: UInt8 = 4
    static let bitOr: UInt8 = 5
    static let unary: UInt8 = 11
    static let power: UInt8 = 12
  }

  /// The level of each token kind as an infix operator.
  private static let levels: [UInt8] = (0...UInt8.max).map { raw in
    guard let kind = TokenKind(rawValue: raw) else { return Level.none }
    switch kind {
    case .keywordOr: return Level.or
    case .keywordAnd: return Level.and
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .keywordIn, .keywordIs,
      .keywordNot:
      return Level.comparison
    case .pipe: return Level.bitOr
    case .caret: return 6
    case .ampersand: return 7
    case .leftShift, .rightShift: return 8
    case .plus, .minus: return 9
    case .star, .slash, .doubleSlash, .percent, .at: return 10
    case .doubleStar: return Level.power
    default: return Level.none
    }
  }

  /// Reads an expression made of operators that bind at least as tightly as `level`.
  mutating func operators(_ level: UInt8) throws(SyntaxFailure) -> Expression {
    let start = position
    let outer = deepest
    deepest = depth
    var left = try prefixed(level)
    while true {
      let next = Self.levels[Int(kind.rawValue)]
      if next == Level.none || next < level { break }
      switch next {
      case Level.or: left = try boolean(.or, .keywordOr, left, operandLevel: Level.and, at: start)
      case Level.and:
        left = try boolean(.and, .keywordAnd, left, operandLevel: Level.not, at: start)
      case Level.comparison: left = try comparison(left, at: start)
      default: left = try binary(next, left, at: start)
      }
      try wrap()
    }
    deepest = max(outer, deepest)
    return left
  }

  private mutating func boolean(
    _ op: BooleanOperator, _ sign: TokenKind, _ first: Expression, operandLevel: UInt8,
    at start: Position
  ) throws(SyntaxFailure) -> Expression {
    var operands = [first]
    while take(sign) { operands.append(try operators(operandLevel)) }
    return Expression(.boolean(op, operands), at: start)
  }

  private mutating func comparison(
    _ first: Expression, at start: Position
  ) throws(SyntaxFailure) -> Expression {
    var steps: [ComparisonStep] = []
    while Self.levels[Int(kind.rawValue)] == Level.comparison {
      let op = try comparisonOperator()
      steps.append(ComparisonStep(op: op, operand: try operators(Level.bitOr)))
    }
    return Expression(.comparison(first, steps), at: start)
  }

  private mutating func comparisonOperator() throws(SyntaxFailure) -> ComparisonOperator {
    let sign = kind
    advance()
    switch sign {
    case .equal: return .equal
    case .notEqual: return .notEqual
    case .less: return .less
    case .lessOrEqual: return .lessOrEqual
    case .greater: return .greater
    case .greaterOrEqual: return .greaterOrEqual
    case .keywordIn: return .in
    case .keywordIs: return take(.keywordNot) ? .isNot : .is
    default:
      guard take(.keywordIn) else { throw unexpected() }
      return .notIn
    }
  }

  private mutating func binary(
    _ level: UInt8, _ first: Expression, at start: Position
  ) throws(SyntaxFailure) -> Expression {
    if take(.doubleStar) {
      let exponent = try deeper { parser throws(SyntaxFailure) in
        try parser.operators(Level.unary)
      }
      return Expression(
        .binary(first, [BinaryStep(op: .power, operand: exponent)]), at: start)
    }
    var steps: [BinaryStep] = []
    while let op = binaryOperator(), Self.levels[Int(kind.rawValue)] == level {
      advance()
      steps.append(BinaryStep(op: op, operand: try operators(level + 1)))
    }
    return Expression(.binary(first, steps), at: start)
  }

  private func binaryOperator() -> BinaryOperator? {
    switch kind {
    case .plus: .add
    case .minus: .subtract
    case .star: .multiply
    case .at: .matrixMultiply
    case .slash: .divide
    case .doubleSlash: .floorDivide
    case .percent: .modulo
    case .leftShift: .leftShift
    case .rightShift: .rightShift
    case .ampersand: .bitAnd
    case .pipe: .bitOr
    case .caret: .bitXor
    default: nil
    }
  }

  /// Reads an operand with the operators before it.
  private mutating func prefixed(_ level: UInt8) throws(SyntaxFailure) -> Expression {
    let start = position
    switch kind {
    case .minus: return try unary(.negative, at: start, operandLevel: Level.unary)
    case .plus: return try unary(.positive, at: start, operandLevel: Level.unary)
    case .tilde: return try unary(.invert, at: start, operandLevel: Level.unary)
    case .keywordNot:
      guard level <= Level.not else { throw unexpected() }
      return try unary(.not, at: start, operandLevel: Level.not)
    case .keywordAwait:
      try checkAwait()
      advance()
      let value = try deeper { parser throws(SyntaxFailure) in try parser.primary() }
      return Expression(.await(value), at: start)
    default: return try primary()
    }
  }

  private mutating func unary(
    _ op: UnaryOperator, at start: Position, operandLevel: UInt8
  ) throws(SyntaxFailure) -> Expression {
    advance()
    let operand = try deeper { parser throws(SyntaxFailure) in
      try parser.operators(operandLevel)
    }
    return Expression(.unary(op, operand), at: start)
  }

  private func checkAwait() throws(SyntaxFailure) {
    switch scopes.last?.form {
    // In a plain function only a generator expression may await, which shows when its `for` comes;
    // whoever runs the function decides.
    case .asyncFunction, .function, .lambda: return
    default: throw unexpected("'await' outside function")
    }
  }
}
