internal import OrderedCollections
internal import PythonSubset

/// The exceptions of `sqlalchemy.exc`, `sqlalchemy.orm.exc` and `alembic.util`.
enum SQLAlchemyErrors {
  private static func make(
    _ name: String, _ bases: [PythonClass], members: OrderedDictionary<String, Value> = [:]
  ) -> PythonClass {
    PythonClass(host: name, module: "sqlalchemy.exc", bases: bases, members: members)
  }
  private static var exception: PythonClass { BuiltinException.exception.pythonClass }

  // All immutable once made (see PythonClass).
  nonisolated(unsafe) static let base = make(
    "SQLAlchemyError", [exception],
    members: [
      // Also of one that is a KeyError, whose own `str()` would be in quotes.
      "__str__": .method { call in
        let object: ExceptionObject = try call.receiver()
        return object.arguments.count == 1
          ? .string(try call.python.str(object.arguments[0]))
          : .string(try object.defaultText(call.python))
      }
    ])
  nonisolated(unsafe) static let argument = make("ArgumentError", [base])
  nonisolated(unsafe) static let duplicateColumn = make("DuplicateColumnError", [argument])
  nonisolated(unsafe) static let constraintColumnNotFound = make(
    "ConstraintColumnNotFoundError", [argument])
  nonisolated(unsafe) static let objectNotExecutable = make(
    "ObjectNotExecutableError", [argument])
  nonisolated(unsafe) static let noSuchModule = make("NoSuchModuleError", [argument])
  nonisolated(unsafe) static let noForeignKeys = make("NoForeignKeysError", [argument])
  nonisolated(unsafe) static let ambiguousForeignKeys = make(
    "AmbiguousForeignKeysError", [argument])
  nonisolated(unsafe) static let compile = make("CompileError", [base])
  nonisolated(unsafe) static let identifier = make("IdentifierError", [base])
  nonisolated(unsafe) static let circularDependency = make("CircularDependencyError", [base])
  nonisolated(unsafe) static let disconnection = make("DisconnectionError", [base])
  nonisolated(unsafe) static let timeout = make("TimeoutError", [base])
  nonisolated(unsafe) static let invalidRequest = make("InvalidRequestError", [base])
  nonisolated(unsafe) static let noInspection = make(
    "NoInspectionAvailable", [invalidRequest])
  nonisolated(unsafe) static let pendingRollback = make(
    "PendingRollbackError", [invalidRequest])
  nonisolated(unsafe) static let resourceClosed = make(
    "ResourceClosedError", [invalidRequest])
  nonisolated(unsafe) static let noSuchColumn = make(
    "NoSuchColumnError", [invalidRequest, BuiltinException.keyError.pythonClass])
  nonisolated(unsafe) static let noResult = make("NoResultFound", [invalidRequest])
  nonisolated(unsafe) static let multipleResults = make(
    "MultipleResultsFound", [invalidRequest])
  nonisolated(unsafe) static let noReference = make("NoReferenceError", [invalidRequest])
  nonisolated(unsafe) static let noReferencedTable = make(
    "NoReferencedTableError", [noReference])
  nonisolated(unsafe) static let noReferencedColumn = make(
    "NoReferencedColumnError", [noReference])
  nonisolated(unsafe) static let noSuchTable = make("NoSuchTableError", [invalidRequest])
  nonisolated(unsafe) static let unreflectableTable = make(
    "UnreflectableTableError", [invalidRequest])
  nonisolated(unsafe) static let unboundExecution = make(
    "UnboundExecutionError", [invalidRequest])
  nonisolated(unsafe) static let statement = make("StatementError", [base])
  nonisolated(unsafe) static let dbapi = make("DBAPIError", [statement])
  nonisolated(unsafe) static let interface = make("InterfaceError", [dbapi])
  nonisolated(unsafe) static let database = make("DatabaseError", [dbapi])
  nonisolated(unsafe) static let data = make("DataError", [database])
  nonisolated(unsafe) static let operational = make("OperationalError", [database])
  nonisolated(unsafe) static let integrity = make("IntegrityError", [database])
  nonisolated(unsafe) static let `internal` = make("InternalError", [database])
  nonisolated(unsafe) static let programming = make("ProgrammingError", [database])
  nonisolated(unsafe) static let notSupported = make("NotSupportedError", [database])
  nonisolated(unsafe) static let deprecationWarning = make(
    "SADeprecationWarning", [BuiltinException.deprecationWarning.pythonClass])
  nonisolated(unsafe) static let warning = make(
    "SAWarning", [BuiltinException.runtimeWarning.pythonClass])
  /// `alembic.util.exc.CommandError`.
  nonisolated(unsafe) static let command = PythonClass(
    host: "CommandError", module: "alembic.util.exc", bases: [exception])

