/// Finds out what statements do with the names of their module.
struct NameScanner {
  var use = NameUse()
  /// The names that belong to the functions around, the innermost last; empty at module level.
  var locals: [Set<String>] = []
  var isDeferred = false
  let outward: OutwardCalls

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

  init(_ outward: OutwardCalls) { self.outward = outward }

  func isLocal(_ name: String) -> Bool { locals.contains { $0.contains(name) } }

  mutating func read(_ name: String) {
    if isLocal(name) { return }
    if isDeferred { use.deferredReads.insert(name) } else { use.reads.insert(name) }
  }

  mutating func bind(_ name: String, byLoop: Bool = false) {
    if isLocal(name) { return }
    if isDeferred {
      use.deferredChanges.insert(name)
    } else {
      use.binds.insert(name)
      if byLoop { use.loopBinds.insert(name) }
    }
  }

  mutating func change(_ expression: Expression) {
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
}
