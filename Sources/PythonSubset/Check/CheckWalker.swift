internal import Diagnostics

/// Walks the statements of one body.
struct CheckWalker {
  let check: ScriptCheck
  let scope: CheckedModule
  private var truth: StaticTruth
  /// The names that belong to the functions around.
  private var locals: [Set<String>] = []
  /// Whether what is walked runs only as modules are imported.
  private var isOnImport = true
  /// Whether the methods that are called have to be known ones.
  private var checksCalls = false
  /// Local names that an import in the body bound.
  private var imported: [String: StaticValue] = [:]

  init(_ check: ScriptCheck, _ scope: CheckedModule) {
    self.check = check
    self.scope = scope
    truth = StaticTruth(facts: check.facts)
  }

  /// Walks the body of a function that the script reaches.
  ///
  /// - Parameter checksCalls: Whether the methods that it calls have to be known ones.
  mutating func walk(
    bodyOf function: FunctionDefinition, onImport: Bool, checksCalls: Bool
  ) {
    self.checksCalls = checksCalls && !onImport
    enter(function, onImport: onImport)
  }

  private mutating func enter(_ function: FunctionDefinition, onImport: Bool) {
    let outer = (locals, imported, truth, isOnImport)
    isOnImport = onImport
    var own = LocalNames.bound(in: function.body)
    own.formUnion(Self.names(function.parameters))
    own.subtract(LocalNames.globals(in: function.body))
    locals.append(own)
    for name in own { imported[name] = nil }
    _ = walk(function.body)
    (locals, imported, truth, isOnImport) = outer
  }

  private static func names(_ parameters: Parameters) -> Set<String> {
    let all =
      parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
      + [parameters.sequence, parameters.mapping].compactMap(\.self)
    return Set(all.map(\.name))
  }

  /// Walks statements; true when what follows them cannot be reached.
  mutating func walk(_ body: [Statement]) -> Bool {
    for statement in body where walk(statement) { return true }
    return false
  }

  /// Walks a block; where the script expects that an attribute is missing, without a look at what
  /// methods it calls.
  private mutating func walk(_ body: [Statement], unless isExpected: Bool) -> Bool {
    let outer = checksCalls
    defer { checksCalls = outer }
    if isExpected { checksCalls = false }
    return walk(body)
  }

  private mutating func walk(_ statement: Statement) -> Bool {
    lacking(statement)
    switch statement.kind {
    case .if(let branches, let otherwise): return walk(branches, otherwise)
    case .return(let value):
      if let value { look(value) }
      return true
    case .raise:
      for value in WalrusNames.expressions(of: statement) { look(value) }
      return true
    case .while(let test, let body, let otherwise):
      look(test)
      if truth.decide(test) != false { _ = walk(body) }
      _ = walk(otherwise)
    case .for(let loop):
      look(loop.iterable)
      look(loop.target)
      _ = walk(loop.body)
      _ = walk(loop.otherwise)
    case .with(let items, let body, _):
      for item in items {
        look(item.context)
        if let target = item.target { look(target) }
      }
      return walk(body, unless: items.contains { $0.context.namesAttributeError })
    case .try(let attempt):
      let isExpected = attempt.handlers.contains { $0.type?.namesAttributeError ?? false }
      _ = walk(attempt.body, unless: isExpected)
      for handler in attempt.handlers {
        if let type = handler.type { look(type) }
        _ = walk(handler.body)
      }
      _ = walk(attempt.otherwise)
      return walk(attempt.finally)
    case .match(let subject, let cases):
      look(subject)
      for item in cases {
        if let condition = item.condition { look(condition) }
        _ = walk(item.body)
      }
    default: walkSimple(statement)
    }
    return false
  }

  private mutating func walkSimple(_ statement: Statement) {
    switch statement.kind {
    case .function(let function):
      for decorator in function.decorators { look(decorator) }
      look(function.parameters)
      // A function within a function is taken to be called; one at module level is followed when
      // its name is read.
      if !locals.isEmpty { enter(function, onImport: isOnImport) }
    case .class(let definition):
      for decorator in definition.decorators { look(decorator) }
      for argument in definition.arguments { look(argument.value) }
      locals.append(LocalNames.bound(in: definition.body))
      let isNested = locals.count > 1
      for inner in definition.body {
        if case .function(let function) = inner.kind, !isNested {
          for decorator in function.decorators { look(decorator) }
          look(function.parameters)
        } else {
          _ = walk(inner)
        }
      }
      locals.removeLast()
    case .import(let modules): for module in modules { note(module) }
    case .importFrom(let source): note(source)
    case .assign(let targets, let value):
      look(value)
      for target in targets { look(target) }
      if targets.count == 1, case .name(let name) = targets[0].kind {
        if truth.isDialect(value) {
          truth.dialectNames.insert(name)
        } else {
          truth.dialectNames.remove(name)
        }
      }
    case .annotate(let target, _, let value, _):
      if let value { look(value) }
      look(target)
    case .augment(let target, _, let value):
      look(value)
      look(target)
    case .delete(let targets): for target in targets { look(target) }
    default: for value in WalrusNames.expressions(of: statement) { look(value) }
    }
  }

  private mutating func walk(
    _ branches: [ConditionalBranch], _ otherwise: [Statement]
  ) -> Bool {
    var allEnd = true
    for branch in branches {
      let decided = truth.decide(branch.test)
      if decided == nil { look(branch.test) }
      if decided == false { continue }
      let ends = walk(branch.body)
      if decided == true { return allEnd && ends }
      allEnd = allEnd && ends
    }
    return walk(otherwise) && allEnd && !otherwise.isEmpty
  }

