/// The resumable execution of a statement that holds a `yield`.
///
/// A generator is a stack of activations: each is asked to go on, with what its child came to, and
/// enters a child, suspends the generator, or finishes. Statements without `yield` just run.
class Activation {
  enum Input {
    case start
    /// The value that a suspended `yield` has; for the activation that suspended.
    case sent(Value)
    /// The child finished.
    case completed(StatementNode.Completion)
    /// The child, or the `yield` at which the generator stood, raised.
    case failed(PythonError)
  }

  enum Outcome {
    case enter(Activation)
    case suspend(Value)
    case finish(StatementNode.Completion)
  }

  func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    preconditionFailure("every activation advances")
  }
}

/// A statement that runs in one go.
final class RunActivation: Activation {
  private let statement: StatementNode

  init(_ statement: StatementNode) { self.statement = statement }

  override func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    .finish(try statement.run(frame))
  }
}

/// Statements in sequence.
final class BlockActivation: Activation {
  private let block: Block
  private var index = 0

  init(_ block: Block) { self.block = block }

  override func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    switch input {
    case .start: break
    case .completed(.normal): index += 1
    case .completed(let completion): return .finish(completion)
    case .failed(let error): throw error
    case .sent: preconditionFailure("what is sent goes to the innermost activation")
    }
    while index < block.statements.count {
      let statement = block.statements[index]
      try frame.python.tick()
      frame.position = statement.position
      if statement.suspends { return .enter(statement.activate()) }
      let completion = try statement.run(frame)
      guard case .normal = completion else { return .finish(completion) }
      index += 1
    }
    return .finish(.normal)
  }
}

/// One block of several, chosen at the start: `if` and `match`.
final class ChoiceActivation: Activation {
  private let choose: (Frame) throws -> Block

  init(_ choose: @escaping (Frame) throws -> Block) { self.choose = choose }

  override func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    switch input {
    case .completed(let completion): return .finish(completion)
    case .failed(let error): throw error
    default: return .enter(BlockActivation(try choose(frame)))
    }
  }
}

/// `while` and `for`.
final class LoopActivation: Activation {
  private let body: Block
  private let otherwise: Block
  private let turn: (Frame) throws -> Bool
  private var isEnding = false

  /// `turn` says whether there is another turn, and prepares it.
  init(body: Block, otherwise: Block, turn: @escaping (Frame) throws -> Bool) {
    self.body = body
    self.otherwise = otherwise
    self.turn = turn
  }

  override func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    switch input {
    case .start: break
    case .failed(let error): throw error
    case .completed(let completion):
      if isEnding { return .finish(completion) }
      switch completion {
      case .normal, .goesOn: break
      case .brokeOff: return .finish(.normal)
      case .returned: return .finish(completion)
      }
    case .sent: preconditionFailure("what is sent goes to the innermost activation")
    }
    if try turn(frame) { return .enter(BlockActivation(body)) }
    isEnding = true
    return .enter(BlockActivation(otherwise))
  }
}

/// A statement with `yield`s within its expressions. They are taken out in their order: each
/// suspends, its value goes to a variable that stands in its place, and then the statement runs.
final class YieldingStatement: StatementNode {
  struct Step {
    let operand: ExpressionNode?
    let delegates: Bool
    let result: Variable
    let position: Position
  }
  fileprivate let steps: [Step]
  fileprivate let statement: StatementNode

  init(_ steps: [Step], then statement: StatementNode) {
    self.steps = steps
    self.statement = statement
    super.init(statement.position)
  }

  override var suspends: Bool { true }
  override func activate() -> Activation { YieldActivation(self) }
}

private final class YieldActivation: Activation {
  private let node: YieldingStatement
  private var index = 0
  /// The iterator that `yield from` goes through.
  private var delegate: PythonIterator?

  init(_ node: YieldingStatement) { self.node = node }

  override func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    switch input {
    case .start: return try begin(frame)
    case .completed(let completion): return .finish(completion)
    case .sent(let value):
      if let delegate {
        let generator = delegate as? Generator
        return try delegated(
          generator == nil ? delegate.next(frame.python) : generator?.send(value, frame.python),
          frame)
      }
      return try store(value, frame)
    case .failed(let error):
      if let generator = delegate as? Generator {
        return try delegated(generator.raise(error, frame.python), frame)
      }
      throw error
    }
  }

  private func begin(_ frame: Frame) throws -> Outcome {
    guard index < node.steps.count else {
      if node.statement.suspends { return .enter(node.statement.activate()) }
      return .finish(try node.statement.run(frame))
    }
    let step = node.steps[index]
    let value = try step.operand?.evaluate(frame) ?? .null
    frame.position = step.position
    guard step.delegates else { return .suspend(value) }
    let iterator = try frame.python.iterator(of: value)
    delegate = iterator
    return try delegated(iterator.next(frame.python), frame)
  }

  private func delegated(_ value: Value?, _ frame: Frame) throws -> Outcome {
    if let value { return .suspend(value) }
    let result = (delegate as? Generator)?.result ?? .null
    delegate = nil
    return try store(result, frame)
  }

  private func store(_ value: Value, _ frame: Frame) throws -> Outcome {
    frame.write(node.steps[index].result, value)
    index += 1
    return try begin(frame)
  }
}
