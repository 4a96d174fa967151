extension Parser {
  /// Whether the current token begins a statement with a block; `match` may.
  var beginsCompound: Bool {
    switch kind {
    case .keywordIf, .keywordWhile, .keywordFor, .keywordTry, .keywordWith, .keywordDef,
      .keywordClass, .keywordAsync:
      true
    default: false
    }
  }

  /// A statement with a block, or nil where the current token begins none.
  mutating func compoundStatement() throws(SyntaxFailure) -> Statement.Kind? {
    switch kind {
    case .keywordIf: return try ifStatement()
    case .keywordWhile: return try whileStatement()
    case .keywordFor: return try forStatement(isAsync: false)
    case .keywordTry: return try tryStatement()
    case .keywordWith: return try withStatement(isAsync: false)
    case .keywordDef: return try function(decorators: [], isAsync: false)
    case .keywordClass: return try classStatement(decorators: [])
    case .keywordAsync: return try asyncStatement()
    case .name where isName("match"): return try matchStatement()
    default: return nil
    }
  }

  private mutating func asyncStatement() throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    advance()
    if kind == .keywordDef { return try function(decorators: [], isAsync: true) }
    guard scopes.last?.form == .asyncFunction else {
      let word = kind == .keywordFor ? "for" : "with"
      throw failure("'async \(word)' outside async function", at: start)
    }
    switch kind {
    case .keywordFor: return try forStatement(isAsync: true)
    case .keywordWith: return try withStatement(isAsync: true)
    default: throw unexpected()
    }
  }

  private mutating func ifStatement() throws(SyntaxFailure) -> Statement.Kind {
    var branches: [ConditionalBranch] = []
    var word = "if"
    repeat {
      let start = position
      advance()
      depth = 0
      deepest = 0
      let test = try namedExpression()
      if kind == .assign {
        throw unexpected("invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
      }
      let body = try block(after: "'\(word)' statement", at: start)
      branches.append(ConditionalBranch(position: start, test: test, body: body))
      word = "elif"
    } while kind == .keywordElif
    return .if(branches, otherwise: try elseBlock())
  }

  /// The body of `else`, empty where there is none.
  private mutating func elseBlock() throws(SyntaxFailure) -> [Statement] {
    let start = position
    guard take(.keywordElse) else { return [] }
    return try block(after: "'else' statement", at: start)
  }

  private mutating func loopBody(
    after header: String, at start: Position
  ) throws(SyntaxFailure) -> [Statement] {
    scopes[scopes.count - 1].loops += 1
    let body = try block(after: header, at: start)
    scopes[scopes.count - 1].loops -= 1
    return body
  }

  private mutating func whileStatement() throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    advance()
    let test = try namedExpression()
    let body = try loopBody(after: "'while' statement", at: start)
    return .while(test: test, body: body, otherwise: try elseBlock())
  }

  private mutating func forStatement(isAsync: Bool) throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    advance()
    let target = try loopTarget()
    try expect(.keywordIn)
    let iterable = try starExpressions()
    let body = try loopBody(after: "'for' statement", at: start)
    return .for(
      ForLoop(
        target: target, iterable: iterable, body: body, otherwise: try elseBlock(),
        isAsync: isAsync))
  }

  private mutating func tryStatement() throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    advance()
    let body = try block(after: "'try' statement", at: start)
    var handlers: [ExceptHandler] = []
    var isGroup = false
    while kind == .keywordExcept {
      let handler = try exceptHandler(isFirst: handlers.isEmpty, isGroup: &isGroup)
      if let last = handlers.last, last.type == nil {
        throw failure("default 'except:' must be last", at: last.position)
      }
      handlers.append(handler)
    }
    let otherwise = handlers.isEmpty ? [] : try elseBlock()
    let place = position
    var finally: [Statement] = []
    if take(.keywordFinally) { finally = try block(after: "'finally' statement", at: place) }
    guard !handlers.isEmpty || !finally.isEmpty else {
      throw unexpected("expected 'except' or 'finally' block")
    }
    return .try(
      TryStatement(
        body: body, handlers: handlers, otherwise: otherwise, finally: finally,
        isGroup: isGroup))
  }

  private mutating func exceptHandler(
    isFirst: Bool, isGroup: inout Bool
  ) throws(SyntaxFailure) -> ExceptHandler {
    let start = position
    advance()
    let hasStar = take(.star)
    guard isFirst || hasStar == isGroup else {
      throw failure("cannot have both 'except' and 'except*' on the same 'try'", at: start)
    }
    isGroup = hasStar
    depth = 0
    deepest = 0
    var type: Expression?
    var name: String?
    if beginsExpression {
      type = try expression()
      if kind == .comma {
        throw unexpected("multiple exception types must be parenthesized")
      }
      if take(.keywordAs) { name = try self.name() }
    } else if hasStar {
      throw unexpected("expected one or more exception types")
    }
    let header = hasStar ? "'except*' statement" : "'except' statement"
    return ExceptHandler(
      position: start, type: type, name: name, body: try block(after: header, at: start))
  }

  private mutating func withStatement(isAsync: Bool) throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    advance()
    let items: [WithItem]
    if kind == .leftParen, let listed = attempt({ parser in try? parser.parenthesizedItems() }) {
      items = listed
    } else {
      var plain: [WithItem] = []
      repeat { plain.append(try withItem()) } while take(.comma)
      items = plain
    }
    return .with(items, body: try block(after: "'with' statement", at: start), isAsync: isAsync)
  }

  private mutating func withItem() throws(SyntaxFailure) -> WithItem {
    let context = try expression()
    guard take(.keywordAs) else { return WithItem(context: context, target: nil) }
    return WithItem(context: context, target: try withTarget())
  }

  /// `(a as b, c)` before the colon. Anything else in the parentheses is an expression.
  private mutating func parenthesizedItems() throws(SyntaxFailure) -> [WithItem]? {
    try expect(.leftParen)
    var items: [WithItem] = []
    repeat {
      if kind == .rightParen, !items.isEmpty { break }
      items.append(try withItem())
    } while take(.comma)
    guard take(.rightParen), kind == .colon else { return nil }
    return items
  }
}
