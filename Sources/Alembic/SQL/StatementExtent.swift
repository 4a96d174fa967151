/// How deep and how large an expression or a query is, counted as it is built: a script can build
/// one in a few lines that no reader of it would come to the end of.
///
/// What grows beyond the bounds is replaced by ``SQLExpression/Node/unbounded`` (a source of rows
/// by an empty one), so that nothing deeper comes into being, and refuses to be written as SQL.
public struct StatementExtent: Hashable, Sendable {
  /// The levels of expressions and queries within one another.
  public private(set) var depth = 0
  /// The expressions, each as often as it would be written.
  public private(set) var parts = 1

  /// Python's own recursion limit ends SQLAlchemy's compiler at some 200 levels.
  private static let deepest = 250
  private static let largest = 1 << 20

  /// The extent of a thing without parts.
  public init() {}

  /// Counts one more part.
  public mutating func add(_ part: StatementExtent) {
    depth = max(depth, part.depth + 1)
    parts = min(parts + part.parts, StatementExtent.largest + 1)
  }

  /// Counts expressions as parts.
  public mutating func add(_ expressions: [SQLExpression]) {
    for expression in expressions { add(expression.extent) }
  }

  /// Whether it is beyond the bounds.
  public var isExceeded: Bool {
    depth > StatementExtent.deepest || parts > StatementExtent.largest
  }

  /// What CPython raises where SQLAlchemy goes too deep.
  static var failure: SchemaError {
    SchemaError(.recursion, "maximum recursion depth exceeded")
  }
}

extension SQLExpression.Node {
  /// The extent of an expression of this node.
  var extent: StatementExtent {
    var extent = StatementExtent()
    switch self {
    case .scalarSelect(let query), .exists(let query, _), .raw(let query): extent.add(query.extent)
    default: extent.add(children)
    }
    return extent
  }
}

extension StatementExpression {
  /// The extent of a change of rows, which nothing is built of but the statement it is.
  public var extent: StatementExtent { StatementExtent() }
}

extension SelectStatement {
  /// The extent of all its clauses.
  public var extent: StatementExtent {
    var extent = StatementExtent()
    for item in items { extent.add(item.expression.extent) }
    for source in sources { extent.add(source.extent) }
    for table in commonTables { extent.add(table.extent) }
    for expression in items.map(\.expression) + criteria {
      for source in expression.sources { extent.add(source.extent) }
    }
    extent.add(criteria + grouping + having + [limit, offset].compactMap { $0 })
    for case .expression(let expression) in order { extent.add(expression.extent) }
    return extent
  }
}
