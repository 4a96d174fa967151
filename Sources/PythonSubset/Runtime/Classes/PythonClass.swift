public import OrderedCollections

/// A Python class: one of the builtin types, a host class, or a class that a script defines.
///
/// Builtin and host classes are immutable: a script cannot set their attributes. That is why they
/// may be `static let`s, shared by all interpreters of the process:
///
/// ```swift
/// extension PythonClass {
///   // Immutable once made (see PythonClass).
///   nonisolated(unsafe) static let numeric = PythonClass(
///     host: "Numeric", module: "sqlalchemy", bases: [.typeEngine],
///     members: [
///       "__new__": .new { call in .object(NumericType(try call.cls())) },
///       "__init__": .method("self, precision=None, scale=None") { call in … },
///     ])
/// }
/// ```
/// A class that Python classes may inherit from makes its instance in `__new__` (of the class it is
/// given, which may be the subclass) and fills it in `__init__`, so that
/// `super().__init__(...)` works. One whose *subclasses* need something special (`Enum`,
/// declarative models) is an instance of a Swift subclass of this class that overrides
/// ``derive(_:_:)``: the counterpart of a metaclass.
open class PythonClass: PythonObject {
  /// The name.
  public let name: String
  /// The dotted name within the module.
  public let qualifier: String
  /// The module's name.
  public let module: String
  /// The direct bases.
  public let bases: [PythonClass]
  /// The other classes in which attributes are looked up, in order (C3).
  public let ancestors: [PythonClass]
  /// Whether it was made by a host: its attributes cannot be set by a script.
  public let isHost: Bool
  /// The attributes of the class itself.
  public internal(set) var members: OrderedDictionary<String, Value>
  /// The abstract methods that no subclass implements so far.
  public internal(set) var abstractMembers: [String] = []
  /// The annotations of the class's own body, in order.
  public internal(set) var annotations: [ClassAnnotation] = []
  /// The host metaclass that was named in the class statement, or that of a base.
  public internal(set) var metaclass: PythonClass?
  /// Whether no class may derive from it: `bool`, `range`...
  public var isFinal: Bool {
    self === PythonClass.bool || self === PythonClass.noneType || self === PythonClass.range
      || self === PythonClass.slice || self === PythonClass.function
  }

  /// Makes a builtin or host class.
  public init(
    host name: String, module: String, bases: [PythonClass] = [.object],
    members: OrderedDictionary<String, Value> = [:]
  ) {
    self.name = name
    qualifier = name
    self.module = module
    self.bases = bases
    guard let ancestors = PythonClass.linearise(bases) else {
      preconditionFailure("the bases of host class \(name) have no consistent order")
    }
    self.ancestors = ancestors
    isHost = true
    self.members = PythonClass.named(members)
    super.init()
    for case .object(let object) in self.members.values { (object as? HostFunction)?.owner = self }
  }

  /// Makes a class of a class statement.
  public init(_ body: ClassBody) throws {
    name = body.name
    qualifier = body.qualifier
    module = body.module
    bases = body.bases
    guard let ancestors = PythonClass.linearise(body.bases) else {
      throw PythonError(
        .typeError,
        "Cannot create a consistent method resolution\norder (MRO) for bases "
          + body.bases.map(\.name).joined(separator: ", "))
    }
    self.ancestors = ancestors
    isHost = false
    members = body.members
    metaclass = body.metaclass
  }

  /// The class and its ancestors: the method resolution order.
  public var mro: [PythonClass] { [self] + ancestors }

  /// `module.Name`, without the module for builtins: as `repr` writes it.
  public var qualifiedName: String {
    module == "builtins" ? qualifier : "\(module).\(qualifier)"
  }

  /// The attribute of the class or of the nearest ancestor that has it, not bound.
  public final func lookup(_ name: String) -> Value? {
    if let value = members[name] { return value }
    for ancestor in ancestors {
      if let value = ancestor.members[name] { return value }
    }
    return nil
  }

  /// The attribute that an instance sees, bound to it; nil when there is none.
  public final func boundMember(
    _ name: String, of instance: Value, _ python: Interpreter
  ) throws -> Value? {
    switch name {
    case "__class__": return .object(self)
    default: break
    }
    guard let value = lookup(name) else { return nil }
    guard case .object(let object) = value else { return value }
    return try object.bind(to: instance, class: self, python) ?? value
  }

