internal import PythonSubset

/// A value that can be told by reading the source, without running it.
indirect enum Literal: Hashable, Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case string(String)
  /// A tuple, a list or a set.
  case list([Literal])
  case dictionary([Literal: Literal])

  var string: String? { if case .string(let text) = self { text } else { nil } }

  /// A text, several, or nothing, as Alembic takes names.
  var names: [String]? {
    switch self {
    case .none: []
    case .string(let text): [text]
    case .list(let items):
      items.allSatisfy { $0.string != nil } ? items.compactMap(\.string) : nil
    default: nil
    }
  }
}

/// The names that a module binds at its top level to a single expression, and what those say.
struct ModuleConstants: Sendable {
  private var expressions: [String: Expression] = [:]

  /// Notes the assignments of a module that stand in no block; the last one counts.
  init(_ body: [Statement]) {
    for statement in body {
      switch statement.kind {
      case .assign(let targets, let value):
        for case .name(let name) in targets.map(\.kind) { expressions[name] = value }
      case .annotate(let target, _, let value?, _):
        if case .name(let name) = target.kind { expressions[name] = value }
      default: break
      }
    }
  }

  /// What a name is bound to.
  subscript(name: String) -> Expression? { expressions[name] }

  /// The value of an expression that is a literal, or made of literals and names bound to such.
  func literal(_ expression: Expression, depth: Int = 0) -> Literal? {
    if depth > 20 { return nil }
    func list(_ items: [Expression]) -> Literal? {
      let values = items.map { literal($0, depth: depth + 1) }
      return values.contains(nil) ? nil : .list(values.compactMap { $0 })
    }
    switch expression.kind {
    case .none: return Literal.none
    case .true: return .bool(true)
    case .false: return .bool(false)
    case .integer(let number): return .integer(number)
    case .string(let text): return .string(text)
    case .tuple(let items), .list(let items), .set(let items): return list(items)
    case .name(let name): return expressions[name].flatMap { literal($0, depth: depth + 1) }
    case .dictionary(let entries): return dictionary(entries, depth)
    case .binary(let first, let steps):
      // Texts that are joined by `+`.
      var text = literal(first, depth: depth + 1)?.string
      for step in steps {
        let part = step.op == .add ? literal(step.operand, depth: depth + 1)?.string : nil
        text = part.flatMap { part in text.map { $0 + part } }
      }
      return text.map(Literal.string)
    default: return nil
    }
  }

  private func dictionary(_ entries: [DictionaryEntry], _ depth: Int) -> Literal? {
    var values: [Literal: Literal] = [:]
    for entry in entries {
      guard case .pair(let key, let value) = entry,
        let key = literal(key, depth: depth + 1), let value = literal(value, depth: depth + 1)
      else { return nil }
      values[key] = value
    }
    return .dictionary(values)
  }
}
