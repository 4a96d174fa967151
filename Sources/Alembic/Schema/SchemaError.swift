public import Diagnostics

/// Why a schema or statement cannot be built; each kind is one of SQLAlchemy's exception classes,
/// so that a script that catches it behaves as it does there.
public struct SchemaError: Failure, Hashable {
  /// The exception class of SQLAlchemy that says the same.
  public enum Kind: String, Hashable, Sendable {
    case argument = "ArgumentError"
    case constraintColumnNotFound = "ConstraintColumnNotFoundError"
    case compile = "CompileError"
    case invalidRequest = "InvalidRequestError"
    case identifier = "IdentifierError"
    case noReferencedTable = "NoReferencedTableError"
    case noReferencedColumn = "NoReferencedColumnError"
    case noSuchTable = "NoSuchTableError"
    case unboundParameter = "StatementError"
    case command = "CommandError"
    case recursion = "RecursionError"
  }

  /// Which exception it is.
  public var kind: Kind
  /// What is wrong, in SQLAlchemy's words where it has some.
  public var message: String

  /// Says what is wrong.
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