  /// Whether the class is `other` or derives from it.
  public final func isSubclass(of other: PythonClass) -> Bool {
    self === other || ancestors.contains { $0 === other }
  }

  /// `isinstance(value, self)`; abstract classes (`collections.abc.Mapping`) ask more than the
  /// ancestors.
  open func isInstance(_ value: Value, _ python: Interpreter) throws -> Bool {
    if let absent = value.object(as: AbsentObject.self) { throw absent.refusal }
    return value.pythonClass.isSubclass(of: self)
  }

  /// `issubclass(other, self)`.
  open func isSuperclass(of other: PythonClass, _ python: Interpreter) throws -> Bool {
    other.isSubclass(of: self)
  }

  /// All names in which an attribute can be found.
  public var memberNames: [String] { Array(OrderedSet(mro.flatMap(\.members.keys))) }

  /// Makes the class of a class statement that has this class among its bases. A host class
  /// overrides it to make a class of another Swift type, or to look at what was defined.
  open func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
    try PythonClass(body)
  }

  /// The bare instance that `object.__new__` (or, with a payload, `str.__new__` and its kin) makes.
  /// A host class whose instances are of another Swift type overrides it.
  open func bareInstance(payload: Value? = nil) -> PythonInstance {
    PythonInstance(self, payload: payload)
  }

  /// What a call of the class takes, when a host says so.
  open override var callSignature: Signature? {
    for name in ["__init__", "__new__"] {
      let function = lookup(name)?.object(as: HostFunction.self)
      if let function, function.owner !== PythonClass.object { return function.signature }
    }
    return nil
  }

  open override var pythonClass: PythonClass { .type }
  open override var isCallable: Bool { true }
  open override var attributeNames: [String] { memberNames }

  open override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    guard let new = lookup("__new__") else {
      throw PythonError(.typeError, "cannot create '\(name)' instances")
    }
    let value = try python.call(unbound(new), arguments.prefixed(by: .object(self)))
    let made = value.pythonClass
    guard made.isSubclass(of: self), let initialiser = made.lookup("__init__") else { return value }
    let result = try python.call(initialiser, arguments.prefixed(by: value))
    guard result.isNone else {
      throw PythonError(.typeError, "__init__() should return None, not '\(result.typeName)'")
    }
    return value
  }

  private func unbound(_ new: Value) -> Value {
    new.object(as: StaticMethod.self)?.function ?? new
  }

  open override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__name__": return .string(self.name)
    case "__qualname__": return .string(qualifier)
    case "__module__": return .string(module)
    case "__bases__": return .tuple(bases.map { .object($0) })
    case "__mro__": return .tuple(mro.map { .object($0) })
    case "__class__": return .object(pythonClass)
    case "__dict__": return .dict(PythonDict(members.elements.map { ($0.key, $0.value) }))
    case "__doc__": return members["__doc__"] ?? .null
    case "__annotations__":
      if let value = members["__annotations__"] { return value }
      return .dict(PythonDict(try annotations.map { ($0.name, try $0.value()) }))
    default: break
    }
    if let value = lookup(name) {
      guard case .object(let object) = value else { return value }
      return try object.bind(to: nil, class: self, python) ?? value
    }
    return try pythonClass === self
      ? nil : pythonClass.boundMember(name, of: .object(self), python)
  }

  open override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    try refuseIfHost(name)
    members[name] = value
    return true
  }

  open override func deleteAttribute(_ name: String, _ python: Interpreter) throws -> Bool {
    try refuseIfHost(name)
    return members.removeValue(forKey: name) != nil
  }

  private func refuseIfHost(_ name: String) throws {
    guard isHost else { return }
    if module == "builtins" {
      throw PythonError(
        .typeError, "cannot set '\(name)' attribute of immutable type '\(self.name)'")
    }
    throw Unsupported(
      "changing the attribute \(name) of \(qualifiedName)",
      hint: "Put the change into a class of the script's own.")
  }

  /// `Class[arguments]`, by `__class_getitem__`.
  open override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    guard let hook = try attribute("__class_getitem__", python) else {
      throw PythonError(.typeError, "type '\(name)' is not subscriptable")
    }
    return try python.call(hook, [key])
  }

  /// `A | B`, for annotations and `isinstance`.
  open override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    guard op == .bitOr else { return nil }
    guard other.isNone || other.asClass != nil || other.object(as: UnionType.self) != nil else {
      return nil
    }
    return .object(UnionType(reflected ? [other, .object(self)] : [.object(self), other]))
  }

  open override func representation(_ python: Interpreter) throws -> String {
    "<class '\(qualifiedName)'>"
  }

  /// The order in which ancestors are asked: C3, as in CPython. Nil when the bases contradict one
  /// another.
  private static func linearise(_ bases: [PythonClass]) -> [PythonClass]? {
    var lists = bases.map(\.mro) + [bases]
    var order: [PythonClass] = []
    while true {
      lists.removeAll(where: \.isEmpty)
      if lists.isEmpty { return order }
      let candidate = lists.lazy.map { $0[0] }.first { candidate in
        !lists.contains { $0.dropFirst().contains { $0 === candidate } }
      }
      guard let candidate else { return nil }
      order.append(candidate)
      for index in lists.indices where lists[index][0] === candidate {
        lists[index].removeFirst()
      }
    }
  }

  /// Host functions that were declared without a name (`.method(...)`) take the member's.
  private static func named(
    _ members: OrderedDictionary<String, Value>
  ) -> OrderedDictionary<String, Value> {
    for (name, value) in members {
      if let function = value.object(as: HostFunction.self) { function.name = name }
    }
    return members
  }
}

