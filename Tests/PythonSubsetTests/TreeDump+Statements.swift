import PythonSubset

extension TreeDump {
  func body(_ statements: [Statement]) -> String { list(statements.map(statement)) }

  func statement(_ value: Statement) -> String {
    let place = value.position
    switch value.kind {
    case .expression(let value): return node("Expr", place, ("value", expression(value)))
    case .assign(let targets, let assigned):
      return node(
        "Assign", place, ("targets", list(targets.map { target($0) })),
        ("value", expression(assigned)))
    case .annotate(let annotated, let annotation, let assigned, let isPlainName):
      return node(
        "AnnAssign", place, ("target", target(annotated)), ("annotation", expression(annotation)),
        ("value", expression(assigned)), ("simple", isPlainName ? "1" : "0"))
    case .augment(let augmented, let op, let operand):
      return node(
        "AugAssign", place, ("target", target(augmented)), ("op", operatorName(op) + "()"),
        ("value", expression(operand)))
    case .delete(let targets):
      return node(
        "Delete", place, ("targets", list(targets.map { target($0, context: "Del()") })))
    case .pass: return node("Pass", place)
    case .break: return node("Break", place)
    case .continue: return node("Continue", place)
    case .return(let returned): return node("Return", place, ("value", expression(returned)))
    case .raise(let raised, let cause):
      return node("Raise", place, ("exc", expression(raised)), ("cause", expression(cause)))
    case .assert(let test, let message):
      return node("Assert", place, ("test", expression(test)), ("msg", expression(message)))
    case .global(let names): return node("Global", place, ("names", list(names.map { string($0) })))
    case .nonlocal(let names):
      return node("Nonlocal", place, ("names", list(names.map { string($0) })))
    default: return compound(value.kind, place)
    }
  }

  private func compound(_ kind: Statement.Kind, _ place: Position) -> String {
    switch kind {
    case .import(let modules):
      let names = modules.map { module in
        node(
          "alias", module.position, ("name", string(module.path.joined(separator: "."))),
          ("asname", name(module.alias)))
      }
      return node("Import", place, ("names", list(names)))
    case .importFrom(let source): return importFrom(source, place)
    case .if(let branches, let otherwise): return conditional(branches[...], otherwise)
    case .while(let test, let loop, let otherwise):
      return node(
        "While", place, ("test", expression(test)), ("body", body(loop)),
        ("orelse", body(otherwise)))
    case .for(let loop):
      return node(
        loop.isAsync ? "AsyncFor" : "For", place, ("target", target(loop.target)),
        ("iter", expression(loop.iterable)), ("body", body(loop.body)),
        ("orelse", body(loop.otherwise)))
    case .with(let items, let block, let isAsync):
      let written = items.map { item in
        node(
          "withitem", nil, ("context_expr", expression(item.context)),
          ("optional_vars", item.target.map { target($0) }))
      }
      return node(
        isAsync ? "AsyncWith" : "With", place, ("items", list(written)), ("body", body(block)))
    case .try(let attempt): return self.attempt(attempt, place)
    case .function(let function): return self.function(function, place)
    case .class(let definition): return self.definition(definition, place)
    case .match(let subject, let cases):
      let written = cases.map { item in
        node(
          "match_case", nil, ("pattern", pattern(item.pattern)),
          ("guard", expression(item.condition)), ("body", body(item.body)))
      }
      return node("Match", place, ("subject", expression(subject)), ("cases", list(written)))
    case .typeAlias(let name, let parameters, let aliased):
      // The name's own place is not kept: it follows `type` and a blank in all that is compared.
      return node(
        "TypeAlias", place, ("name", "'\(name)'"),
        ("type_params", list(parameters.map(typeParameter))), ("value", expression(aliased)))
    default: return "?"
    }
  }

  private func importFrom(_ source: ImportFrom, _ place: Position) -> String {
    let names: [String]
    switch source.names {
    case .all: names = ["alias(name='*')"]
    case .listed(let listed):
      names = listed.map { name in
        node(
          "alias", name.position, ("name", string(name.name)), ("asname", self.name(name.alias)))
      }
    }
    let module = source.path.isEmpty ? nil : string(source.path.joined(separator: "."))
    return node(
      "ImportFrom", place, ("module", module), ("names", list(names)), ("level", "\(source.level)"))
  }

