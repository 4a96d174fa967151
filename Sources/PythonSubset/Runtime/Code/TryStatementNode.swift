/// `try`. Only Python exceptions are handled: a refusal, an exceeded limit or an error of the host
/// passes by `except` and `finally`, and the script is abandoned.
final class TryStatementNode: StatementNode {
  struct Handler {
    let position: Position
    let type: ExpressionNode?
    let variable: Variable?
    let body: Block
  }
  fileprivate let body: Block
  fileprivate let handlers: [Handler]
  fileprivate let otherwise: Block
  fileprivate let finally: Block

  init(
    _ body: Block, _ handlers: [Handler], _ otherwise: Block, _ finally: Block,
    at position: Position
  ) {
    self.body = body
    self.handlers = handlers
    self.otherwise = otherwise
    self.finally = finally
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    let completion: Completion
    do {
      completion = try runHandled(frame)
    } catch let error as PythonError {
      if finally.statements.isEmpty { throw error }
      let ending = try frame.python.handling(error.exception) { try finally.run(frame) }
      guard case .normal = ending else { return ending }
      throw error
    }
    let ending = try finally.run(frame)
    if case .normal = ending { return completion }
    return ending
  }

  private func runHandled(_ frame: Frame) throws -> Completion {
    do {
      let completion = try body.run(frame)
      guard case .normal = completion else { return completion }
    } catch let error as PythonError {
      guard let handler = try handler(for: error, frame) else { throw error }
      bind(error, handler, frame)
      defer { unbind(handler, frame) }
      return try frame.python.handling(error.exception) { try handler.body.run(frame) }
    }
    return try otherwise.run(frame)
  }

  fileprivate func handler(for error: PythonError, _ frame: Frame) throws -> Handler? {
    try frame.python.handling(error.exception) {
      for handler in handlers {
        guard let type = handler.type else { return handler }
        frame.position = handler.position
        if try catches(type.evaluate(frame), error) { return handler }
      }
      return nil
    }
  }

  private func catches(_ type: Value, _ error: PythonError) throws -> Bool {
    if case .tuple(let types) = type { return try types.contains { try catches($0, error) } }
    guard let cls = type.asClass, cls.isSubclass(of: BuiltinException.baseException.pythonClass)
    else {
      throw PythonError(
        .typeError,
        "catching classes that do not inherit from BaseException is not allowed")
    }
    return error.exception.pythonClass.isSubclass(of: cls)
  }

  fileprivate func bind(_ error: PythonError, _ handler: Handler, _ frame: Frame) {
    error.exception.traceback.append(
      TracebackEntry(
        file: frame.code.file, line: Int(frame.position.line),
        column: Int(frame.position.column), function: frame.code.name))
    if let variable = handler.variable { frame.write(variable, .object(error.exception)) }
  }

  fileprivate func unbind(_ handler: Handler, _ frame: Frame) {
    if let variable = handler.variable { frame.forget(variable) }
  }

  override var suspends: Bool {
    body.suspends || otherwise.suspends || finally.suspends
      || handlers.contains { $0.body.suspends }
  }

  override func activate() -> Activation { TryActivation(self) }
}

extension Interpreter {
  /// Runs the handler of an exception: a bare `raise` raises it again, and what is raised meanwhile
  /// has it as its context.
  func handling<Result>(
    _ exception: ExceptionObject, _ body: () throws -> Result
  ) throws -> Result {
    handled.append(exception)
    defer { if handled.last === exception { handled.removeLast() } }
    do {
      return try body()
    } catch let error as PythonError {
      error.exception.setContext(exception)
      throw error
    }
  }
}

extension ExceptionObject {
  /// Sets what was being handled when this exception was raised, if nothing is known yet.
  func setContext(_ exception: ExceptionObject) {
    guard self !== exception, context == nil else { return }
    // A chain that came back to itself would be walked without end.
    var link: ExceptionObject? = exception
    while let next = link {
      if next === self { return }
      link = next.context
    }
    context = exception
  }
}

/// The resumable execution of `try`.
private final class TryActivation: Activation {
  private enum Phase {
    case body
    case handler(TryStatementNode.Handler, ExceptionObject)
    case otherwise
    case finally(PythonError?, StatementNode.Completion)
  }
  private let node: TryStatementNode
  private var phase = Phase.body

  init(_ node: TryStatementNode) { self.node = node }

  override func advance(_ input: Input, _ frame: Frame) throws -> Outcome {
    switch input {
    case .start: return .enter(BlockActivation(node.body))
    case .sent: preconditionFailure("what is sent goes to the innermost activation")
    case .completed(let completion): return try completed(completion, frame)
    case .failed(let error): return try failed(error, frame)
    }
  }

  private func completed(
    _ completion: StatementNode.Completion, _ frame: Frame
  ) throws -> Outcome {
    switch phase {
    case .body:
      if case .normal = completion {
        phase = .otherwise
        return .enter(BlockActivation(node.otherwise))
      }
    case .handler(let handler, let exception):
      leave(handler, exception, frame)
    case .otherwise: break
    case .finally(let error, let pending):
      if let error { pop(error.exception, frame) }
      guard case .normal = completion else { return .finish(completion) }
      if let error { throw error }
      return .finish(pending)
    }
    phase = .finally(nil, completion)
    return .enter(BlockActivation(node.finally))
  }

  private func failed(_ error: PythonError, _ frame: Frame) throws -> Outcome {
    var error = error
    switch phase {
    case .body:
      do {
        if let handler = try node.handler(for: error, frame) {
          node.bind(error, handler, frame)
          phase = .handler(handler, error.exception)
          frame.python.handled.append(error.exception)
          return .enter(BlockActivation(handler.body))
        }
      } catch let other as PythonError { error = other }
    case .handler(let handler, let exception):
      leave(handler, exception, frame)
      error.exception.setContext(exception)
    case .otherwise: break
    case .finally(let pending, _):
      if let pending {
        pop(pending.exception, frame)
        error.exception.setContext(pending.exception)
      }
      throw error
    }
    phase = .finally(error, .normal)
    frame.python.handled.append(error.exception)
    return .enter(BlockActivation(node.finally))
  }

  private func leave(
    _ handler: TryStatementNode.Handler, _ exception: ExceptionObject, _ frame: Frame
  ) {
    pop(exception, frame)
    node.unbind(handler, frame)
  }

  private func pop(_ exception: ExceptionObject, _ frame: Frame) {
    if frame.python.handled.last === exception { frame.python.handled.removeLast() }
  }
}
