/// The names that a function's body makes its own by binding them.
enum LocalNames {
  /// The names that statements bind, nested functions and classes apart.
  static func bound(in body: [Statement]) -> Set<String> {
    var names: Set<String> = []
    for statement in body { add(statement, to: &names) }
    return names
  }

  /// The names that statements declare `global`.
  static func globals(in body: [Statement]) -> Set<String> {
    var names: Set<String> = []
    each(body) { statement in
      if case .global(let declared) = statement.kind { names.formUnion(declared) }
    }
    return names
  }

  /// Visits statements and those in their blocks, nested functions and classes apart.
  static func each(_ body: [Statement], _ visit: (Statement) -> Void) {
    for statement in body {
      visit(statement)
      for block in blocks(of: statement) { each(block, visit) }
    }
  }

  /// The blocks of a statement that is no definition.
  static func blocks(of statement: Statement) -> [[Statement]] {
    switch statement.kind {
    case .if(let branches, let otherwise): branches.map(\.body) + [otherwise]
    case .while(_, let body, let otherwise): [body, otherwise]
    case .for(let loop): [loop.body, loop.otherwise]
    case .with(_, let body, _): [body]
    case .try(let attempt):
      [attempt.body] + attempt.handlers.map(\.body) + [attempt.otherwise, attempt.finally]
    case .match(_, let cases): cases.map(\.body)
    default: []
    }
  }

  private static func add(_ statement: Statement, to names: inout Set<String>) {
    each([statement]) { statement in
      switch statement.kind {
      case .assign(let targets, _): for target in targets { add(target, to: &names) }
      case .annotate(let target, _, _, _), .augment(let target, _, _): add(target, to: &names)
      case .delete(let targets): for target in targets { add(target, to: &names) }
      case .for(let loop): add(loop.target, to: &names)
      case .with(let items, _, _):
        for item in items { if let target = item.target { add(target, to: &names) } }
      case .try(let attempt): names.formUnion(attempt.handlers.compactMap(\.name))
      case .function(let function): names.insert(function.name)
      case .class(let definition): names.insert(definition.name)
      case .import(let modules): names.formUnion(modules.map { $0.alias ?? $0.path[0] })
      case .importFrom(let source):
        if case .listed(let listed) = source.names {
          names.formUnion(listed.map { $0.alias ?? $0.name })
        }
      case .match(_, let cases):
        for item in cases { names.formUnion(NameScanner.captures(item.pattern)) }
      case .typeAlias(let name, _, _): names.insert(name)
      default: break
      }
      names.formUnion(WalrusNames.bound(in: statement))
    }
  }

  static func add(_ target: Target, to names: inout Set<String>) {
    switch target.kind {
    case .name(let name): names.insert(name)
    case .tuple(let elements), .list(let elements):
      for element in elements { add(element, to: &names) }
    case .starred(let inner): add(inner, to: &names)
    case .attribute, .subscript: break
    }
  }
}

/// The names that `:=` binds in a statement's own expressions, in comprehensions too.
enum WalrusNames {
  static func bound(in statement: Statement) -> Set<String> {
    var names: Set<String> = []
    for expression in expressions(of: statement) { add(expression, to: &names) }
    return names
  }

  /// The expressions of a statement, not those of its blocks.
  static func expressions(of statement: Statement) -> [Expression] {
    switch statement.kind {
    case .expression(let value): [value]
    case .assign(_, let value), .augment(_, _, let value): [value]
    case .annotate(_, _, let value, _): [value].compactMap(\.self)
    case .return(let value): [value].compactMap(\.self)
    case .raise(let value, let cause): [value, cause].compactMap(\.self)
    case .assert(let test, let message): [test, message].compactMap(\.self)
    case .if(let branches, _): branches.map(\.test)
    case .while(let test, _, _): [test]
    case .for(let loop): [loop.iterable]
    case .with(let items, _, _): items.map(\.context)
    case .match(let subject, let cases): [subject] + cases.compactMap(\.condition)
    default: []
    }
  }

  private static func add(_ expression: Expression, to names: inout Set<String>) {
    if case .named(let name, _) = expression.kind { names.insert(name) }
    for child in expression.children { add(child, to: &names) }
  }
}

extension Expression {
  /// The expressions right within this one; those of lambdas, which have names of their own, apart.
  var children: [Expression] {
    switch kind {
    case .name, .none, .true, .false, .ellipsis, .integer, .bigInteger, .float, .imaginary,
      .string, .surrogates, .bytes, .lambda:
      []
    case .formatted(let parts): Self.fields(parts)
    case .binary(let first, let steps): [first] + steps.map(\.operand)
    case .unary(_, let operand): [operand]
    case .boolean(_, let operands): operands
    case .comparison(let first, let steps): [first] + steps.map(\.operand)
    case .conditional(let test, let value, let otherwise): [test, value, otherwise]
    case .named(_, let value): [value]
    case .attribute(let object, _, _): [object]
    case .call(let function, let arguments): [function] + arguments.map(\.value)
    case .subscript(let object, let index): [object, index]
    case .slice(let lower, let upper, let step): [lower, upper, step].compactMap(\.self)
    case .tuple(let elements), .list(let elements), .set(let elements): elements
    case .dictionary(let entries):
      entries.flatMap { entry in
        switch entry {
        case .pair(let key, let value): [key, value]
        case .unpacked(let mapping): [mapping]
        }
      }
    case .starred(let inner), .await(let inner), .yieldFrom(let inner): [inner]
    case .yield(let inner): [inner].compactMap(\.self)
    case .comprehension(let comprehension):
      Self.results(comprehension)
        + comprehension.clauses.flatMap { [$0.iterable] + $0.conditions }
    }
  }

  private static func fields(_ parts: [FormattedPart]) -> [Expression] {
    parts.flatMap { part -> [Expression] in
      guard case .field(let field) = part else { return [] }
      return [field.value] + (field.format.map(fields) ?? [])
    }
  }

  private static func results(_ comprehension: Comprehension) -> [Expression] {
    switch comprehension.result {
    case .list(let element), .set(let element), .generator(let element): [element]
    case .dictionary(let key, let element): [key, element]
    }
  }
}
