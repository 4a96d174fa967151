extension TypeChecker {
  func call(
    _ name: String, _ arguments: [ExpressionNode], _ node: ExpressionNode, _ scope: TypeScope
  ) -> Shape {
    guard let function = ExpressionFunction(rawValue: name) else { return .any }
    if function == .default { return withDefault(arguments, scope) }
    let shapes = arguments.map { argument -> Shape in
      function == .toJSON ? shape(argument, scope) : present(argument, scope)
    }
    func expect(_ index: Int, _ allowed: Set<Kind>, _ phrase: String) {
      guard shapes.indices.contains(index), let kind = Kind(shapes[index]),
        !allowed.contains(kind)
      else { return }
      error(
        arguments[index],
        "\(name): \"\(arguments[index].spelling)\" must be \(phrase), but is "
          + shapes[index].typeName, hint: "It is written \(function.usage).")
    }
    switch function {
    case .contains:
      expect(0, [.list, .text], "a list or a text")
      checkContains(arguments, shapes)
      return .bool
    case .startsWith, .endsWith, .matches:
      expect(0, [.text], "a text")
      expect(1, [.text], "a text")
      if function == .matches { checkPattern(arguments[1]) }
      return .bool
    case .format:
      expect(0, [.text], "a text")
      for index in shapes.indices.dropFirst() {
        expect(index, [.text, .number, .boolean, .timestamp, .duration], "fit for a text")
      }
      return .string
    case .join:
      expect(0, [.list], "a list")
      expect(1, [.text], "a text")
      return .string
    case .length:
      expect(0, [.list, .mapping, .text], "a list, a mapping or a text")
      return .number
    case .keys:
      expect(0, [.mapping], "a mapping")
      return .array(.string)
    case .toJSON: return .string
    case .fromJSON:
      expect(0, [.text], "a text")
      return .any
    case .min, .max: return extreme(shapes, expect)
    case .sum:
      expect(0, [.list], "a list")
      if case .array(let element) = shapes[0] { return element.withoutNull }
      return .any
    case .now: return .timestamp
    case .age:
      expect(0, [.timestamp, .text], "a timestamp")
      return .duration
    case .duration:
      expect(0, [.text, .duration], "a text such as '5m'")
      return .duration
    case .bytes:
      expect(0, [.text, .number], "a text such as '64MiB'")
      return .number
    case .condition:
      expect(0, [.mapping], "a mapping")
      expect(1, [.text], "a text")
      return .optional(.string)
    case .default: return .any
    }
  }

  /// The kinds of values that functions tell apart.
  enum Kind: Hashable {
    case boolean, number, text, timestamp, duration, list, mapping

    /// Nil for shapes that may be anything.
    init?(_ shape: Shape) {
      switch shape.withoutNull {
      case .any, .optional: return nil
      case .bool: self = .boolean
      case .number: self = .number
      case .string: self = .text
      case .timestamp: self = .timestamp
      case .duration: self = .duration
      case .array: self = .list
      case .object, .map: self = .mapping
      }
    }
  }

  /// What is asked for may be absent here, so nothing is said of null in it.
  private func withDefault(_ arguments: [ExpressionNode], _ scope: TypeScope) -> Shape {
    let quiet = FindingList()
    let first = TypeChecker(expression: expression, findings: quiet).shape(arguments[0], scope)
    for finding in quiet.findings where finding.severity == .error {
      findings.add(
        finding.severity, finding.rule, finding.message, at: finding.location, hint: finding.hint)
    }
    let other = shape(arguments[1], scope)
    if other.isOptional { return first.withoutNull.joined(with: other) }
    return first.withoutNull.joined(with: other)
  }

  private func checkContains(_ arguments: [ExpressionNode], _ shapes: [Shape]) {
    switch shapes[0] {
    case .string where Kind(shapes[1]) != nil && Kind(shapes[1]) != .text:
      error(arguments[1], "contains: a text never contains \(shapes[1].typeName)")
    case .array(let element) where !element.isComparable(with: shapes[1]):
      error(
        arguments[1],
        "contains: the list holds \(element.typeName), and never \(shapes[1].typeName)")
    default: break
    }
  }

  private func checkPattern(_ node: ExpressionNode) {
    guard case .literal(.string(let source)) = node.kind else { return }
    do throws(BoundedPattern.Refusal) {
      _ = try BoundedPattern(source)
    } catch {
      self.error(node, "matches: \(error.reason)")
    }
  }

  private func extreme(
    _ shapes: [Shape], _ expect: (Int, Set<Kind>, String) -> Void
  ) -> Shape {
    let ordered: Set<Kind> = [.number, .text, .timestamp, .duration]
    if shapes.count == 1 {
      expect(0, [.list], "a list")
      if case .array(let element) = shapes[0] { return element.withoutNull }
      return .any
    }
    for index in shapes.indices { expect(index, ordered, "of a type that has an order") }
    return shapes.dropFirst().reduce(shapes[0]) { $0.joined(with: $1) }
  }
}
