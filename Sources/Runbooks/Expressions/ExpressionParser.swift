internal import Diagnostics

/// Builds the tree of an expression.
struct ExpressionParser {
  private let tokens: [ExpressionToken]
  private var position = 0
  private var depth = 0
  private static let maximumDepth = 60

  init(_ tokens: [ExpressionToken]) { self.tokens = tokens }

  /// The whole expression; nothing may follow it.
  mutating func expression() throws(ExpressionFault) -> ExpressionNode {
    if case .end = current.kind { throw fault("the expression is empty") }
    let node = try binary(above: 0)
    guard case .end = current.kind else {
      throw fault("\(describe(current)) stands where an operator was expected")
    }
    return node
  }

  private var current: ExpressionToken { tokens[position] }

  private mutating func advance() {
    if position < tokens.count - 1 { position += 1 }
  }

  private mutating func take(_ symbol: String) -> Bool {
    guard current.kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  private func fault(_ reason: String, hint: String? = nil) -> ExpressionFault {
    ExpressionFault(kind: .syntax, reason: reason, offset: current.range.lowerBound, hint: hint)
  }

  private func describe(_ token: ExpressionToken) -> String {
    switch token.kind {
    case .name(let name): "\"\(name)\""
    case .number(let value): value.expressionSpelling
    case .text(let text): "'\(text)'"
    case .symbol(let symbol): "\"\(symbol)\""
    case .end: "the end"
    }
  }

  private mutating func binary(above precedence: Int) throws(ExpressionFault) -> ExpressionNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= ExpressionParser.maximumDepth else {
      throw fault("the expression stands too deep in itself")
    }
    var left = try unary()
    while case .symbol(let symbol) = current.kind,
      let op = ExpressionNode.Operator(rawValue: symbol), op.precedence > precedence
    {
      advance()
      let right = try binary(above: op.precedence)
      let isComparison = op.precedence == 3 || op.precedence == 4
      if isComparison, case .symbol(let next) = current.kind,
        let after = ExpressionNode.Operator(rawValue: next), after.precedence == op.precedence
      {
        throw fault("comparisons cannot be chained", hint: "Join two of them with &&.")
      }
      left = ExpressionNode(
        kind: .binary(op, left, right), range: left.range.lowerBound..<right.range.upperBound)
    }
    return left
  }

  private mutating func unary() throws(ExpressionFault) -> ExpressionNode {
    let start = current.range.lowerBound
    depth += 1
    defer { depth -= 1 }
    guard depth <= ExpressionParser.maximumDepth else {
      throw fault("the expression stands too deep in itself")
    }
    if take("!") {
      let operand = try unary()
      return ExpressionNode(kind: .not(operand), range: start..<operand.range.upperBound)
    }
    if take("-") {
      let operand = try unary()
      return ExpressionNode(kind: .minus(operand), range: start..<operand.range.upperBound)
    }
    return try path()
  }

  private mutating func path() throws(ExpressionFault) -> ExpressionNode {
    var node = try primary()
    var length = 0
    while true {
      length += 1
      guard length < 100 else { throw fault("the path is too long") }
      if take(".") {
        let end = current.range.upperBound
        if take("*") {
          node = ExpressionNode(kind: .projection(node), range: node.range.lowerBound..<end)
          continue
        }
        guard case .name(let name) = current.kind else {
          throw fault(
            "a name must follow the point", hint: "Other keys are written ['...'] or [0].")
        }
        advance()
        node = ExpressionNode(kind: .member(node, name), range: node.range.lowerBound..<end)
      } else if take("[") {
        let index = try binary(above: 0)
        let end = current.range.upperBound
        guard take("]") else { throw fault("a \"]\" is missing") }
        node = ExpressionNode(kind: .index(node, index), range: node.range.lowerBound..<end)
      } else {
        return node
      }
    }
  }

  private mutating func primary() throws(ExpressionFault) -> ExpressionNode {
    let token = current
    switch token.kind {
    case .number(let value):
      advance()
      return ExpressionNode(kind: .literal(value), range: token.range)
    case .text(let text):
      advance()
      return ExpressionNode(kind: .literal(.string(text)), range: token.range)
    case .symbol("("):
      advance()
      let inner = try binary(above: 0)
      let end = current.range.upperBound
      guard take(")") else { throw fault("a \")\" is missing") }
      return ExpressionNode(kind: .group(inner), range: token.range.lowerBound..<end)
    case .name(let name):
      advance()
      if current.kind == .symbol("(") { return try call(name, at: token.range.lowerBound) }
      return ExpressionNode(kind: word(name), range: token.range)
    case .symbol, .end:
      throw fault("\(describe(token)) stands where a value was expected")
    }
  }

  private func word(_ name: String) -> ExpressionNode.Kind {
    switch name {
    case "true": .literal(.bool(true))
    case "false": .literal(.bool(false))
    case "null": .literal(.null)
    default: .context(name)
    }
  }

  private mutating func call(
    _ name: String, at start: Int
  ) throws(ExpressionFault) -> ExpressionNode {
    guard let function = ExpressionFunction(rawValue: name) else {
      let names = ExpressionFunction.allCases.map(\.rawValue)
      throw ExpressionFault(
        kind: .syntax,
        reason: "there is no function \"\(name)\"\(Suggestion.phrase(for: name, among: names))",
        offset: start, hint: "Functions: \(names.sorted().joined(separator: ", ")).")
    }
    advance()
    var arguments: [ExpressionNode] = []
    if current.kind != .symbol(")") {
      repeat { arguments.append(try binary(above: 0)) } while take(",")
    }
    let end = current.range.upperBound
    guard take(")") else { throw fault("a \")\" is missing after the arguments of \(name)") }
    guard function.arity.contains(arguments.count) else {
      throw ExpressionFault(
        kind: .syntax,
        reason: "\(name) takes \(function.arityPhrase), not \(arguments.count)", offset: start,
        hint: "It is written \(function.usage).")
    }
    return ExpressionNode(kind: .call(name, arguments), range: start..<end)
  }
}
