extension Interpreter {
  /// `function(*arguments)`.
  public func call(_ function: Value, _ arguments: [Value] = []) throws -> Value {
    try call(function, Arguments(arguments))
  }

  /// `function(*positional, **keywords)`.
  public func call(_ function: Value, _ arguments: Arguments) throws -> Value {
    guard case .object(let object) = function else {
      throw PythonError(.typeError, "'\(function.typeName)' object is not callable")
    }
    return try nested { try object.call(arguments, self) }
  }

  /// `value.name(*arguments)`.
  public func callMethod(
    _ name: String, of value: Value, _ arguments: [Value] = []
  ) throws -> Value {
    try call(get(name, of: value), arguments)
  }

  /// `callable(value)`.
  public func isCallable(_ value: Value) -> Bool {
    if case .object(let object) = value { object.isCallable } else { false }
  }
}
