extension Parser {
  /// What an expression is to be turned into a target for; the word in messages.
  enum Binding: String {
    case assign = "assign to"
    case delete = "delete"
  }

  /// The targets of `for`, in statements and comprehensions.
  mutating func loopTarget() throws(SyntaxFailure) -> Target {
    let start = position
    let first = try targetElement()
    guard kind == .comma else {
      let target = try target(first, .assign)
      if case .starred = target.kind {
        throw failure("starred assignment target must be in a list or tuple", at: start)
      }
      return target
    }
    var elements = [first]
    while take(.comma), kind == .star || beginsExpression {
      elements.append(try targetElement())
    }
    return try target(Expression(.tuple(elements), at: start), .assign)
  }

  private mutating func targetElement() throws(SyntaxFailure) -> Expression {
    if kind == .star { return try starred() }
    return try deeper { parser throws(SyntaxFailure) in try parser.operators(Level.bitOr) }
  }

  /// The target after `as` in `with`.
  mutating func withTarget() throws(SyntaxFailure) -> Target {
    let value = try targetElement()
    if case .starred = value.kind { throw failure("invalid syntax", at: value.position) }
    return try target(value, .assign)
  }

  /// Reads `expression` as what is bound.
  func target(
    _ expression: Expression, _ binding: Binding
  ) throws(SyntaxFailure) -> Target {
    let place = expression.position
    switch expression.kind {
    case .name(let name):
      if name == "__debug__" {
        throw failure("cannot \(binding.rawValue) __debug__", at: place)
      }
      return Target(.name(name), at: place)
    case .attribute(let object, let name, let namePlace):
      return Target(.attribute(object, name, at: namePlace), at: place)
    case .subscript(let object, let index):
      return Target(.subscript(object, index), at: place)
    case .tuple(let elements): return Target(.tuple(try targets(elements, binding)), at: place)
    case .list(let elements): return Target(.list(try targets(elements, binding)), at: place)
    case .starred(let value) where binding == .assign:
      return Target(.starred(try target(value, binding)), at: place)
    default:
      throw failure("cannot \(binding.rawValue) \(describe(expression))", at: place)
    }
  }

  private func targets(
    _ elements: [Expression], _ binding: Binding
  ) throws(SyntaxFailure) -> [Target] {
    var result: [Target] = []
    result.reserveCapacity(elements.count)
    var hasStar = false
    for element in elements {
      if case .starred = element.kind {
        if hasStar {
          throw failure(
            "multiple starred expressions in assignment", at: element.position)
        }
        hasStar = true
      }
      result.append(try target(element, binding))
    }
    return result
  }
}
