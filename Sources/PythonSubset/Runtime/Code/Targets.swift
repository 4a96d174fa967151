final class NameTarget: TargetNode {
  let variable: Variable

  init(_ variable: Variable, at position: Position) {
    self.variable = variable
    super.init(position)
  }

  override func assign(_ value: Value, _ frame: Frame) throws { frame.write(variable, value) }

  override func delete(_ frame: Frame) throws { try frame.delete(variable) }

  override func augment(_ op: BinaryOperator, _ operand: ExpressionNode, _ frame: Frame) throws {
    let old = try frame.read(variable)
    let operand = try operand.evaluate(frame)
    frame.write(variable, try frame.python.inPlace(op, old, operand))
  }
}

final class AttributeTarget: TargetNode {
  private let object: ExpressionNode
  private let name: String

  init(_ object: ExpressionNode, _ name: String, at position: Position) {
    self.object = object
    self.name = name
    super.init(position)
  }

  override func assign(_ value: Value, _ frame: Frame) throws {
    let object = try object.evaluate(frame)
    frame.position = position
    try frame.python.setAttribute(of: object, name, to: value)
  }

  override func delete(_ frame: Frame) throws {
    try frame.python.deleteAttribute(of: object.evaluate(frame), name)
  }

  override func augment(_ op: BinaryOperator, _ operand: ExpressionNode, _ frame: Frame) throws {
    let python = frame.python
    let object = try object.evaluate(frame)
    let old = try python.get(name, of: object)
    let operand = try operand.evaluate(frame)
    try python.setAttribute(of: object, name, to: python.inPlace(op, old, operand))
  }
}

final class SubscriptTarget: TargetNode {
  private let object: ExpressionNode
  private let index: ExpressionNode

  init(_ object: ExpressionNode, _ index: ExpressionNode, at position: Position) {
    self.object = object
    self.index = index
    super.init(position)
  }

  override func assign(_ value: Value, _ frame: Frame) throws {
    let object = try object.evaluate(frame)
    let index = try index.evaluate(frame)
    frame.position = position
    try frame.python.setItem(of: object, index, to: value)
  }

  override func delete(_ frame: Frame) throws {
    try frame.python.deleteItem(of: object.evaluate(frame), index.evaluate(frame))
  }

  override func augment(_ op: BinaryOperator, _ operand: ExpressionNode, _ frame: Frame) throws {
    let python = frame.python
    let object = try object.evaluate(frame)
    let index = try index.evaluate(frame)
    let old = try python.item(of: object, index)
    let operand = try operand.evaluate(frame)
    try python.setItem(of: object, index, to: python.inPlace(op, old, operand))
  }
}

/// `a, *b, c`.
final class SequenceTarget: TargetNode {
  private let targets: [TargetNode]
  /// The place of the starred target.
  private let star: Int?

  init(_ targets: [TargetNode], star: Int?, at position: Position) {
    self.targets = targets
    self.star = star
    super.init(position)
  }

  override func assign(_ value: Value, _ frame: Frame) throws {
    let items = try unpack(value, frame.python)
    guard let star else {
      for (target, item) in zip(targets, items) { try target.assign(item, frame) }
      return
    }
    let after = targets.count - star - 1
    for (target, item) in zip(targets[..<star], items) { try target.assign(item, frame) }
    try targets[star].assign(.list(Array(items[star..<items.count - after])), frame)
    for (target, item) in zip(targets[(star + 1)...], items.suffix(after)) {
      try target.assign(item, frame)
    }
  }

  /// The items, as many as there are targets; of an endless iterator no more than needed.
  private func unpack(_ value: Value, _ python: Interpreter) throws -> [Value] {
    let required = targets.count - (star == nil ? 0 : 1)
    var items: [Value] = []
    let iterator: PythonIterator
    do {
      iterator = try python.iterator(of: value)
    } catch let error as PythonError where error.isA(.typeError) {
      throw PythonError(.typeError, "cannot unpack non-iterable \(value.typeName) object")
    }
    while let item = try iterator.next(python) {
      try python.tick()
      items.append(item)
      if star == nil, items.count > required {
        throw PythonError(.valueError, "too many values to unpack (expected \(required))")
      }
    }
    if items.count < required {
      throw PythonError(
        .valueError,
        "not enough values to unpack (expected \(star == nil ? "" : "at least ")\(required), "
          + "got \(items.count))")
    }
    return items
  }

  override func delete(_ frame: Frame) throws {
    for target in targets { try target.delete(frame) }
  }
}

/// `*target`; its place tells the sequence around it what to assign.
final class StarredTarget: TargetNode {
  let inner: TargetNode

  init(_ inner: TargetNode) {
    self.inner = inner
    super.init(inner.position)
  }

  override func assign(_ value: Value, _ frame: Frame) throws { try inner.assign(value, frame) }
}
