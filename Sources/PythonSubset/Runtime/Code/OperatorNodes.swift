/// `first + a - b`.
final class BinaryNode: ExpressionNode {
  private let first: ExpressionNode
  private let steps: [(op: BinaryOperator, operand: ExpressionNode)]

  init(
    _ first: ExpressionNode, _ steps: [(op: BinaryOperator, operand: ExpressionNode)],
    at position: Position
  ) {
    self.first = first
    self.steps = steps
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var result = try first.evaluate(frame)
    for step in steps {
      let operand = try step.operand.evaluate(frame)
      frame.position = position
      result = try frame.python.binary(step.op, result, operand)
    }
    return result
  }
}

final class UnaryNode: ExpressionNode {
  private let op: UnaryOperator
  private let operand: ExpressionNode

  init(_ op: UnaryOperator, _ operand: ExpressionNode, at position: Position) {
    self.op = op
    self.operand = operand
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try operand.evaluate(frame)
    frame.position = position
    return try frame.python.unary(op, value)
  }
}

/// `a and b and c`.
final class BooleanNode: ExpressionNode {
  private let stopsAt: Bool
  private let operands: [ExpressionNode]

  init(_ op: BooleanOperator, _ operands: [ExpressionNode], at position: Position) {
    stopsAt = op == .or
    self.operands = operands
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var value = Value.null
    for (index, operand) in operands.enumerated() {
      value = try operand.evaluate(frame)
      if index < operands.count - 1, try frame.python.truth(value) == stopsAt { return value }
    }
    return value
  }
}

/// `a < b <= c`.
final class ComparisonNode: ExpressionNode {
  private let first: ExpressionNode
  private let steps: [(op: ComparisonOperator, operand: ExpressionNode)]

  init(
    _ first: ExpressionNode, _ steps: [(op: ComparisonOperator, operand: ExpressionNode)],
    at position: Position
  ) {
    self.first = first
    self.steps = steps
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    var left = try first.evaluate(frame)
    var result = Value.bool(true)
    for (index, step) in steps.enumerated() {
      let right = try step.operand.evaluate(frame)
      frame.position = position
      result = try frame.python.compare(step.op, left, right)
      if index < steps.count - 1, !(try frame.python.truth(result)) { return result }
      left = right
    }
    return result
  }
}

/// `value if test else otherwise`.
final class ConditionalNode: ExpressionNode {
  private let test: ExpressionNode
  private let value: ExpressionNode
  private let otherwise: ExpressionNode

  init(
    _ test: ExpressionNode, _ value: ExpressionNode, _ otherwise: ExpressionNode,
    at position: Position
  ) {
    self.test = test
    self.value = value
    self.otherwise = otherwise
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    try frame.python.truth(test.evaluate(frame))
      ? value.evaluate(frame) : otherwise.evaluate(frame)
  }
}

/// `await value`.
final class AwaitNode: ExpressionNode {
  private let value: ExpressionNode

  init(_ value: ExpressionNode, at position: Position) {
    self.value = value
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try value.evaluate(frame)
    frame.position = position
    return try frame.python.await(value)
  }
}

/// An f-string.
final class FormattedNode: ExpressionNode {
  enum Part {
    case text(String)
    case field(ExpressionNode, FormattedField.Conversion?, format: FormattedNode?)
  }
  private let parts: [Part]

  init(_ parts: [Part], at position: Position) {
    self.parts = parts
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value { .string(try text(frame)) }

  private func text(_ frame: Frame) throws -> String {
    var result = ""
    for part in parts {
      switch part {
      case .text(let text): result += text
      case .field(let value, let conversion, let format):
        result += try field(value.evaluate(frame), conversion, format, frame)
      }
    }
    try frame.python.charge(result.utf8.count)
    return result
  }

  private func field(
    _ value: Value, _ conversion: FormattedField.Conversion?, _ format: FormattedNode?,
    _ frame: Frame
  ) throws -> String {
    let python = frame.python
    frame.position = position
    let specification = try format?.text(frame) ?? ""
    switch conversion {
    case nil: return try python.format(value, specification)
    case .string: return try python.format(.string(python.str(value)), specification)
    case .representation: return try python.format(.string(python.repr(value)), specification)
    case .ascii: return try python.format(.string(python.ascii(value)), specification)
    }
  }
}
