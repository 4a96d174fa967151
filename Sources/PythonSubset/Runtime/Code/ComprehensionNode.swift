/// A comprehension or generator expression: a scope of its own, whose first iterable is evaluated
/// outside of it.
final class ComprehensionNode: ExpressionNode {
  enum Result {
    case list(ExpressionNode)
    case set(ExpressionNode)
    case generator(ExpressionNode)
    case dictionary(ExpressionNode, ExpressionNode)
  }
  struct Clause {
    let target: TargetNode
    /// The iterable; of the first clause, it is evaluated in the enclosing frame.
    let iterable: ExpressionNode
    let conditions: [ExpressionNode]
    let isAsync: Bool
  }
  private let code: Code
  private let result: Result
  private let clauses: [Clause]

  init(_ code: Code, _ result: Result, _ clauses: [Clause], at position: Position) {
    self.code = code
    self.result = result
    self.clauses = clauses
    super.init(position)
  }

  override func evaluate(_ outer: Frame) throws -> Value {
    let python = outer.python
    let source = try clauses[0].iterable.evaluate(outer)
    outer.position = position
    let first = try python.iterator(of: source, isAsync: clauses[0].isAsync)
    let frame = Frame(code, outer.module, closure: outer.closure(for: code.scope), python)
    let steps = ComprehensionSteps(clauses, first, frame)
    switch result {
    case .generator(let element):
      return .object(GeneratorExpression(steps, element, frame))
    case .list(let element):
      var items: [Value] = []
      try frame.entered {
        while try steps.advance() {
          items.append(try element.evaluate(frame))
          if items.count & 0xFFFF == 0 { try python.charge(items.count * 16) }
        }
      }
      return .list(items)
    case .set(let element):
      let set = PythonSet()
      try frame.entered {
        while try steps.advance() { try set.insert(element.evaluate(frame), python) }
      }
      return .set(set)
    case .dictionary(let key, let value):
      let dict = PythonDict()
      try frame.entered {
        while try steps.advance() {
          let key = try key.evaluate(frame)
          try dict.set(key, to: value.evaluate(frame), python)
        }
      }
      return .dict(dict)
    }
  }
}

/// Goes through the turns of nested `for` clauses, one at a time, so that a generator expression
/// can stop after each.
final class ComprehensionSteps {
  private let clauses: [ComprehensionNode.Clause]
  private let frame: Frame
  /// The iterators of the clauses that are entered.
  private var iterators: [PythonIterator]

  init(_ clauses: [ComprehensionNode.Clause], _ first: PythonIterator, _ frame: Frame) {
    self.clauses = clauses
    self.frame = frame
    iterators = [first]
  }

  /// Binds the targets for the next element; false at the end.
  func advance() throws -> Bool {
    let python = frame.python
    while let iterator = iterators.last {
      let clause = clauses[iterators.count - 1]
      try python.tick()
      guard let item = try iterator.next(python) else {
        iterators.removeLast()
        continue
      }
      try clause.target.assign(item, frame)
      guard try clause.conditions.allSatisfy({ try python.truth($0.evaluate(frame)) }) else {
        continue
      }
      if iterators.count == clauses.count { return true }
      let next = clauses[iterators.count]
      let source = try next.iterable.evaluate(frame)
      iterators.append(try python.iterator(of: source, isAsync: next.isAsync))
    }
    return false
  }

  func stop() { iterators = [] }

  deinit {
    var held: [PythonIterator]? = iterators
    iterators = []
    Disposal.take(holder: &held)
  }
}

/// The generator that a generator expression makes.
final class GeneratorExpression: PythonIterator {
  private let steps: ComprehensionSteps
  private let element: ExpressionNode
  private let frame: Frame

  init(_ steps: ComprehensionSteps, _ element: ExpressionNode, _ frame: Frame) {
    self.steps = steps
    self.element = element
    self.frame = frame
  }

  override var pythonClass: PythonClass { .generator }

  override func next(_ python: Interpreter) throws -> Value? {
    do {
      return try frame.entered { try steps.advance() ? element.evaluate(frame) : nil }
    } catch {
      steps.stop()
      throw error
    }
  }

  override class var ownMethods: [String] { ["close"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if name == "close" {
      return .function("close") { [self] _ in
        steps.stop()
        return .null
      }
    }
    return try super.attribute(name, python)
  }

  override func representation(_ python: Interpreter) throws -> String {
    "<generator object \(frame.code.qualifier) at \(address)>"
  }
}
