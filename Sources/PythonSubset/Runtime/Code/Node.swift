/// An expression that is ready to be evaluated: names are resolved, operators decided.
///
/// The syntax tree is lowered to nodes once, before a module runs. Each form has a small method of
/// its own, which keeps the native stack that a level of nesting takes small.
class ExpressionNode {
  let position: Position

  init(_ position: Position) { self.position = position }

  func evaluate(_ frame: Frame) throws -> Value {
    preconditionFailure("every expression node evaluates")
  }

  /// Whether evaluating it can neither run code nor fail on purpose: constants and names.
  var isPlain: Bool { false }
}

/// A statement that is ready to be run.
class StatementNode {
  let position: Position

  init(_ position: Position) { self.position = position }

  /// How a statement ended.
  enum Completion {
    case normal, brokeOff, goesOn
    case returned(Value)
  }

  func run(_ frame: Frame) throws -> Completion {
    preconditionFailure("every statement node runs")
  }

  /// Whether the statement suspends the function at a `yield`; then it is not run but activated.
  var suspends: Bool { false }

  /// The resumable execution of a statement that suspends.
  func activate() -> Activation { RunActivation(self) }
}

/// Statements in sequence.
final class Block {
  let statements: [StatementNode]
  let suspends: Bool

  init(_ statements: [StatementNode]) {
    self.statements = statements
    suspends = statements.contains(where: \.suspends)
  }

  func run(_ frame: Frame) throws -> StatementNode.Completion {
    for statement in statements {
      try frame.python.tick()
      frame.position = statement.position
      let completion = try statement.run(frame)
      if case .normal = completion { continue }
      return completion
    }
    return .normal
  }
}

/// What a name, attribute, subscript or list of them takes in an assignment.
class TargetNode {
  let position: Position

  init(_ position: Position) { self.position = position }

  func assign(_ value: Value, _ frame: Frame) throws {
    preconditionFailure("every target node assigns")
  }

  func delete(_ frame: Frame) throws {
    preconditionFailure("only what the parser lets be deleted is")
  }

  /// `target op= operand`.
  func augment(_ op: BinaryOperator, _ operand: ExpressionNode, _ frame: Frame) throws {
    preconditionFailure("only what the parser lets be augmented is")
  }
}

/// A construct that the evaluator does not have; running it refuses the script.
final class RefusedExpression: ExpressionNode {
  private let refusal: Unsupported

  init(_ refusal: Unsupported, at position: Position) {
    self.refusal = refusal
    super.init(position)
  }

  override func evaluate(_ frame: Frame) throws -> Value { throw refusal }
}

/// As ``RefusedExpression``, for statements.
final class RefusedStatement: StatementNode {
  private let refusal: Unsupported

  init(_ refusal: Unsupported, at position: Position) {
    self.refusal = refusal
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion { throw refusal }
}
