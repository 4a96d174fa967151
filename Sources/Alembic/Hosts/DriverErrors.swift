internal import OrderedCollections
internal import PythonSubset

/// The exceptions of psycopg2 that lie behind SQLAlchemy's as `orig`.
enum DriverError {
  nonisolated(unsafe) static let base = PythonClass(
    host: "Error", module: "psycopg2", bases: [BuiltinException.exception.pythonClass])
  nonisolated(unsafe) private static let classes: OrderedDictionary<String, PythonClass> = {
    var classes: OrderedDictionary<String, PythonClass> = [:]
    for name in Set(names.values).sorted() {
      classes[name] = PythonClass(host: name, module: "psycopg2.errors", bases: [base])
    }
    return classes
  }()

  /// The members of `psycopg2.errors`.
  static var members: MemberTable { MemberTable(Array(classes.values)) }

  /// The class that psycopg2 has for an SQL state; nil for states that scripts do not tell apart.
  static func conditionName(_ state: String) -> String? { names[state] }

  /// The driver's own exception.
  static func exception(_ failure: StatementFailure, _ name: String) -> ExceptionObject {
    let exception = ExceptionObject(classes[name] ?? base, [.string(failure.message + "\n")])
    exception.attributes["pgcode"] = .string(failure.sqlState)
    exception.attributes["sqlstate"] = .string(failure.sqlState)
    exception.attributes["pgerror"] = .string("ERROR:  \(failure.message)\n")
    exception.attributes["diag"] = .object(
      Diagnostics(constraint: failure.constraint, message: failure.message))
    return exception
  }

  /// What the server said, part by part.
  private final class Diagnostics: PythonObject {
    let constraint: String?
    let message: String

    init(constraint: String?, message: String) {
      self.constraint = constraint
      self.message = message
    }

    override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
      switch name {
      case "constraint_name": .string(orNone: constraint)
      case "message_primary": .string(message)
      default: try super.attribute(name, python)
      }
    }
  }

  private static let names: [String: String] = [
    "02000": "NoData", "08000": "ConnectionException", "0A000": "FeatureNotSupported",
    "21000": "CardinalityViolation", "22001": "StringDataRightTruncation",
    "22003": "NumericValueOutOfRange", "22007": "InvalidDatetimeFormat",
    "22008": "DatetimeFieldOverflow", "22012": "DivisionByZero",
    "22023": "InvalidParameterValue", "22P02": "InvalidTextRepresentation",
    "23000": "IntegrityConstraintViolation", "23001": "RestrictViolation",
    "23502": "NotNullViolation", "23503": "ForeignKeyViolation", "23505": "UniqueViolation",
    "23514": "CheckViolation", "23P01": "ExclusionViolation",
    "25001": "ActiveSqlTransaction", "25006": "ReadOnlySqlTransaction",
    "25P02": "InFailedSqlTransaction", "2BP01": "DependentObjectsStillExist",
    "3D000": "InvalidCatalogName", "3F000": "InvalidSchemaName",
    "40001": "SerializationFailure", "40P01": "DeadlockDetected", "42501": "InsufficientPrivilege",
    "42601": "SyntaxError", "42602": "InvalidName", "42622": "NameTooLong",
    "42701": "DuplicateColumn", "42703": "UndefinedColumn", "42704": "UndefinedObject",
    "42710": "DuplicateObject", "42712": "DuplicateAlias", "42723": "DuplicateFunction",
    "42725": "AmbiguousFunction", "42803": "GroupingError", "42804": "DatatypeMismatch",
    "42809": "WrongObjectType", "42846": "CannotCoerce", "42883": "UndefinedFunction",
    "428C9": "GeneratedAlways", "42P01": "UndefinedTable", "42P02": "UndefinedParameter",
    "42P04": "DuplicateDatabase", "42P06": "DuplicateSchema", "42P07": "DuplicateTable",
    "42P16": "InvalidTableDefinition", "42P17": "InvalidObjectDefinition",
    "42P18": "IndeterminateDatatype", "44000": "WithCheckOptionViolation",
    "53100": "DiskFull", "53200": "OutOfMemory", "55000": "ObjectNotInPrerequisiteState",
    "55006": "ObjectInUse", "55P03": "LockNotAvailable", "55P04": "UnsafeNewEnumValueUsage",
    "57014": "QueryCanceled", "57P01": "AdminShutdown", "58P01": "UndefinedFile",
    "P0001": "RaiseException", "P0002": "NoDataFound", "XX000": "InternalError_",
  ]
}
