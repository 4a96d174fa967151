extension Parser {
  /// A `match` statement, or nil where `match` is an ordinary name here.
  mutating func matchStatement() throws(SyntaxFailure) -> Statement.Kind? {
    let start = position
    guard let subject = attempt({ parser in try? parser.matchSubject() }) else { return nil }
    try expect(.colon)
    try expect(.newline)
    guard take(.indent) else {
      throw unexpected("expected an indented block after 'match' statement on line \(start.line)")
    }
    var cases: [MatchCase] = []
    while isName("case") { cases.append(try matchCase()) }
    guard kind == .dedent || kind == .endOfFile else { throw unexpected() }
    _ = take(.dedent)
    return .match(subject: subject, cases)
  }

  /// What stands between `match` and a colon that ends its line, before an indented `case`.
  private mutating func matchSubject() throws(SyntaxFailure) -> Expression? {
    advance()
    let start = position
    guard kind == .star || beginsExpression else { return nil }
    let first = try element()
    var subject = first
    if kind == .comma {
      var elements = [first]
      while take(.comma), kind == .star || beginsExpression { elements.append(try element()) }
      subject = Expression(.tuple(elements), at: start)
    } else if case .starred = first.kind {
      return nil
    }
    guard kind == .colon, kind(ahead: 1) == .newline, kind(ahead: 2) == .indent,
      isName("case", ahead: 3)
    else { return nil }
    return subject
  }

  private mutating func matchCase() throws(SyntaxFailure) -> MatchCase {
    let start = position
    advance()
    depth = 0
    deepest = 0
    let pattern = try openPattern()
    let condition = take(.keywordIf) ? try namedExpression() : nil
    let body = try block(after: "'case' statement", at: start)
    return MatchCase(position: start, pattern: pattern, condition: condition, body: body)
  }

  /// A pattern, or several with commas, which make a sequence.
  private mutating func openPattern() throws(SyntaxFailure) -> Pattern {
    let start = position
    let first = try starOrPattern()
    guard kind == .comma else {
      if case .star = first.kind { throw unexpected() }
      return first
    }
    var elements = [first]
    while take(.comma), kind != .colon, kind != .keywordIf {
      elements.append(try starOrPattern())
    }
    return Pattern(.sequence(try checked(elements)), at: start)
  }

  private func checked(_ elements: [Pattern]) throws(SyntaxFailure) -> [Pattern] {
    var hasStar = false
    for element in elements {
      guard case .star = element.kind else { continue }
      if hasStar {
        throw failure("multiple starred expressions in sequence pattern", at: element.position)
      }
      hasStar = true
    }
    return elements
  }

  private mutating func starOrPattern() throws(SyntaxFailure) -> Pattern {
    let start = position
    guard take(.star) else { return try pattern() }
    let name = try name()
    return Pattern(.star(name == "_" ? nil : name), at: start)
  }

  /// `a | b as name`
  mutating func pattern() throws(SyntaxFailure) -> Pattern {
    try deeper { parser throws(SyntaxFailure) in
      let start = parser.position
      let first = try parser.closedPattern()
      var result = first
      if parser.kind == .pipe {
        var alternatives = [first]
        while parser.take(.pipe) { alternatives.append(try parser.closedPattern()) }
        result = Pattern(.alternatives(alternatives), at: start)
      }
      guard parser.take(.keywordAs) else { return result }
      let place = parser.position
      let name = try parser.name()
      if name == "_" { throw parser.failure("cannot use '_' as a target", at: place) }
      if parser.kind == .dot || parser.kind == .leftParen {
        throw parser.failure("invalid pattern target", at: place)
      }
      return Pattern(.binding(result, name), at: start)
    }
  }

  private mutating func closedPattern() throws(SyntaxFailure) -> Pattern {
    let start = position
    switch kind {
    case .keywordNone, .keywordTrue, .keywordFalse:
      return Pattern(.singleton(try primary()), at: start)
    case .number, .minus:
      return Pattern(.value(try patternNumber()), at: start)
    case .string, .formattedStart:
      return Pattern(.value(try patternString()), at: start)
    case .leftParen: return try parenthesizedPattern()
    case .leftBracket:
      advance()
      return Pattern(
        .sequence(try patterns(until: .rightBracket)), at: start)
    case .leftBrace: return try mappingPattern()
    case .name: return try namePattern()
    default: throw unexpected()
    }
  }

  private mutating func patternString() throws(SyntaxFailure) -> Expression {
    let value = try strings()
    if case .formatted = value.kind {
      throw failure("patterns may only match literals and attribute lookups", at: value.position)
    }
    return value
  }

  /// `1`, `-1.5`, `1 - 2j`
  private mutating func patternNumber() throws(SyntaxFailure) -> Expression {
    let start = position
    let real = try signedNumber()
    guard kind == .plus || kind == .minus else { return real }
    let op: BinaryOperator = kind == .plus ? .add : .subtract
    advance()
    guard kind == .number else { throw unexpected() }
    let imaginary = try number()
    guard case .imaginary = imaginary.kind else {
      throw failure("imaginary number required in complex literal", at: imaginary.position)
    }
    if isImaginary(real) { throw failure("real number required in complex literal", at: start) }
    return Expression(.binary(real, [BinaryStep(op: op, operand: imaginary)]), at: start)
  }

  private func isImaginary(_ value: Expression) -> Bool {
    switch value.kind {
    case .imaginary: true
    case .unary(_, let operand): isImaginary(operand)
    default: false
    }
  }

  private mutating func signedNumber() throws(SyntaxFailure) -> Expression {
    let start = position
    let isNegative = take(.minus)
    guard kind == .number else { throw unexpected() }
    let value = try number()
    return isNegative ? Expression(.unary(.negative, value), at: start) : value
  }

  private mutating func parenthesizedPattern() throws(SyntaxFailure) -> Pattern {
    let start = position
    advance()
    if take(.rightParen) { return Pattern(.sequence([]), at: start) }
    let first = try starOrPattern()
    if kind != .comma {
      if case .star = first.kind { throw unexpected() }
      try close(.rightParen)
      return first
    }
    _ = take(.comma)
    let rest = try patterns(until: .rightParen)
    return Pattern(.sequence(try checked([first] + rest)), at: start)
  }

  private mutating func patterns(until end: TokenKind) throws(SyntaxFailure) -> [Pattern] {
    var elements: [Pattern] = []
    while kind != end {
      elements.append(try starOrPattern())
      guard take(.comma) else { break }
    }
    try close(end)
    return try checked(elements)
  }

  private mutating func mappingPattern() throws(SyntaxFailure) -> Pattern {
    let start = position
    advance()
    var entries: [MappingPatternEntry] = []
    var rest: String?
    while kind != .rightBrace {
      if rest != nil { throw unexpected() }
      if take(.doubleStar) {
        if isName("_") { throw unexpected() }
        rest = try name()
      } else {
        let key = try mappingKey()
        try expect(.colon)
        entries.append(MappingPatternEntry(key: key, pattern: try pattern()))
      }
      guard take(.comma) else { break }
    }
    try close(.rightBrace)
    return Pattern(.mapping(entries, rest: rest), at: start)
  }

  private mutating func mappingKey() throws(SyntaxFailure) -> Expression {
    switch kind {
    case .number, .minus: return try patternNumber()
    case .string, .formattedStart: return try patternString()
    case .keywordNone, .keywordTrue, .keywordFalse: return try primary()
    case .name where kind(ahead: 1) == .dot: return try dottedPath()
    default: throw unexpected()
    }
  }

  private mutating func dottedPath() throws(SyntaxFailure) -> Expression {
    let start = position
    let outer = deepest
    deepest = depth
    var value = Expression(.name(try name()), at: start)
    while take(.dot) {
      let place = position
      value = Expression(.attribute(value, try name(), at: place), at: start)
      try wrap()
    }
    deepest = max(outer, deepest)
    return value
  }

  /// A capture, the wildcard, a dotted value or a class pattern.
  private mutating func namePattern() throws(SyntaxFailure) -> Pattern {
    let start = position
    let path = try dottedPath()
    if kind == .leftParen { return try classPattern(path, at: start) }
    guard case .name(let name) = path.kind else { return Pattern(.value(path), at: start) }
    return Pattern(name == "_" ? .wildcard : .capture(name), at: start)
  }

  private mutating func classPattern(
    _ type: Expression, at start: Position
  ) throws(SyntaxFailure) -> Pattern {
    advance()
    var positional: [Pattern] = []
    var keywords: [KeywordPattern] = []
    while kind != .rightParen {
      let place = position
      if kind == .name, kind(ahead: 1) == .assign {
        let name = try name()
        advance()
        keywords.append(KeywordPattern(name: name, pattern: try pattern(), position: place))
      } else {
        guard keywords.isEmpty else {
          throw failure("positional patterns follow keyword patterns", at: place)
        }
        positional.append(try pattern())
      }
      guard take(.comma) else { break }
    }
    try close(.rightParen)
    return Pattern(.class(type, positional: positional, keywords: keywords), at: start)
  }
}
