/// What a statement does with the names of its module.
struct NameUse {
  /// Read when the statement runs.
  var reads: Set<String> = []
  /// Read when a function or lambda runs that it defines.
  var deferredReads: Set<String> = []
  /// Bound (or deleted) when it runs.
  var binds: Set<String> = []
  /// Of those, bound by a loop or `with` to what comes by.
  var loopBinds: Set<String> = []
  /// Names whose object it may change in place when it runs.
  var changes: Set<String> = []
  /// Names that a function changes which it defines.
  var deferredChanges: Set<String> = []
  /// Names whose calls returned what is given to something that may change it.
  var returned: Set<String> = []
  /// The same of a function that it defines.
  var deferredReturned: Set<String> = []
  /// Whether it calls anything when it runs.
  var calls = false
}

/// Finds out what statements do with the names of their module.
struct NameScanner {
  private(set) var use = NameUse()
  /// The names that belong to the functions around, the innermost last; empty at module level.
  private var locals: [Set<String>] = []
  private var isDeferred = false
  private let outward: OutwardCalls

  /// What a statement at module level does. Annotations are evaluated when somebody asks for them,
  /// and count for nothing.
  static func use(of statement: Statement, _ outward: OutwardCalls = OutwardCalls()) -> NameUse {
    var scanner = NameScanner(outward)
    scanner.scan(statement)
    return scanner.use
  }

  /// What evaluating an expression at module level does.
  static func use(of expression: Expression) -> NameUse {
    var scanner = NameScanner(OutwardCalls())
    scanner.scan(expression)
    return scanner.use
  }

  private init(_ outward: OutwardCalls) { self.outward = outward }

  private func isLocal(_ name: String) -> Bool { locals.contains { $0.contains(name) } }

  private mutating func read(_ name: String) {
    if isLocal(name) { return }
    if isDeferred { use.deferredReads.insert(name) } else { use.reads.insert(name) }
  }

  private mutating func bind(_ name: String, byLoop: Bool = false) {
    if isLocal(name) { return }
    if isDeferred {
      use.deferredChanges.insert(name)
    } else {
      use.binds.insert(name)
      if byLoop { use.loopBinds.insert(name) }
    }
  }

  private mutating func change(_ expression: Expression) {
    guard let name = Self.root(expression), !isLocal(name) else { return }
    if isDeferred { use.deferredChanges.insert(name) } else { use.changes.insert(name) }
  }

  /// The name at the head of a chain of attributes, subscripts and calls.
  static func root(_ expression: Expression) -> String? {
    var current = expression
    while true {
      switch current.kind {
      case .name(let name): return name
      case .attribute(let object, _, _), .subscript(let object, _), .call(let object, _):
        current = object
      default: return nil
      }
    }
  }

  // MARK: Statements

  mutating func scan(_ body: [Statement]) { for statement in body { scan(statement) } }

  mutating func scan(_ statement: Statement) {
    switch statement.kind {
    case .expression(let value): scanEffect(value)
    case .assign(let targets, let value):
      scan(value)
      for target in targets { scan(target) }
    case .annotate(let target, _, let value, _):
      if let value {
        scan(value)
        scan(target)
      }
    case .augment(let target, _, let value):
      scan(value)
      if case .name(let name) = target.kind { read(name) }
      if case .name(let name) = target.kind, !isLocal(name) {
        if isDeferred { use.deferredChanges.insert(name) } else { use.changes.insert(name) }
      }
      scan(target)
    case .delete(let targets): for target in targets { scan(target) }
    case .return(let value): if let value { scan(value) }
    case .raise(let value, let cause):
      if let value { scan(value) }
      if let cause { scan(cause) }
    case .assert(let test, let message):
      scan(test)
      if let message { scan(message) }
    case .import(let modules):
      for module in modules { bind(module.alias ?? module.path[0]) }
    case .importFrom(let source):
      if case .listed(let names) = source.names {
        for name in names { bind(name.alias ?? name.name) }
      }
    case .pass, .break, .continue, .global, .nonlocal: break
    default: scanCompound(statement.kind)
    }
  }

