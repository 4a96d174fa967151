internal import OrderedCollections
public import PythonSubset

/// `sa.MetaData`.
public final class MetaDataObject: PythonObject {
  /// The set of tables.
  public let metadata: MetaData
  private var info = PythonDict()
  private var convention: Value = .null

  init(_ metadata: MetaData) {
    self.metadata = metadata
    super.init()
    metadata.payload = self
  }

  /// The object of a set of tables: always the same.
  static func of(_ metadata: MetaData) -> MetaDataObject {
    metadata.payload as? MetaDataObject ?? MetaDataObject(metadata)
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "MetaData", module: "sqlalchemy.sql.schema",
    members: [
      "__new__": .new(
        "cls, schema=None, quote_schema=None, naming_convention=None, info=None, bind=None"
      ) { call in
        let convention = call["naming_convention"]
        let object = MetaDataObject(
          MetaData(
            schema: try call.optionalName("schema"),
            namingConvention: try ConventionReading.read(convention, call.python)))
        object.convention = convention
        object.info = call["info"].dict ?? object.info
        return .object(object)
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "create_all": .method("self, bind, tables=None, checkfirst=True") { call in
        let (object, connection, tables) = try action(call)
        try MetadataActions(connection).create(
          tables ?? object.metadata.sortedTables, checkFirst: try call.truth("checkfirst"))
        return .null
      },
      "drop_all": .method("self, bind, tables=None, checkfirst=True") { call in
        let (object, connection, tables) = try action(call)
        try MetadataActions(connection).drop(
          (tables ?? object.metadata.sortedTables).reversed(),
          checkFirst: try call.truth("checkfirst"))
        return .null
      },
      "reflect": .method(
        "self, bind, schema=None, views=False, only=None, extend_existing=False, "
          + "autoload_replace=True, resolve_fks=True, **dialect_kwargs"
      ) { call in
        let object: MetaDataObject = try call.receiver()
        let connection = try ConnectionObject.of(call["bind"], call.python)
        try object.reflect(call, connection)
        return .null
      },
      "clear": .method { call in
        let object: MetaDataObject = try call.receiver()
        object.metadata.tables = [:]
        return .null
      },
      "remove": .method("self, table") { call in
        let object: MetaDataObject = try call.receiver()
        if let table = call[1].object(as: FromObject.self)?.table {
          object.metadata.tables.removeValue(forKey: table.fullName)
        }
        return .null
      },
    ])

  public override var pythonClass: PythonClass { MetaDataObject.cls }

  private static func action(
    _ call: Call
  ) throws -> (MetaDataObject, ConnectionObject, [Table]?) {
    let object: MetaDataObject = try call.receiver()
    let connection = try ConnectionObject.of(call["bind"], call.python)
    if call["tables"].isNone {
      try object.requireWhole(call.python)
      return (object, connection, nil)
    }
    let wanted = try call.items("tables").compactMap { $0.object(as: FromObject.self)?.table }
    let tables = object.metadata.sortedTables.filter { table in wanted.contains { $0 === table } }
    return (object, connection, tables)
  }

  /// Throws where it is metadata of the project's modules: of these only what the scripts name is
  /// evaluated, so that tables which Python would have registered are not in it.
  func requireWhole(_ python: Interpreter) throws {
    let isOfProject = try python.projectValues.contains { value in
      if value.object(as: MetaDataObject.self) === self { return true }
      guard value.object(as: PythonClass.self) != nil else { return false }
      return try python.optionalAttribute(of: value, "metadata")?
        .object(as: MetaDataObject.self) === self
    }
    guard isOfProject else { return }
    throw Unsupported(
      "all tables of the project's own metadata",
      hint: "Name the tables: create_all(bind, tables=[Model.__table__]), or read one by its model."
    )
  }

  private func reflect(_ call: Call, _ connection: ConnectionObject) throws {
    let python = call.python
    let schema = try call.optionalName("schema") ?? metadata.schema
    let reflection = TableReflection(connection, python)
    var names = try reflection.catalog.tableNames(schema: schema?.text)
    if try call.truth("views") { names += try reflection.catalog.viewNames(schema: schema?.text) }
    let only = call["only"]
    if !only.isNone {
      if python.isCallable(only) {
        names = try names.filter {
          try python.truth(python.call(only, [.string($0), .object(self)]))
        }
      } else {
        let wanted = try python.items(only).compactMap(\.string)
        let missing = wanted.filter { !names.contains($0) }
        guard missing.isEmpty else {
          throw PythonError(
            SQLAlchemyErrors.invalidRequest,
            "Could not reflect: requested table(s) not available: "
              + missing.map { "'\($0)'" }.joined(separator: ", "))
        }
        names = wanted
      }
    }
    for name in names {
      let full = Table(SQLName(name), schema: schema).fullName
      guard metadata.tables[full] == nil else { continue }
      let table = metadata.makeTable(SQLName(name), schema: schema)
      try reflection.load(table, only: nil, resolvesKeys: try call.truth("resolve_fks"))
    }
  }

  /// Knows before the script runs that it does not have all tables of the project.
  public override func checkUse(
    of name: String, calledWith arguments: [Argument]?, _ python: Interpreter
  ) throws {
    switch name {
    case "create_all", "drop_all":
      let namesTables =
        arguments?.contains { argument in
          switch argument {
          case .keyword(let name, _, _): name == "tables"
          case .unpackedSequence, .unpackedMapping: true
          case .positional: false
          }
        } ?? true
      let positional = arguments?.count { if case .positional = $0 { true } else { false } } ?? 0
      if !namesTables, positional < 2 { try requireWhole(python) }
    case "tables", "sorted_tables": try requireWhole(python)
    default: break
    }
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "tables":
      try requireWhole(python)
      return .dict(
        PythonDict(
          metadata.tables.elements.map { ($0.key, Value.object(FromObject.of($0.value))) }))
    case "sorted_tables":
      try requireWhole(python)
      return .list(metadata.sortedTables.map { .object(FromObject.of($0)) })
    case "schema": return .string(orNone: metadata.schema?.text)
    case "info": return .dict(info)
    case "naming_convention": return convention
    case "bind": return .null
    default: return try super.attribute(name, python)
    }
  }

  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    switch name {
    case "naming_convention":
      convention = value
      metadata.namingConvention = try ConventionReading.read(value, python)
    case "schema": metadata.schema = NameObject.name(value)
    default: return false
    }
    return true
  }

  public override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    if let name = item.string { return metadata.tables[name] != nil }
    guard let table = item.object(as: FromObject.self)?.table else { return false }
    return metadata.tables[table.fullName] != nil
  }

  public override func representation(_ python: Interpreter) throws -> String { "MetaData()" }
}

