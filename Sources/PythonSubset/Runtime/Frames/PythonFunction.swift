internal import OrderedCollections

/// What is common to all functions that one `def` or `lambda` makes.
final class FunctionCode {
  let code: Code
  let parameters: ParameterList
  /// The variables of the named parameters, then those of `*args` and `**kwargs`.
  let variables: [Variable]
  let rest: Variable?
  let keywords: Variable?
  let defaults: [ExpressionNode?]
  let annotations: [(name: String, value: ExpressionNode)]
  let documentation: String?
  let isGenerator: Bool
  let isAsync: Bool
  /// Set when the body is lowered.
  var body = Block([])

  init(
    code: Code, parameters: ParameterList, variables: [Variable], rest: Variable?,
    keywords: Variable?, defaults: [ExpressionNode?],
    annotations: [(name: String, value: ExpressionNode)], documentation: String?,
    isGenerator: Bool, isAsync: Bool
  ) {
    self.code = code
    self.parameters = parameters
    self.variables = variables
    self.rest = rest
    self.keywords = keywords
    self.defaults = defaults
    self.annotations = annotations
    self.documentation = documentation
    self.isGenerator = isGenerator
    self.isAsync = isAsync
  }

  /// Makes the function where its definition stands.
  func function(_ frame: Frame) throws -> PythonFunction {
    PythonFunction(
      self, module: frame.module, closure: frame.closure(for: code.scope),
      defaults: try defaults.map { try $0?.evaluate(frame) }, definedIn: frame)
  }
}

/// A function written in Python.
public final class PythonFunction: PythonObject {
  let code: FunctionCode
  private let module: PythonModule
  private let closure: [Cell]
  private var defaults: [Value?]
  /// The frame of the definition, in which annotations are evaluated if anybody asks.
  private let definitionFrame: Frame
  private var annotations: Value?
  private var attributes: OrderedDictionary<String, Value> = [:]
  /// The name: `__name__`.
  public private(set) var name: String
  private var qualifier: String

  init(
    _ code: FunctionCode, module: PythonModule, closure: [Cell], defaults: [Value?],
    definedIn frame: Frame
  ) {
    self.code = code
    self.module = module
    self.closure = closure
    self.defaults = defaults
    definitionFrame = frame
    name = code.code.name
    qualifier = code.code.qualifier
  }

  public override var pythonClass: PythonClass { .function }
  public override var isCallable: Bool { true }

  /// How many arguments it takes by position.
  var positionalCount: Int { code.parameters.positional }

  /// Whether it is `async def`.
  public var isCoroutine: Bool { code.isAsync && !code.isGenerator }
  /// Whether it is `async def`, a generator or not.
  var isAsync: Bool { code.isAsync }
  /// Whether calling it makes a generator.
  public var isGenerator: Bool { code.isGenerator }

  /// The parameters' names, with the defaults of those that have one; without `*args` and
  /// `**kwargs`.
  public var parameters: [(name: String, value: Value?)] {
    Array(zip(code.parameters.names, defaults))
  }
  /// The name of `*args`.
  public var restParameter: String? { code.parameters.rest }
  /// The name of `**kwargs`.
  public var keywordsParameter: String? { code.parameters.keywords }

  public override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    let frame = Frame(code.code, module, closure: closure, python)
    try bind(arguments, frame)
    if code.isGenerator { return .object(Generator(code.body, frame, isAsync: code.isAsync)) }
    if code.isAsync { return .object(Coroutine(code.body, frame)) }
    return try frame.entered {
      if case .returned(let value) = try code.body.run(frame) { value } else { .null }
    }
  }

  private func bind(_ arguments: Arguments, _ frame: Frame) throws {
    let list = code.parameters
    if arguments.keywords.isEmpty, arguments.positional.count == list.names.count,
      list.positional == list.names.count, list.rest == nil, list.keywords == nil
    {
      for (variable, value) in zip(code.variables, arguments.positional) {
        frame.write(variable, value)
      }
      return
    }
    let binding = try list.bind(arguments, function: qualifier) { defaults[$0] != nil }
    for (index, variable) in code.variables.enumerated() {
      if let value = binding.values[index] ?? defaults[index] { frame.write(variable, value) }
    }
    if let rest = code.rest { frame.write(rest, try frame.python.tuple(binding.rest)) }
    if let keywords = code.keywords {
      frame.write(keywords, .dict(PythonDict(binding.keywords.map { ($0.name, $0.value) })))
    }
  }

  public override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    instance.map { .object(BoundMethod(self, receiver: $0)) }
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if let value = attributes[name] { return value }
    switch name {
    case "__name__": return .string(self.name)
    case "__qualname__": return .string(qualifier)
    case "__module__": return .string(module.name)
    case "__doc__": return .string(orNone: code.documentation)
    case "__dict__": return .dict(PythonDict(attributes.elements.map { ($0.key, $0.value) }))
    case "__annotations__": return try evaluatedAnnotations()
    case "__defaults__":
      let values = defaults.prefix(code.parameters.positional).compactMap { $0 }
      return values.isEmpty ? .null : .tuple(values)
    case "__globals__":
      return .dict(PythonDict(module.namespace.elements.map { ($0.key, $0.value) }))
    default: return try super.attribute(name, python)
    }
  }

  /// The annotations. They are evaluated when they are asked for, not where the function is
  /// defined: nothing that a migration does depends on them.
  private func evaluatedAnnotations() throws -> Value {
    if let annotations { return annotations }
    let values = try code.annotations.map { ($0.name, try $0.value.evaluate(definitionFrame)) }
    let result = Value.dict(PythonDict(values))
    annotations = result
    return result
  }

  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    switch name {
    case "__name__": self.name = value.string ?? self.name
    case "__qualname__": qualifier = value.string ?? qualifier
    case "__annotations__": annotations = value
    case "__dict__", "__defaults__", "__code__", "__globals__":
      throw Unsupported("assigning to \(name) of a function")
    default: attributes[name] = value
    }
    return true
  }

  public override func deleteAttribute(_ name: String, _ python: Interpreter) throws -> Bool {
    attributes.removeValue(forKey: name) != nil
  }

  public override func representation(_ python: Interpreter) throws -> String {
    "<function \(qualifier) at \(address)>"
  }
}
