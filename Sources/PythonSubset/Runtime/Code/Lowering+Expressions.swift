extension Lowering {
  func expression(_ expression: Expression) -> ExpressionNode {
    let node = lowered(expression)
    if !node.isPlain { hasEffects = true }
    return node
  }

  /// Lowers what may not be evaluated.
  private func conditional(_ expression: Expression) -> ExpressionNode {
    let outer = isConditional
    isConditional = true
    defer { isConditional = outer }
    return self.expression(expression)
  }

  private func lowered(_ expression: Expression) -> ExpressionNode {
    let position = expression.position
    switch expression.kind {
    case .name(let name): return NameNode(scope.variable(name), at: position)
    case .none: return ConstantNode(.null, at: position)
    case .true: return ConstantNode(.bool(true), at: position)
    case .false: return ConstantNode(.bool(false), at: position)
    case .ellipsis: return ConstantNode(.ellipsis, at: position)
    case .integer(let number): return ConstantNode(.int(number), at: position)
    case .bigInteger(let digits, let radix):
      guard let number = BigInteger(digits, radix: radix) else {
        return refused("the integer \(digits)", at: position)
      }
      return ConstantNode(number.value, at: position)
    case .float(let number): return ConstantNode(.float(number), at: position)
    case .imaginary: return refused("a complex number", at: position)
    case .string(let text): return ConstantNode(.string(text), at: position)
    case .surrogates: return refused("a string with lone surrogates", at: position)
    case .bytes(let bytes): return ConstantNode(.bytes(bytes), at: position)
    case .formatted(let parts): return formatted(parts, at: position)
    case .attribute(let object, let name, let place):
      return AttributeNode(self.expression(object), name, at: place)
    case .call(let function, let arguments): return call(function, arguments, at: position)
    case .subscript(let object, let index):
      return SubscriptNode(self.expression(object), self.expression(index), at: position)
    case .slice(let lower, let upper, let step):
      return SliceNode(
        lower.map(self.expression), upper.map(self.expression), step.map(self.expression),
        at: position)
    case .tuple(let elements): return DisplayNode(.tuple, elements.map(element), at: position)
    case .list(let elements): return DisplayNode(.list, elements.map(element), at: position)
    case .set(let elements): return DisplayNode(.set, elements.map(element), at: position)
    case .starred: return refused("a starred expression here", at: position)
    case .dictionary(let entries): return dictionary(entries, at: position)
    case .comprehension(let comprehension): return self.comprehension(comprehension, at: position)
    case .lambda(let lambda): return self.lambda(lambda, at: position)
    case .await(let value): return AwaitNode(self.expression(value), at: position)
    case .yield(let operand): return yield(operand, delegates: false, at: position)
    case .yieldFrom(let operand): return yield(operand, delegates: true, at: position)
    default: return operation(expression)
    }
  }

  private func operation(_ expression: Expression) -> ExpressionNode {
    let position = expression.position
    switch expression.kind {
    case .binary(let first, let steps):
      return BinaryNode(
        self.expression(first), steps.map { ($0.op, self.expression($0.operand)) }, at: position)
    case .unary(let op, let operand):
      let node = UnaryNode(op, self.expression(operand), at: position)
      if case .integer(let number) = operand.kind, op == .negative {
        return ConstantNode(.int(-number), at: position)
      }
      return node
    case .boolean(let op, let operands):
      let first = self.expression(operands[0])
      return BooleanNode(op, [first] + operands.dropFirst().map(conditional), at: position)
    case .comparison(let first, let steps):
      let left = self.expression(first)
      return ComparisonNode(
        left,
        steps.enumerated().map {
          ($1.op, $0 == 0 ? self.expression($1.operand) : conditional($1.operand))
        }, at: position)
    case .conditional(let test, let value, let otherwise):
      let test = self.expression(test)
      return ConditionalNode(test, conditional(value), conditional(otherwise), at: position)
    case .named(let name, let value):
      let value = self.expression(value)
      return NamedNode(scope.walrusBinding(name), value, at: position)
    default: return refused("this expression", at: position)
    }
  }

  func element(_ expression: Expression) -> ElementNode {
    if case .starred(let value) = expression.kind {
      return ElementNode(value: self.expression(value), isStarred: true)
    }
    return ElementNode(value: self.expression(expression), isStarred: false)
  }

  private func dictionary(_ entries: [DictionaryEntry], at position: Position) -> ExpressionNode {
    let nodes = entries.map { entry -> DictionaryNode.Entry in
      switch entry {
      case .pair(let key, let value):
        let key = expression(key)
        return .pair(key, expression(value))
      case .unpacked(let mapping): return .unpacked(expression(mapping))
      }
    }
    return DictionaryNode(nodes, at: position)
  }

  private func formatted(_ parts: [FormattedPart], at position: Position) -> FormattedNode {
    FormattedNode(
      parts.map { part in
        switch part {
        case .text(let text): return .text(text)
        case .surrogates:
          return .field(refused("a string with lone surrogates", at: position), nil, format: nil)
        case .field(let field):
          let value = expression(field.value)
          return .field(
            value, field.conversion, format: field.format.map { formatted($0, at: position) })
        }
      }, at: position)
  }

  private func call(
    _ function: Expression, _ arguments: [Argument], at position: Position
  ) -> ExpressionNode {
    if case .name("super") = function.kind, arguments.isEmpty {
      return SuperNode(
        owner: scope.variable("__class__"), receiver: receiver(), at: position)
    }
    let callee = expression(function)
    // Only code that asks for its frame's names needs them; everything else runs without.
    if case .name(let name) = function.kind, name == "locals" || name == "vars", arguments.isEmpty {
      return LocalsNode(scope, at: position)
    }
    return CallNode(callee, self.arguments(arguments), at: position)
  }

  /// The first parameter of the method around, for `super()`.
  private func receiver() -> Variable? {
    var candidate: Scope? = scope
    while let current = candidate, current.kind == .comprehension { candidate = current.parent }
    return candidate?.firstParameter.map { scope.variable($0) }
  }

  func arguments(_ arguments: [Argument]) -> [CallNode.Part] {
    arguments.map { argument in
      switch argument {
      case .positional(let value): .positional(expression(value))
      case .keyword(let name, let value, _): .keyword(name, expression(value))
      case .unpackedSequence(let value): .sequence(expression(value))
      case .unpackedMapping(let value): .mapping(expression(value))
      }
    }
  }

  private func yield(
    _ operand: Expression?, delegates: Bool, at position: Position
  ) -> ExpressionNode {
    // What the operand itself does comes before the yield in any case.
    let followsEffects = hasEffects
    let operandNode = operand.map(expression)
    guard yields != nil, !isConditional else {
      return refused("yield within a condition or comprehension", at: position)
    }
    if followsEffects {
      return refused("yield after another call within one expression", at: position)
    }
    let result = scope.temporary()
    yields?.append(
      YieldingStatement.Step(
        operand: operandNode, delegates: delegates, result: result, position: position))
    hasEffects = false
    return NameNode(result, at: position)
  }

  private func comprehension(
    _ comprehension: Comprehension, at position: Position
  ) -> ExpressionNode {
    // The first iterable belongs to the scope around.
    let first = expression(comprehension.clauses[0].iterable)
    let inner = Scope(.comprehension, in: scope)
    let name =
      switch comprehension.result {
      case .list: "<listcomp>"
      case .set: "<setcomp>"
      case .dictionary: "<dictcomp>"
      case .generator: "<genexpr>"
      }
    return within(inner) {
      yields = nil
      let clauses = comprehension.clauses.enumerated().map { index, clause in
        ComprehensionNode.Clause(
          target: target(clause.target),
          iterable: index == 0 ? first : expression(clause.iterable),
          conditions: clause.conditions.map(expression), isAsync: clause.isAsync)
      }
      let result: ComprehensionNode.Result =
        switch comprehension.result {
        case .list(let element): .list(expression(element))
        case .set(let element): .set(expression(element))
        case .generator(let element): .generator(expression(element))
        case .dictionary(let key, let value): .dictionary(expression(key), expression(value))
        }
      let code = Code(
        name: name, qualifier: qualified(name), file: file, position: position, scope: inner)
      return ComprehensionNode(code, result, clauses, at: position)
    }
  }
}

/// `locals()`.
final class LocalsNode: ExpressionNode {
  private let scope: Scope

  init(_ scope: Scope, at position: Position) {
    self.scope = scope
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    switch scope.kind {
    case .module: return .dict(frame.module.dictionary)
    case .classBody: return .dict(PythonDict(frame.members.elements.map { ($0.key, $0.value) }))
    case .function, .comprehension:
      let dict = PythonDict()
      for variable in scope.named {
        switch variable.storage {
        case .local(let slot): dict[variable.name] = frame.slots[slot]
        case .cell(let cell): dict[variable.name] = frame.cells[cell].value
        case .member, .global: break
        }
      }
      return .dict(dict)
    }
  }
}
