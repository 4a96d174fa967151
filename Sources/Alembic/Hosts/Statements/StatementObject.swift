public import PythonSubset

/// A statement that a connection can run.
open class StatementObject: PythonObject {
  /// `execution_options`.
  final var options: [(name: String, value: Value)] = []
  /// Values given by `params()`.
  final var parameters: [String: Value] = [:]

  /// The statement with the parameters that the execution gives; `rows` are those of an `INSERT`
  /// of many.
  open func statement(
    _ rows: [PythonDict], _ python: Interpreter
  ) throws -> any StatementExpression {
    throw Unsupported("running a \(typeName)")
  }

  /// Whether it takes all rows of an execution at once.
  open var takesManyRows: Bool { false }

  open override func text(_ python: Interpreter) throws -> String {
    try translatingErrors {
      try SQLCompiler(style: .script) { $0.shown }
        .statement(statement([], python))
    }
  }

  open override func truth(_ python: Interpreter) throws -> Bool {
    throw PythonError(.typeError, "Boolean value of this clause is not defined")
  }
}

/// A query: what stands in a `FROM`, in an `IN`, as a value.
open class QueryObject: StatementObject {
  /// The query.
  open func query(_ python: Interpreter) throws -> any QueryExpression {
    throw Unsupported("a \(typeName) as a query")
  }

  open override func statement(
    _ rows: [PythonDict], _ python: Interpreter
  ) throws -> any StatementExpression {
    try query(python)
  }

  open override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "c", "columns":
      return .object(ColumnCollection(Subquery(try query(python), name: nil).columns))
    case "selected_columns", "exported_columns":
      return .object(ColumnCollection(Subquery(try query(python), name: nil).columns))
    default: return try super.attribute(name, python)
    }
  }
}

/// `sa.select(...)`.
public final class SelectObject: QueryObject {
  /// The query.
  public var select: SelectStatement
  /// Whether a script's class stands behind an item, as for ORM queries.
  public var entities: [Value] = []

  /// Wraps a query.
  public init(_ select: SelectStatement) { self.select = select }

  public override var pythonClass: PythonClass { QueryClasses.select }
  public override func query(_ python: Interpreter) throws -> any QueryExpression { select }

  /// A copy with a change.
  func with(_ change: (inout SelectStatement) throws -> Void) rethrows -> SelectObject {
    let copy = SelectObject(select)
    copy.entities = entities
    copy.options = options
    copy.parameters = parameters
    try change(&copy.select)
    return copy
  }
}

/// `sa.union(...)` and its kin.
final class CompoundObject: QueryObject {
  var compound: CompoundSelect

  init(_ compound: CompoundSelect) { self.compound = compound }

  override var pythonClass: PythonClass { QueryClasses.compound }
  override func query(_ python: Interpreter) throws -> any QueryExpression { compound }
}

/// `text(...).columns(...)`.
final class TextualObject: QueryObject {
  let textual: TextualSelect

  init(_ textual: TextualSelect) { self.textual = textual }

  override var pythonClass: PythonClass { QueryClasses.textual }
  override func query(_ python: Interpreter) throws -> any QueryExpression { textual }
}

/// `compile()`'s answer.
final class CompiledObject: PythonObject {
  private let statement: Value
  private let sql: String

  init(_ statement: Value, _ sql: String) {
    self.statement = statement
    self.sql = sql
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "string": .string(sql)
    case "statement": statement
    case "params": .dict(PythonDict())
    default: try super.attribute(name, python)
    }
  }

  override func text(_ python: Interpreter) throws -> String { sql }
}