/// Reads the dictionary of a naming convention.
enum ConventionReading {
  static func read(_ value: Value, _ python: Interpreter) throws -> ConstraintNaming {
    guard let dict = value.dict, !dict.isEmpty else { return .standard }
    var patterns: [ConstraintKind: String] = [:]
    var tokens: [String: (ConstraintNaming.NamedObject, Table) throws -> String] = [:]
    for (key, value) in dict.items {
      if let kind = kind(key) {
        patterns[kind] = try python.str(value)
      } else if let token = key.string {
        tokens[token] = { object, table in
          let named: Value =
            switch object {
            case .constraint(let constraint): .object(ConstraintObject(constraint))
            case .index(let index): .object(IndexObject(index))
            }
          return try python.str(python.call(value, [named, .object(FromObject.of(table))]))
        }
      }
    }
    return ConstraintNaming(patterns, tokens: tokens)
  }

  private static func kind(_ key: Value) -> ConstraintKind? {
    if let text = key.string { return ConstraintKind(rawValue: text) }
    switch key.asClass?.name {
    case "Index": return .index
    case "UniqueConstraint": return .unique
    case "CheckConstraint": return .check
    case "ForeignKeyConstraint": return .foreignKey
    case "PrimaryKeyConstraint": return .primaryKey
    default: return nil
    }
  }
}