  private mutating func scanCompound(_ kind: Statement.Kind) {
    switch kind {
    case .if(let branches, let otherwise):
      for branch in branches {
        scan(branch.test)
        scan(branch.body)
      }
      scan(otherwise)
    case .while(let test, let body, let otherwise):
      scan(test)
      scan(body)
      scan(otherwise)
    case .for(let loop):
      scan(loop.iterable)
      use.calls = use.calls || !isDeferred
      scan(loop.target, byLoop: true)
      scan(loop.body)
      scan(loop.otherwise)
    case .with(let items, let body, _):
      use.calls = use.calls || !isDeferred
      for item in items {
        scan(item.context)
        if let target = item.target { scan(target, byLoop: true) }
      }
      scan(body)
    case .try(let attempt):
      scan(attempt.body)
      for handler in attempt.handlers {
        if let type = handler.type { scan(type) }
        if let name = handler.name { bind(name, byLoop: true) }
        scan(handler.body)
      }
      scan(attempt.otherwise)
      scan(attempt.finally)
    case .function(let function): scan(function)
    case .class(let definition): scan(definition)
    case .match(let subject, let cases):
      scan(subject)
      for item in cases {
        for name in Self.captures(item.pattern) { bind(name) }
        scan(item.pattern)
        if let condition = item.condition { scan(condition) }
        scan(item.body)
      }
    case .typeAlias(let name, _, let value):
      deferred { $0.scan(value) }
      bind(name)
    default: break
    }
  }

  /// An expression whose value nobody takes is there for its effect: what it is called on, and
  /// what it is given, may change.
  private mutating func scanEffect(_ value: Expression) {
    scan(value)
    guard case .call(let function, let arguments) = value.kind else { return }
    if case .attribute(let object, let method, _) = function.kind,
      case .name(let name) = object.kind, !isLocal(name), outward.contains(name, method)
    {
      return
    }
    if case .attribute = function.kind { change(function) }
    for argument in arguments { give(argument.value) }
  }

  /// An argument may be changed by what takes it.
  private mutating func give(_ argument: Expression) {
    guard Self.goesThroughCall(argument) else { return change(argument) }
    guard let name = Self.root(argument), !isLocal(name) else { return }
    if isDeferred { use.deferredReturned.insert(name) } else { use.returned.insert(name) }
  }

