internal import PythonSubset

/// `sqlalchemy.dialects` and what psycopg2 offers to revisions.
enum DialectModules {
  static var postgresql: MemberTable {
    let classes = TypeClasses.dialectMembers
    var members = MemberTable(Array(classes.keys)) { name, _ in
      classes[name].map { .object($0) } ?? .null
    }
    members["ExcludeConstraint"] = { _ in .object(ConstraintClasses.exclude) }
    members["Range"] = { _ in .object(RangeObject.cls) }
    members["dialect"] = { _ in .object(DialectObject.cls) }
    members["PGDialect"] = { _ in .object(DialectObject.base) }
    members["PGDialect_psycopg2"] = { _ in .object(DialectObject.cls) }
    members["insert"] = { _ in
      .function("insert", "table") { call in
        .object(InsertObject(try SourceReading.source(call["table"], call.python)))
      }
    }
    members["Insert"] = { _ in .object(QueryClasses.insert) }
    members["array"] = { _ in
      .function("array", "clauses, type_=None") { call in
        let given = try TypeCoercion.type(call["type_"], call.python)
        let items = try call.items("clauses").map {
          try Coercion(call.python).expression($0, as: given)
        }
        var item = given
        if case .null = given { item = items.first?.type ?? .null }
        return .object(
          ExpressionObject(SQLExpression(.array(items), type: .array(.init(item)))))
      }
    }
    members["aggregate_order_by"] = { _ in
      .function("aggregate_order_by", "target, *order_by") { call in
        let coercion = Coercion(call.python)
        let target = try coercion.expression(call["target"])
        return .object(
          ExpressionObject(
            SQLExpression(
              .ordered(target, try call.rest.map { try coercion.expression($0) }),
              type: target.type)))
      }
    }
    for name in [
      "array_agg", "hstore", "to_tsvector", "to_tsquery", "plainto_tsquery", "phraseto_tsquery",
      "websearch_to_tsquery", "ts_headline",
    ] {
      members[name] = { python in try python.get(name, of: .object(FunctionNamespace())) }
    }
    members["Any"] = { python in try CoreFunctions.member("any_", python) }
    members["All"] = { python in try CoreFunctions.member("all_", python) }
    return members
  }

  /// Types of a database that is not PostgreSQL: they may be named in branches for it and as
  /// variants, and are never written.
  private static func foreign(_ dialect: String) -> MemberTable {
    let module = "sqlalchemy.dialects.\(dialect)"
    let generic = CoreModules.types
    var members: MemberTable = [:]
    for name in typeNames(of: dialect) {
      if let known = generic[name] {
        members[name] = known
      } else {
        let cls = ForeignTypes.cls(name, module)
        members[name] = { _ in .object(cls) }
      }
    }
    if let cls = foreignDialects[dialect] {
      members["dialect"] = { _ in .object(cls) }
      members[cls.name] = { _ in .object(cls) }
    }
    members["insert"] = { _ in
      .function("insert", "table") { _ in throw Unsupported("\(module).insert()") }
    }
    return members
  }

  /// What a script asks whether the connection's dialect is one of, which it never is.
  nonisolated(unsafe) private static let foreignDialects = [
    "mysql": dialect("MySQLDialect", "mysql"), "sqlite": dialect("SQLiteDialect", "sqlite"),
    "mssql": dialect("MSDialect", "mssql"), "oracle": dialect("OracleDialect", "oracle"),
  ]

  private static func dialect(_ name: String, _ database: String) -> PythonClass {
    let module = "sqlalchemy.dialects.\(database).base"
    return PythonClass(
      host: name, module: module,
      members: ["__new__": .new("cls, **kw") { _ in throw Unsupported("\(module).\(name)()") }])
  }

  private static let mysqlNames = [
    "BIGINT", "BINARY", "BIT", "BLOB", "BOOLEAN", "CHAR", "DATE", "DATETIME", "DECIMAL", "DOUBLE",
    "ENUM", "FLOAT", "INTEGER", "JSON", "LONGBLOB", "LONGTEXT", "MEDIUMBLOB", "MEDIUMINT",
    "MEDIUMTEXT", "NCHAR", "NUMERIC", "NVARCHAR", "REAL", "SET", "SMALLINT", "TEXT", "TIME",
    "TIMESTAMP", "TINYBLOB", "TINYINT", "TINYTEXT", "VARBINARY", "VARCHAR", "YEAR",
  ]

  private static let sqliteNames = [
    "BLOB", "BOOLEAN", "CHAR", "DATE", "DATETIME", "DECIMAL", "FLOAT", "INTEGER", "JSON", "NUMERIC",
    "REAL", "SMALLINT", "TEXT", "TIME", "TIMESTAMP", "VARCHAR",
  ]

  private static let othersNames = [
    "BIGINT", "BIT", "CHAR", "CLOB", "DATE", "DATETIME2", "DATETIMEOFFSET", "FLOAT", "INTEGER",
    "NCLOB", "NTEXT", "NUMBER", "NVARCHAR", "RAW", "TEXT", "TIMESTAMP", "UNIQUEIDENTIFIER",
    "VARBINARY", "VARCHAR", "VARCHAR2", "XML", "DATETIME", "SMALLINT", "TINYINT", "LONG", "BLOB",
  ]

  /// The modules of `sqlalchemy.dialects`, and psycopg2's exceptions.
  static var all: [ModuleMaker] {
    let parts = [
      "base", "json", "array", "named_types", "types", "ranges", "hstore", "dml", "ext", "psycopg2",
    ]
    let others = ["mysql", "sqlite", "mssql", "oracle"]
    return [
      ModuleMaker("sqlalchemy.dialects", [:]),
      ModuleMaker("sqlalchemy.dialects.postgresql", postgresql),
      ModuleMaker("psycopg2.errors", DriverError.members),
      ModuleMaker(
        "psycopg2", ["Error": { _ in .object(DriverError.base) }]),
    ]
      + parts.map { ModuleMaker("sqlalchemy.dialects.postgresql.\($0)", postgresql) }
      + others.flatMap { other in
        ["", ".base"].map { ModuleMaker("sqlalchemy.dialects.\(other)\($0)", foreign(other)) }
      }
  }

  private static func typeNames(of dialect: String) -> [String] {
    switch dialect {
    case "mysql": mysqlNames
    case "sqlite": sqliteNames
    default: othersNames
    }
  }
}

/// Types of other databases.
enum ForeignTypes {
  /// A class that can be made and given as a variant; without DDL of its own.
  static func cls(_ name: String, _ module: String) -> PythonClass {
    PythonClass(
      host: name, module: module, bases: [TypeClasses.named("NullType")],
      members: ["__init__": .method("self, *args, **kwargs") { _ in .null }])
  }
}
