internal import OrderedCollections
internal import PythonSubset

/// SQLAlchemy's type classes, each with the parameters of its constructor.
///
/// Those of `sqlalchemy.dialects.postgresql` that go by the name of a generic one have `pg.` before
/// it here.
enum TypeClasses {
  /// One line of the table: a class, the class above it, its parameters, and how it reads them.
  struct Entry {
    var name: String
    var base: String
    var signature: String
    var make: (Call) throws -> SQLType

    init(
      _ name: String, _ base: String, _ signature: String = "",
      _ make: @escaping (Call) throws -> SQLType
    ) {
      self.name = name
      self.base = base
      self.signature = signature
      self.make = make
    }
  }

  /// The class at the top.
  nonisolated(unsafe) static let engine = PythonClass(
    host: "TypeEngine", module: "sqlalchemy.types",
    members: TypeMethods.all.merging(
      [
        "__new__": .new { call in
          let object = TypeObject(try call.cls())
          object.python = call.python
          return .object(object)
        },
        "__init__": .method("self, *args, **kwargs") { _ in .null },
        "__class_getitem__": .classMethod("cls, item") { call in call[0] },
        "Comparator": .object(comparator),
      ], uniquingKeysWith: { $1 }))

  /// The class from which scripts derive types that convert values.
  nonisolated(unsafe) static let decorator = PythonClass(
    host: "TypeDecorator", module: "sqlalchemy.types", bases: [engine],
    members: [
      "cache_ok": .bool(true),
      "__init__": .method("self, *args, **kwargs") { call in
        let object: TypeObject = try call.receiver()
        guard let impl = object.pythonClass.lookup("impl") else {
          throw PythonError(
            .attributeError,
            "TypeDecorator implementations require a class-level variable 'impl' which refers to "
              + "the class of type being decorated")
        }
        let made =
          TypeCoercion.isType(impl) && impl.asClass != nil
          ? try call.python.call(impl, Arguments(call.rest, keywords: call.keywords)) : impl
        let inner = try TypeCoercion.object(made, call.python)
        object.type = inner.resolved
        object.attributes["impl"] = .object(inner)
        object.attributes["impl_instance"] = .object(inner)
        return .null
      },
      "load_dialect_impl": .method("self, dialect") { call in
        let object: TypeObject = try call.receiver()
        return object.attributes["impl"] ?? .null
      },
      "process_bind_param": .method("self, value, dialect") { call in call[1] },
      "process_result_value": .method("self, value, dialect") { call in call[1] },
    ])

  /// What a type derives from that may have DDL beside a table's, as an enumeration has: that of the
  /// type it stands on is sent. A class that makes more of it by itself is refused.
  nonisolated(unsafe) static let schema = PythonClass(
    host: "SchemaType", module: "sqlalchemy.types",
    members: [
      "__init__": .method("self, *args, **kwargs") { _ in .null },
      "__init_subclass__": .classMethod("cls, **kwargs") { call in
        try refuse(
          call, ["_set_table", "_set_parent", "_on_table_create", "_on_metadata_create", "create"],
          of: "SchemaType")
      },
    ])

  /// What expressions can do with a type (`TypeEngine.Comparator`). Scripts may add methods to it; a
  /// class that makes something else of an operator is refused.
  nonisolated(unsafe) static let comparator = PythonClass(
    host: "Comparator", module: "sqlalchemy.sql.type_api",
    members: [
      "__init_subclass__": .classMethod("cls, **kwargs") { call in
        try refuse(call, operators, of: "Comparator")
      }
    ])

  /// The names by which expressions do what they do.
  private static var operators: [String] {
    ["operate", "reverse_operate", "__neg__", "__invert__", "__contains__", "__getitem__"]
      + BinaryOperator.allCases.flatMap { [$0.method, $0.reflectedMethod] }
      + ComparisonOperator.allCases.compactMap(\.method) + ExpressionMethods.all.keys
  }

  private static func refuse(_ call: Call, _ hooks: [String], of base: String) throws -> Value {
    let cls = call[0].asClass
    for hook in hooks {
      guard let method = cls?.lookup(hook) else { continue }
      if method.object(as: HostFunction.self)?.owner?.isHost == true { continue }
      throw Unsupported("\(hook)() of a class that derives from \(base)")
    }
    return .null
  }

  /// The class from which scripts derive types with DDL of their own.
  nonisolated(unsafe) static let userDefined = PythonClass(
    host: "UserDefinedType", module: "sqlalchemy.types", bases: [engine])

  nonisolated(unsafe) private static let classes: OrderedDictionary<String, PythonClass> = {
    var classes: OrderedDictionary<String, PythonClass> = ["TypeEngine": engine]
    for entry in TypeTable.entries {
      let isDialect = entry.name.hasPrefix("pg.")
      classes[entry.name] = PythonClass(
        host: isDialect ? String(entry.name.dropFirst(3)) : entry.name,
        module: isDialect ? "sqlalchemy.dialects.postgresql" : "sqlalchemy.types",
        bases: [classes[entry.base] ?? engine], members: ["__init__": initialiser(entry)])
    }
    return classes
  }()

  /// The class of a name; `TypeEngine` for one that is not in the table.
  static func named(_ name: String) -> PythonClass { classes[name] ?? engine }

  private static func initialiser(_ entry: Entry) -> Value {
    let signature = entry.signature.isEmpty ? "self" : "self, \(entry.signature)"
    return .method(signature) { call in
      let object: TypeObject = try call.receiver()
      object.type = try entry.make(call)
      if entry.name.hasSuffix("ARRAY") {
        object.item = try TypeCoercion.object(call["item_type"], call.python)
      }
      object.shownArguments = TypeRepresentation.arguments(of: object, call)
      return .null
    }
  }

  /// The names that `sqlalchemy` and `sqlalchemy.types` offer.
  static var genericNames: [String] {
    classes.keys.filter { !$0.hasPrefix("pg.") && !TypeTable.dialectOnly.contains($0) }
      + ["TypeDecorator", "UserDefinedType", "SchemaType"]
  }

  /// The names that `sqlalchemy.dialects.postgresql` offers, with the class of each.
  static var dialectMembers: OrderedDictionary<String, PythonClass> {
    var members: OrderedDictionary<String, PythonClass> = [:]
    for name in TypeTable.sharedWithDialect { members[name] = named(name) }
    for name in TypeTable.dialectOnly { members[name] = named(name) }
    for (name, cls) in classes where name.hasPrefix("pg.") {
      members[String(name.dropFirst(3))] = cls
    }
    return members
  }

  /// The class that a generic name stands for.
  static func generic(_ name: String) -> PythonClass {
    switch name {
    case "TypeDecorator": decorator
    case "UserDefinedType": userDefined
    case "SchemaType": schema
    default: named(name)
    }
  }

  /// An instance that a reflected type is shown as.
  static func reflected(_ type: SQLType, _ python: Interpreter) -> TypeObject {
    let object = TypeObject(named(TypeRepresentation.className(of: type)))
    object.type = type
    object.python = python
    object.shownArguments = TypeRepresentation.arguments(of: type)
    if case .array(let array) = type { object.item = reflected(array.item, python) }
    return object
  }
}
