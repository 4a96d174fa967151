/// A call of a host function, with its arguments assigned to the declared parameters.
public struct Call {
  /// The interpreter that runs the calling code.
  public let python: Interpreter
  /// The function's name, for messages.
  public let function: String
  let signature: Signature
  let values: [Value?]
  /// What `*args` took.
  public let rest: [Value]
  /// What `**kwargs` took.
  public let keywords: [(name: String, value: Value)]

  /// The argument of the parameter at an index (counted without `/`, `*`, `*args`), its default,
  /// or `None` where it is absent.
  public subscript(index: Int) -> Value { values[index] ?? .null }

  /// Whether the parameter at an index was given, or has a default other than `...`.
  public func isGiven(_ index: Int) -> Bool { values[index] != nil }

  /// The argument of a parameter, its default, or `None` where it is absent.
  public subscript(name: String) -> Value { optional(name) ?? .null }

  /// The argument of a parameter or its default; nil when it was not given and has `...` for a
  /// default.
  public func optional(_ name: String) -> Value? {
    guard let index = signature.names.firstIndex(of: name) else {
      preconditionFailure("\(function)() declares no parameter \(name)")
    }
    return values[index]
  }

  /// The object that a method was called on, as the Swift type it must have.
  public func receiver<Object: PythonObject>(as type: Object.Type = Object.self) throws -> Object {
    try object(0)
  }

  /// The object at an index, as the Swift type it must have; `TypeError` otherwise.
  public func object<Object: PythonObject>(
    _ index: Int, as type: Object.Type = Object.self
  ) throws -> Object {
    guard let object = self[index].object(as: type) else { throw mismatch(index, "\(type)") }
    return object
  }

  /// The text of a `str` argument; `TypeError` otherwise.
  public func string(_ name: String) throws -> String { try string(position(name)) }

  /// The text of a `str` argument; nil for `None` and where it is absent; `TypeError` otherwise.
  public func optionalString(_ name: String) throws -> String? {
    self[name].isNone ? nil : try string(name)
  }

  /// The text of the `str` argument at an index; `TypeError` otherwise.
  public func string(_ index: Int) throws -> String {
    guard let text = self[index].string else { throw mismatch(index, "str") }
    return text
  }

  /// The integer at an index (`__index__` is asked too); `TypeError` otherwise.
  public func int(_ index: Int) throws -> Int { try python.index(self[index]) }

  /// The integer of a parameter; `TypeError` otherwise.
  public func int(_ name: String) throws -> Int { try int(position(name)) }

  /// The integer of a parameter; nil for `None`.
  public func optionalInt(_ name: String) throws -> Int? {
    self[name].isNone ? nil : try int(name)
  }

  /// The truth of an argument.
  public func truth(_ name: String) throws -> Bool { try python.truth(self[name]) }

  /// The items of an iterable argument.
  public func items(_ name: String) throws -> [Value] { try python.items(self[name]) }

  private func position(_ name: String) -> Int {
    guard let index = signature.names.firstIndex(of: name) else {
      preconditionFailure("\(function)() declares no parameter \(name)")
    }
    return index
  }

  /// The `TypeError` of an argument that is not what the function takes.
  public func mismatch(_ index: Int, _ expected: String) -> PythonError {
    PythonError(
      .typeError,
      "\(function)() argument '\(signature.names[index])' must be \(expected), "
        + "not \(self[index].typeName)")
  }
}
