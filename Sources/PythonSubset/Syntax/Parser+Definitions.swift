extension Parser {
  /// The decorators before a definition, a line each.
  mutating func decorators() throws(SyntaxFailure) -> [Expression] {
    var decorators: [Expression] = []
    while take(.at) {
      depth = 0
      deepest = 0
      decorators.append(try namedExpression())
      guard take(.newline) else { throw unexpected() }
    }
    return decorators
  }

  /// The definition that `decorators` decorate.
  mutating func definition(_ decorators: [Expression]) throws(SyntaxFailure) -> Statement.Kind {
    switch kind {
    case .keywordDef: return try function(decorators: decorators, isAsync: false)
    case .keywordClass: return try classStatement(decorators: decorators)
    case .keywordAsync where kind(ahead: 1) == .keywordDef:
      advance()
      return try function(decorators: decorators, isAsync: true)
    default: throw unexpected()
    }
  }

  mutating func function(
    decorators: [Expression], isAsync: Bool
  ) throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    advance()
    let place = position
    let name = try name()
    let typeParameters = try typeParameters()
    guard take(.leftParen) else { throw unexpected("expected '('") }
    let parameters = try parameters(until: .rightParen, annotated: true)
    try close(.rightParen)
    let returns = take(.arrow) ? try expression() : nil
    scopes.append(Scope(form: isAsync ? .asyncFunction : .function))
    let body = try block(after: "function definition", at: start)
    let isGenerator = scopes.removeLast().yields
    return .function(
      FunctionDefinition(
        name: name, namePosition: place, decorators: decorators, typeParameters: typeParameters,
        parameters: parameters, returns: returns, body: body, isAsync: isAsync,
        isGenerator: isGenerator))
  }

  mutating func classStatement(decorators: [Expression]) throws(SyntaxFailure) -> Statement.Kind {
    let start = position
    advance()
    let place = position
    let name = try name()
    let typeParameters = try typeParameters()
    let arguments = kind == .leftParen ? try arguments(ofClass: true) : []
    scopes.append(Scope(form: .class))
    let body = try block(after: "class definition", at: start)
    scopes.removeLast()
    return .class(
      ClassDefinition(
        name: name, namePosition: place, decorators: decorators, typeParameters: typeParameters,
        arguments: arguments, body: body))
  }

  /// `[T: bound, *Ts, **P]`, or nothing.
  mutating func typeParameters() throws(SyntaxFailure) -> [TypeParameter] {
    guard take(.leftBracket) else { return [] }
    var result: [TypeParameter] = []
    var names: Set<String> = []
    repeat {
      if kind == .rightBracket, !result.isEmpty { break }
      let start = position
      let isTuple = take(.star)
      let isParameters = !isTuple && take(.doubleStar)
      let name = try name()
      guard names.insert(name).inserted else {
        throw failure("duplicate type parameter '\(name)'", at: start)
      }
      let form: TypeParameter.Form =
        isTuple
        ? .typeTuple
        : isParameters
          ? .parameters
          : .type(bound: take(.colon) ? try expression() : nil)
      result.append(TypeParameter(name: name, position: start, form: form))
    } while take(.comma)
    try close(.rightBracket)
    return result
  }

  /// The parameters of a function or lambda up to, and without, the closing sign.
  mutating func parameters(
    until end: TokenKind, annotated: Bool
  ) throws(SyntaxFailure) -> Parameters {
    var reader = ParameterReader(end: end, annotated: annotated)
    while kind != end {
      try readParameter(&reader)
      guard take(.comma) else { break }
    }
    if reader.expectsName {
      throw unexpected("named arguments must follow bare *")
    }
    return reader.parameters
  }

  private struct ParameterReader {
    let end: TokenKind
    let annotated: Bool
    var parameters = Parameters()
    var names: Set<String> = []
    var hasSlash = false
    var hasStar = false
    var hasDefault = false
    /// After a bare `*`.
    var expectsName = false
  }

  private mutating func readParameter(_ reader: inout ParameterReader) throws(SyntaxFailure) {
    if reader.parameters.mapping != nil {
      throw unexpected("arguments cannot follow var-keyword argument")
    }
    switch kind {
    case .slash: try readSlash(&reader)
    case .star: try readStar(&reader)
    case .doubleStar:
      if reader.expectsName { throw unexpected("named arguments must follow bare *") }
      advance()
      let mapping = try parameter(&reader, allowsStarredAnnotation: false)
      if kind == .assign { throw unexpected("var-keyword argument cannot have default value") }
      reader.parameters.mapping = mapping
    default:
      let place = position
      var parameter = try parameter(&reader, allowsStarredAnnotation: false)
      if take(.assign) {
        guard beginsExpression else { throw unexpected("expected default value expression") }
        reader.hasDefault = true
        parameter = Parameter(
          name: parameter.name, position: parameter.position, annotation: parameter.annotation,
          value: try expression())
      } else if reader.hasDefault, !reader.hasStar {
        throw failure("parameter without a default follows parameter with a default", at: place)
      }
      if reader.hasStar {
        reader.expectsName = false
        reader.parameters.keywordOnly.append(parameter)
      } else {
        reader.parameters.ordinary.append(parameter)
      }
    }
  }

  private mutating func readSlash(_ reader: inout ParameterReader) throws(SyntaxFailure) {
    if reader.hasSlash { throw unexpected("/ may appear only once") }
    if reader.hasStar { throw unexpected("/ must be ahead of *") }
    if reader.parameters.ordinary.isEmpty {
      throw unexpected("at least one argument must precede /")
    }
    advance()
    reader.hasSlash = true
    reader.parameters.positionalOnly = reader.parameters.ordinary
    reader.parameters.ordinary = []
  }

  private mutating func readStar(_ reader: inout ParameterReader) throws(SyntaxFailure) {
    if reader.hasStar { throw unexpected("* argument may appear only once") }
    advance()
    reader.hasStar = true
    if kind == .comma {
      reader.expectsName = true
      return
    }
    if kind == reader.end { throw unexpected("named arguments must follow bare *") }
    reader.parameters.sequence = try parameter(&reader, allowsStarredAnnotation: true)
    if kind == .assign { throw unexpected("var-positional argument cannot have default value") }
  }

  /// A name and its annotation.
  private mutating func parameter(
    _ reader: inout ParameterReader, allowsStarredAnnotation: Bool
  ) throws(SyntaxFailure) -> Parameter {
    let start = position
    let name = try name()
    guard reader.names.insert(name).inserted else {
      throw failure("duplicate argument '\(name)' in function definition", at: start)
    }
    if name == "__debug__" { throw failure("cannot assign to __debug__", at: start) }
    var annotation: Expression?
    if reader.annotated, take(.colon) {
      annotation =
        allowsStarredAnnotation && kind == .star ? try starred() : try expression()
    }
    return Parameter(name: name, position: start, annotation: annotation, value: nil)
  }
}
