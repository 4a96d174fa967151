public import OrderedCollections

/// An object with a class of its own and attributes: an instance of a class written in Python, or
/// of a host class that Python classes may inherit from.
///
/// The special methods of the class (`__eq__`, `__call__`, `__getattr__`...) answer for it. A host
/// that derives from it overrides what it does itself and calls `super` otherwise, so that a
/// Python subclass that defines a special method is heard.
open class PythonInstance: PythonObject {
  private let ownClass: PythonClass
  /// The attributes in the instance's `__dict__`.
  public var attributes: OrderedDictionary<String, Value> = [:]
  /// The value of an instance of a subclass of `str`, `int`, `float`, `bytes`, `tuple`, `list`,
  /// `dict`, `set`.
  public internal(set) var payload: Value?

  /// Creates an instance without attributes.
  public init(_ pythonClass: PythonClass, payload: Value? = nil) {
    ownClass = pythonClass
    self.payload = payload
  }

  deinit {
    var held = Array(attributes.values)
    if let payload { held.append(payload) }
    attributes = [:]
    payload = nil
    Disposal.take(&held)
  }

  open override var pythonClass: PythonClass { ownClass }
  open override var attributeNames: [String] { Array(attributes.keys) + pythonClass.memberNames }

  /// The special method of the class, unless it is the default that `object` has.
  private func special(_ name: String) -> Value? {
    guard let method = ownClass.lookup(name) else { return nil }
    if let function = method.object(as: HostFunction.self), function.owner === PythonClass.object {
      return nil
    }
    return method
  }

  /// Calls a special method of the class; nil when there is none or it is `None`.
  public final func invoke(
    _ name: String, _ arguments: [Value] = [], _ python: Interpreter
  ) throws -> Value? {
    guard let method = special(name), case .object(let function) = method else { return nil }
    switch function {
    case is PythonFunction:
      return try function.call(Arguments([.object(self)] + arguments), python)
    case let host as HostFunction where host.kind == .method:
      return try function.call(Arguments([.object(self)] + arguments), python)
    default:
      let bound = try function.bind(to: .object(self), class: ownClass, python) ?? method
      return try python.call(bound, arguments)
    }
  }

  // MARK: Attributes

