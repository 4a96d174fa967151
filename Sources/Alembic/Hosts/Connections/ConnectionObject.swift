public import PythonSubset

/// A connection as scripts get it by `op.get_bind()`.
///
/// Open, so that what gives a connection its own face (an engine, a session's) can be one too.
public final class ConnectionObject: PythonObject {
  /// The connection.
  public let connection: ScriptConnection
  /// Makes values of what the server sends.
  let library: ServerValues
  /// Whether it stands for an engine, whose `begin()` gives a connection.
  let isEngine: Bool
  private let info = PythonDict()

  /// Gives a connection its face.
  public init(
    _ connection: ScriptConnection, library: ServerValues, isEngine: Bool = false
  ) {
    self.connection = connection
    self.library = library
    self.isEngine = isEngine
  }

  public override var pythonClass: PythonClass {
    isEngine ? ConnectionClasses.engine : ConnectionClasses.connection
  }

  /// The connection that a script gives as `bind`: itself, an engine, a session's.
  static func of(_ value: Value, _ python: Interpreter) throws -> ConnectionObject {
    if let object = value.object(as: ConnectionObject.self) { return object }
    if let operations = value.object(as: OperationsObject.self),
      let bind = try operations.run.bind(python).object(as: ConnectionObject.self)
    {
      return bind
    }
    for name in ["bind", "connection"] {
      if let inner = try python.optionalAttribute(of: value, name)?
        .object(as: ConnectionObject.self)
      {
        return inner
      }
    }
    if value.isNone {
      throw PythonError(
        .attributeError, "'NoneType' object has no attribute '_run_ddl_visitor'")
    }
    throw PythonError(
      SQLAlchemyErrors.argument,
      "Expected a Connection or Engine, got \(try python.repr(value))")
  }

  /// Runs SQL that a host made; the result is not looked at.
  func run(_ sql: String) throws {
    _ = try query(sql)
  }

  /// Runs SQL that a host made and gives the rows.
  func query(_ sql: String) throws -> StatementResult {
    try translatingErrors { try connection.execute(sql.trimmed) }
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "dialect": return .object(DialectObject.shared)
    case "engine":
      return isEngine
        ? .object(self)
        : .object(ConnectionObject(connection, library: library, isEngine: true))
    case "info": return .dict(info)
    case "closed", "invalidated": return .bool(false)
    case "name" where isEngine: return .string("postgresql")
    case "driver" where isEngine: return .string("psycopg2")
    case "url" where isEngine: return .object(URLObject())
    case "default_isolation_level": return .string("READ COMMITTED")
    default: return try super.attribute(name, python)
    }
  }

  public override func enter(_ python: Interpreter) throws -> Value? { .object(self) }

  /// Leaving a connection that is the run's leaves it open: the run goes on with it.
  public override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool { false }

  public override func representation(_ python: Interpreter) throws -> String {
    isEngine
      ? "Engine(postgresql+psycopg2://)"
      : "<sqlalchemy.engine.base.Connection object at \(address)>"
  }
}

/// `bind.dialect`.
public final class DialectObject: PythonObject {
  // Holds nothing that changes.
  nonisolated(unsafe) static let shared = DialectObject()
  nonisolated(unsafe) static let cls = PythonClass(
    host: "PGDialect_psycopg2", module: "sqlalchemy.dialects.postgresql.psycopg2",
    members: [
      "__new__": .new("cls, **kw") { _ in .object(DialectObject.shared) },
      "type_descriptor": .method("self, typeobj") { call in
        .object(try TypeCoercion.object(call["typeobj"], call.python))
      },
      "has_table": .method("self, connection, table_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasTable(
            SQLName(try call.string("table_name")), call.optionalName("schema")))
      },
      "has_sequence": .method("self, connection, sequence_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasRelation(
            SQLName(try call.string("sequence_name")), call.optionalName("schema"), kinds: "S"))
      },
      "has_type": .method("self, connection, type_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasType(
            SQLName(try call.string("type_name")), call.optionalName("schema")))
      },
      "has_index": .method("self, connection, table_name, index_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasRelation(
            SQLName(try call.string("index_name")), call.optionalName("schema"), kinds: "iI"))
      },
    ])

  public override var pythonClass: PythonClass { DialectObject.cls }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "name": .string("postgresql")
    case "driver": .string("psycopg2")
    case "default_schema_name": .string("public")
    case "max_identifier_length": .int(IdentifierPreparer.maximumLength)
    case "supports_alter", "supports_comments", "supports_native_boolean", "supports_native_uuid",
      "supports_native_enum", "supports_sequences", "supports_schemas", "insert_returning",
      "update_returning", "delete_returning", "supports_identity_columns",
      "supports_native_decimal":
      .bool(true)
    case "identifier_preparer": .object(PreparerObject())
    case "server_version_info": .tuple([.int(15), .int(0)])
    case "paramstyle": .string("pyformat")
    default: try super.attribute(name, python)
    }
  }
}

/// `dialect.identifier_preparer`.
final class PreparerObject: PythonObject {
  nonisolated(unsafe) static let cls = PythonClass(
    host: "PGIdentifierPreparer_psycopg2", module: "sqlalchemy.dialects.postgresql",
    members: [
      "quote": .method("self, ident, force=None") { call in
        .string(IdentifierPreparer.quote(NameObject.name(call["ident"]) ?? ""))
      },
      "quote_identifier": .method("self, value") { call in
        .string(IdentifierPreparer.quoted(try call.string("value")))
      },
      "quote_schema": .method("self, schema, force=None") { call in
        .string(IdentifierPreparer.quote(NameObject.name(call["schema"]) ?? ""))
      },
      "format_table": .method("self, table, use_schema=True, name=None") { call in
        guard let table = call["table"].object(as: FromObject.self)?.table else {
          throw call.mismatch(1, "Table")
        }
        return .string(table.sql)
      },
      "format_column": .method("self, column, use_table=False, name=None, table_name=None") {
        call in
        guard let column = call["column"].object(as: ColumnObject.self)?.column else {
          throw call.mismatch(1, "Column")
        }
        return .string(IdentifierPreparer.quote(column.name ?? ""))
      },
    ])

  override var pythonClass: PythonClass { PreparerObject.cls }
}

/// `engine.url`, without what is secret in it.
final class URLObject: PythonObject {
  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "drivername": .string("postgresql+psycopg2")
    case "get_backend_name":
      .function("get_backend_name") { _ in .string("postgresql") }
    case "get_driver_name": .function("get_driver_name") { _ in .string("psycopg2") }
    case "host", "port", "username", "password", "database", "query":
      throw Unsupported("reading \(name) from the database's URL")
    default: try super.attribute(name, python)
    }
  }

  override func text(_ python: Interpreter) throws -> String { "postgresql+psycopg2://" }
}
