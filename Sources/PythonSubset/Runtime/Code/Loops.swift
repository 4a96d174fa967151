final class IfStatement: StatementNode {
  private let branches: [(test: ExpressionNode, body: Block)]
  private let otherwise: Block

  init(
    _ branches: [(test: ExpressionNode, body: Block)], _ otherwise: Block, at position: Position
  ) {
    self.branches = branches
    self.otherwise = otherwise
    super.init(position)
  }

  /// The block that runs.
  private func chosen(_ frame: Frame) throws -> Block {
    for branch in branches {
      frame.position = branch.test.position
      if try frame.python.truth(branch.test.evaluate(frame)) { return branch.body }
    }
    return otherwise
  }

  override func run(_ frame: Frame) throws -> Completion { try chosen(frame).run(frame) }

  override var suspends: Bool {
    otherwise.suspends || branches.contains { $0.body.suspends }
  }

  override func activate() -> Activation {
    ChoiceActivation { [self] in try chosen($0) }
  }
}

final class WhileStatement: StatementNode {
  private let test: ExpressionNode
  private let body: Block
  private let otherwise: Block

  init(_ test: ExpressionNode, _ body: Block, _ otherwise: Block, at position: Position) {
    self.test = test
    self.body = body
    self.otherwise = otherwise
    super.init(position)
  }

  private func holds(_ frame: Frame) throws -> Bool {
    try frame.python.tick()
    frame.position = test.position
    return try frame.python.truth(test.evaluate(frame))
  }

  override func run(_ frame: Frame) throws -> Completion {
    while try holds(frame) {
      switch try body.run(frame) {
      case .normal, .goesOn: continue
      case .brokeOff: return .normal
      case .returned(let value): return .returned(value)
      }
    }
    return try otherwise.run(frame)
  }

  override var suspends: Bool { body.suspends || otherwise.suspends }

  override func activate() -> Activation {
    LoopActivation(body: body, otherwise: otherwise) { [self] in try holds($0) }
  }
}

final class ForStatement: StatementNode {
  private let target: TargetNode
  private let iterable: ExpressionNode
  private let body: Block
  private let otherwise: Block
  private let isAsync: Bool

  init(
    _ target: TargetNode, _ iterable: ExpressionNode, _ body: Block, _ otherwise: Block,
    isAsync: Bool, at position: Position
  ) {
    self.target = target
    self.iterable = iterable
    self.body = body
    self.otherwise = otherwise
    self.isAsync = isAsync
    super.init(position)
  }

  private func iterator(_ frame: Frame) throws -> PythonIterator {
    let source = try iterable.evaluate(frame)
    frame.position = iterable.position
    return try frame.python.iterator(of: source, isAsync: isAsync)
  }

  private func turn(_ iterator: PythonIterator, _ frame: Frame) throws -> Bool {
    try frame.python.tick()
    frame.position = position
    guard let item = try iterator.next(frame.python) else { return false }
    try target.assign(item, frame)
    return true
  }

  override func run(_ frame: Frame) throws -> Completion {
    let iterator = try iterator(frame)
    while try turn(iterator, frame) {
      switch try body.run(frame) {
      case .normal, .goesOn: continue
      case .brokeOff: return .normal
      case .returned(let value): return .returned(value)
      }
    }
    return try otherwise.run(frame)
  }

  override var suspends: Bool { body.suspends || otherwise.suspends }

  override func activate() -> Activation {
    var source: PythonIterator?
    return LoopActivation(body: body, otherwise: otherwise) { [self] frame in
      let iterator = try source ?? iterator(frame)
      source = iterator
      return try turn(iterator, frame)
    }
  }
}
