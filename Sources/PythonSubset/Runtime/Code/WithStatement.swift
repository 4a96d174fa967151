/// `with context as target`: one item; several are nested.
final class WithStatement: StatementNode {
  private let context: ExpressionNode
  private let target: TargetNode?
  fileprivate let body: Block
  private let isAsync: Bool

  init(
    _ context: ExpressionNode, _ target: TargetNode?, _ body: Block, isAsync: Bool,
    at position: Position
  ) {
    self.context = context
    self.target = target
    self.body = body
    self.isAsync = isAsync
    super.init(position)
  }

  /// Enters the context and gives what leaves it.
  fileprivate func enter(_ frame: Frame) throws -> Manager {
    let context = try context.evaluate(frame)
    frame.position = self.context.position
    let (manager, value) = try Manager.enter(context, isAsync: isAsync, frame.python)
    if let target {
      do {
        try target.assign(value, frame)
      } catch let error as PythonError {
        if try manager.exit(error, frame.python) { return manager.done() }
        throw error
      }
    }
    return manager
  }

  override func run(_ frame: Frame) throws -> Completion {
    let manager = try enter(frame)
    if manager.isDone { return .normal }
    let completion: Completion
    do {
      completion = try body.run(frame)
    } catch let error as PythonError {
      let swallows = try frame.python.handling(error.exception) {
        try manager.exit(error, frame.python)
      }
      if swallows { return .normal }
      throw error
    }
    frame.position = position
    _ = try manager.exit(nil, frame.python)
    return completion
  }

  override var suspends: Bool { body.suspends }

  override func activate() -> Activation { WithActivation(self) }
}

/// A context manager that was entered.
private struct Manager {
  private let object: PythonObject
  private let isAsync: Bool
  private(set) var isDone = false

  static func enter(
    _ context: Value, isAsync: Bool, _ python: Interpreter
  ) throws -> (Manager, Value) {
    if case .object(let object) = context {
      if isAsync, let method = try python.optionalAttribute(of: context, "__aenter__") {
        return (Manager(object: object, isAsync: true), try python.await(python.call(method)))
      }
      if let value = try python.nested({ try object.enter(python) }) {
        return (Manager(object: object, isAsync: false), value)
      }
    }
    throw PythonError(
      .typeError,
      "'\(context.typeName)' object does not support the "
        + "\(isAsync ? "asynchronous " : "")context manager protocol")
  }

  func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    guard isAsync else { return try python.nested { try object.exit(error, python) } }
    var arguments: [Value] = [.null, .null, .null]
    if let exception = error?.exception {
      arguments = [.object(exception.pythonClass), .object(exception), .null]
    }
    let method = try python.get("__aexit__", of: .object(object))
    return try python.truth(python.await(python.call(method, arguments)))
  }

  func done() -> Manager {
    var done = self
    done.isDone = true
    return done
  }
}

/// The resumable execution of `with`.
private final class WithActivation: Activation {
  private let node: WithStatement
  private var manager: Manager?

  init(_ node: WithStatement) { self.node = node }

  override func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    switch input {
    case .start:
      let manager = try node.enter(frame)
      if manager.isDone { return .finish(.normal) }
      self.manager = manager
      return .enter(BlockActivation(node.body))
    case .sent: preconditionFailure("what is sent goes to the innermost activation")
    case .completed(let completion):
      _ = try manager?.exit(nil, frame.python)
      return .finish(completion)
    case .failed(let error):
      guard let manager else { throw error }
      let swallows = try frame.python.handling(error.exception) {
        try manager.exit(error, frame.python)
      }
      if swallows { return .finish(.normal) }
      throw error
    }
  }
}
