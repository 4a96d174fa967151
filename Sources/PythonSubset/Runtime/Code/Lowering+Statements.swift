extension Lowering {
  /// Lowers a statement; in a generator, the `yield`s of its expressions are taken out before it.
  func statement(_ statement: Statement) -> StatementNode {
    let isGenerator = yields != nil
    if isGenerator { yields = [] }
    hasEffects = false
    let node = lowered(statement)
    guard isGenerator else { return node }
    let steps = yields ?? []
    yields = []
    return steps.isEmpty ? node : YieldingStatement(steps, then: node)
  }

  /// The body of a compound statement: its statements take out their own `yield`s.
  private func body(_ statements: [Statement]) -> Block {
    let outer = yields
    defer { yields = outer }
    return block(statements)
  }

  /// An expression that is evaluated again or perhaps not at all, where no `yield` can be taken
  /// out of.
  private func repeated(_ expression: Expression) -> ExpressionNode {
    let outer = isConditional
    isConditional = true
    defer { isConditional = outer }
    return self.expression(expression)
  }

  private func lowered(_ statement: Statement) -> StatementNode {
    let position = statement.position
    switch statement.kind {
    case .expression(let value): return ExpressionStatement(expression(value), at: position)
    case .assign(let targets, let value):
      let value = expression(value)
      return AssignStatement(targets.map(target), value, at: position)
    case .annotate(let target, let annotation, let value, let isPlainName):
      return annotate(target, annotation, value, isPlainName: isPlainName, at: position)
    case .augment(let target, let op, let operand):
      return AugmentStatement(self.target(target), op, expression(operand), at: position)
    case .delete(let targets): return DeleteStatement(targets.map(target), at: position)
    case .pass: return JumpStatement(.normal, at: position)
    case .break: return JumpStatement(.brokeOff, at: position)
    case .continue: return JumpStatement(.goesOn, at: position)
    case .return(let value): return ReturnStatement(value.map(expression), at: position)
    case .raise(let value, let cause):
      return RaiseStatement(value.map(expression), cause: cause.map(expression), at: position)
    case .assert(let test, let message):
      let test = expression(test)
      return AssertStatement(test, message.map(repeated), at: position)
    case .global(let names):
      for name in names { scope.declareGlobal(name) }
      return JumpStatement(.normal, at: position)
    case .nonlocal(let names):
      for name in names { scope.declareNonlocal(name) }
      return JumpStatement(.normal, at: position)
    case .import(let modules): return importStatement(modules, at: position)
    case .importFrom(let source): return importFrom(source, at: position)
    case .function(let definition): return function(definition, at: position)
    case .class(let definition): return self.class(definition, at: position)
    case .typeAlias:
      return RefusedStatement(refusal("a type statement", at: position), at: position)
    default: return compound(statement)
    }
  }

  private func compound(_ statement: Statement) -> StatementNode {
    let position = statement.position
    switch statement.kind {
    case .if(let branches, let otherwise):
      let tests = branches.enumerated().map {
        $0 == 0 ? expression($1.test) : repeated($1.test)
      }
      return IfStatement(
        zip(tests, branches).map { ($0, body($1.body)) }, body(otherwise), at: position)
    case .while(let test, let loop, let otherwise):
      return WhileStatement(repeated(test), body(loop), body(otherwise), at: position)
    case .for(let loop):
      let iterable = expression(loop.iterable)
      return ForStatement(
        target(loop.target), iterable, body(loop.body), body(loop.otherwise),
        isAsync: loop.isAsync, at: position)
    case .with(let items, let statements, let isAsync):
      return with(items[...], statements, isAsync: isAsync, at: position)
    case .try(let statement): return self.try(statement, at: position)
    case .match(let subject, let cases):
      let subject = expression(subject)
      return MatchStatement(
        subject,
        cases.map { candidate in
          MatchStatement.Case(
            pattern: pattern(candidate.pattern),
            condition: candidate.condition.map(repeated), body: body(candidate.body))
        }, at: position)
    default:
      return RefusedStatement(refusal("this statement", at: position), at: position)
    }
  }

  private func annotate(
    _ target: Target, _ annotation: Expression, _ value: Expression?, isPlainName: Bool,
    at position: Position
  ) -> StatementNode {
    let value = value.map(expression)
    let node = self.target(target)
    guard case .name(let name) = target.kind, isPlainName, scope.kind == .classBody else {
      // In a function an annotation is never evaluated, in a module nobody asks for it.
      guard let value else { return JumpStatement(.normal, at: position) }
      return AssignStatement([node], value, at: position)
    }
    return AnnotateStatement(name, repeated(annotation), node, value, at: position)
  }

  private func with(
    _ items: ArraySlice<WithItem>, _ statements: [Statement], isAsync: Bool, at position: Position
  ) -> StatementNode {
    guard let item = items.first else {
      preconditionFailure("the parser gives every with statement an item")
    }
    let context = items.startIndex == 0 ? expression(item.context) : repeated(item.context)
    let target = item.target.map(self.target)
    let inner =
      items.count == 1
      ? body(statements)
      : Block([with(items.dropFirst(), statements, isAsync: isAsync, at: position)])
    return WithStatement(context, target, inner, isAsync: isAsync, at: position)
  }

  private func `try`(_ statement: TryStatement, at position: Position) -> StatementNode {
    if statement.isGroup {
      return RefusedStatement(refusal("except*", at: position), at: position)
    }
    let tried = body(statement.body)
    let handlers = statement.handlers.map { handler in
      TryStatementNode.Handler(
        position: handler.position, type: handler.type.map(repeated),
        variable: handler.name.map { scope.binding($0) }, body: body(handler.body))
    }
    return TryStatementNode(
      tried, handlers, body(statement.otherwise), body(statement.finally), at: position)
  }

  func target(_ target: Target) -> TargetNode {
    let position = target.position
    switch target.kind {
    case .name(let name): return NameTarget(scope.binding(name), at: position)
    case .attribute(let object, let name, let place):
      return AttributeTarget(expression(object), name, at: place)
    case .subscript(let object, let index):
      return SubscriptTarget(expression(object), expression(index), at: position)
    case .tuple(let targets), .list(let targets):
      let nodes = targets.map(self.target)
      return SequenceTarget(nodes, star: nodes.firstIndex { $0 is StarredTarget }, at: position)
    case .starred(let inner): return StarredTarget(self.target(inner))
    }
  }

  private func importStatement(_ modules: [ImportedModule], at position: Position) -> StatementNode
  {
    ImportStatement(
      modules.map { module in
        ImportStatement.Item(
          path: module.path, bindsLast: module.alias != nil,
          target: NameTarget(scope.binding(module.alias ?? module.path[0]), at: module.position),
          position: module.position)
      }, at: position)
  }

  private func importFrom(_ source: ImportFrom, at position: Position) -> StatementNode {
    guard case .listed(let names) = source.names else {
      return ImportFromStatement(source.path, level: source.level, nil, at: position)
    }
    return ImportFromStatement(
      source.path, level: source.level,
      names.map { name in
        ImportFromStatement.Item(
          name: name.name,
          target: NameTarget(scope.binding(name.alias ?? name.name), at: name.position),
          position: name.position)
      }, at: position)
  }

  private func pattern(_ pattern: Pattern) -> PatternNode {
    let kind: PatternNode.Kind =
      switch pattern.kind {
      case .value(let value): .equal(expression(value))
      case .singleton(let value): .identical(expression(value))
      case .wildcard: .wildcard
      case .capture(let name): .capture(scope.binding(name))
      case .binding(let inner, let name): .binding(self.pattern(inner), scope.binding(name))
      case .alternatives(let patterns): .alternatives(patterns.map(self.pattern))
      case .sequence(let patterns):
        .sequence(
          patterns.map(self.pattern),
          star: patterns.firstIndex { if case .star = $0.kind { true } else { false } })
      case .star(let name): .star(name.map { scope.binding($0) })
      case .mapping(let entries, let rest):
        .mapping(
          entries.map { (expression($0.key), self.pattern($0.pattern)) },
          rest: rest.map { scope.binding($0) })
      case .class(let cls, let positional, let keywords):
        .instance(
          expression(cls), positional.map(self.pattern),
          keywords.map { ($0.name, self.pattern($0.pattern)) })
      }
    return PatternNode(kind: kind, position: pattern.position)
  }
}
