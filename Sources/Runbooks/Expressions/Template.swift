public import Diagnostics
public import OrderedCollections
public import YAML

/// A value with expressions in it: what stands in `with` and `env`.
public struct Template: Sendable {
  /// What a template is made of.
  public indirect enum Form: Sendable {
    /// Without any expression.
    case literal(Value)
    /// A text with expressions inside; the value is always a text.
    case text([Part])
    /// One expression and nothing else; the value keeps its type.
    case expression(Expression)
    /// An expression that the action evaluates itself, over names of its own; the value is the
    /// expression's text.
    case deferred(Expression)
    case array([Template])
    case object(OrderedDictionary<String, Template>)
  }

  /// A piece of a text.
  public enum Part: Sendable {
    case literal(String)
    case expression(Expression)
  }

  /// What it is made of.
  public var form: Form
  /// Where it stands.
  public var location: SourceLocation

  /// Creates a template.
  public init(_ form: Form, at location: SourceLocation) {
    self.form = form
    self.location = location
  }

  /// Every expression in it.
  public var expressions: [Expression] {
    switch form {
    case .literal: []
    case .text(let parts):
      parts.compactMap { if case .expression(let expression) = $0 { expression } else { nil } }
    case .expression(let expression), .deferred(let expression): [expression]
    case .array(let items): items.flatMap(\.expressions)
    case .object(let members): members.values.flatMap(\.expressions)
    }
  }

  /// As the file writes it, for a value that is not known yet.
  public var spelling: String {
    switch form {
    case .literal(let value): value.text ?? value.typeName
    case .expression(let expression): "${{ \(expression.source) }}"
    case .deferred(let expression): expression.source
    case .text(let parts):
      parts.map { part in
        switch part {
        case .literal(let text): text
        case .expression(let expression): "${{ \(expression.source) }}"
        }
      }.joined()
    case .array(let items): items.map(\.spelling).joined(separator: ", ")
    case .object(let members):
      members.map { "\($0.key): \($0.value.spelling)" }.joined(separator: ", ")
    }
  }

  /// The value in a scope.
  public func evaluate(in scope: Scope) throws(ExpressionError) -> Value {
    switch form {
    case .literal(let value): return value
    case .expression(let expression): return try expression.evaluate(in: scope)
    case .deferred(let expression): return .string(expression.source)
    case .text(let parts):
      var text = ""
      for part in parts { text += try Template.text(of: part, in: scope) }
      return .string(text)
    case .array(let items):
      var values: [Value] = []
      for item in items { values.append(try item.evaluate(in: scope)) }
      return .array(values)
    case .object(let members):
      var values: OrderedDictionary<String, Value> = [:]
      for (key, member) in members { values[key] = try member.evaluate(in: scope) }
      return .object(values)
    }
  }

  /// The value as a text, for environment variables and groups.
  public func text(in scope: Scope) throws(ExpressionError) -> String {
    let value = try evaluate(in: scope)
    if let text = value.text { return text }
    throw ExpressionError(
      value == .null ? .absent : .value, "\(value.typeName) cannot be a text", location: location,
      details: [],
      hint: "Use default(x, y) for what may be null, join or toJSON for lists and mappings.")
  }

  private static func text(of part: Part, in scope: Scope) throws(ExpressionError) -> String {
    switch part {
    case .literal(let text): return text
    case .expression(let expression):
      let value = try expression.evaluate(in: scope)
      if let text = value.text { return text }
      throw expression.error(
        ExpressionFault(
          kind: value == .null ? .absent : .value,
          reason: "\"\(expression.source)\" is \(value.typeName) and cannot stand in a text",
          offset: expression.root.range.lowerBound,
          hint: "Use default(x, y) for what may be null, join or toJSON for lists and mappings."))
    }
  }
}

extension Template {
  /// Reads what a scalar holds: text with `${{ }}`, one expression, or a plain value.
  public init(parsing scalar: YAMLScalar, at location: SourceLocation) throws(ExpressionError) {
    self.location = location
    switch scalar.value {
    case .null: form = .literal(.null)
    case .bool(let flag): form = .literal(.bool(flag))
    case .int(let number): form = .literal(.int(number))
    case .double(let number): form = .literal(.double(number))
    case .string: form = try Template.form(of: scalar, at: location)
    }
  }

  private static func form(
    of scalar: YAMLScalar, at location: SourceLocation
  ) throws(ExpressionError) -> Form {
    let characters = Array(scalar.text.unicodeScalars)
    var parts: [Part] = []
    var literal = String.UnicodeScalarView()
    var index = 0
    while index < characters.count {
      guard characters[index...].starts(with: opening) else {
        literal.append(characters[index])
        index += 1
        continue
      }
      if !literal.isEmpty { parts.append(.literal(String(literal))) }
      literal.removeAll()
      let (expression, end) = try Expression.embedded(
        in: characters, from: index + opening.count, scalar: scalar, at: location)
      parts.append(.expression(expression))
      index = end
    }
    // The line break at the end of a block scalar is no part of what was meant.
    let isBlock = scalar.style == .literal || scalar.style == .folded
    if isBlock, parts.count == 1, literal.allSatisfy({ $0 == "\n" }) { literal.removeAll() }
    if !literal.isEmpty { parts.append(.literal(String(literal))) }
    switch parts.first {
    case nil: return .literal(.string(""))
    case .literal(let text)? where parts.count == 1: return .literal(.string(text))
    case .expression(let expression)? where parts.count == 1: return .expression(expression)
    default: return .text(parts)
    }
  }

  private static let opening = Array("${{".unicodeScalars)
}