  private func conditional(
    _ branches: ArraySlice<ConditionalBranch>, _ otherwise: [Statement]
  ) -> String {
    guard let first = branches.first else { return "" }
    let rest = branches.dropFirst()
    let other = rest.isEmpty ? body(otherwise) : "[" + conditional(rest, otherwise) + "]"
    return node(
      "If", first.position, ("test", expression(first.test)), ("body", body(first.body)),
      ("orelse", other))
  }

  private func attempt(_ value: TryStatement, _ place: Position) -> String {
    let handlers = value.handlers.map { handler in
      node(
        "ExceptHandler", handler.position, ("type", expression(handler.type)),
        ("name", name(handler.name)), ("body", body(handler.body)))
    }
    return node(
      value.isGroup ? "TryStar" : "Try", place, ("body", body(value.body)),
      ("handlers", list(handlers)), ("orelse", body(value.otherwise)),
      ("finalbody", body(value.finally)))
  }

  private func function(_ value: FunctionDefinition, _ place: Position) -> String {
    node(
      value.isAsync ? "AsyncFunctionDef" : "FunctionDef", place, ("name", string(value.name)),
      ("args", parameters(value.parameters)), ("body", body(value.body)),
      ("decorator_list", list(value.decorators.map(expression))),
      ("returns", expression(value.returns)),
      ("type_params", list(value.typeParameters.map(typeParameter))))
  }

  private func definition(_ value: ClassDefinition, _ place: Position) -> String {
    node(
      "ClassDef", place, ("name", string(value.name)), ("bases", positional(value.arguments)),
      ("keywords", keywords(value.arguments)), ("body", body(value.body)),
      ("decorator_list", list(value.decorators.map(expression))),
      ("type_params", list(value.typeParameters.map(typeParameter))))
  }

  private func typeParameter(_ value: TypeParameter) -> String {
    switch value.form {
    case .type(let bound):
      node("TypeVar", value.position, ("name", string(value.name)), ("bound", expression(bound)))
    case .typeTuple: node("TypeVarTuple", value.position, ("name", string(value.name)))
    case .parameters: node("ParamSpec", value.position, ("name", string(value.name)))
    }
  }

  func parameters(_ value: Parameters) -> String {
    let defaults = (value.positionalOnly + value.ordinary).compactMap(\.value)
    return node(
      "arguments", nil, ("posonlyargs", list(value.positionalOnly.map(parameter))),
      ("args", list(value.ordinary.map(parameter))), ("vararg", value.sequence.map(parameter)),
      ("kwonlyargs", list(value.keywordOnly.map(parameter))),
      ("kw_defaults", list(value.keywordOnly.map { expression($0.value) ?? "None" })),
      ("kwarg", value.mapping.map(parameter)), ("defaults", list(defaults.map(expression))))
  }

  private func parameter(_ value: Parameter) -> String {
    node(
      "arg", value.position, ("arg", string(value.name)),
      ("annotation", expression(value.annotation)))
  }

  private func pattern(_ value: Pattern) -> String {
    let place = value.position
    switch value.kind {
    case .value(let literal): return node("MatchValue", place, ("value", expression(literal)))
    case .singleton(let literal):
      let name =
        switch literal.kind {
        case .none: "None"
        case .true: "True"
        default: "False"
        }
      return node("MatchSingleton", place, ("value", name))
    case .wildcard: return node("MatchAs", place)
    case .capture(let name): return node("MatchAs", place, ("name", string(name)))
    case .binding(let inner, let name):
      return node("MatchAs", place, ("pattern", pattern(inner)), ("name", string(name)))
    case .alternatives(let patterns):
      return node("MatchOr", place, ("patterns", list(patterns.map(pattern))))
    case .sequence(let patterns):
      return node("MatchSequence", place, ("patterns", list(patterns.map(pattern))))
    case .star(let name): return node("MatchStar", place, ("name", self.name(name)))
    case .mapping(let entries, let rest):
      return node(
        "MatchMapping", place, ("keys", list(entries.map { mappingKey($0.key) })),
        ("patterns", list(entries.map { pattern($0.pattern) })), ("rest", name(rest)))
    case .class(let type, let positional, let keywords):
      return node(
        "MatchClass", place, ("cls", expression(type)),
        ("patterns", list(positional.map(pattern))),
        ("kwd_attrs", list(keywords.map { string($0.name) })),
        ("kwd_patterns", list(keywords.map { pattern($0.pattern) })))
    }
  }

  private func mappingKey(_ key: Expression) -> String { expression(key) }
}
