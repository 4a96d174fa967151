internal import Diagnostics

/// A pattern of names by psql's rules, as pg_dump's options take it: `*` and `?` stand for any
/// characters and for one, a dot parts schema and name, what is not in double quotes is folded to
/// lower case; `[a-z]`, `(a|b)` and `+` mean what they do in regular expressions.
public struct ObjectPattern: Hashable, Sendable, CustomStringConvertible {
  /// What a pattern names.
  public enum Subject: Sendable {
    /// A schema: dots are not for it.
    case schema
    /// A table, view, sequence or the like, with or without its schema.
    case relation
  }

  /// The text.
  public let description: String
  private let schema: NameExpression?
  private let name: NameExpression

  /// Reads a pattern; throws a `Failure` of status `usage` that says what is wrong with it.
  public init(_ text: String, of subject: Subject) throws {
    description = text
    var parser = NameExpressionParser(text)
    let parts = try parser.parts()
    switch (subject, parts.count) {
    case (_, 1): (schema, name) = (nil, parts[0])
    case (.relation, 2): (schema, name) = (parts[0], parts[1])
    default:
      throw PatternError(pattern: text, reason: "has too many parts between dots")
    }
  }

  /// Whether the pattern says which schema it means.
  public var hasSchema: Bool { schema != nil }

  /// The same as the server's regular expressions, anchored at both ends; nil for any schema.
  public var expressions: (schema: String?, name: String) {
    (schema?.regularExpression, name.regularExpression)
  }

  /// Whether a relation's name fits.
  func matches(_ schema: String, _ name: String) -> Bool {
    self.schema?.matches(schema) != false && self.name.matches(name)
  }

  /// Whether a schema's name fits.
  func matches(schema name: String) -> Bool { self.name.matches(name) }
}

/// A pattern that cannot be read.
struct PatternError: Failure, Hashable {
  var pattern: String
  var reason: String
  var message: String { "the pattern \"\(pattern)\" \(reason)" }
  var hint: String? { "put names with special characters into double quotes: '\"such.a name\"'" }
  var status: ExitStatus { .usage }
}

/// The part of a pattern that one name has to fit.
struct NameExpression: Hashable, Sendable {
  indirect enum Node: Hashable, Sendable {
    case literal(Unicode.Scalar)
    case anyOne
    case anyRun
    case oneOf([ClosedRange<Unicode.Scalar>], isNegated: Bool)
    case group([[Node]])
    case repeated(Node)
  }

  var alternatives: [[Node]]

  func matches(_ name: String) -> Bool {
    let scalars = Array(name.unicodeScalars)
    return alternatives.contains { nodes in
      NameExpression.match(nodes[...], scalars, 0) { $0 == scalars.count }
    }
  }

  /// The same as a regular expression of the server's.
  var regularExpression: String { "^(\(NameExpression.text(alternatives)))$" }

  private static func text(_ alternatives: [[Node]]) -> String {
    alternatives.map { $0.map(text).joined() }.joined(separator: "|")
  }

  private static func text(_ node: Node) -> String {
    switch node {
    case .literal(let scalar): return escaped(scalar)
    case .anyOne: return "."
    case .anyRun: return ".*"
    case .oneOf(let ranges, let isNegated):
      let parts = ranges.map { range in
        let first = escaped(range.lowerBound)
        return range.lowerBound == range.upperBound
          ? first : "\(first)-\(escaped(range.upperBound))"
      }
      return "[\(isNegated ? "^" : "")\(parts.joined())]"
    case .group(let alternatives): return "(\(text(alternatives)))"
    case .repeated(let inner): return "(\(text(inner)))+"
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    "\\^$.[]()|*+?{}-".unicodeScalars.contains(scalar) ? "\\\(scalar)" : String(scalar)
  }

  private static func match(
    _ nodes: ArraySlice<Node>, _ text: [Unicode.Scalar], _ place: Int, _ rest: (Int) -> Bool
  ) -> Bool {
    guard let node = nodes.first else { return rest(place) }
    let others = nodes.dropFirst()
    switch node {
    case .literal(let scalar):
      return place < text.count && text[place] == scalar && match(others, text, place + 1, rest)
    case .anyOne: return place < text.count && match(others, text, place + 1, rest)
    case .anyRun: return (place...text.count).contains { match(others, text, $0, rest) }
    case .oneOf(let ranges, let isNegated):
      guard place < text.count else { return false }
      return ranges.contains { $0.contains(text[place]) } != isNegated
        && match(others, text, place + 1, rest)
    case .group(let alternatives):
      return alternatives.contains { alternative in
        match(alternative[...], text, place) { match(others, text, $0, rest) }
      }
    case .repeated(let inner):
      return match([inner], text, place) { end in
        match(others, text, end, rest) || (end > place && match(nodes, text, end, rest))
      }
    }
  }
}

/// Reads the parts of a pattern.
struct NameExpressionParser {
  private let text: String
  private let scalars: [Unicode.Scalar]
  private var place = 0

