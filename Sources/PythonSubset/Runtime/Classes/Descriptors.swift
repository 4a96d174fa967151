/// `property`.
public final class PropertyObject: PythonObject {
  /// The function that reads; nil for a property that cannot be read.
  public let getter: Value?
  let setter: Value?
  let deleter: Value?

  /// Creates a property.
  public init(getter: Value?, setter: Value? = nil, deleter: Value? = nil) {
    self.getter = getter
    self.setter = setter
    self.deleter = deleter
  }

  public override var pythonClass: PythonClass { .property }
  public override var isDataDescriptor: Bool { true }

  public override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    guard let instance else { return nil }
    guard let getter else { throw PythonError(.attributeError, "property has no getter") }
    return try python.call(getter, [instance])
  }

  public override func bindAssignment(
    of value: Value?, to instance: Value, name: String, _ python: Interpreter
  ) throws -> Bool {
    let what = value == nil ? "deleter" : "setter"
    guard let function = value == nil ? deleter : setter else {
      throw PythonError(
        .attributeError, "property '\(name)' of '\(instance.typeName)' object has no \(what)")
    }
    _ = try python.call(function, [instance] + (value.map { [$0] } ?? []))
    return true
  }

  public override class var ownMethods: [String] {
    ["fget", "fset", "fdel", "getter", "setter", "deleter"]
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    func decorator(_ make: @escaping (Value) -> PropertyObject) -> Value {
      .function(name, "function, /") { .object(make($0[0])) }
    }
    let (getter, setter, deleter) = (getter, setter, deleter)
    return switch name {
    case "fget": getter ?? .null
    case "fset": setter ?? .null
    case "fdel": deleter ?? .null
    case "getter":
      decorator { PropertyObject(getter: $0, setter: setter, deleter: deleter) }
    case "setter":
      decorator { PropertyObject(getter: getter, setter: $0, deleter: deleter) }
    case "deleter":
      decorator { PropertyObject(getter: getter, setter: setter, deleter: $0) }
    case "__doc__": try getter.flatMap { try python.attribute(of: $0, name) } ?? .null
    case "__isabstractmethod__":
      try getter.flatMap { try python.attribute(of: $0, name) } ?? .bool(false)
    default: try super.attribute(name, python)
    }
  }
}

/// `staticmethod`.
public final class StaticMethod: PythonObject {
  /// What it wraps.
  public let function: Value

  /// Wraps a function.
  public init(_ function: Value) { self.function = function }

  public override var pythonClass: PythonClass { .staticMethodType }
  public override var isCallable: Bool { true }

  public override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    try python.call(function, arguments)
  }

  public override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? { function }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "__func__" || name == "__wrapped__"
      ? function : try python.attribute(of: function, name) ?? super.attribute(name, python)
  }
}

/// `classmethod`.
public final class ClassMethod: PythonObject {
  /// What it wraps.
  public let function: Value

  /// Wraps a function.
  public init(_ function: Value) { self.function = function }

  public override var pythonClass: PythonClass { .classMethodType }

  public override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    guard case .object(let callable) = function else { return function }
    return try callable.bind(to: .object(owner), class: owner, python)
      ?? .object(BoundMethod(callable, receiver: .object(owner)))
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "__func__" || name == "__wrapped__"
      ? function : try python.attribute(of: function, name) ?? super.attribute(name, python)
  }
}

/// `super()`: the attributes of a receiver that come after a class in its order of lookup.
final class SuperObject: PythonObject {
  private let start: PythonClass
  private let receiver: Value
  /// The class whose order is followed: the receiver's, or the receiver itself in class methods.
  private let owner: PythonClass
  private let isClassLevel: Bool

  init(after start: PythonClass, receiver: Value) throws {
    self.start = start
    self.receiver = receiver
    if let cls = receiver.asClass, cls.isSubclass(of: start) {
      owner = cls
      isClassLevel = true
    } else {
      owner = receiver.pythonClass
      isClassLevel = false
      guard owner.isSubclass(of: start) else {
        throw PythonError(
          .typeError, "super(type, obj): obj must be an instance or subtype of type")
      }
    }
  }

  override var pythonClass: PythonClass { .superType }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    let mro = owner.mro
    guard let position = mro.firstIndex(where: { $0 === start }) else { return nil }
    for cls in mro[(position + 1)...] {
      guard let value = cls.members[name] else { continue }
      guard case .object(let object) = value else { return value }
      return try object.bind(to: isClassLevel ? nil : receiver, class: owner, python) ?? value
    }
    if isClassLevel, name == "__new__" || name == "__init_subclass__" { return nil }
    return try super.attribute(name, python)
  }

  override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    try python.setAttribute(of: receiver, name, to: value)
    return true
  }
}

/// `A | B`, and what `typing.Union` and `Optional` give.
public final class UnionType: PythonObject {
  /// The alternatives, flattened.
  public let alternatives: [Value]

  /// Unites alternatives, those of unions among them taken out.
  public init(_ alternatives: [Value]) {
    var flat: [Value] = []
    for value in alternatives.flatMap({
      $0.object(as: UnionType.self)?.alternatives ?? [
        $0.isNone ? .object(PythonClass.noneType) : $0
      ]
    }) where !flat.contains(where: { $0.isIdentical(to: value) }) { flat.append(value) }
    self.alternatives = flat
  }

  public override var pythonClass: PythonClass { .unionType }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    guard op == .bitOr else { return nil }
    return .object(UnionType(reflected ? [other, .object(self)] : [.object(self), other]))
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "__args__" ? .tuple(alternatives) : try super.attribute(name, python)
  }

  public override func representation(_ python: Interpreter) throws -> String {
    try alternatives.map { alternative in
      guard let cls = alternative.asClass else { return try python.repr(alternative) }
      return cls === PythonClass.noneType ? "None" : cls.qualifiedName
    }.joined(separator: " | ")
  }
}
