final class ExpressionStatement: StatementNode {
  private let value: ExpressionNode

  init(_ value: ExpressionNode, at position: Position) {
    self.value = value
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    _ = try value.evaluate(frame)
    return .normal
  }
}

final class AssignStatement: StatementNode {
  private let targets: [TargetNode]
  private let value: ExpressionNode

  init(_ targets: [TargetNode], _ value: ExpressionNode, at position: Position) {
    self.targets = targets
    self.value = value
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    let value = try value.evaluate(frame)
    for target in targets {
      frame.position = target.position
      try target.assign(value, frame)
    }
    return .normal
  }
}

final class AugmentStatement: StatementNode {
  private let target: TargetNode
  private let op: BinaryOperator
  private let operand: ExpressionNode

  init(
    _ target: TargetNode, _ op: BinaryOperator, _ operand: ExpressionNode, at position: Position
  ) {
    self.target = target
    self.op = op
    self.operand = operand
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    try target.augment(op, operand, frame)
    return .normal
  }
}

/// `name: annotation = value` in a class or module; in a function the annotation counts for nothing.
final class AnnotateStatement: StatementNode {
  private let name: String?
  private let annotation: ExpressionNode
  private let target: TargetNode
  private let value: ExpressionNode?

  init(
    _ name: String?, _ annotation: ExpressionNode, _ target: TargetNode, _ value: ExpressionNode?,
    at position: Position
  ) {
    self.name = name
    self.annotation = annotation
    self.target = target
    self.value = value
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    if let value { try target.assign(value.evaluate(frame), frame) }
    if let name { frame.annotations.append((name, annotation)) }
    return .normal
  }
}

final class DeleteStatement: StatementNode {
  private let targets: [TargetNode]

  init(_ targets: [TargetNode], at position: Position) {
    self.targets = targets
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    for target in targets {
      frame.position = target.position
      try target.delete(frame)
    }
    return .normal
  }
}

/// `pass`, `break`, `continue`, and declarations.
final class JumpStatement: StatementNode {
  private let completion: Completion

  init(_ completion: Completion, at position: Position) {
    self.completion = completion
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion { completion }
}

final class ReturnStatement: StatementNode {
  private let value: ExpressionNode?

  init(_ value: ExpressionNode?, at position: Position) {
    self.value = value
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    .returned(try value?.evaluate(frame) ?? .null)
  }
}

final class RaiseStatement: StatementNode {
  private let value: ExpressionNode?
  private let cause: ExpressionNode?

  init(_ value: ExpressionNode?, cause: ExpressionNode?, at position: Position) {
    self.value = value
    self.cause = cause
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    let python = frame.python
    guard let value else {
      guard let handled = python.handled.last else {
        throw PythonError(.runtimeError, "No active exception to reraise")
      }
      throw PythonError(handled)
    }
    let exception = try python.exception(value.evaluate(frame))
    if let cause {
      let cause = try cause.evaluate(frame)
      if cause.isNone {
        exception.cause = nil
      } else {
        let cls = cause.asClass ?? cause.pythonClass
        guard cls.isSubclass(of: BuiltinException.baseException.pythonClass) else {
          throw PythonError(.typeError, "exception causes must derive from BaseException")
        }
        exception.cause = try python.exception(cause)
      }
      exception.suppressesContext = true
    }
    frame.position = position
    throw PythonError(exception)
  }
}

extension Interpreter {
  /// What `raise value` raises: an exception, or an instance of an exception class.
  public func exception(_ value: Value) throws -> ExceptionObject {
    if let exception = value.object(as: ExceptionObject.self) { return exception }
    if let cls = value.asClass, cls.isSubclass(of: BuiltinException.baseException.pythonClass),
      let exception = try call(value).object(as: ExceptionObject.self)
    {
      return exception
    }
    throw PythonError(.typeError, "exceptions must derive from BaseException")
  }
}

final class AssertStatement: StatementNode {
  private let test: ExpressionNode
  private let message: ExpressionNode?

  init(_ test: ExpressionNode, _ message: ExpressionNode?, at position: Position) {
    self.test = test
    self.message = message
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    if try frame.python.truth(test.evaluate(frame)) { return .normal }
    let arguments = try message.map { [try $0.evaluate(frame)] } ?? []
    frame.position = position
    throw PythonError(.assertionError, arguments: arguments)
  }
}
