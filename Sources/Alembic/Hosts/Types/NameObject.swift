public import PythonSubset

/// A name that is more than its text: what `op.f()` made, or a `quoted_name`.
public final class NameObject: PythonInstance {
  /// The name.
  public let name: SQLName

  /// Wraps a name.
  public init(_ name: SQLName) {
    self.name = name
    super.init(
      name.origin == .final ? NameObject.conventional : NameObject.quoted,
      payload: .string(name.text))
  }

  nonisolated(unsafe) static let quoted = PythonClass(
    host: "quoted_name", module: "sqlalchemy.sql.elements", bases: [.str],
    members: [
      "__new__": .new("cls, value, quote=None") { call in
        if let made = call[1].object(as: NameObject.self) { return .object(made) }
        return .object(NameObject(SQLName(try call.string(1), quote: call[2].bool)))
      },
      "__init__": .method("self, value, quote=None") { _ in .null },
    ])

  nonisolated(unsafe) static let conventional = PythonClass(
    host: "conv", module: "sqlalchemy.sql.elements", bases: [quoted],
    members: [
      "__new__": .new("cls, value") { call in
        .object(NameObject(.final(try call.string(1))))
      },
      "__init__": .method("self, value") { _ in .null },
    ])

  /// The name that a value is; nil for what is no text.
  static func name(_ value: Value) -> SQLName? {
    if let object = value.object(as: NameObject.self) { return object.name }
    return value.string.map { SQLName($0) }
  }
}
