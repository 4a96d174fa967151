internal import OrderedCollections
internal import PythonSubset

/// The classes of expressions, for `isinstance` and for the methods that they share.
enum ExpressionClasses {
  nonisolated(unsafe) static let clause = PythonClass(
    host: "ClauseElement", module: "sqlalchemy.sql.elements", members: ExpressionMethods.clause)
  nonisolated(unsafe) static let element = PythonClass(
    host: "ColumnElement", module: "sqlalchemy.sql.elements", bases: [clause],
    members: ExpressionMethods.all)
  nonisolated(unsafe) static let columnClause = make("ColumnClause")
  nonisolated(unsafe) static let binary = make("BinaryExpression")
  nonisolated(unsafe) static let booleans = make("BooleanClauseList")
  nonisolated(unsafe) static let bind = make("BindParameter")
  nonisolated(unsafe) static let function = make("Function", ExpressionMethods.function)
  nonisolated(unsafe) static let label = make("Label", ExpressionMethods.label)
  nonisolated(unsafe) static let cast = make("Cast")
  nonisolated(unsafe) static let caseExpression = make("Case")
  nonisolated(unsafe) static let unary = make("UnaryExpression")
  nonisolated(unsafe) static let null = make("Null")
  nonisolated(unsafe) static let over = make("Over")
  nonisolated(unsafe) static let exists = make("Exists", QueryMethods.exists)
  nonisolated(unsafe) static let scalarSelect = make("ScalarSelect")
  nonisolated(unsafe) static let text = PythonClass(
    host: "TextClause", module: "sqlalchemy.sql.elements", bases: [element],
    members: TextMethods.all)

  private static func make(
    _ name: String, _ members: OrderedDictionary<String, Value> = [:]
  ) -> PythonClass {
    PythonClass(
      host: name, module: "sqlalchemy.sql.elements", bases: [element], members: members)
  }

  static func cls(of expression: SQLExpression) -> PythonClass {
    switch expression.node {
    case .column, .literalColumn: columnClause
    case .text: text
    case .bind, .inlineLiteral: bind
    case .null: null
    case .unary, .postfix: unary
    case .binary, .between: binary
    case .conjunction: booleans
    case .function: function
    case .cast: cast
    case .cases: caseExpression
    case .label: label
    case .window: over
    case .exists: exists
    case .scalarSelect: scalarSelect
    default: element
    }
  }
}
