extension Parser {
  /// An atom with its attributes, calls and subscripts.
  mutating func primary() throws(SyntaxFailure) -> Expression {
    let start = position
    let outer = deepest
    deepest = depth
    var value = try atom()
    while true {
      switch kind {
      case .dot:
        advance()
        let place = position
        value = Expression(.attribute(value, try name(), at: place), at: start)
      case .leftParen:
        value = Expression(.call(value, try arguments()), at: start)
      case .leftBracket:
        value = Expression(.subscript(value, try subscriptIndex()), at: start)
      default:
        deepest = max(outer, deepest)
        return value
      }
      try wrap()
    }
  }

  private mutating func atom() throws(SyntaxFailure) -> Expression {
    let start = position
    let constant: Expression.Kind
    switch kind {
    case .name: return Expression(.name(try name()), at: start)
    case .number: return try number()
    case .string, .formattedStart: return try strings()
    case .leftParen: return try group()
    case .leftBracket: return try list()
    case .leftBrace: return try braces()
    case .keywordNone: constant = .none
    case .keywordTrue: constant = .true
    case .keywordFalse: constant = .false
    case .ellipsis: constant = .ellipsis
    default: throw unexpected()
    }
    advance()
    return Expression(constant, at: start)
  }

  /// `(...)`: a parenthesised expression, a tuple or a generator expression.
  private mutating func group() throws(SyntaxFailure) -> Expression {
    let start = position
    advance()
    if take(.rightParen) { return Expression(.tuple([]), at: start) }
    if kind == .keywordYield {
      let value = try deeper { parser throws(SyntaxFailure) in try parser.yield() }
      try close(.rightParen)
      return value
    }
    let first = try element()
    if kind == .keywordFor || kind == .keywordAsync {
      let value = try comprehension(.generator(first), element: first, at: start)
      try close(.rightParen)
      return value
    }
    guard kind == .comma else {
      if case .starred = first.kind {
        throw failure("cannot use starred expression here", at: first.position)
      }
      try close(.rightParen)
      return first
    }
    let elements = try elements(after: first, until: .rightParen)
    return Expression(.tuple(elements), at: start)
  }

  private mutating func list() throws(SyntaxFailure) -> Expression {
    let start = position
    advance()
    if take(.rightBracket) { return Expression(.list([]), at: start) }
    let first = try element()
    if kind == .keywordFor || kind == .keywordAsync {
      let value = try comprehension(.list(first), element: first, at: start)
      try close(.rightBracket)
      return value
    }
    return Expression(.list(try elements(after: first, until: .rightBracket)), at: start)
  }

  /// The elements that follow `first`, and the closing bracket.
  private mutating func elements(
    after first: Expression, until end: TokenKind
  ) throws(SyntaxFailure) -> [Expression] {
    var elements = [first]
    while take(.comma), kind != end { elements.append(try element()) }
    try close(end)
    return elements
  }

  /// Takes a closing bracket; what stands there instead is most often a forgotten comma.
  mutating func close(_ end: TokenKind) throws(SyntaxFailure) {
    guard take(end) else {
      throw unexpected(
        beginsExpression ? "invalid syntax. Perhaps you forgot a comma?" : "invalid syntax")
    }
  }

  /// `{...}`: a dictionary, a set, or a comprehension of either.
  private mutating func braces() throws(SyntaxFailure) -> Expression {
    let start = position
    advance()
    if take(.rightBrace) { return Expression(.dictionary([]), at: start) }
    if kind == .doubleStar { return try dictionary([try entry()], at: start) }
    let first = try element()
    if kind == .colon, !isStarredOrNamed(first) {
      advance()
      let value = try expression()
      if kind == .keywordFor || kind == .keywordAsync {
        let result = try comprehension(
          .dictionary(key: first, value: value), element: value, at: start)
        try close(.rightBrace)
        return result
      }
      return try dictionary([.pair(key: first, value: value)], at: start)
    }
    if kind == .keywordFor || kind == .keywordAsync {
      let result = try comprehension(.set(first), element: first, at: start)
      try close(.rightBrace)
      return result
    }
    return Expression(.set(try elements(after: first, until: .rightBrace)), at: start)
  }

  private func isStarredOrNamed(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .starred: true
    // `{(a := 1): 2}` is fine, `{a := 1: 2}` is not.
    case .named: tokens[index - 1].kind != .rightParen
    default: false
    }
  }

  private mutating func dictionary(
    _ first: [DictionaryEntry], at start: Position
  ) throws(SyntaxFailure) -> Expression {
    if case .unpacked = first.first, kind == .keywordFor || kind == .keywordAsync {
      throw unexpected("dict unpacking cannot be used in dict comprehension")
    }
    var entries = first
    while take(.comma), kind != .rightBrace { entries.append(try entry()) }
    try close(.rightBrace)
    return Expression(.dictionary(entries), at: start)
  }

  private mutating func entry() throws(SyntaxFailure) -> DictionaryEntry {
    if take(.doubleStar) {
      return .unpacked(
        try deeper { parser throws(SyntaxFailure) in try parser.operators(Level.bitOr) })
    }
    let key = try expression()
    guard take(.colon) else { throw unexpected("':' expected after dictionary key") }
    guard beginsExpression else {
      throw unexpected("expression expected after dictionary key and ':'")
    }
    return .pair(key: key, value: try expression())
  }

  /// The `for` clauses after a comprehension's element.
  mutating func comprehension(
    _ result: Comprehension.Result, element: Expression, at start: Position
  ) throws(SyntaxFailure) -> Expression {
    if case .starred = element.kind {
      throw failure("iterable unpacking cannot be used in comprehension", at: element.position)
    }
    var clauses: [ComprehensionClause] = []
    while kind == .keywordFor || kind == .keywordAsync && kind(ahead: 1) == .keywordFor {
      let place = position
      let isAsync = take(.keywordAsync)
      try expect(.keywordFor)
      let target = try loopTarget()
      try expect(.keywordIn)
      let iterable = try deeper { parser throws(SyntaxFailure) in
        try parser.operators(Level.or)
      }
      var conditions: [Expression] = []
      while take(.keywordIf) {
        conditions.append(
          try deeper { parser throws(SyntaxFailure) in try parser.operators(Level.or) })
      }
      clauses.append(
        ComprehensionClause(
          position: place, target: target, iterable: iterable, conditions: conditions,
          isAsync: isAsync))
    }
    guard !clauses.isEmpty else { throw unexpected() }
    return Expression(
      .comprehension(Comprehension(result: result, clauses: clauses)), at: start)
  }
}