  init(_ text: String) {
    self.text = text
    scalars = Array(text.unicodeScalars)
  }

  mutating func parts() throws -> [NameExpression] {
    var parts = [NameExpression(alternatives: try alternatives(isNested: false))]
    while place < scalars.count {
      place += 1
      parts.append(NameExpression(alternatives: try alternatives(isNested: false)))
    }
    if parts.contains(where: { $0.alternatives == [[]] }) { throw error("has an empty part") }
    return parts
  }

  private func error(_ reason: String) -> PatternError {
    PatternError(pattern: text, reason: reason)
  }

  /// Reads to the next dot outside quotes, to the bracket that closes the group, or to the end.
  private mutating func alternatives(isNested: Bool) throws -> [[NameExpression.Node]] {
    var alternatives: [[NameExpression.Node]] = [[]]
    func add(_ node: NameExpression.Node) { alternatives[alternatives.count - 1].append(node) }
    while place < scalars.count {
      let scalar = scalars[place]
      switch scalar {
      case ".":
        if isNested { throw error("has a dot in round brackets") }
        return alternatives
      case ")":
        guard isNested else { throw error("has a bracket that nothing opens") }
        return alternatives
      case "\"": alternatives[alternatives.count - 1] += try quoted()
      case "*": add(.anyRun)
      case "?": add(.anyOne)
      case "|": alternatives.append([])
      case "[": add(try set())
      case "(":
        place += 1
        add(.group(try self.alternatives(isNested: true)))
        if place == scalars.count { throw error("has a bracket that nothing closes") }
      case "+":
        guard let last = alternatives[alternatives.count - 1].popLast() else {
          throw error("has a + that follows nothing")
        }
        add(.repeated(last))
      case "^", "{", "}", "\\", "]": throw error("has a \(scalar), which is not read here")
      default:
        for lower in scalar.properties.lowercaseMapping.unicodeScalars { add(.literal(lower)) }
      }
      place += 1
    }
    return alternatives
  }

  /// The characters between double quotes; two of them in a row stand for one.
  private mutating func quoted() throws -> [NameExpression.Node] {
    var nodes: [NameExpression.Node] = []
    place += 1
    while place < scalars.count {
      if scalars[place] == "\"" {
        guard place + 1 < scalars.count, scalars[place + 1] == "\"" else { return nodes }
        place += 1
      }
      nodes.append(.literal(scalars[place]))
      place += 1
    }
    throw error("has a quote that nothing closes")
  }

  private mutating func set() throws -> NameExpression.Node {
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    place += 1
    let isNegated = place < scalars.count && scalars[place] == "^"
    if isNegated { place += 1 }
    while place < scalars.count, scalars[place] != "]" {
      let first = scalars[place]
      if place + 2 < scalars.count, scalars[place + 1] == "-", scalars[place + 2] != "]" {
        guard first <= scalars[place + 2] else { throw error("has a range that runs backwards") }
        ranges.append(first...scalars[place + 2])
        place += 3
      } else {
        ranges.append(first...first)
        place += 1
      }
    }
    guard place < scalars.count, !ranges.isEmpty else { throw error("has a [ without its ]") }
    return .oneOf(ranges, isNegated: isNegated)
  }
}
