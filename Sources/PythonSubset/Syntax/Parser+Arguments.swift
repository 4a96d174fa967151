extension Parser {
  /// `(...)` after a callable, or after a class's name, where no bare generator may stand.
  mutating func arguments(ofClass: Bool = false) throws(SyntaxFailure) -> [Argument] {
    try expect(.leftParen)
    var arguments: [Argument] = []
    var state = ArgumentState(allowsGenerator: !ofClass)
    while kind != .rightParen {
      arguments.append(try argument(&state, isFirst: arguments.isEmpty))
      guard take(.comma) else { break }
    }
    try close(.rightParen)
    return arguments
  }

  private struct ArgumentState {
    let allowsGenerator: Bool
    var hasKeyword = false
    var hasMapping = false
    var names: Set<String> = []
  }

  private mutating func argument(
    _ state: inout ArgumentState, isFirst: Bool
  ) throws(SyntaxFailure) -> Argument {
    let start = position
    if take(.star) {
      if state.hasMapping {
        throw failure(
          "iterable argument unpacking follows keyword argument unpacking", at: start)
      }
      return .unpackedSequence(try expression())
    }
    if take(.doubleStar) {
      state.hasMapping = true
      return .unpackedMapping(try expression())
    }
    if kind == .name, kind(ahead: 1) == .assign {
      let keyword = try name()
      advance()
      guard state.names.insert(keyword).inserted else {
        throw failure("keyword argument repeated: \(keyword)", at: start)
      }
      if keyword == "__debug__" { throw failure("cannot assign to __debug__", at: start) }
      guard kind != .comma, kind != .rightParen else {
        throw unexpected("expected argument value expression")
      }
      state.hasKeyword = true
      return .keyword(keyword, try expression(), at: start)
    }
    let value = try namedExpression()
    if kind == .assign {
      throw failure(
        "expression cannot contain assignment, perhaps you meant \"==\"?", at: start)
    }
    if kind == .keywordFor || kind == .keywordAsync {
      guard state.allowsGenerator else { throw unexpected() }
      return .positional(try soleGenerator(value, at: start, isFirst: isFirst))
    }
    if state.hasMapping {
      throw failure("positional argument follows keyword argument unpacking", at: start)
    }
    if state.hasKeyword {
      throw failure("positional argument follows keyword argument", at: start)
    }
    return .positional(value)
  }

  /// A generator expression may share the call's parentheses when it is the only argument.
  private mutating func soleGenerator(
    _ element: Expression, at start: Position, isFirst: Bool
  ) throws(SyntaxFailure) -> Expression {
    let opening = tokens[max(0, tokenIndex(of: start) - 1)].position
    let value = try comprehension(.generator(element), element: element, at: opening)
    guard isFirst, kind == .rightParen else {
      throw failure("Generator expression must be parenthesized", at: start)
    }
    return value
  }

  /// The index of the token at `place`, which lies behind the current one.
  private func tokenIndex(of place: Position) -> Int {
    var candidate = index
    while candidate > 0, tokens[candidate].position != place { candidate -= 1 }
    return candidate
  }

  /// `[...]` after a value: one index, a slice, or a tuple of them.
  mutating func subscriptIndex() throws(SyntaxFailure) -> Expression {
    try expect(.leftBracket)
    let start = position
    let first = try subscriptItem()
    var isStarred = false
    if case .starred = first.kind { isStarred = true }
    guard kind == .comma || isStarred else {
      try close(.rightBracket)
      return first
    }
    var items = [first]
    while take(.comma), kind != .rightBracket { items.append(try subscriptItem()) }
    try close(.rightBracket)
    return Expression(.tuple(items), at: start)
  }

  private mutating func subscriptItem() throws(SyntaxFailure) -> Expression {
    if kind == .star { return try starred() }
    let start = position
    var lower: Expression?
    if kind != .colon {
      let value = try namedExpression()
      guard kind == .colon else { return value }
      lower = value
    }
    try expect(.colon)
    var upper: Expression?
    if beginsExpression { upper = try expression() }
    var step: Expression?
    if take(.colon), beginsExpression { step = try expression() }
    return Expression(.slice(lower: lower, upper: upper, step: step), at: start)
  }
}
