internal import Diagnostics
internal import OrderedCollections

/// Finds the type of an expression before anything runs, and what cannot be right in it.
struct TypeChecker {
  let expression: Expression
  let findings: FindingList

  /// The type of the whole expression.
  func check(in scope: TypeScope) -> Shape { shape(expression.root, scope) }

  /// Checks that the expression is true or false.
  func checkCondition(in scope: TypeScope) {
    let found = check(in: scope)
    switch found.withoutNull {
    case .bool, .any: warnIfNull(expression.root, found, scope)
    default:
      error(
        expression.root,
        "\"\(expression.source)\" is \(found.typeName), where true or false is needed",
        hint: "Compare it with something.")
    }
  }

  // MARK: Findings

  func error(
    _ node: ExpressionNode, _ message: String, rule: Finding.Rule = .type, hint: String? = nil
  ) {
    findings.add(
      .error, rule, message, at: expression.location(of: node.range.lowerBound), hint: hint)
  }

  /// A value that may be null used where null is an error.
  func warnIfNull(_ node: ExpressionNode, _ shape: Shape, _ scope: TypeScope) {
    guard shape.isOptional, !scope.facts.contains(node.spelling) else { return }
    findings.add(
      .warning, .maybeNull, "\"\(node.spelling)\" may be null here",
      at: expression.location(of: node.range.lowerBound),
      hint: "Ask \(node.spelling) != null && ... first, or use default(x, y).")
  }

  /// The shape of an operand that must not be null.
  func present(_ node: ExpressionNode, _ scope: TypeScope) -> Shape {
    let shape = shape(node, scope)
    warnIfNull(node, shape, scope)
    return shape.withoutNull
  }

  // MARK: Nodes

  func shape(_ node: ExpressionNode, _ scope: TypeScope) -> Shape {
    switch node.kind {
    case .literal(let value): return TypeChecker.shape(of: value)
    case .group(let inner): return shape(inner, scope)
    case .not(let inner):
      boolean(inner, scope, of: "!")
      return .bool
    case .minus(let inner):
      let operand = present(inner, scope)
      if ![.any, .number, .duration].contains(operand) {
        error(inner, "- cannot stand before \(operand.typeName)")
      }
      return operand
    case .binary(let op, let left, let right): return binary(op, left, right, scope)
    case .call(let name, let arguments): return call(name, arguments, node, scope)
    case .context, .member, .index, .projection:
      let path = path(node, scope)
      let found = path.isSpread ? Shape.array(path.shape) : path.shape
      return scope.facts.contains(node.spelling) ? found.withoutNull : found
    }
  }

  private func boolean(_ node: ExpressionNode, _ scope: TypeScope, of op: String) {
    let operand = present(node, scope)
    if operand != .bool, operand != .any {
      error(
        node, "\(op) needs true or false, but \"\(node.spelling)\" is \(operand.typeName)",
        hint: "Compare it with something; there is no truth in other types.")
    }
  }

  private func binary(
    _ op: ExpressionNode.Operator, _ left: ExpressionNode, _ right: ExpressionNode,
    _ scope: TypeScope
  ) -> Shape {
    switch op {
    case .and, .or:
      boolean(left, scope, of: op.rawValue)
      boolean(right, scope.knowing(left.nonNull(when: op == .and)), of: op.rawValue)
      return .bool
    case .equal, .notEqual:
      let (a, b) = (shape(left, scope), shape(right, scope))
      if !isNull(left), !isNull(right), !a.isComparable(with: b) { mismatch(op, left, a, b) }
      return .bool
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      let (a, b) = (present(left, scope), present(right, scope))
      let ordered: Set<Shape> = [.any, .number, .string, .timestamp, .duration]
      if !a.isComparable(with: b) || !ordered.contains(a) || !ordered.contains(b) {
        mismatch(op, left, a, b)
      }
      return .bool
    case .plus, .minus, .times, .divided:
      let (a, b) = (present(left, scope), present(right, scope))
      guard let result = TypeChecker.arithmetic(op, a, b) else {
        mismatch(op, left, a, b)
        return .any
      }
      return result
    }
  }

  private func isNull(_ node: ExpressionNode) -> Bool {
    if case .literal(.null) = node.kind { true } else { false }
  }

  private func mismatch(
    _ op: ExpressionNode.Operator, _ left: ExpressionNode, _ a: Shape, _ b: Shape
  ) {
    let isComparison = op.precedence == 3 || op.precedence == 4
    var hint: String?
    if op == .plus, a == .string || b == .string {
      hint = "Texts are put together with format('{0}{1}', a, b)."
    } else if [a, b].contains(.duration), [a, b].contains(.string) {
      hint = "Durations are written duration('5m')."
    }
    error(
      left,
      "\(a.typeName) and \(b.typeName) \(isComparison ? "cannot be compared by" : "do not fit") "
        + op.rawValue, hint: hint)
  }

  private static func arithmetic(
    _ op: ExpressionNode.Operator, _ a: Shape, _ b: Shape
  ) -> Shape? {
    switch (op, a, b) {
    case (_, .number, .number): .number
    case (.minus, .timestamp, .timestamp): .duration
    case (.plus, .timestamp, .duration), (.plus, .duration, .timestamp),
      (.minus, .timestamp, .duration):
      .timestamp
    case (.plus, .duration, .duration), (.minus, .duration, .duration),
      (.times, .duration, .number),
      (.times, .number, .duration), (.divided, .duration, .number):
      .duration
    case (.divided, .duration, .duration): .number
    case (_, .any, .number), (_, .any, .duration), (_, .any, .timestamp), (_, .any, .any),
      (_, .number, .any), (_, .duration, .any), (_, .timestamp, .any):
      .any
    default: nil
    }
  }

  static func shape(of value: Value) -> Shape {
    switch value {
    case .null: .optional(.any)
    case .bool: .bool
    case .int, .double: .number
    case .string: .string
    case .timestamp: .timestamp
    case .duration: .duration
    case .array(let items):
      .array(items.first.map { shape(of: $0) } ?? .any)
    case .object(let members):
      .object(
        Dictionary(
          members.map { ($0, shape(of: $1)) }, uniquingKeysWith: { first, _ in first }))
    }
  }
}
