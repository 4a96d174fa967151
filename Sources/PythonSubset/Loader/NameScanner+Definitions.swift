extension NameScanner {
  mutating func deferred(_ body: (inout NameScanner) -> Void) {
    let outer = isDeferred
    isDeferred = true
    body(&self)
    isDeferred = outer
  }

  /// A decorator with arguments registers what it decorates with them: `@compiles(Element)`.
  private mutating func scanDecorator(_ decorator: Expression) {
    scan(decorator)
    guard case .call(_, let arguments) = decorator.kind else { return }
    for argument in arguments {
      guard case .name(let name) = argument.value.kind, !isLocal(name) else { continue }
      if isDeferred { use.deferredReturned.insert(name) } else { use.returned.insert(name) }
    }
  }

  mutating func scan(_ parameters: Parameters) {
    let all =
      parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
      + [parameters.sequence, parameters.mapping].compactMap(\.self)
    for parameter in all {
      if let value = parameter.value { scan(value) }
    }
  }

  static func names(_ parameters: Parameters) -> Set<String> {
    let all =
      parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
      + [parameters.sequence, parameters.mapping].compactMap(\.self)
    return Set(all.map(\.name))
  }

  mutating func scan(_ function: FunctionDefinition) {
    for decorator in function.decorators {
      scanDecorator(decorator)
      use.calls = use.calls || !isDeferred
    }
    scan(function.parameters)
    bind(function.name)
    var own = LocalNames.bound(in: function.body)
    own.formUnion(Self.names(function.parameters))
    own.formUnion(function.typeParameters.map(\.name))
    own.subtract(LocalNames.globals(in: function.body))
    locals.append(own)
    deferred { $0.scan(function.body) }
    locals.removeLast()
  }

  mutating func scan(_ definition: ClassDefinition) {
    for decorator in definition.decorators {
      scanDecorator(decorator)
      use.calls = use.calls || !isDeferred
    }
    for argument in definition.arguments { scan(argument.value) }
    bind(definition.name)
    // A class body binds its own names; what it reads may still be the module's.
    var inner = NameScanner(outward)
    inner.locals = locals
    inner.isDeferred = isDeferred
    inner.scan(definition.body)
    let body = inner.use
    use.reads.formUnion(body.reads)
    use.deferredReads.formUnion(body.deferredReads)
    let globals = LocalNames.globals(in: definition.body)
    use.binds.formUnion(body.binds.intersection(globals))
    use.changes.formUnion(body.changes.subtracting(body.binds))
    use.returned.formUnion(body.returned.subtracting(body.binds))
    use.deferredReturned.formUnion(body.deferredReturned)
    use.deferredChanges.formUnion(
      isDeferred
        ? body.deferredChanges.subtracting(LocalNames.bound(in: definition.body))
        : body.deferredChanges)
    use.calls = use.calls || body.calls || !isDeferred && !definition.arguments.isEmpty
  }
}
