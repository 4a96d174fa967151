internal import PythonSubset

/// What a script's `TypeDecorator` does: which type it stands on, and how values go through it.
struct TypeDecoration {
  let object: TypeObject

  init(_ object: TypeObject) { self.object = object }

  /// The type on PostgreSQL.
  func implementation() throws -> SQLType {
    guard let python = object.python else { return object.type }
    if let method = scripted("load_dialect_impl") {
      let made = try python.call(method, [.object(object), .object(DialectObject.shared)])
      return try TypeCoercion.type(made, python)
    }
    return object.type
  }

  /// The value that is sent, from the script's.
  func bound(_ value: Value) throws -> Value {
    guard let python = object.python, let method = scripted("process_bind_param") else {
      return value
    }
    return try python.call(method, [.object(object), value, .object(DialectObject.shared)])
  }

  /// The script's value, from what the database gave.
  func result(_ value: Value) throws -> Value {
    guard let python = object.python, let method = scripted("process_result_value") else {
      return value
    }
    return try python.call(method, [.object(object), value, .object(DialectObject.shared)])
  }

  /// A method that the script's class has of its own.
  private func scripted(_ name: String) -> Value? {
    guard let method = object.pythonClass.lookup(name) else { return nil }
    if let host = method.object(as: HostFunction.self), host.owner?.isHost == true { return nil }
    return method
  }
}
