internal import PythonSubset

/// Reads types from what a script gives: an instance, or a class that is then instantiated.
enum TypeCoercion {
  /// The type object.
  static func object(_ value: Value, _ python: Interpreter) throws -> TypeObject {
    if let object = value.object(as: TypeObject.self) { return object }
    if let cls = value.asClass, cls.isSubclass(of: TypeClasses.engine) {
      let made = try python.call(value)
      if let object = made.object(as: TypeObject.self) { return object }
    }
    throw PythonError(
      SQLAlchemyErrors.argument,
      "Object \(try python.repr(value)) is not legal as an SQL type")
  }

  /// The type on PostgreSQL; `.null` for `None`.
  static func type(_ value: Value, _ python: Interpreter) throws -> SQLType {
    value.isNone ? .null : try object(value, python).resolved
  }

  /// Whether a value can stand for a type.
  static func isType(_ value: Value) -> Bool {
    value.object(as: TypeObject.self) != nil
      || value.asClass?.isSubclass(of: TypeClasses.engine) == true
  }
}