  /// What the evaluator lacks in a statement's own form.
  private func lacking(_ statement: Statement) {
    switch statement.kind {
    case .function, .class, .if, .while, .for, .with, .try, .match: return
    default: break
    }
    for refusal in Interpreter.refusals(in: [statement], file: scope.file) {
      check.note(refusal, at: statement.position, in: scope)
    }
  }

  // MARK: Imports

  private mutating func note(_ module: ImportedModule) {
    guard !locals.isEmpty else { return }
    let path = module.alias == nil ? [module.path[0]] : module.path
    imported[module.alias ?? module.path[0]] = check.module(
      path.joined(separator: "."), at: module.position, in: scope)
  }

  private mutating func note(_ source: ImportFrom) {
    guard case .listed(let names) = source.names else { return }
    for name in names {
      let value = check.member(name, of: source, in: scope)
      if !locals.isEmpty { imported[name.alias ?? name.name] = value }
    }
  }

  // MARK: Expressions

  private mutating func look(_ parameters: Parameters) {
    let all = parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
    for parameter in all { if let value = parameter.value { look(value) } }
  }

  private mutating func look(_ target: Target) {
    switch target.kind {
    case .name: break
    case .attribute(let object, let name, _):
      check.mention(name, onImport: isOnImport)
      look(object)
    case .subscript(let object, let index):
      look(object)
      look(index)
    case .tuple(let elements), .list(let elements): for element in elements { look(element) }
    case .starred(let inner): look(inner)
    }
  }

  /// Checks an expression that is evaluated.
  private mutating func look(_ value: Expression) {
    switch value.kind {
    case .name(let name): use(named(name, at: value.position), at: value.position)
    case .attribute: use(chain(value), at: value.position)
    case .call(let function, let arguments):
      var callee = StaticValue.unknown
      switch function.kind {
      case .name(let name):
        callee = named(name, at: function.position)
        if name.hasSuffix("attr"), arguments.count > 1,
          case .string(let attribute) = arguments[1].value.kind
        {
          check.mention(attribute, onImport: isOnImport)
        }
        use(callee, at: function.position, called: true)
      case .attribute:
        callee = chain(function, called: arguments)
        use(callee, at: function.position, called: true)
      default: look(function)
      }
      for argument in arguments { look(argument.value) }
      check.arguments(arguments, to: callee, at: value.position, in: scope)
    case .conditional(let test, let body, let otherwise):
      let decided = truth.decide(test)
      if decided == nil { look(test) }
      if decided != false { look(body) }
      if decided != true { look(otherwise) }
    case .boolean(let op, let operands):
      for operand in operands {
        let decided = truth.decide(operand)
        if decided == nil { look(operand) }
        if decided == (op == .or) { return }
      }
    case .lambda(let lambda):
      locals.append(Self.names(lambda.parameters))
      look(lambda.body)
      locals.removeLast()
    case .comprehension(let comprehension):
      var own: Set<String> = []
      for clause in comprehension.clauses { LocalNames.add(clause.target, to: &own) }
      locals.append(own)
      for child in value.children { look(child) }
      locals.removeLast()
    default: for child in value.children { look(child) }
    }
  }

  /// What a name stands for here.
  private func named(_ name: String, at position: Position) -> StaticValue {
    if let value = imported[name] { return value }
    if locals.contains(where: { $0.contains(name) }) { return .unknown }
    return check.settled(.unknown, at: position, in: scope) {
      try check.global(name, in: scope)
    }
  }

  /// What a chain of attributes stands for; attributes that a host lacks are refused.
  private mutating func chain(_ value: Expression, called: [Argument]? = nil) -> StaticValue {
    guard case .attribute(let object, let name, let place) = value.kind else {
      if case .name(let name) = value.kind { return named(name, at: value.position) }
      look(value)
      return .unknown
    }
    check.mention(name, onImport: isOnImport)
    let base = chain(object)
    if called != nil, checksCalls { check.note(callOf: name, of: base, at: place, in: scope) }
    if !isOnImport { check.note(useOf: name, of: base, calledWith: called, at: place, in: scope) }
    return check.attribute(
      name, of: base, at: place, in: scope, onImport: isOnImport)
  }

  /// As a module is imported, things of absent modules may be made; a function may not use them.
  private func use(_ value: StaticValue, at position: Position, called: Bool = false) {
    switch value {
    case .absent(let path, let module):
      guard !isOnImport else { return }
      check.note(AbsentObject.refusal(path, module: module), at: position, in: scope)
    case .derived(let name, let module, let path, let absent):
      check.reach(name, in: module, onImport: isOnImport)
      guard !isOnImport, called else { return }
      check.note(AbsentObject.refusal(path, module: absent), at: position, in: scope)
    case .defined(let name, let module): check.reach(name, in: module, onImport: isOnImport)
    case .host(.object(let object), _) where !called && object.answersAnyName:
      check.openVocabulary()
    case .module(let module as ProjectModule): check.follow(module)
    case .unknown, .open, .module, .host, .part: break
    }
  }
}

extension Expression {
  /// Whether it names AttributeError, alone or among others.
  fileprivate var namesAttributeError: Bool {
    if case .name("AttributeError") = kind { return true }
    return children.contains(where: \.namesAttributeError)
  }
}
