extension Parser {
  /// Whether the current token can begin an expression.
  var beginsExpression: Bool {
    switch kind {
    case .name, .number, .string, .formattedStart, .leftParen, .leftBracket, .leftBrace, .minus,
      .plus, .tilde, .ellipsis, .keywordNone, .keywordTrue, .keywordFalse, .keywordNot,
      .keywordLambda, .keywordAwait:
      true
    default: false
    }
  }

  /// An expression without `:=`, `yield` and top-level commas.
  mutating func expression() throws(SyntaxFailure) -> Expression {
    try deeper { parser throws(SyntaxFailure) in
      if parser.kind == .keywordLambda { return try parser.lambda() }
      let start = parser.position
      let value = try parser.operators(Level.or)
      guard parser.take(.keywordIf) else { return value }
      let test = try parser.operators(Level.or)
      guard parser.take(.keywordElse) else {
        throw parser.unexpected("expected 'else' after 'if' expression")
      }
      let otherwise = try parser.expression()
      return Expression(
        .conditional(test: test, value: value, otherwise: otherwise), at: start)
    }
  }

  /// An expression or `name := expression`.
  mutating func namedExpression() throws(SyntaxFailure) -> Expression {
    guard kind == .name, kind(ahead: 1) == .walrus else {
      let value = try expression()
      if kind == .walrus {
        throw unexpected("cannot use assignment expressions with \(describe(value))")
      }
      return value
    }
    let start = position
    let target = try name()
    if target == "__debug__" { throw failure("cannot assign to __debug__", at: start) }
    advance()
    return Expression(.named(target, try expression()), at: start)
  }

  /// An element of a display: `*iterable` or a named expression.
  mutating func element() throws(SyntaxFailure) -> Expression {
    kind == .star ? try starred() : try namedExpression()
  }

  /// `*iterable`
  mutating func starred() throws(SyntaxFailure) -> Expression {
    let start = position
    try expect(.star)
    let value = try deeper { parser throws(SyntaxFailure) in
      try parser.operators(Level.bitOr)
    }
    return Expression(.starred(value), at: start)
  }

  /// Expressions with commas, which make a tuple; elements may be starred.
  mutating func starExpressions() throws(SyntaxFailure) -> Expression {
    let start = position
    let first = kind == .star ? try starred() : try expression()
    guard kind == .comma else {
      if case .starred = first.kind {
        throw failure("can't use starred expression here", at: start)
      }
      return first
    }
    return try tuple(from: first, at: start)
  }

  /// As ``starExpressions()``, but leaves a lone starred expression to the caller (`*a, = b`).
  mutating func starExpressionsOrStarred() throws(SyntaxFailure) -> Expression {
    let start = position
    let first = kind == .star ? try starred() : try expression()
    return kind == .comma ? try tuple(from: first, at: start) : first
  }

  private mutating func tuple(
    from first: Expression, at start: Position
  ) throws(SyntaxFailure) -> Expression {
    var elements = [first]
    while take(.comma) {
      guard kind == .star || beginsExpression else { break }
      elements.append(kind == .star ? try starred() : try expression())
    }
    return Expression(.tuple(elements), at: start)
  }

  /// `yield`, `yield value`, `yield from value`.
  mutating func yield() throws(SyntaxFailure) -> Expression {
    let start = position
    switch scopes.last?.form {
    case .function, .lambda: break
    case .asyncFunction:
      if kind(ahead: 1) == .keywordFrom {
        throw failure("'yield from' inside async function", at: start)
      }
      if let place = scopes.last?.returnsValue {
        throw failure("'return' with value in async generator", at: place)
      }
    default: throw failure("'yield' outside function", at: start)
    }
    scopes[scopes.count - 1].yields = true
    advance()
    if take(.keywordFrom) { return Expression(.yieldFrom(try expression()), at: start) }
    guard kind == .star || beginsExpression else { return Expression(.yield(nil), at: start) }
    return Expression(.yield(try starExpressions()), at: start)
  }

  /// What may stand right of `=` and in a field of an f-string.
  mutating func yieldOrStarExpressions() throws(SyntaxFailure) -> Expression {
    kind == .keywordYield ? try yield() : try starExpressions()
  }

  private mutating func lambda() throws(SyntaxFailure) -> Expression {
    let start = position
    try expect(.keywordLambda)
    let parameters = try parameters(until: .colon, annotated: false)
    try expect(.colon)
    scopes.append(Scope(form: .lambda))
    let body = try expression()
    let isGenerator = scopes.removeLast().yields
    return Expression(
      .lambda(Lambda(parameters: parameters, body: body, isGenerator: isGenerator)), at: start)
  }

  /// An expression in the words of CPython's messages.
  func describe(_ expression: Expression) -> String {
    switch expression.kind {
    case .name: "name"
    case .none: "None"
    case .true: "True"
    case .false: "False"
    case .ellipsis: "ellipsis"
    case .integer, .bigInteger, .float, .imaginary, .string, .surrogates, .bytes: "literal"
    case .formatted: "f-string expression"
    case .binary, .unary, .boolean: "expression"
    case .comparison: "comparison"
    case .conditional: "conditional expression"
    case .named: "named expression"
    case .attribute: "attribute"
    case .call: "function call"
    case .subscript, .slice: "subscript"
    case .tuple: "tuple"
    case .list: "list"
    case .set: "set display"
    case .dictionary: "dict literal"
    case .starred: "starred"
    case .lambda: "lambda"
    case .await: "await expression"
    case .yield, .yieldFrom: "yield expression"
    case .comprehension(let comprehension):
      switch comprehension.result {
      case .list: "list comprehension"
      case .set: "set comprehension"
      case .generator: "generator expression"
      case .dictionary: "dict comprehension"
      }
    }
  }
}
