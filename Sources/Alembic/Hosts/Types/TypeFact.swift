internal import PythonSubset

/// What a type object knows of its type (`length`, `timezone`...), read from the model of the type.
///
/// In SQLAlchemy these are plain attributes that constructors assign. A class that a script derives
/// may assign them too: for one whose DDL is its own that is its own affair. Of a type whose DDL
/// would have to follow they are refused, not ignored.
final class TypeFact: PythonObject {
  /// Reads it; nil for a type that does not have it.
  typealias Reader = (TypeObject) -> Value?

  private let name: String
  private let read: Reader

  init(_ name: String, _ read: @escaping Reader) {
    self.name = name
    self.read = read
  }

  override var pythonClass: PythonClass { .property }
  override var isDataDescriptor: Bool { true }

  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    guard let object = instance?.object(as: TypeObject.self) else { return nil }
    if let value = object.attributes[name] ?? read(object) { return value }
    throw PythonError(
      .attributeError, "'\(object.pythonClass.name)' object has no attribute '\(name)'")
  }

  override func bindAssignment(
    of value: Value?, to instance: Value, name: String, _ python: Interpreter
  ) throws -> Bool {
    guard let object = instance.object(as: TypeObject.self) else { return false }
    guard object.hasOwnDDL else {
      throw Unsupported(
        "assigning to \(name) of \(object.pythonClass.name)",
        hint: "Give it to the constructor of the type.")
    }
    if value == nil { return object.attributes.removeValue(forKey: name) != nil }
    object.attributes[name] = value
    return true
  }
}
