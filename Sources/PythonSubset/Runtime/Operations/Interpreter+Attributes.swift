extension Interpreter {
  /// `value.name`; nil when there is no such attribute.
  public func attribute(of value: Value, _ name: String) throws -> Value? {
    if case .object(let object) = value { return try object.attribute(name, self) }
    if name == "__doc__" { return Value.null }
    return try value.pythonClass.boundMember(name, of: value, self)
  }

  /// `value.name`; throws `AttributeError`.
  public func get(_ name: String, of value: Value) throws -> Value {
    if let result = try attribute(of: value, name) { return result }
    throw missingAttribute(name, of: value)
  }

  /// `getattr(value, name, nil)`: an `AttributeError` that a property or `__getattr__` raises is
  /// no attribute either.
  public func optionalAttribute(of value: Value, _ name: String) throws -> Value? {
    do {
      return try attribute(of: value, name)
    } catch let error as PythonError where error.isA(.attributeError) {
      return nil
    }
  }

  func missingAttribute(_ name: String, of value: Value) -> PythonError {
    if case .object(let object) = value {
      if let cls = object as? PythonClass {
        return PythonError(
          .attributeError, "type object '\(cls.name)' has no attribute '\(name)'")
      }
      if let module = object as? PythonModule {
        return PythonError(
          .attributeError, "module '\(module.name)' has no attribute '\(name)'")
      }
    }
    return PythonError(.attributeError, "'\(value.typeName)' object has no attribute '\(name)'")
  }

  /// `value.name = new`; throws `AttributeError`.
  public func setAttribute(of value: Value, _ name: String, to new: Value) throws {
    if case .object(let object) = value, try object.setAttribute(name, to: new, self) { return }
    let exists = try optionalAttribute(of: value, name) != nil
    throw exists
      ? PythonError(
        .attributeError, "'\(value.typeName)' object attribute '\(name)' is read-only")
      : missingAttribute(name, of: value)
  }

  /// `del value.name`; throws `AttributeError`.
  public func deleteAttribute(of value: Value, _ name: String) throws {
    if case .object(let object) = value, try object.deleteAttribute(name, self) { return }
    throw missingAttribute(name, of: value)
  }

  /// `isinstance(value, cls)`, where `cls` may be a tuple or union of classes too.
  public func isInstance(_ value: Value, _ cls: Value) throws -> Bool {
    switch cls {
    case .tuple(let alternatives): return try alternatives.contains { try isInstance(value, $0) }
    case .null: return value.isNone
    case .object(let cls as PythonClass): return try cls.isInstance(value, self)
    case .object(let union as UnionType):
      return try union.alternatives.contains { try isInstance(value, $0) }
    case .object(let object):
      if let hook = try optionalAttribute(of: .object(object.pythonClass), "__instancecheck__") {
        return try truth(call(hook, [cls, value]))
      }
    default: break
    }
    throw PythonError(
      .typeError, "isinstance() arg 2 must be a type, a tuple of types, or a union")
  }

  /// `issubclass(subclass, cls)`, where `cls` may be a tuple or union of classes too.
  public func isSubclass(_ subclass: Value, _ cls: Value) throws -> Bool {
    guard let subclass = subclass.asClass else {
      throw PythonError(.typeError, "issubclass() arg 1 must be a class")
    }
    switch cls {
    case .tuple(let alternatives):
      return try alternatives.contains { try isSubclass(.object(subclass), $0) }
    case .object(let cls as PythonClass): return try cls.isSuperclass(of: subclass, self)
    case .object(let union as UnionType):
      return try union.alternatives.contains { try isSubclass(.object(subclass), $0) }
    default:
      throw PythonError(
        .typeError, "issubclass() arg 2 must be a class, a tuple of classes, or a union")
    }
  }

  /// The abstract methods of an object's class, for `object.__new__`.
  func refuseAbstract(_ cls: PythonClass) throws {
    let names = cls.abstractMembers
    if names.isEmpty { return }
    throw PythonError(
      .typeError,
      "Can't instantiate abstract class \(cls.name) with abstract method"
        + "\(names.count == 1 ? "" : "s") \(names.sorted().joined(separator: ", "))")
  }
}
