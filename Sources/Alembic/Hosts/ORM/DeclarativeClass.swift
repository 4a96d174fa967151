internal import OrderedCollections
internal import PythonSubset

/// A declarative base, or a class that derives from one: what stands for the rows of a table.
final class DeclarativeClass: PythonClass {
  /// What it shares with the other classes of its base.
  let registry: DeclarativeRegistry
  /// How it is mapped; nil for a base and for an abstract class.
  private(set) var mapper: Mapper?

  private init(_ body: ClassBody, _ registry: DeclarativeRegistry) throws {
    self.registry = registry
    try super.init(body)
  }

  /// A new base with tables of its own.
  static func base(_ body: ClassBody, _ python: Interpreter) throws -> DeclarativeClass {
    var body = body
    let metadata =
      body.members["metadata"]?.object(as: MetaDataObject.self)
      ?? body.bases.lazy.compactMap { $0.lookup("metadata")?.object(as: MetaDataObject.self) }
      .first ?? MetaDataObject(MetaData())
    body.members["metadata"] = .object(metadata)
    let registry = DeclarativeRegistry(metadata)
    registry.annotationTypes = body.members["type_annotation_map"]?.dict
    body.members["registry"] = .object(RegistryObject(registry))
    body.bases = withMembers(body.bases)
    return try DeclarativeClass(body, registry)
  }

  /// A class mapped by a decorator of a registry.
  static func decorated(
    _ cls: PythonClass, _ registry: DeclarativeRegistry, _ python: Interpreter
  ) throws -> DeclarativeClass {
    var body = ClassBody(
      name: cls.name, qualifier: cls.qualifier, module: cls.module,
      bases: withMembers(cls.bases), members: cls.members)
    body.annotations = cls.annotations
    return try make(body, registry, python)
  }

  /// The bases with the class among them that makes instances.
  private static func withMembers(_ bases: [PythonClass]) -> [PythonClass] {
    let own = DeclarativeMembers.base
    if bases.contains(where: { $0.isSubclass(of: own) }) { return bases }
    return bases.filter { $0 !== PythonClass.object } + [own]
  }

  override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
    try DeclarativeClass.make(body, registry, python)
  }

  private static func make(
    _ body: ClassBody, _ registry: DeclarativeRegistry, _ python: Interpreter
  ) throws -> DeclarativeClass {
    var reading = DeclarativeReading(body, registry, python)
    let remaining = try reading.collect()
    let cls = try DeclarativeClass(remaining, registry)
    cls.mapper = try reading.map(cls)
    if let mapper = cls.mapper { registry.mappers.append(mapper) }
    return cls
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    guard let mapper else { return try super.attribute(name, python) }
    if let column = mapper.columns[name] { return .object(ColumnObject.of(column)) }
    if let relationship = mapper.relationships[name] {
      return .object(RelationshipAttribute(relationship, of: mapper))
    }
    switch name {
    case "__table__": return .object(FromObject.of(mapper.table))
    case "__tablename__": return .string(mapper.table.name.text)
    case "__mapper__": return .object(MapperObject(mapper))
    default: return try super.attribute(name, python)
    }
  }

  /// A column that is added to a class after its definition.
  override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    guard let mapper else { return try super.setAttribute(name, to: value, python) }
    if let column = value.object(as: ColumnObject.self)?.column {
      if column.name == nil { column.name = SQLName(name) }
      try translatingErrors { try mapper.table.append(column) }
      ColumnObject.of(column).refresh()
      mapper.columns[name] = column
      return true
    }
    if let declared = value.object(as: RelationshipObject.self) {
      mapper.relationships[name] = Relationship(name, declared, in: mapper)
      return true
    }
    return try super.setAttribute(name, to: value, python)
  }

  override var attributeNames: [String] {
    guard let mapper else { return super.attributeNames }
    return super.attributeNames + mapper.columns.keys + mapper.relationships.keys
      + ["__table__", "__mapper__", "__tablename__"]
  }
}

extension DeclarativeClass: EntityProviding {
  func entity(_ python: Interpreter) throws -> Entity {
    guard let mapper else {
      throw PythonError(
        SQLAlchemyErrors.argument,
        "Column expression, FROM clause, or other columns clause element expected, got "
          + "\(try python.repr(.object(self)))")
    }
    return Entity(mapper, source: mapper.table)
  }
}

/// What every declarative class has.
enum DeclarativeMembers {
  private static var all: OrderedDictionary<String, Value> {
    [
      "__new__": .new { call in
        guard let cls = try call.cls() as? DeclarativeClass, let mapper = cls.mapper else {
          throw PythonError(
            SQLAlchemyErrors.invalidRequest, "class \(try call.cls().name) is not mapped")
        }
        return .object(MappedInstance(mapper))
      },
      "__init__": .method("self, **kwargs") { call in
        for (name, value) in call.keywords {
          let instance: PythonInstance = try call.receiver()
          let mapper = (instance as? MappedInstance)?.mapper
          guard
            mapper?.columns[name] != nil || mapper?.relationships[name] != nil
              || instance.pythonClass.lookup(name) != nil
          else {
            throw PythonError(
              .typeError,
              "'\(name)' is an invalid keyword argument for \(instance.pythonClass.name)")
          }
          try call.python.setAttribute(of: call[0], name, to: value)
        }
        return .null
      },
    ]
  }

  /// `sqlalchemy.orm.DeclarativeBase`: a class that derives from it directly is a base.
  nonisolated(unsafe) static let base: PythonClass = DeclarativeBaseClass(
    host: "DeclarativeBase", module: "sqlalchemy.orm.decl_api", members: all)
}

private final class DeclarativeBaseClass: PythonClass {
  override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
    try DeclarativeClass.base(body, python)
  }
}

/// `__mapper__` of a class, as far as scripts look at it.
final class MapperObject: PythonObject {
  let mapper: Mapper
  init(_ mapper: Mapper) { self.mapper = mapper }

  override class var ownMethods: [String] { ["class_", "entity"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "class_", "entity": .object(mapper.cls)
    case "local_table", "persist_selectable", "mapped_table": .object(FromObject.of(mapper.table))
    case "columns", "c": .object(ColumnCollection(Array(mapper.columns.values)))
    case "primary_key": .tuple(mapper.keys.map { .object(ColumnObject.of($0.column)) })
    case "tables": .list([.object(FromObject.of(mapper.table))])
    case "mapper": .object(self)
    default: try super.attribute(name, python)
    }
  }
}

/// `sqlalchemy.orm.registry()`.
final class RegistryObject: PythonObject {
  let registry: DeclarativeRegistry
  init(_ registry: DeclarativeRegistry) { self.registry = registry }

  override class var ownMethods: [String] { ["mapped", "generate_base", "configure"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    let registry = registry
    switch name {
    case "metadata": return .object(registry.metadata)
    case "mapped":
      return .function("mapped", "cls") { call in
        .object(try DeclarativeClass.decorated(try call.cls(), registry, call.python))
      }
    case "generate_base":
      return .function("generate_base", "cls=None, name='Base', **kw") { call in
        .object(
          try DeclarativeClass.base(
            ClassBody(
              name: try call.string("name"), module: "sqlalchemy.orm.decl_api",
              bases: call["cls"].asClass.map { [$0] } ?? [],
              members: ["metadata": .object(registry.metadata)]), call.python))
      }
    case "configure": return .function("configure") { _ in .null }
    default: return try super.attribute(name, python)
    }
  }
}
