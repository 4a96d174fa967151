extension Parser {
  /// The statements of a file.
  mutating func moduleBody() throws(SyntaxFailure) -> [Statement] {
    var body: [Statement] = []
    while kind != .endOfFile { try statements(into: &body) }
    return body
  }

  /// One compound statement, or the simple statements of one line.
  mutating func statements(into body: inout [Statement]) throws(SyntaxFailure) {
    let decorators = try decorators()
    let start = position
    depth = 0
    deepest = 0
    let isSimple = decorators.isEmpty && !beginsCompound
    mayImportFuture = mayImportFuture && isSimple
    if !decorators.isEmpty {
      body.append(Statement(try definition(decorators), at: start))
    } else if let compound = try compoundStatement() {
      body.append(Statement(compound, at: start))
    } else {
      try simpleStatements(into: &body)
    }
  }

  private mutating func simpleStatements(
    into body: inout [Statement]
  ) throws(SyntaxFailure) {
    repeat {
      let start = position
      depth = 0
      deepest = 0
      let statement = try simpleStatement()
      noteFuture(statement, isFirst: body.isEmpty)
      body.append(Statement(statement, at: start))
    } while take(.semicolon) && kind != .newline
    guard take(.newline) else { throw unexpected() }
  }

  private mutating func noteFuture(_ statement: Statement.Kind, isFirst: Bool) {
    switch statement {
    case .importFrom(let source) where source.isFuture: break
    case .expression(let value):
      guard isFirst, case .string = value.kind else { fallthrough }
    default: mayImportFuture = false
    }
  }

  /// The indented statements after a colon, or the simple statements on its line.
  mutating func block(
    after header: String, at place: Position
  ) throws(SyntaxFailure) -> [Statement] {
    guard take(.colon) else { throw unexpected("expected ':'") }
    var body: [Statement] = []
    guard take(.newline) else {
      try simpleStatements(into: &body)
      return body
    }
    guard take(.indent) else {
      throw unexpected("expected an indented block after \(header) on line \(place.line)")
    }
    while kind != .dedent, kind != .endOfFile { try statements(into: &body) }
    _ = take(.dedent)
    return body
  }

  private mutating func simpleStatement() throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    switch kind {
    case .keywordPass:
      advance()
      return .pass
    case .keywordBreak:
      guard (scopes.last?.loops ?? 0) > 0 else { throw failure("'break' outside loop", at: start) }
      advance()
      return .break
    case .keywordContinue:
      guard (scopes.last?.loops ?? 0) > 0 else {
        throw failure("'continue' not properly in loop", at: start)
      }
      advance()
      return .continue
    case .keywordReturn: return try returnStatement()
    case .keywordRaise: return try raiseStatement()
    case .keywordAssert:
      advance()
      let test = try expression()
      return .assert(test, message: take(.comma) ? try expression() : nil)
    case .keywordDel: return try deleteStatement()
    case .keywordGlobal:
      advance()
      return .global(try names())
    case .keywordNonlocal:
      guard scopes.count > 1 else {
        throw failure("nonlocal declaration not allowed at module level", at: start)
      }
      advance()
      return .nonlocal(try names())
    case .keywordImport: return try importStatement()
    case .keywordFrom: return try fromStatement()
    case .name where isName("type") && kind(ahead: 1) == .name: return try typeAlias()
    default: return try expressionStatement()
    }
  }

  private mutating func names() throws(SyntaxFailure) -> [String] {
    var names = [try name()]
    while take(.comma) { names.append(try name()) }
    return names
  }

  private mutating func returnStatement() throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    let scope = scopes.last
    guard scope?.form == .function || scope?.form == .asyncFunction else {
      throw failure("'return' outside function", at: start)
    }
    advance()
    guard kind == .star || beginsExpression else { return .return(nil) }
    if scope?.form == .asyncFunction {
      if scope?.yields == true {
        throw failure("'return' with value in async generator", at: start)
      }
      scopes[scopes.count - 1].returnsValue = start
    }
    return .return(try starExpressions())
  }

  private mutating func raiseStatement() throws(SyntaxFailure) -> Statement.Kind {
    advance()
    guard beginsExpression else { return .raise(nil, cause: nil) }
    let value = try expression()
    return .raise(value, cause: take(.keywordFrom) ? try expression() : nil)
  }

  private mutating func deleteStatement() throws(SyntaxFailure) -> Statement.Kind {
    advance()
    var targets: [Target] = []
    repeat {
      let value = try deeper { parser throws(SyntaxFailure) in try parser.primary() }
      targets.append(try target(value, .delete))
    } while take(.comma) && beginsExpression
    return .delete(targets)
  }

  /// `type name[parameters] = value`
  private mutating func typeAlias() throws(SyntaxFailure) -> Statement.Kind {
    advance()
    let name = try name()
    let parameters = try typeParameters()
    try expect(.assign)
    return .typeAlias(name: name, parameters, value: try expression())
  }

  /// An expression, an assignment, an annotation or an augmented assignment.
  private mutating func expressionStatement() throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    let isBare = kind == .name
    let first =
      kind == .keywordYield ? try yield() : try starExpressionsOrStarred()
    switch kind {
    case .assign: return try assignment(first)
    case .colon: return try annotation(first, isBare: isBare)
    default: break
    }
    if let op = augmentedOperator() {
      let target: Target
      switch first.kind {
      case .name, .attribute, .subscript: target = try self.target(first, .assign)
      default:
        throw failure(
          "'\(describe(first))' is an illegal expression for augmented assignment", at: start)
      }
      advance()
      return .augment(target, op, try yieldOrStarExpressions())
    }
    if case .starred = first.kind { throw failure("can't use starred expression here", at: start) }
    return .expression(first)
  }

  private mutating func assignment(_ first: Expression) throws(SyntaxFailure) -> Statement.Kind {
    var targets: [Target] = []
    var value = first
    while take(.assign) {
      let target: Target
      do throws(SyntaxFailure) {
        target = try self.target(value, .assign)
      } catch {
        // The commonest slip is one sign too few.
        let isComparable = targets.isEmpty && error.location.line == Int(value.position.line)
        let advice =
          isComparable && error.reason.hasPrefix("cannot assign to")
          ? " here. Maybe you meant '==' instead of '='?" : ""
        throw SyntaxFailure(location: error.location, reason: error.reason + advice)
      }
      if case .starred = target.kind {
        throw failure(
          "starred assignment target must be in a list or tuple", at: target.position)
      }
      targets.append(target)
      value = kind == .keywordYield ? try yield() : try starExpressionsOrStarred()
    }
    if case .starred = value.kind {
      throw failure("can't use starred expression here", at: value.position)
    }
    return .assign(targets, value)
  }

  private mutating func annotation(
    _ first: Expression, isBare: Bool
  ) throws(SyntaxFailure) -> Statement.Kind {
    switch first.kind {
    case .name, .attribute, .subscript: break
    case .tuple:
      throw failure("only single target (not tuple) can be annotated", at: first.position)
    case .list: throw failure("only single target (not list) can be annotated", at: first.position)
    default: throw failure("illegal target for annotation", at: first.position)
    }
    let target = try target(first, .assign)
    advance()
    let annotation = try expression()
    var isPlainName = false
    if case .name = target.kind { isPlainName = isBare }
    let value = take(.assign) ? try yieldOrStarExpressions() : nil
    return .annotate(target, annotation: annotation, value: value, isPlainName: isPlainName)
  }

  private func augmentedOperator() -> BinaryOperator? {
    switch kind {
    case .plusAssign: .add
    case .minusAssign: .subtract
    case .starAssign: .multiply
    case .atAssign: .matrixMultiply
    case .slashAssign: .divide
    case .doubleSlashAssign: .floorDivide
    case .percentAssign: .modulo
    case .doubleStarAssign: .power
    case .leftShiftAssign: .leftShift
    case .rightShiftAssign: .rightShift
    case .ampersandAssign: .bitAnd
    case .pipeAssign: .bitOr
    case .caretAssign: .bitXor
    default: nil
    }
  }
}
