extension Lowering {
  func function(_ definition: FunctionDefinition, at position: Position) -> StatementNode {
    if let parameter = definition.typeParameters.first {
      return RefusedStatement(
        refusal("a type parameter", at: parameter.position), at: position)
    }
    let decorators = definition.decorators.map(expression)
    let code = code(
      name: definition.name, definition.parameters, returns: definition.returns,
      isGenerator: definition.isGenerator, isAsync: definition.isAsync,
      documentation: Lowering.documentation(definition.body), at: definition.namePosition
    ) { self.block(definition.body) }
    let target = NameTarget(scope.binding(definition.name), at: definition.namePosition)
    return FunctionStatement(code, target, decorators, at: position)
  }

  func lambda(_ lambda: Lambda, at position: Position) -> ExpressionNode {
    let code = code(
      name: "<lambda>", lambda.parameters, returns: nil, isGenerator: lambda.isGenerator,
      isAsync: false, documentation: nil, at: position
    ) {
      let result = Statement(.return(lambda.body), at: lambda.body.position)
      return Block([self.statement(result)])
    }
    return FunctionNode(code, at: position)
  }

  private func code(
    name: String, _ parameters: Parameters, returns: Expression?, isGenerator: Bool,
    isAsync: Bool, documentation: String?, at position: Position, _ body: () -> Block
  ) -> FunctionCode {
    let named = parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
    // Defaults belong to the scope around; annotations too, and they are evaluated later.
    let defaults = named.map { $0.value.map(expression) }
    let all = named + [parameters.sequence, parameters.mapping].compactMap { $0 }
    let annotations = annotations(all, returns)
    let inner = Scope(.function, in: scope)
    inner.firstParameter = named.first?.name ?? parameters.sequence?.name
    let variables = named.map { inner.binding($0.name) }
    let rest = parameters.sequence.map { inner.binding($0.name) }
    let keywords = parameters.mapping.map { inner.binding($0.name) }
    let list = ParameterList(
      names: named.map(\.name), positionalOnly: parameters.positionalOnly.count,
      positional: parameters.positionalOnly.count + parameters.ordinary.count,
      rest: parameters.sequence?.name, keywords: parameters.mapping?.name)
    let qualifier = qualified(name)
    let code = FunctionCode(
      code: Code(name: name, qualifier: qualifier, file: file, position: position, scope: inner),
      parameters: list, variables: variables, rest: rest, keywords: keywords, defaults: defaults,
      annotations: annotations, documentation: documentation, isGenerator: isGenerator,
      isAsync: isAsync)
    within(inner) {
      yields = isGenerator ? [] : nil
      isConditional = false
      code.body = self.named("\(qualifier).<locals>.", body)
    }
    return code
  }

  private func annotations(
    _ parameters: [Parameter], _ returns: Expression?
  ) -> [(name: String, value: ExpressionNode)] {
    let outer = isConditional
    isConditional = true
    defer { isConditional = outer }
    var annotations: [(name: String, value: ExpressionNode)] = parameters.compactMap { parameter in
      guard let annotation = parameter.annotation else { return nil }
      if case .starred(let inner) = annotation.kind { return (parameter.name, expression(inner)) }
      return (parameter.name, expression(annotation))
    }
    if let returns { annotations.append(("return", expression(returns))) }
    return annotations
  }

  func `class`(_ definition: ClassDefinition, at position: Position) -> StatementNode {
    if let parameter = definition.typeParameters.first {
      return RefusedStatement(
        refusal("a type parameter", at: parameter.position), at: position)
    }
    let decorators = definition.decorators.map(expression)
    let arguments = arguments(definition.arguments)
    let inner = Scope(.classBody, in: scope)
    let qualifier = qualified(definition.name)
    let code = Code(
      name: definition.name, qualifier: qualifier, file: file, position: definition.namePosition,
      scope: inner)
    let classCell = inner.binding("__class__")
    let body = within(inner) {
      yields = nil
      return named("\(qualifier).") { block(definition.body) }
    }
    let target = NameTarget(scope.binding(definition.name), at: definition.namePosition)
    return ClassStatement(
      code, arguments, body, documentation: Lowering.documentation(definition.body),
      classCell: classCell, target, decorators, at: position)
  }
}