  private static func goesThroughCall(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .call: true
    case .attribute(let object, _, _), .subscript(let object, _): goesThroughCall(object)
    default: false
    }
  }

  private mutating func scan(_ target: Target, byLoop: Bool = false) {
    switch target.kind {
    case .name(let name): bind(name, byLoop: byLoop)
    case .attribute(let object, _, _):
      scan(object)
      change(object)
    case .subscript(let object, let index):
      scan(object)
      scan(index)
      change(object)
    case .tuple(let elements), .list(let elements):
      for element in elements { scan(element, byLoop: byLoop) }
    case .starred(let inner): scan(inner, byLoop: byLoop)
    }
  }

  private mutating func scan(_ pattern: Pattern) {
    switch pattern.kind {
    case .value(let value), .singleton(let value): scan(value)
    case .binding(let inner, _): scan(inner)
    case .alternatives(let patterns), .sequence(let patterns): for item in patterns { scan(item) }
    case .mapping(let entries, _):
      for entry in entries {
        scan(entry.key)
        scan(entry.pattern)
      }
    case .class(let type, let positional, let keywords):
      scan(type)
      for item in positional { scan(item) }
      for item in keywords { scan(item.pattern) }
    case .wildcard, .capture, .star: break
    }
  }

  // MARK: Definitions

  private mutating func deferred(_ body: (inout NameScanner) -> Void) {
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

  private mutating func scan(_ parameters: Parameters) {
    let all =
      parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
      + [parameters.sequence, parameters.mapping].compactMap(\.self)
    for parameter in all {
      if let value = parameter.value { scan(value) }
    }
  }

  private static func names(_ parameters: Parameters) -> Set<String> {
    let all =
      parameters.positionalOnly + parameters.ordinary + parameters.keywordOnly
      + [parameters.sequence, parameters.mapping].compactMap(\.self)
    return Set(all.map(\.name))
  }

  private mutating func scan(_ function: FunctionDefinition) {
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

  private mutating func scan(_ definition: ClassDefinition) {
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

  static func captures(_ pattern: Pattern) -> [String] {
    switch pattern.kind {
    case .capture(let name): [name]
    case .binding(let inner, let name): captures(inner) + [name]
    case .alternatives(let patterns), .sequence(let patterns): patterns.flatMap(captures)
    case .star(let name): name.map { [$0] } ?? []
    case .mapping(let entries, let rest):
      entries.flatMap { captures($0.pattern) } + (rest.map { [$0] } ?? [])
    case .class(_, let positional, let keywords):
      positional.flatMap(captures) + keywords.flatMap { captures($0.pattern) }
    case .value, .singleton, .wildcard: []
    }
  }

  // MARK: Expressions

  /// Methods that change what they are called on.
  private static let changers: Set<String> = [
    "append", "extend", "insert", "remove", "pop", "popitem", "clear", "update", "setdefault",
    "add", "discard", "sort", "reverse", "appendleft", "extendleft", "popleft", "register",
    "__setitem__", "__delitem__", "__setattr__", "difference_update", "intersection_update",
    "symmetric_difference_update",
  ]

  mutating func scan(_ value: Expression) {
    switch value.kind {
    case .name(let name): read(name)
    case .none, .true, .false, .ellipsis, .integer, .bigInteger, .float, .imaginary, .string,
      .surrogates, .bytes:
      break
    case .formatted(let parts): scan(parts)
    case .binary(let first, let steps):
      scan(first)
      for step in steps { scan(step.operand) }
    case .unary(_, let operand): scan(operand)
    case .boolean(_, let operands): for operand in operands { scan(operand) }
    case .comparison(let first, let steps):
      scan(first)
      for step in steps { scan(step.operand) }
    case .conditional(let test, let value, let otherwise):
      scan(test)
      scan(value)
      scan(otherwise)
    case .named(let name, let value):
      scan(value)
      bind(name)
    case .attribute(let object, _, _): scan(object)
    case .call(let function, let arguments):
      use.calls = use.calls || !isDeferred
      scan(function)
      if case .attribute(_, let name, _) = function.kind, Self.changers.contains(name) {
        change(function)
      }
      for argument in arguments { scan(argument.value) }
    case .subscript(let object, let index):
      scan(object)
      scan(index)
    default: scanDisplay(value)
    }
  }

  private mutating func scan(_ parts: [FormattedPart]) {
    for case .field(let field) in parts {
      scan(field.value)
      if let format = field.format { scan(format) }
    }
  }

  private mutating func scanDisplay(_ value: Expression) {
    switch value.kind {
    case .slice(let lower, let upper, let step):
      for part in [lower, upper, step].compactMap(\.self) { scan(part) }
    case .tuple(let elements), .list(let elements), .set(let elements):
      for element in elements { scan(element) }
    case .dictionary(let entries):
      for entry in entries {
        switch entry {
        case .pair(let key, let value):
          scan(key)
          scan(value)
        case .unpacked(let mapping): scan(mapping)
        }
      }
    case .starred(let inner), .await(let inner), .yieldFrom(let inner): scan(inner)
    case .yield(let inner): if let inner { scan(inner) }
    case .comprehension(let comprehension): scan(comprehension)
    case .lambda(let lambda):
      scan(lambda.parameters)
      locals.append(Self.names(lambda.parameters))
      deferred { $0.scan(lambda.body) }
      locals.removeLast()
    default: break
    }
  }

  private mutating func scan(_ comprehension: Comprehension) {
    if let first = comprehension.clauses.first { scan(first.iterable) }
    var own: Set<String> = []
    for clause in comprehension.clauses { LocalNames.add(clause.target, to: &own) }
    locals.append(own)
    for (index, clause) in comprehension.clauses.enumerated() {
      if index > 0 { scan(clause.iterable) }
      for condition in clause.conditions { scan(condition) }
    }
    switch comprehension.result {
    case .list(let element), .set(let element), .generator(let element): scan(element)
    case .dictionary(let key, let element):
      scan(key)
      scan(element)
    }
    locals.removeLast()
  }
}