  open override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if special("__getattribute__") != nil {
      throw Unsupported("__getattribute__ in class \(ownClass.name)")
    }
    do {
      if let value = try ownAttribute(name, python) { return value }
    } catch let error as PythonError where error.isA(.attributeError) {
      if let value = try invoke("__getattr__", [.string(name)], python) { return value }
      throw error
    }
    return try invoke("__getattr__", [.string(name)], python)
  }

  /// The attribute, without asking `__getattr__`: properties first, then the instance's own, then
  /// what the class has.
  func ownAttribute(_ name: String, _ python: Interpreter) throws -> Value? {
    let found = ownClass.lookup(name)
    if case .object(let descriptor) = found, descriptor.isDataDescriptor,
      let value = try descriptor.bind(to: .object(self), class: ownClass, python)
    {
      return value
    }
    if let value = attributes[name] { return value }
    switch name {
    case "__class__": return .object(ownClass)
    case "__dict__": return .dict(InstanceDict.of(self))
    default: break
    }
    guard let found else { return nil }
    guard case .object(let object) = found else { return found }
    return try object.bind(to: .object(self), class: ownClass, python) ?? found
  }

  open override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    if try invoke("__setattr__", [.string(name), value], python) != nil { return true }
    return try setOwnAttribute(name, to: value, python)
  }

  /// Sets the attribute, without asking `__setattr__`.
  func setOwnAttribute(_ name: String, to value: Value, _ python: Interpreter) throws -> Bool {
    if case .object(let descriptor) = ownClass.lookup(name), descriptor.isDataDescriptor {
      return try descriptor.bindAssignment(of: value, to: .object(self), name: name, python)
    }
    if ownClass === PythonClass.object { return false }
    if name == "__class__" { throw Unsupported("assigning to __class__") }
    attributes[name] = value
    return true
  }

  open override func deleteAttribute(_ name: String, _ python: Interpreter) throws -> Bool {
    if try invoke("__delattr__", [.string(name)], python) != nil { return true }
    return try deleteOwnAttribute(name, python)
  }

  func deleteOwnAttribute(_ name: String, _ python: Interpreter) throws -> Bool {
    if case .object(let descriptor) = ownClass.lookup(name), descriptor.isDataDescriptor {
      return try descriptor.bindAssignment(of: nil, to: .object(self), name: name, python)
    }
    return attributes.removeValue(forKey: name) != nil
  }

  // MARK: Calls and operators

  open override var isCallable: Bool { special("__call__") != nil }

  open override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    guard let method = special("__call__") else { return try super.call(arguments, python) }
    guard case .object(let function) = method,
      let bound = try function.bind(to: .object(self), class: ownClass, python)
    else { return try python.call(method, arguments) }
    return try python.call(bound, arguments)
  }

  open override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    let name = reflected ? op.reflectedMethod : op.method
    if special(name) != nil { return try invoke(name, [other], python) }
    guard let payload else { return nil }
    return reflected
      ? try python.builtinBinary(op, other.unwrapped, payload)
      : try python.builtinBinary(op, payload, other.unwrapped)
  }

  open override func inPlace(
    _ op: BinaryOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    try invoke(op.inPlaceMethod, [other], python)
  }

  open override func unary(_ op: UnaryOperator, _ python: Interpreter) throws -> Value? {
    let name =
      switch op {
      case .negative: "__neg__"
      case .positive: "__pos__"
      default: "__invert__"
      }
    if let result = try invoke(name, python) { return result }
    return try payload.map { try python.unary(op, $0) }
  }

  open override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let name = op.method else { return nil }
    if let result = try invoke(name, [other], python) {
      if case .notImplemented = result { return nil }
      return result
    }
    if op == .notEqual, let result = try invoke("__eq__", [other], python) {
      if case .notImplemented = result { return nil }
      return .bool(!(try python.truth(result)))
    }
    return try payload.flatMap { try python.builtinCompare(op, $0, other.unwrapped) }
  }

  open override func hash(_ python: Interpreter) throws -> Int {
    guard let method = special("__hash__") else {
      return try payload.map { try python.hash($0) } ?? ObjectIdentifier(self).hashValue
    }
    if method.isNone {
      throw PythonError(.typeError, "unhashable type: '\(typeName)'")
    }
    guard let result = try invoke("__hash__", python) else {
      return ObjectIdentifier(self).hashValue
    }
    if case .int(let hash) = result { return hash }
    return try python.hash(result)
  }

  open override func truth(_ python: Interpreter) throws -> Bool {
    if let result = try invoke("__bool__", python) {
      guard let flag = result.bool else {
        throw PythonError(
          .typeError, "__bool__ should return bool, returned \(result.typeName)")
      }
      return flag
    }
    if let length = try length(python) { return length != 0 }
    return try payload.map { try python.truth($0) } ?? true
  }

  // MARK: Text

  open override func text(_ python: Interpreter) throws -> String {
    guard let result = try invoke("__str__", python) else {
      if let payload, special("__repr__") == nil { return try python.str(payload) }
      return try representation(python)
    }
    guard let text = result.string else {
      throw PythonError(.typeError, "__str__ returned non-string (type \(result.typeName))")
    }
    return text
  }

  open override func representation(_ python: Interpreter) throws -> String {
    guard let result = try invoke("__repr__", python) else {
      if let payload { return try python.repr(payload) }
      return try super.representation(python)
    }
    guard let text = result.string else {
      throw PythonError(.typeError, "__repr__ returned non-string (type \(result.typeName))")
    }
    return text
  }

  open override func format(_ specification: String, _ python: Interpreter) throws -> String {
    if let result = try invoke("__format__", [.string(specification)], python) {
      guard let text = result.string else {
        throw PythonError(
          .typeError, "__format__ must return a str, not \(result.typeName)")
      }
      return text
    }
    return try super.format(specification, python)
  }

  open override func index(_ python: Interpreter) throws -> Value? {
    if let result = try invoke("__index__", python) { return result }
    guard let payload else { return nil }
    switch payload {
    case .int, .big: return payload
    default: return nil
    }
  }

  // MARK: Containers

  open override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    if let result = try invoke("__iter__", python) {
      if let iterator = result.object(as: PythonIterator.self) { return iterator }
      guard let instance = result.object(as: PythonInstance.self),
        instance.special("__next__") != nil
      else {
        throw PythonError(.typeError, "iter() returned non-iterator of type '\(result.typeName)'")
      }
      return InstanceIterator(instance)
    }
    if let payload { return try python.iterator(of: payload) }
    guard special("__getitem__") != nil else { return nil }
    var index = 0
    return ClosureIterator("iterator") { [self] python in
      defer { index += 1 }
      do {
        return try invoke("__getitem__", [.int(index)], python)
      } catch let error as PythonError where error.isA(.indexError) || error.isA(.stopIteration) {
        return nil
      }
    }
  }

  open override func length(_ python: Interpreter) throws -> Int? {
    if let result = try invoke("__len__", python) {
      guard let length = result.int else {
        throw PythonError(
          .typeError, "'\(result.typeName)' object cannot be interpreted as an integer")
      }
      if length < 0 { throw PythonError(.valueError, "__len__() should return >= 0") }
      return length
    }
    return try payload.flatMap { try python.optionalLength($0) }
  }

  open override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    if let result = try invoke("__contains__", [item], python) { return try python.truth(result) }
    if special("__iter__") != nil { return nil }
    return try payload.map { try python.contains($0, item) }
  }

  open override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    try invoke("__getitem__", [key], python) ?? payload.map { try python.item(of: $0, key) }
  }

  open override func setItem(
    _ key: Value, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    if try invoke("__setitem__", [key, value], python) != nil { return true }
    guard let payload else { return false }
    try python.setItem(of: payload, key, to: value)
    return true
  }

  open override func deleteItem(_ key: Value, _ python: Interpreter) throws -> Bool {
    if try invoke("__delitem__", [key], python) != nil { return true }
    guard let payload else { return false }
    try python.deleteItem(of: payload, key)
    return true
  }

  // MARK: with, await, descriptors

  open override func enter(_ python: Interpreter) throws -> Value? {
    guard special("__exit__") != nil else { return nil }
    return try invoke("__enter__", python)
  }

  open override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    var arguments: [Value] = [.null, .null, .null]
    if let exception = error?.exception {
      arguments = [
        .object(exception.pythonClass), .object(exception),
        try exception.attribute("__traceback__", python) ?? .null,
      ]
    }
    return try invoke("__exit__", arguments, python).map { try python.truth($0) } ?? false
  }

  open override func awaitResult(_ python: Interpreter) throws -> Value? {
    guard let iterable = try invoke("__await__", python) else { return nil }
    return try python.finish(iterable)
  }

  open override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    try invoke("__get__", [instance ?? .null, .object(owner)], python)
  }

  open override var isDataDescriptor: Bool {
    special("__set__") != nil || special("__delete__") != nil
  }

  open override func bindAssignment(
    of value: Value?, to instance: Value, name: String, _ python: Interpreter
  ) throws -> Bool {
    if let value { return try invoke("__set__", [instance, value], python) != nil }
    return try invoke("__delete__", [instance], python) != nil
  }
}

extension PythonInstance {
  fileprivate func invoke(_ name: String, _ python: Interpreter) throws -> Value? {
    try invoke(name, [], python)
  }
}

/// The iterator that an instance with `__next__` is.
private final class InstanceIterator: PythonIterator {
  private let instance: PythonInstance

  init(_ instance: PythonInstance) { self.instance = instance }

  override var pythonClass: PythonClass { instance.pythonClass }

  override func next(_ python: Interpreter) throws -> Value? {
    do {
      return try instance.invoke("__next__", [], python)
    } catch let error as PythonError where error.isA(.stopIteration) {
      return nil
    }
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    try instance.attribute(name, python)
  }
}

/// `__dict__` of an instance: its attributes as they are now; what is written to it reaches the
/// instance.
enum InstanceDict {
  static func of(_ instance: PythonInstance) -> PythonDict {
    let dict = PythonDict(instance.attributes.elements.map { ($0.key, $0.value) })
    dict.mirror = { name, value in instance.attributes[name] = value }
    return dict
  }
}