  /// The members of `sqlalchemy.exc`.
  static var members: MemberTable { MemberTable(all) }

  private static var all: [PythonClass] {
    [
      base, argument, duplicateColumn, constraintColumnNotFound, objectNotExecutable, noSuchModule,
      noForeignKeys, ambiguousForeignKeys, compile, identifier, circularDependency, disconnection,
      timeout, invalidRequest, noInspection, pendingRollback, resourceClosed, noSuchColumn,
      noResult, multipleResults, noReference, noReferencedTable, noReferencedColumn, noSuchTable,
      unreflectableTable, unboundExecution, statement, dbapi, interface, database, data,
      operational, integrity, `internal`, programming, notSupported, deprecationWarning, warning,
    ]
  }

  /// The exception class of a kind of error of the model.
  static func cls(_ kind: SchemaError.Kind) -> PythonClass {
    switch kind {
    case .argument: argument
    case .constraintColumnNotFound: constraintColumnNotFound
    case .compile: compile
    case .invalidRequest: invalidRequest
    case .identifier: identifier
    case .noReferencedTable: noReferencedTable
    case .noReferencedColumn: noReferencedColumn
    case .noSuchTable: noSuchTable
    case .unboundParameter: statement
    case .command: command
    case .recursion: BuiltinException.recursionError.pythonClass
    }
  }

  /// The exception of a statement that the server refused, as psycopg2 and SQLAlchemy sort them.
  static func error(_ failure: StatementFailure) -> PythonError {
    let state = failure.sqlState
    let cls: PythonClass =
      switch state.prefix(2) {
      case "0A": notSupported
      case "20", "21", "24", "25", "26", "27", "2B", "2D", "2F", "38", "39", "3B", "3D", "3F",
        "42", "44":
        state.hasPrefix("25") || state.hasPrefix("24") || state.hasPrefix("2B")
          || state.hasPrefix("2D") || state.hasPrefix("2F") || state.hasPrefix("38")
          || state.hasPrefix("39") || state.hasPrefix("3B") || state.hasPrefix("26")
          || state.hasPrefix("27")
          ? `internal` : programming
      case "22": data
      case "23": integrity
      case "40", "53", "54", "55", "57", "58", "HV", "08": operational
      default: state.hasPrefix("XX") ? `internal` : database
      }
    let name = DriverError.conditionName(state) ?? "DatabaseError"
    let text =
      "(psycopg2.errors.\(name)) \(failure.message)\n"
      + failure.details.map { "\($0)\n" }.joined() + "\n[SQL: \(failure.statement)]"
    let exception = ExceptionObject(cls, [.string(text)])
    exception.attributes["orig"] = .object(DriverError.exception(failure, name))
    exception.attributes["statement"] = .string(failure.statement)
    exception.attributes["params"] = .dict(PythonDict())
    exception.attributes["connection_invalidated"] = .bool(false)
    exception.attributes["code"] = .null
    return PythonError(exception)
  }
}

/// Runs what the model or the server may refuse, and makes Python exceptions of their errors, so
/// that a script can catch them.
func translatingErrors<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as SchemaError {
    throw PythonError(SQLAlchemyErrors.cls(error.kind), error.message)
  } catch let error as StatementFailure {
    throw SQLAlchemyErrors.error(error)
  }
}
