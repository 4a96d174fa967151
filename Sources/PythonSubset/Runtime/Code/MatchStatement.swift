/// `match`.
final class MatchStatement: StatementNode {
  struct Case {
    let pattern: PatternNode
    let condition: ExpressionNode?
    let body: Block
  }
  private let subject: ExpressionNode
  private let cases: [Case]

  init(_ subject: ExpressionNode, _ cases: [Case], at position: Position) {
    self.subject = subject
    self.cases = cases
    super.init(position)
  }

  private func chosen(_ frame: Frame) throws -> Block {
    let value = try subject.evaluate(frame)
    for candidate in cases {
      frame.position = candidate.pattern.position
      var captured: [(Variable, Value)] = []
      guard try candidate.pattern.matches(value, frame, &captured) else { continue }
      for (variable, value) in captured { frame.write(variable, value) }
      if let condition = candidate.condition,
        !(try frame.python.truth(condition.evaluate(frame)))
      {
        continue
      }
      return candidate.body
    }
    return Block([])
  }

  override func run(_ frame: Frame) throws -> Completion { try chosen(frame).run(frame) }
  override var suspends: Bool { cases.contains { $0.body.suspends } }
  override func activate() -> Activation {
    ChoiceActivation { [self] in try chosen($0) }
  }
}

/// A pattern of a `case`, with its names resolved.
struct PatternNode {
  indirect enum Kind {
    case equal(ExpressionNode)
    case identical(ExpressionNode)
    case wildcard
    case capture(Variable)
    case binding(PatternNode, Variable)
    case alternatives([PatternNode])
    case sequence([PatternNode], star: Int?)
    case star(Variable?)
    case mapping([(key: ExpressionNode, pattern: PatternNode)], rest: Variable?)
    case instance(ExpressionNode, [PatternNode], [(name: String, pattern: PatternNode)])
  }
  let kind: Kind
  let position: Position

  func matches(
    _ value: Value, _ frame: Frame, _ captured: inout [(Variable, Value)]
  ) throws -> Bool {
    let python = frame.python
    switch kind {
    case .equal(let expression): return try python.equal(value, expression.evaluate(frame))
    case .identical(let expression): return value.isIdentical(to: try expression.evaluate(frame))
    case .wildcard, .star: return true
    case .capture(let variable):
      captured.append((variable, value))
      return true
    case .binding(let pattern, let variable):
      guard try pattern.matches(value, frame, &captured) else { return false }
      captured.append((variable, value))
      return true
    case .alternatives(let patterns):
      let before = captured
      for pattern in patterns {
        if try pattern.matches(value, frame, &captured) { return true }
        captured = before
      }
      return false
    case .sequence(let patterns, let star):
      guard
        let items = value.sequence
          ?? value.object(as: PythonRange.self).map({ range in
            (0..<range.count).map { .int(range.value(at: $0)) }
          })
      else { return false }
      return try matches(items, patterns, star, frame, &captured)
    case .mapping(let entries, let rest):
      guard let dict = value.dict else { return false }
      return try matches(dict, entries, rest, frame, &captured)
    case .instance(let cls, let positional, let keywords):
      return try matches(value, cls, positional, keywords, frame, &captured)
    }
  }

  private func matches(
    _ items: [Value], _ patterns: [PatternNode], _ star: Int?, _ frame: Frame,
    _ captured: inout [(Variable, Value)]
  ) throws -> Bool {
    let required = patterns.count - (star == nil ? 0 : 1)
    guard star == nil ? items.count == required : items.count >= required else { return false }
    for (index, pattern) in patterns.enumerated() {
      if index == star {
        let last = items.count - (patterns.count - index - 1)
        if case .star(let variable?) = pattern.kind {
          captured.append((variable, .list(Array(items[index..<last]))))
        }
        continue
      }
      let isAfter = star.map { index > $0 } ?? false
      let item = isAfter ? items[items.count - (patterns.count - index)] : items[index]
      guard try pattern.matches(item, frame, &captured) else { return false }
    }
    return true
  }

  private func matches(
    _ dict: PythonDict, _ entries: [(key: ExpressionNode, pattern: PatternNode)],
    _ rest: Variable?, _ frame: Frame, _ captured: inout [(Variable, Value)]
  ) throws -> Bool {
    let left = dict.copy()
    for entry in entries {
      let key = try entry.key.evaluate(frame)
      guard let value = try dict.value(for: key, frame.python) else { return false }
      guard try entry.pattern.matches(value, frame, &captured) else { return false }
      try left.remove(key, frame.python)
    }
    if let rest { captured.append((rest, .dict(left))) }
    return true
  }

  /// The builtin types whose one positional pattern matches the value itself.
  private static var selfMatching: [PythonClass] {
    [.bool, .bytes, .dict, .float, .frozenset, .int, .list, .set, .str, .tuple]
  }

  private func matches(
    _ value: Value, _ cls: ExpressionNode, _ positional: [PatternNode],
    _ keywords: [(name: String, pattern: PatternNode)], _ frame: Frame,
    _ captured: inout [(Variable, Value)]
  ) throws -> Bool {
    let python = frame.python
    guard let cls = try cls.evaluate(frame).asClass else {
      throw PythonError(.typeError, "called match pattern must be a class")
    }
    guard try cls.isInstance(value, python) else { return false }
    var named = keywords
    if !positional.isEmpty {
      if positional.count == 1, cls.lookup("__match_args__") == nil,
        PatternNode.selfMatching.contains(where: { cls.isSubclass(of: $0) })
      {
        guard try positional[0].matches(value, frame, &captured) else { return false }
      } else {
        let names = cls.lookup("__match_args__")?.sequence?.compactMap(\.string) ?? []
        guard positional.count <= names.count else {
          throw PythonError(
            .typeError,
            "\(cls.name)() accepts \(names.count) positional sub-pattern"
              + "\(names.count == 1 ? "" : "s") (\(positional.count) given)")
        }
        named = zip(names, positional).map { ($0, $1) } + named
      }
    }
    for (name, pattern) in named {
      guard let attribute = try python.optionalAttribute(of: value, name) else { return false }
      guard try pattern.matches(attribute, frame, &captured) else { return false }
    }
    return true
  }
}
