internal import Quantities

extension Evaluator {
  func negated(_ node: ExpressionNode) throws(ExpressionFault) -> Value {
    let value = try value(node)
    switch value {
    case .int(let number) where number != .min: return .int(-number)
    case .double(let number): return .double(-number)
    case .duration(let duration): return .duration(.zero - duration)
    default: throw fault(node, "- cannot stand before \(value.typeName)")
    }
  }

  func binary(
    _ op: ExpressionNode.Operator, _ left: ExpressionNode, _ right: ExpressionNode,
    _ node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    switch op {
    case .and: return .bool(try boolean(left, of: "&&") ? try boolean(right, of: "&&") : false)
    case .or: return .bool(try boolean(left, of: "||") ? true : try boolean(right, of: "||"))
    case .equal, .notEqual:
      let (a, b) = (try value(left), try value(right))
      guard a.isComparable(with: b) else { throw mismatch(op, left, a, right, b) }
      return .bool(a.equals(b) == (op == .equal))
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      let (a, b) = (try value(left), try value(right))
      guard let order = a.order(to: b) else { throw mismatch(op, left, a, right, b) }
      switch op {
      case .less: return .bool(order < 0)
      case .lessOrEqual: return .bool(order <= 0)
      case .greater: return .bool(order > 0)
      default: return .bool(order >= 0)
      }
    case .plus, .minus, .times, .divided:
      let (a, b) = (try value(left), try value(right))
      guard let result = try arithmetic(op, a, b, node) else {
        throw mismatch(op, left, a, right, b)
      }
      return result
    }
  }

  private func mismatch(
    _ op: ExpressionNode.Operator, _ left: ExpressionNode, _ a: Value, _ right: ExpressionNode,
    _ b: Value
  ) -> ExpressionFault {
    let isAbsent = a == .null || b == .null
    var hint: String?
    switch (op, a, b) {
    case (_, .null, _):
      hint = "\"\(left.spelling)\" is null: ask for it first, or use default(x, y)."
    case (_, _, .null):
      hint = "\"\(right.spelling)\" is null: ask for it first, or use default(x, y)."
    case (.plus, .string, _), (.plus, _, .string):
      hint = "Texts are put together with format('{0}{1}', a, b)."
    case (_, .duration, .string), (_, .string, .duration):
      hint = "Durations are written duration('5m')."
    default: break
    }
    let verb =
      op.precedence == 3 || op.precedence == 4 ? "cannot be compared by" : "do not fit"
    return fault(
      left, "\(a.typeName) and \(b.typeName) \(verb) \(op.rawValue)",
      kind: isAbsent ? .absent : .value, hint: hint)
  }

  /// Nil when the types do not fit.
  private func arithmetic(
    _ op: ExpressionNode.Operator, _ a: Value, _ b: Value, _ node: ExpressionNode
  ) throws(ExpressionFault) -> Value? {
    switch (op, a, b) {
    case (_, .int(let a), .int(let b)): return try whole(op, a, b, node)
    case (.minus, .timestamp(let a), .timestamp(let b)): return try difference(a, b, node)
    case (.plus, .timestamp(let moment), .duration(let span)),
      (.plus, .duration(let span), .timestamp(let moment)):
      return .timestamp(try shifted(moment, by: span, node))
    case (.minus, .timestamp(let moment), .duration(let span)):
      return .timestamp(try shifted(moment, by: .zero - span, node))
    case (.divided, .duration(let a), .duration(let b)):
      guard b != .zero else { throw fault(node, "a division by zero") }
      return .double(a.seconds / b.seconds)
    case (.plus, .duration(let a), .duration(let b)):
      return try span(a.seconds + b.seconds, exactly: { a + b }, node)
    case (.minus, .duration(let a), .duration(let b)):
      return try span(a.seconds - b.seconds, exactly: { a - b }, node)
    case (.times, .duration(let span), let factor), (.times, let factor, .duration(let span)):
      guard let factor = factor.asDouble else { return nil }
      return try self.span(span.seconds * factor, node)
    case (.divided, .duration(let span), let divisor):
      guard let divisor = divisor.asDouble else { return nil }
      guard divisor != 0 else { throw fault(node, "a division by zero") }
      return try self.span(span.seconds / divisor, node)
    default:
      guard let a = a.asDouble, let b = b.asDouble else { return nil }
      return try broken(op, a, b, node)
    }
  }

  private func whole(
    _ op: ExpressionNode.Operator, _ a: Int64, _ b: Int64, _ node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    let (result, overflow): (Int64, Bool)
    switch op {
    case .plus: (result, overflow) = a.addingReportingOverflow(b)
    case .minus: (result, overflow) = a.subtractingReportingOverflow(b)
    case .times: (result, overflow) = a.multipliedReportingOverflow(by: b)
    default:
      guard b != 0 else { throw fault(node, "a division by zero") }
      let (remainder, remainderOverflow) = a.remainderReportingOverflow(dividingBy: b)
      guard remainder == 0, !remainderOverflow else { return .double(Double(a) / Double(b)) }
      (result, overflow) = a.dividedReportingOverflow(by: b)
    }
    guard !overflow else { throw fault(node, "the result of \(op.rawValue) is out of range") }
    return .int(result)
  }

  private func broken(
    _ op: ExpressionNode.Operator, _ a: Double, _ b: Double, _ node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    let result: Double
    switch op {
    case .plus: result = a + b
    case .minus: result = a - b
    case .times: result = a * b
    default:
      guard b != 0 else { throw fault(node, "a division by zero") }
      result = a / b
    }
    guard result.isFinite else {
      throw fault(node, "the result of \(op.rawValue) is out of range")
    }
    return .double(result)
  }

  /// Durations stay within thirty thousand years, so that no sum of them overflows.
  func span(
    _ seconds: Double, exactly exact: (() -> Duration)? = nil, _ node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    guard abs(seconds) < 1e12 else { throw fault(node, "the duration is out of range") }
    return .duration(exact?() ?? .microseconds(Int64((seconds * 1e6).rounded())))
  }

  func difference(
    _ a: Timestamp, _ b: Timestamp, _ node: ExpressionNode
  ) throws(ExpressionFault) -> Value {
    try span((Double(a.microseconds) - Double(b.microseconds)) / 1e6, exactly: { a - b }, node)
  }

  private func shifted(
    _ moment: Timestamp, by span: Duration, _ node: ExpressionNode
  ) throws(ExpressionFault) -> Timestamp {
    let microseconds = span.seconds * 1e6
    let result = Double(moment.microseconds) + microseconds
    guard abs(microseconds) < 1e18, abs(result) < 9e18 else {
      throw fault(node, "the moment is out of range")
    }
    return moment + span
  }
}
