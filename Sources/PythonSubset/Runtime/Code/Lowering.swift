internal import Diagnostics

/// Turns syntax into nodes that run: resolves names, decides forms, and notes what the evaluator
/// lacks.
///
/// A construct that is lacking becomes a node that refuses when it is run, so that code nobody runs
/// does no harm; ``refusals`` lists them for a check before anything runs.
final class Lowering {
  let file: String
  private(set) var refusals: [Unsupported] = []
  var scope: Scope
  /// The dotted name of the definition around, with a point at its end.
  var qualifier = ""
  /// The `yield`s taken out of the statement that is being lowered; nil outside of generators.
  var yields: [YieldingStatement.Step]?
  /// Whether what was lowered of the statement so far may have effects, which a `yield` taken out
  /// would overtake.
  var hasEffects = false
  /// Whether what is being lowered may not be evaluated at all: a branch of a condition.
  var isConditional = false

  init(file: String) {
    self.file = file
    scope = Scope(.module, in: nil)
  }

  /// Lowers statements that run in a module's namespace, or that are a generator's and are only
  /// looked at.
  static func lower(
    _ statements: [Statement], file: String, ofGenerator: Bool = false
  ) -> (code: Code, body: Block, refusals: [Unsupported]) {
    let lowering = Lowering(file: file)
    if ofGenerator { lowering.yields = [] }
    let body = lowering.block(statements)
    lowering.scope.resolve()
    let code = Code(
      name: "<module>", qualifier: "<module>", file: file,
      position: statements.first?.position ?? Position(line: 1, column: 1),
      scope: lowering.scope)
    return (code, body, lowering.refusals)
  }

  /// Lowers an expression that is evaluated in a module's namespace.
  static func lower(_ expression: Expression, file: String) -> (code: Code, node: ExpressionNode) {
    let lowering = Lowering(file: file)
    let node = lowering.expression(expression)
    lowering.scope.resolve()
    let code = Code(
      name: "<module>", qualifier: "<module>", file: file, position: expression.position,
      scope: lowering.scope)
    return (code, node)
  }

  func refusal(_ construct: String, at position: Position, hint: String? = nil) -> Unsupported {
    let refusal = Unsupported(
      construct,
      at: SourceLocation(file: file, line: Int(position.line), column: Int(position.column)),
      hint: hint ?? "Rewrite it, or run this project with --engine python.")
    refusals.append(refusal)
    return refusal
  }

  func refused(_ construct: String, at position: Position) -> ExpressionNode {
    RefusedExpression(refusal(construct, at: position), at: position)
  }

  /// Lowers within an inner scope.
  func within<Result>(_ inner: Scope, _ body: () -> Result) -> Result {
    let (outer, outerYields, outerEffects, outerConditional) = (
      scope, yields, hasEffects, isConditional
    )
    scope = inner
    defer {
      (scope, yields, hasEffects, isConditional) = (
        outer, outerYields, outerEffects, outerConditional
      )
    }
    return body()
  }

  /// The name of a definition with those around it.
  func qualified(_ name: String) -> String { qualifier + name }

  /// Lowers the body of a definition, whose own definitions are named after it.
  func named<Result>(_ prefix: String, _ body: () -> Result) -> Result {
    let outer = qualifier
    qualifier = prefix
    defer { qualifier = outer }
    return body()
  }

  func block(_ statements: [Statement]) -> Block { Block(statements.map(statement)) }

  /// The docstring at the head of a body.
  static func documentation(_ body: [Statement]) -> String? {
    guard case .expression(let expression)? = body.first?.kind,
      case .string(let text) = expression.kind
    else { return nil }
    return text
  }
}

extension Interpreter {
  /// Runs a parsed file as a new module.
  public func run(_ source: Module, as name: String, isPackage: Bool = false) throws
    -> PythonModule
  {
    let module = PythonModule(name: name, file: source.file, isPackage: isPackage)
    if let text = Lowering.documentation(source.body) {
      module.namespace["__doc__"] = .string(text)
    }
    try execute(source.body, file: source.file, in: module)
    return module
  }

  /// Runs statements in a module's namespace: how a loader evaluates one definition of a file.
  public func execute(_ statements: [Statement], file: String, in module: PythonModule) throws {
    let (code, body, _) = Lowering.lower(statements, file: file)
    let frame = Frame(code, module, closure: [], self)
    importing += 1
    defer { importing -= 1 }
    try frame.entered { _ = try body.run(frame) }
  }

  /// Evaluates an expression in a module's namespace.
  public func evaluate(
    _ expression: Expression, file: String, in module: PythonModule
  ) throws -> Value {
    let (code, node) = Lowering.lower(expression, file: file)
    let frame = Frame(code, module, closure: [], self)
    return try frame.entered { try node.evaluate(frame) }
  }

  /// The constructs in statements that the evaluator lacks, in the order of the text, whether they
  /// would be run or not.
  public static func refusals(in statements: [Statement], file: String) -> [Unsupported] {
    Lowering.lower(statements, file: file, ofGenerator: true).refusals
  }
}