/// `name: annotation` in a class body. The annotation is evaluated when somebody asks for it.
public struct ClassAnnotation {
  /// The name.
  public let name: String
  /// Evaluates the annotation.
  public let value: () throws -> Value

  /// Creates an annotation.
  public init(_ name: String, _ value: @escaping () throws -> Value) {
    self.name = name
    self.value = value
  }
}

/// What a class statement gives.
public struct ClassBody {
  /// The name.
  public var name: String
  /// The dotted name within the module.
  public var qualifier: String
  /// The module's name.
  public var module: String
  /// The bases, at least one.
  public var bases: [PythonClass]
  /// The names that the body bound, `__annotations__` and `__doc__` among them.
  public var members: OrderedDictionary<String, Value>
  /// The keyword arguments after the bases, `metaclass` left out.
  public var keywords: [(name: String, value: Value)]
  /// The annotated names, in order.
  public var annotations: [ClassAnnotation] = []
  /// The metaclass, when it is named or a base has one.
  public var metaclass: PythonClass?

  /// Creates a class body.
  public init(
    name: String, qualifier: String? = nil, module: String, bases: [PythonClass],
    members: OrderedDictionary<String, Value>, keywords: [(name: String, value: Value)] = []
  ) {
    self.name = name
    self.qualifier = qualifier ?? name
    self.module = module
    self.bases = bases.isEmpty ? [.object] : bases
    self.members = members
    self.keywords = keywords
  }
}

extension Value {
  /// A method of a host class; its parameters begin with `self`, and its name is the member's.
  public static func method(
    _ signature: String = "self", _ body: @escaping (Call) throws -> Value
  ) -> Value { .object(HostFunction("", signature, kind: .method, body)) }

  /// A class method of a host class; its parameters begin with `cls`.
  public static func classMethod(
    _ signature: String = "cls", _ body: @escaping (Call) throws -> Value
  ) -> Value { .object(HostFunction("", signature, kind: .classMethod, body)) }

  /// A static method of a host class.
  public static func staticMethod(
    _ signature: String = "", _ body: @escaping (Call) throws -> Value
  ) -> Value { .object(HostFunction("", signature, kind: .plain, body)) }

  /// `__new__` of a host class: gets the class (``Call/cls()``) and makes the instance. By default
  /// it takes any arguments, which `__init__` is given too.
  public static func new(
    _ signature: String = "cls, /, *args, **kwargs", _ body: @escaping (Call) throws -> Value
  ) -> Value { .object(HostFunction("", signature, kind: .plain, body)) }

  /// A read-only attribute of a host class that is computed.
  public static func property(_ body: @escaping (Call) throws -> Value) -> Value {
    .object(PropertyObject(getter: .object(HostFunction("", "self", kind: .plain, body))))
  }

  /// A function, for a host module.
  public static func function(
    _ name: String, _ signature: String = "", _ body: @escaping (Call) throws -> Value
  ) -> Value { .object(HostFunction(name, signature, kind: .plain, body)) }
}

extension Call {
  /// The class that `__new__` or a class method was called on.
  public func cls() throws -> PythonClass {
    guard let cls = self[0].asClass else { throw mismatch(0, "a type") }
    return cls
  }
}
