final class ConstantNode: ExpressionNode {
  private let value: Value

  init(_ value: Value, at position: Position) {
    self.value = value
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value { value }
  override var isPlain: Bool { true }
}

final class NameNode: ExpressionNode {
  let variable: Variable

  init(_ variable: Variable, at position: Position) {
    self.variable = variable
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    if case .local(let slot) = variable.storage, let value = frame.slots[slot] { return value }
    return try read(frame)
  }

  private func read(_ frame: Frame) throws -> Value {
    frame.position = position
    return try frame.read(variable)
  }

  override var isPlain: Bool { true }
}

/// `name := value`.
final class NamedNode: ExpressionNode {
  private let variable: Variable
  private let value: ExpressionNode

  init(_ variable: Variable, _ value: ExpressionNode, at position: Position) {
    self.variable = variable
    self.value = value
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let value = try value.evaluate(frame)
    frame.write(variable, value)
    return value
  }
}

final class AttributeNode: ExpressionNode {
  let object: ExpressionNode
  let name: String

  init(_ object: ExpressionNode, _ name: String, at position: Position) {
    self.object = object
    self.name = name
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let object = try object.evaluate(frame)
    frame.position = position
    return try frame.python.get(name, of: object)
  }

  override var isPlain: Bool { object.isPlain }
}

final class SubscriptNode: ExpressionNode {
  private let object: ExpressionNode
  private let index: ExpressionNode

  init(_ object: ExpressionNode, _ index: ExpressionNode, at position: Position) {
    self.object = object
    self.index = index
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    let object = try object.evaluate(frame)
    let index = try index.evaluate(frame)
    frame.position = position
    return try frame.python.item(of: object, index)
  }
}

final class SliceNode: ExpressionNode {
  private let lower: ExpressionNode?
  private let upper: ExpressionNode?
  private let step: ExpressionNode?

  init(
    _ lower: ExpressionNode?, _ upper: ExpressionNode?, _ step: ExpressionNode?,
    at position: Position
  ) {
    self.lower = lower
    self.upper = upper
    self.step = step
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    .object(
      PythonSlice(
        try lower?.evaluate(frame) ?? .null, try upper?.evaluate(frame) ?? .null,
        try step?.evaluate(frame) ?? .null))
  }
}

/// `super()` without arguments.
final class SuperNode: ExpressionNode {
  private let owner: Variable
  private let receiver: Variable?

  init(owner: Variable, receiver: Variable?, at position: Position) {
    self.owner = owner
    self.receiver = receiver
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value {
    frame.position = position
    guard let receiver else { throw PythonError(.runtimeError, "super(): no arguments") }
    guard case .cell(let cell) = owner.storage, let cls = frame.cells[cell].value?.asClass else {
      throw PythonError(.runtimeError, "super(): __class__ cell not found")
    }
    return .object(try SuperObject(after: cls, receiver: frame.read(receiver)))
  }
}
