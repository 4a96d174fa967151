extension NameScanner {
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
