extension SQLExpression {
  /// The columns that the expression names, in order, each once; those inside queries are left
  /// out, since they are the query's own affair.
  public var columns: [Column] {
    var found: [Column] = []
    visit { expression in
      if case .column(let column) = expression.node, !found.contains(where: { $0 === column }) {
        found.append(column)
      }
    }
    return found
  }

  /// Shows the expression and all parts of it, outer ones first; queries inside are not entered.
  public func visit(_ body: (SQLExpression) throws -> Void) rethrows {
    try body(self)
    for child in children { try child.visit(body) }
  }

  /// The parts of the expression in the order in which they are written.
  public var children: [SQLExpression] { node.children }
}

extension SQLExpression.Node {
  /// The parts of an expression of this node, in the order in which they are written.
  var children: [SQLExpression] {
    switch self {
    case .column, .literalColumn, .text, .bind, .inlineLiteral, .null, .constant, .scalarSelect,
      .exists, .raw, .unbounded:
      []
    case .unary(_, let inner, _), .postfix(let inner, _), .grouping(let inner), .cast(let inner, _),
      .typeCoerced(let inner), .extract(_, let inner), .label(_, let inner),
      .collated(let inner, _), .quantified(_, let inner), .field(let inner, _):
      [inner]
    case .binary(let left, _, let right, _), .element(let left, let right),
      .filtered(let left, let right):
      [left, right]
    case .between(let value, let low, let high, _, _), .slice(let value, let low, let high):
      [value, low, high]
    case .conjunction(_, let items), .list(let items), .tuple(let items), .array(let items): items
    case .function(let call): call.arguments
    case .cases(let cases):
      (cases.subject.map { [$0] } ?? [])
        + cases.branches.flatMap { [$0.condition, $0.result] }
        + (cases.otherwise.map { [$0] } ?? [])
    case .window(let window): [window.function] + window.partition + window.order
    case .withinGroup(let inner, let order), .ordered(let inner, let order): [inner] + order
    }
  }
}
