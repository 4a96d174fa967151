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
  /// The dialect, which knows the server; a connection and its engine have one.
  private(set) lazy var dialect = DialectObject(self)
  /// Whether statements are written down, not run: then it is SQLAlchemy's mock connection.
  let isMock: Bool
  private let info = PythonDict()

  /// Gives a connection its face.
  public init(
    _ connection: ScriptConnection, library: ServerValues, isEngine: Bool = false,
    isMock: Bool = false
  ) {
    self.isMock = isMock
    self.connection = connection
    self.library = library
    self.isEngine = isEngine
  }

  public override var pythonClass: PythonClass {
    if isMock { return MockConnection.cls }
    return isEngine ? ConnectionClasses.engine : ConnectionClasses.connection
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
    if isMock {
      return try MockConnection.attribute(name, of: self) ?? super.attribute(name, python)
    }
    switch name {
    case "dialect": return .object(dialect)
    case "engine":
      return isEngine
        ? .object(self)
        : .object(asEngine())
    case "info": return .dict(info)
    case "closed", "invalidated": return .bool(false)
    case "name" where isEngine: return .string("postgresql")
    case "driver" where isEngine: return .string("psycopg2")
    case "url" where isEngine: return .object(URLObject())
    case "default_isolation_level": return .string("READ COMMITTED")
    default: return try super.attribute(name, python)
    }
  }

  private func asEngine() -> ConnectionObject {
    let engine = ConnectionObject(connection, library: library, isEngine: true)
    engine.dialect = dialect
    return engine
  }

  public override func enter(_ python: Interpreter) throws -> Value? {
    isMock ? nil : .object(self)
  }

  /// Leaving a connection that is the run's leaves it open: the run goes on with it.
  public override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool { false }

  public override func representation(_ python: Interpreter) throws -> String {
    isEngine
      ? "Engine(postgresql+psycopg2://)"
      : "<sqlalchemy.engine.base.Connection object at \(address)>"
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
  override class var ownMethods: [String] { ["get_backend_name", "get_driver_name"] }

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
