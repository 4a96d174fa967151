public import PythonSubset

/// An SQL type as Python sees it: an instance of one of SQLAlchemy's type classes or of a class
/// that a script derives from one.
public final class TypeObject: PythonInstance {
  /// The type, without regard to variants.
  public var type: SQLType = .null
  /// The types that stand in for it on other databases, by the name of the database.
  public var variants: [String: TypeObject] = [:]
  /// What it was made with, as `repr` writes it.
  var shownArguments: [(name: String?, value: Value)] = []
  /// The Python enumeration whose members are the values.
  var enumeration: EnumerationMembers?
  /// The type of an array's elements.
  var item: TypeObject?
  /// The interpreter that runs a script's own methods.
  var python: Interpreter?

  /// The type on PostgreSQL, with this object behind it where a script has a say in its values or
  /// its DDL.
  public var resolved: SQLType {
    let chosen = variants["postgresql"] ?? self
    return chosen.isScripted ? .custom(ScriptType(chosen)) : chosen.type
  }

  private var isScripted: Bool { enumeration != nil || hasOwnDDL }

  /// Whether a script's class says what the DDL is.
  var hasOwnDDL: Bool {
    pythonClass.isSubclass(of: TypeClasses.decorator)
      || pythonClass.isSubclass(of: TypeClasses.userDefined)
  }

  /// SQLAlchemy's own types keep as attributes what their DDL depends on.
  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    guard pythonClass.isHost, !hasOwnDDL else {
      return try super.setAttribute(name, to: value, python)
    }
    guard case .enumeration(let type) = type, name == "create_type", pythonClass.name == "ENUM"
    else {
      throw Unsupported(
        "assigning to \(name) of \(pythonClass.name)",
        hint: "Give it to the constructor of the type.")
    }
    type.createsType = try python.truth(value)
    return true
  }

  /// `VARCHAR(length=5)`.
  public override func representation(_ python: Interpreter) throws -> String {
    let arguments = try shownArguments.map { argument in
      (argument.name.map { "\($0)=" } ?? "") + (try python.repr(argument.value))
    }
    return "\(pythonClass.name)(\(arguments.joined(separator: ", ")))"
  }

  /// The DDL as SQLAlchemy's default dialect words it.
  public override func text(_ python: Interpreter) throws -> String {
    try translatingErrors { try genericText() }
  }

  private func genericText() throws -> String {
    switch type {
    case .timestamp:
      pythonClass.isSubclass(of: TypeClasses.named("TIMESTAMP")) ? "TIMESTAMP" : "DATETIME"
    case .time: "TIME"
    case .float(let float): float.keyword
    case .binary where pythonClass.name == "LargeBinary" || pythonClass.name == "PickleType": "BLOB"
    case .uuid where pythonClass.name == "Uuid": "CHAR(32)"
    case .enumeration(let enumeration): "VARCHAR(\(enumeration.textLength))"
    case .array: "ARRAY"
    case .interval: pythonClass.name == "Interval" ? "DATETIME" : "INTERVAL"
    case .bit: "BIT"
    case .domain: "DOMAIN"
    case .null: "NULL"
    default: try TypeCompiler.text(resolved)
    }
  }
}

/// The members of a Python enumeration and what is stored for each.
struct EnumerationMembers {
  let cls: PythonClass
  /// The members by the text that is stored.
  let members: [(stored: String, name: String, member: Value)]
}

/// A type whose values or DDL a script's class has a say in.
public final class ScriptType: CustomType {
  /// The script's object.
  public let object: TypeObject

  init(_ object: TypeObject) { self.object = object }

  /// What `impl`, or `load_dialect_impl` where the class has it, gives; nil for a class with DDL
  /// of its own.
  public func resolved() throws -> SQLType? {
    if object.enumeration != nil { return object.type }
    guard object.pythonClass.isSubclass(of: TypeClasses.decorator) else { return nil }
    return try TypeDecoration(object).implementation()
  }

  /// What `get_col_spec` answers.
  public func columnSpecification() throws -> String {
    guard let python = object.python,
      let method = try python.attribute(of: .object(object), "get_col_spec")
    else {
      throw SchemaError(
        .compile, "\(object.pythonClass.name) has no get_col_spec() and so no DDL")
    }
    return try python.str(python.call(method))
  }
}
