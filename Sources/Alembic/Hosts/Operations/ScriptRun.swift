public import PythonSubset

/// What the scripts of one run share: where statements go, the project's naming convention, the
/// configuration that they may ask for.
public final class ScriptRun {
  /// How a run is set up.
  public struct Settings {
    /// How constraints without names are named.
    public var naming = ConstraintNaming.standard
    /// Whether statements are written down, not run.
    public var isOffline = false
    /// What `-x name=value` gave, for `context.get_x_argument`.
    public var arguments: [String] = []
    /// What `--tag` gave, for `context.get_tag_argument`.
    public var tag: String?
    /// The name of the version table.
    public var versionTable = "alembic_version"
    /// Its schema.
    public var versionTableSchema: String?
    /// The options of the project, for `config.get_main_option`; nil for none.
    public var configuration: ScriptConfiguration?
    /// What a revision asked `op.get_context()` knows as its options.
    public var contextOptions: [(name: String, value: Value)] = []

    /// A run against a database, by Alembic's defaults.
    public init() {}
  }

  /// How it is set up.
  public let settings: Settings
  /// The connection.
  public let connection: ScriptConnection
  /// Alembic's directives.
  public let operations: SchemaOperations
  let library: ServerValues
  private let bound: ConnectionObject
  /// The revision that the version table has now, for `op.get_context().get_current_revision()`.
  public var currentHeads: [String] = []
  /// `context.config.attributes`, which scripts may use to hand things to each other.
  let configurationAttributes = PythonDict()
  /// Directives that scripts registered.
  var registered = RegisteredDirectives()
  private(set) lazy var operationsClass = OperationsObject.makeClass(self)
  /// The `op` of the run.
  private(set) lazy var operationsObject = OperationsObject(self)

  /// Sets a run up.
  public init(_ connection: ScriptConnection, settings: Settings = Settings()) {
    self.connection = connection
    self.settings = settings
    library = ServerValues()
    operations = SchemaOperations(
      sink: ConnectionSink(connection), namingConvention: settings.naming)
    bound = ConnectionObject(connection, library: library, isMock: settings.isOffline)
  }

  /// `op.get_bind()`.
  func bind(_ python: Interpreter) throws -> Value {
    .object(bound)
  }

  /// The dialect: the connection's, or one that knows of no server.
  var dialect: DialectObject { settings.isOffline ? .shared : bound.dialect }

  /// `op.execute()`: text, a Core statement, or DDL.
  func execute(_ statement: Value, _ python: Interpreter) throws {
    var statement = statement
    if let text = statement.string {
      statement = .object(ExpressionObject(SQLExpression(.text(TextClause(text)))))
    }
    if settings.isOffline {
      for sql in try OfflineText(python).statements(statement) {
        try translatingErrors { try operations.send(sql) }
      }
    } else {
      _ = try Execution(bound, python).run(statement, .null)
    }
  }
}

/// Sends what a directive makes to the connection of the run.
private final class ConnectionSink: StatementSink {
  private let connection: ScriptConnection

  init(_ connection: ScriptConnection) { self.connection = connection }

  func execute(_ sql: String) throws { _ = try connection.execute(sql) }
}

/// The text of statements that nobody runs, with values as a person writes them.
struct OfflineText {
  let python: Interpreter

  init(_ python: Interpreter) { self.python = python }

  /// A statement for each set of parameters, or one where there are none.
  func statements(_ statement: Value, _ rows: [PythonDict]) throws -> [String] {
    if rows.isEmpty { return try statements(statement) }
    return try rows.flatMap { row in
      try python.tick()
      return try statements(statement, row)
    }
  }

  func statements(_ statement: Value, _ row: PythonDict? = nil) throws -> [String] {
    try translatingErrors {
      // A place without a value is NULL in a script.
      let compiler = SQLCompiler(style: .script) { place in
        if !place.isUnique, let value = row?[place.key] {
          return try BoundParameter(python).value(value, of: place)
        }
        return place.value ?? .null
      }
      switch statement.object(as: PythonObject.self) {
      case let object as StatementObject:
        return [try compiler.statement(try object.statement(row.map { [$0] } ?? [], python))]
      case let element as DDLObject: return try element.statements(python)
      case let object as ExpressionObject: return [try compiler.text(object.expression)]
      default:
        throw PythonError(
          SQLAlchemyErrors.objectNotExecutable,
          "Not an executable object: \(try python.repr(statement))")
      }
    }
  }
}
