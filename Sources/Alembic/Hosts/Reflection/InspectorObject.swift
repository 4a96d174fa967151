internal import OrderedCollections
internal import PythonSubset

/// `sa.inspect(bind)`.
final class InspectorObject: PythonObject {
  let connection: ConnectionObject
  let catalog: Catalog
  let memory = CatalogMemory()

  init(_ connection: ConnectionObject) {
    self.connection = connection
    catalog = Catalog(connection, remembering: memory)
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "Inspector", module: "sqlalchemy.engine.reflection",
    members: InspectorMethods.all.merging(
      [
        "from_engine": .classMethod("cls, bind") { call in
          .object(InspectorObject(try ConnectionObject.of(call["bind"], call.python)))
        },
        "__new__": .new("cls, bind") { call in
          .object(InspectorObject(try ConnectionObject.of(call["bind"], call.python)))
        },
        "__init__": .method("self, bind") { _ in .null },
      ], uniquingKeysWith: { $1 }))

  override var pythonClass: PythonClass { InspectorObject.cls }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "bind", "engine": .object(connection)
    case "dialect": .object(connection.dialect)
    case "default_schema_name": .string(try catalog.defaultSchema())
    case "info_cache": .dict(PythonDict())
    default: try super.attribute(name, python)
    }
  }
}

/// The methods of the inspector; their answers are shaped as SQLAlchemy's.
enum InspectorMethods {
  static var all: OrderedDictionary<String, Value> {
    names.merging(tables, uniquingKeysWith: { $1 }).merging(checks, uniquingKeysWith: { $1 })
  }

  private static func names(
    _ signature: String = "self, schema=None, **kw",
    _ body: @escaping (Catalog, String?) throws -> [String]
  ) -> Value {
    .method(signature) { call in
      let object: InspectorObject = try call.receiver()
      let schema = try call.optionalName("schema")?.text
      return .list(try body(object.catalog, schema).map { .string($0) })
    }
  }

  private static var names: OrderedDictionary<String, Value> {
    [
      "get_table_names": names { try $0.tableNames(schema: $1) },
      "get_view_names": names { try $0.viewNames(schema: $1) },
      "get_materialized_view_names": names { try $0.materializedViewNames(schema: $1) },
      "get_foreign_table_names": names { try $0.foreignTableNames(schema: $1) },
      "get_sequence_names": names { try $0.sequenceNames(schema: $1) },
      "get_temp_table_names": .method("self, **kw") { _ in .list([]) },
      "get_temp_view_names": .method("self, **kw") { _ in .list([]) },
      "get_schema_names": .method("self, **kw") { call in
        let object: InspectorObject = try call.receiver()
        return .list(try object.catalog.schemaNames().map { .string($0) })
      },
      "get_enums": .method("self, schema=None, **kw") { call in
        let object: InspectorObject = try call.receiver()
        return .list(try enums(object.catalog, try call.optionalName("schema")?.text))
      },
      "clear_cache": .method("self") { call in
        let object: InspectorObject = try call.receiver()
        object.memory.answers = [:]
        return .null
      },
    ]
  }

  private static func enums(_ catalog: Catalog, _ schema: String?) throws -> [Value] {
    let place: String
    switch schema {
    case nil: place = "pg_catalog.pg_type_is_visible(t.oid)"
    case "*": place = "true"
    case let schema?: place = "n.nspname = \(LiteralWriter.quoted(schema))"
    }
    let rows = try catalog.rows(
      """
      SELECT t.typname, n.nspname, pg_catalog.pg_type_is_visible(t.oid),
        (SELECT pg_catalog.json_agg(m.enumlabel ORDER BY m.enumsortorder)
          FROM pg_catalog.pg_enum AS m WHERE m.enumtypid = t.oid)
      FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
      WHERE t.typtype = 'e' AND \(place) ORDER BY n.nspname, t.typname
      """)
    return try rows.map { row in
      .dict(
        PythonDict([
          ("name", .string(row[0] ?? "")), ("schema", .string(row[1] ?? "")),
          ("visible", .bool(row[2] == "t")),
          ("labels", .list(try Catalog.texts(row[3]).map { .string($0 ?? "") })),
        ]))
    }
  }

  /// A method on one table.
  private static func table(
    _ body: @escaping (Catalog, String, String?, Interpreter) throws -> Value
  ) -> Value {
    .method("self, table_name, schema=None, **kw") { call in
      let object: InspectorObject = try call.receiver()
      return try body(
        object.catalog, try call.name("table_name").text,
        try call.optionalName("schema")?.text, call.python)
    }
  }

