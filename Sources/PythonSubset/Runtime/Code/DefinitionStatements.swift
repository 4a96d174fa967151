internal import OrderedCollections

/// `def`, with its decorators.
final class FunctionStatement: StatementNode {
  private let code: FunctionCode
  private let target: TargetNode
  private let decorators: [ExpressionNode]

  init(
    _ code: FunctionCode, _ target: TargetNode, _ decorators: [ExpressionNode],
    at position: Position
  ) {
    self.code = code
    self.target = target
    self.decorators = decorators
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    let decorators = try decorators.map { try $0.evaluate(frame) }
    var value = Value.object(try code.function(frame))
    frame.position = position
    for decorator in decorators.reversed() { value = try frame.python.call(decorator, [value]) }
    try target.assign(value, frame)
    return .normal
  }
}

/// `class`, with its decorators.
final class ClassStatement: StatementNode {
  private let code: Code
  private let arguments: [CallNode.Part]
  private let body: Block
  private let documentation: String?
  private let target: TargetNode
  private let decorators: [ExpressionNode]
  /// The cell in which methods find the class for `super()`.
  private let classCell: Variable

  init(
    _ code: Code, _ arguments: [CallNode.Part], _ body: Block, documentation: String?,
    classCell: Variable, _ target: TargetNode, _ decorators: [ExpressionNode],
    at position: Position
  ) {
    self.code = code
    self.arguments = arguments
    self.body = body
    self.documentation = documentation
    self.classCell = classCell
    self.target = target
    self.decorators = decorators
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    let python = frame.python
    let decorators = try decorators.map { try $0.evaluate(frame) }
    let arguments = try CallNode.arguments(arguments, for: .object(PythonClass.type), frame)
    let bases = try python.bases(arguments.positional)
    let inner = Frame(code, frame.module, closure: frame.closure(for: code.scope), python)
    inner.members["__module__"] = .string(frame.module.name)
    inner.members["__qualname__"] = .string(code.qualifier)
    if let documentation { inner.members["__doc__"] = .string(documentation) }
    try inner.entered { _ = try self.body.run(inner) }
    inner.members.removeValue(forKey: "__qualname__")
    frame.position = position
    var body = ClassBody(
      name: code.name, qualifier: code.qualifier, module: frame.module.name, bases: bases,
      members: inner.members, keywords: arguments.keywords)
    body.annotations = inner.annotations.map { annotation in
      ClassAnnotation(annotation.name) { try annotation.value.evaluate(inner) }
    }
    let cls = try python.makeClass(body)
    if case .cell(let cell) = classCell.storage { inner.cells[cell].value = cls }
    var value = cls
    for decorator in decorators.reversed() { value = try python.call(decorator, [value]) }
    try target.assign(value, frame)
    return .normal
  }
}

extension Interpreter {
  /// The classes that the arguments of a class statement stand for.
  func bases(_ arguments: [Value]) throws -> [PythonClass] {
    var bases: [PythonClass] = []
    for argument in arguments {
      if let cls = argument.asClass {
        bases.append(cls)
      } else if case .object(let object) = argument, let classes = try object.classBases(self) {
        bases += classes.filter { cls in !bases.contains { $0 === cls } }
      } else {
        throw PythonError(
          .typeError, "bases must be types, not \(argument.typeName)")
      }
    }
    // `Generic[T]` next to a base that is generic itself adds nothing and would come too early.
    return bases
  }

  /// Makes the class that a class statement, or `type(name, bases, members)`, describes.
  public func makeClass(_ body: ClassBody) throws -> Value {
    var body = body
    if let index = body.keywords.firstIndex(where: { $0.name == "metaclass" }) {
      body.metaclass = body.keywords.remove(at: index).value.asClass
    }
    body.metaclass = body.metaclass ?? body.bases.lazy.compactMap(\.metaclass).first
    if let metaclass = body.metaclass, metaclass.isSubclass(of: .type), !metaclass.isHost {
      throw Unsupported(
        "a metaclass written in Python (\(metaclass.name))",
        hint: "Run this project with --engine python.")
    }
    // The base whose Swift type is special decides what the class is: that of enums, models...
    let leader =
      body.bases.first { $0 is AbsentClass }
      ?? body.bases.first { type(of: $0) != PythonClass.self } ?? body.bases[0]
    for base in body.bases where base.isFinal {
      throw PythonError(.typeError, "type '\(base.name)' is not an acceptable base type")
    }
    let cls = try leader.derive(body, self)
    try complete(cls, body)
    return .object(cls)
  }

  /// What `type.__new__` does once a class is there.
  private func complete(_ cls: PythonClass, _ body: ClassBody) throws {
    cls.annotations = body.annotations
    if cls.members["__eq__"] != nil, cls.members["__hash__"] == nil {
      cls.members["__hash__"] = .null
    }
    for name in ["__init_subclass__", "__class_getitem__"] {
      if let function = cls.members[name], function.object(as: PythonFunction.self) != nil {
        cls.members[name] = .object(ClassMethod(function))
      }
    }
    try noteAbstract(cls)
    for (name, value) in cls.members {
      guard let instance = value.object(as: PythonInstance.self) else { continue }
      _ = try instance.invoke("__set_name__", [.object(cls), .string(name)], self)
    }
    let parent = try SuperObject(after: cls, receiver: .object(cls))
    if let hook = try parent.attribute("__init_subclass__", self) {
      _ = try call(hook, Arguments(keywords: body.keywords))
    } else if let keyword = body.keywords.first {
      throw PythonError(
        .typeError,
        "\(cls.name).__init_subclass__() got an unexpected keyword argument '\(keyword.name)'")
    }
  }

  private func noteAbstract(_ cls: PythonClass) throws {
    func isAbstract(_ value: Value) throws -> Bool {
      guard case .object(let object) = value else { return false }
      switch object {
      case is PythonFunction, is PropertyObject, is ClassMethod, is StaticMethod:
        return try object.attribute("__isabstractmethod__", self).map { try truth($0) } ?? false
      default: return false
      }
    }
    let isABC = cls.ancestors.contains { $0.name == "ABC" } || cls.metaclass?.name == "ABCMeta"
    let inherited = cls.bases.flatMap(\.abstractMembers)
    guard isABC || !inherited.isEmpty else { return }
    var names = try cls.members.filter { try isAbstract($0.value) }.map(\.key)
    for name in inherited where !names.contains(name) {
      if let value = cls.lookup(name), try isAbstract(value) { names.append(name) }
    }
    cls.abstractMembers = names
  }
}