  private static func dict(_ members: [(String, Value)]) -> Value { .dict(PythonDict(members)) }
  private static func list(_ names: [String]) -> Value { .list(names.map { .string($0) }) }

  private static var tables: OrderedDictionary<String, Value> {
    [
      "get_columns": table { catalog, name, schema, python in
        .list(try catalog.columns(name, schema: schema).map { column($0, python) })
      },
      "get_pk_constraint": table { catalog, name, schema, _ in
        guard let key = try catalog.constraints("p", of: name, schema: schema).first else {
          return dict([("name", .null), ("constrained_columns", .list([]))])
        }
        return dict([
          ("constrained_columns", list(key.columns)), ("name", .string(key.name)),
          ("comment", .string(orNone: key.comment)),
          ("dialect_options", dict([("postgresql_include", list(key.include))])),
        ])
      },
      "get_foreign_keys": table { catalog, name, schema, _ in
        .list(try catalog.foreignKeys(of: name, schema: schema).map(foreignKey))
      },
      "get_indexes": table { catalog, name, schema, _ in
        .list(try catalog.indexes(of: name, schema: schema).map(index))
      },
      "get_unique_constraints": table { catalog, name, schema, _ in
        .list(
          try catalog.constraints("u", of: name, schema: schema).map { unique in
            dict([
              ("column_names", list(unique.columns)), ("name", .string(unique.name)),
              ("comment", .string(orNone: unique.comment)),
              (
                "dialect_options",
                dict([
                  ("postgresql_include", list(unique.include)),
                  ("postgresql_nulls_not_distinct", .bool(unique.nullsNotDistinct)),
                ])
              ),
            ])
          })
      },
      "get_check_constraints": table { catalog, name, schema, _ in
        .list(
          try catalog.constraints("c", of: name, schema: schema).map { check in
            dict([
              ("name", .string(check.name)), ("sqltext", .string(check.checkedText)),
              ("comment", .string(orNone: check.comment)),
            ])
          })
      },
      "get_table_comment": table { catalog, name, schema, _ in
        dict([("text", .string(orNone: try catalog.comment(of: name, schema: schema)))])
      },
      "get_table_options": table { _, _, _, _ in dict([]) },
      "get_table_oid": table { catalog, name, schema, _ in
        .int(orNone: Int(try catalog.tableOID(name, schema: schema)))
      },
      "get_view_definition": table { catalog, name, schema, _ in
        let oid = try catalog.tableOID(name, schema: schema)
        return .string(orNone: try catalog.list("SELECT pg_catalog.pg_get_viewdef(\(oid))").first)
      },
    ]
  }

  private static func column(_ column: ReflectedColumn, _ python: Interpreter) -> Value {
    var members: [(String, Value)] = [
      ("name", .string(column.name)),
      ("type", .object(TypeClasses.reflected(column.type, python))),
      ("nullable", .bool(column.isNullable)),
      ("default", .string(orNone: column.isComputed ? nil : column.defaultText)),
      ("autoincrement", .bool(column.isAutoIncrement)),
      ("comment", .string(orNone: column.comment)),
    ]
    if column.isComputed {
      members.append(
        (
          "computed",
          dict([("sqltext", .string(column.defaultText ?? "")), ("persisted", .bool(true))])
        ))
    }
    if !column.identityKind.isEmpty, let options = column.identity {
      members.append(
        (
          "identity",
          dict([
            ("always", .bool(column.identityKind == "a")),
            ("start", .int(orNone: options.start.map { Int($0) })),
            ("increment", .int(orNone: options.increment.map { Int($0) })),
            ("minvalue", .int(orNone: options.minimum.map { Int($0) })),
            ("maxvalue", .int(orNone: options.maximum.map { Int($0) })),
            ("cache", .int(orNone: options.cache.map { Int($0) })),
            ("cycle", .bool(options.cycles ?? false)),
          ])
        ))
    }
    return dict(members)
  }

  private static func foreignKey(_ key: ReflectedForeignKey) -> Value {
    var options: [(String, Value)] = []
    if let action = key.onUpdate { options.append(("onupdate", .string(action))) }
    if let action = key.onDelete { options.append(("ondelete", .string(action))) }
    if key.constraint.isDeferred { options.append(("initially", .string("DEFERRED"))) }
    if key.constraint.isDeferrable { options.append(("deferrable", .bool(true))) }
    if let match = key.match { options.append(("match", .string(match))) }
    return dict([
      ("name", .string(key.constraint.name)), ("constrained_columns", list(key.constraint.columns)),
      ("referred_schema", .string(orNone: key.schema)), ("referred_table", .string(key.table)),
      ("referred_columns", list(key.targets)), ("options", dict(options)),
      ("comment", .string(orNone: key.constraint.comment)),
    ])
  }

  private static func index(_ index: ReflectedIndex) -> Value {
    var members: [(String, Value)] = [
      ("name", .string(index.name)), ("unique", .bool(index.isUnique)),
      ("column_names", .list(index.columns.map { .string(orNone: $0) })),
    ]
    if index.columns.contains(nil) { members.append(("expressions", list(index.expressions))) }
    if let constraint = index.constraint {
      members.append(("duplicates_constraint", .string(constraint)))
    }
    let sorting = zip(index.expressions, index.options).compactMap { name, option in
      sortWords(option).map { (name, Value.tuple($0.map { .string($0) })) }
    }
    if !sorting.isEmpty { members.append(("column_sorting", dict(sorting))) }
    members.append(("include_columns", list(index.include)))
    members.append(("dialect_options", dict(options(index))))
    return dict(members)
  }

  private static func sortWords(_ option: Int) -> [String]? {
    switch option & 3 {
    case 3: ["desc"]
    case 1: ["desc", "nulls_last"]
    case 2: ["nulls_first"]
    default: nil
    }
  }

  private static func options(_ index: ReflectedIndex) -> [(String, Value)] {
    var options: [(String, Value)] = []
    let names = zip(index.columns, index.expressions).map { $0 ?? $1 }
    let classes = zip(names, index.operatorClasses).compactMap { name, cls in
      cls.map { (name, Value.string($0)) }
    }
    if !classes.isEmpty { options.append(("postgresql_ops", dict(classes))) }
    if !index.with.isEmpty {
      options.append(
        (
          "postgresql_with",
          dict(
            index.with.map { option in
              let parts = option.split(separator: "=", maxSplits: 1)
              return (String(parts[0]), .string(parts.count > 1 ? String(parts[1]) : ""))
            })
        ))
    }
    if index.method != "btree" { options.append(("postgresql_using", .string(index.method))) }
    if let predicate = index.predicate { options.append(("postgresql_where", .string(predicate))) }
    options.append(("postgresql_include", list(index.include)))
    return options
  }

  private static var checks: OrderedDictionary<String, Value> {
    [
      "has_table": .method("self, table_name, schema=None, **kw") { call in
        let object: InspectorObject = try call.receiver()
        return .bool(
          try CatalogChecks(object.catalog).hasTable(
            try call.name("table_name"), try call.optionalName("schema")))
      },
      "has_sequence": .method("self, sequence_name, schema=None, **kw") { call in
        let object: InspectorObject = try call.receiver()
        return .bool(
          try CatalogChecks(object.catalog).hasRelation(
            try call.name("sequence_name"), try call.optionalName("schema"), kinds: "S"))
      },
      "has_index": .method("self, table_name, index_name, schema=None, **kw") { call in
        let object: InspectorObject = try call.receiver()
        let names = try object.catalog.indexes(
          of: try call.name("table_name").text, schema: try call.optionalName("schema")?.text)
        let wanted = try call.name("index_name").text
        return .bool(names.contains { $0.name == wanted })
      },
      "has_schema": .method("self, schema_name, **kw") { call in
        let object: InspectorObject = try call.receiver()
        return .bool(
          try CatalogChecks(object.catalog).hasSchema(try call.name("schema_name").text))
      },
      "has_type": .method("self, type_name, schema=None, **kw") { call in
        let object: InspectorObject = try call.receiver()
        return .bool(
          try CatalogChecks(object.catalog).hasType(
            try call.name("type_name"), try call.optionalName("schema")))
      },
      "reflect_table": .method(
        "self, table, include_columns=None, exclude_columns=(), resolve_fks=True, _extend_on=None"
      ) { call in
        let object: InspectorObject = try call.receiver()
        guard let table = call["table"].object(as: FromObject.self)?.table else {
          throw call.mismatch(1, "Table")
        }
        let only = try call["include_columns"].orNil.map {
          try call.python.items($0).compactMap(\.string)
        }
        try TableReflection(object.connection, call.python).load(
          table, only: only, resolvesKeys: try call.truth("resolve_fks"))
        return .null
      },
    ]
  }
}

extension ReflectedConstraint {
  /// The condition of a check, without `CHECK (` and `)` and what follows.
  var checkedText: String {
    guard let open = definition.firstIndex(of: "("), let close = definition.lastIndex(of: ")"),
      open < close
    else { return definition }
    return String(definition[definition.index(after: open)..<close])
  }
}
