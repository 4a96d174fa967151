internal import Text

extension SQLCompiler {
  /// The text of an expression.
  public func text(_ expression: SQLExpression) throws -> String {
    switch expression.node {
    case .column(let column): try self.column(column)
    case .literalColumn(let sql): sql
    case .text(let clause): try text(clause)
    case .bind(let place): try value(place)
    case .inlineLiteral(let value): LiteralWriter.text(value, style: style)
    case .null: "NULL"
    case .constant(let flag): flag ? "true" : "false"
    case .unary(let prefix, let inner, let precedence):
      prefix + (try grouped(inner, under: precedence))
    case .postfix(let inner, let word): try text(inner) + word
    case .binary(let left, let op, let right, let escape):
      try binary(left, op, right, escape)
    case .between(let value, let low, let high, let isNegated, let symmetric):
      try between(value, low, high, isNegated, symmetric)
    case .conjunction(let isAnd, let items): try conjunction(isAnd, items)
    case .list(let items): try list(items)
    case .tuple(let items): "(" + (try list(items)) + ")"
    case .grouping(let inner): "(" + (try text(inner)) + ")"
    case .cast(let inner, let type):
      "CAST(\(try text(inner)) AS \(try TypeCompiler.text(type)))"
    case .typeCoerced(let inner): try text(inner)
    case .extract(let field, let inner): "EXTRACT(\(field) FROM \(try text(inner)))"
    case .label(let name, let inner):
      labels.contains(name.text) ? IdentifierPreparer.quote(name) : try text(inner)
    case .collated(let inner, let collation):
      "\(try grouped(inner, under: 4)) COLLATE \(IdentifierPreparer.quoted(collation))"
    case .field(let inner, let name): "(\(try text(inner))).\(IdentifierPreparer.quote(name))"
    default: try compound(expression)
    }
  }

  /// Expressions with clauses of their own.
  private func compound(_ expression: SQLExpression) throws -> String {
    switch expression.node {
    case .function(let call): try function(call)
    case .cases(let cases): try self.cases(cases)
    case .window(let window): try self.window(window)
    case .filtered(let inner, let criterion):
      "\(try text(inner)) FILTER (WHERE \(try text(criterion)))"
    case .withinGroup(let inner, let order):
      "\(try text(inner)) WITHIN GROUP (ORDER BY \(try list(order)))"
    case .ordered(let inner, let order): "\(try text(inner)) ORDER BY \(try list(order))"
    case .scalarSelect(let query): "(\(try self.query(query)))"
    case .raw(let query): try self.query(query)
    case .exists(let query, let isNegated):
      isNegated ? "NOT (EXISTS (\(try self.query(query))))" : "EXISTS (\(try self.query(query)))"
    case .quantified(let word, let inner): try quantified(word, inner)
    case .array(let items):
      items.isEmpty ? "ARRAY[]" : "ARRAY[\(try list(items))]"
    case .element(let inner, let index):
      "\(try grouped(inner, under: 15))[\(try text(index))]"
    case .slice(let inner, let low, let high):
      "\(try grouped(inner, under: 15))[\(try text(low)):\(try text(high))]"
    case .unbounded: throw StatementExtent.failure
    default: throw SchemaError(.compile, "this expression cannot be written as SQL")
    }
  }

  func list(_ items: [SQLExpression]) throws -> String {
    try items.map(text).joined(separator: ", ")
  }

  /// `table.column`, by the name that the table goes by here.
  private func column(_ column: Column) throws -> String {
    if column.isLiteral { return column.name?.text ?? "" }
    let name = columnName(column)
    guard qualifiesColumns, let table = column.table else { return name }
    switch table {
    case let table as Table: return "\(table.sql).\(name)"
    case is Join: return name
    default: return "\(sourceName(table)).\(name)"
    }
  }

  /// The name by which a source goes in the statement.
  func sourceName(_ source: FromClause) -> String {
    func named(_ name: SQLName?, _ base: @autoclosure () -> String) -> String {
      name.map { IdentifierPreparer.quote($0) }
        ?? IdentifierPreparer.quote(self.name(for: source, base: base()))
    }
    switch source {
    case let table as Table: return table.sql
    case let alias as Alias: return named(alias.name, aliasBase(alias.source))
    case let subquery as Subquery: return named(subquery.name, "anon")
    case let common as CommonTable: return named(common.name, "anon")
    case let function as TableFunction: return named(function.name, "anon")
    case let values as ValuesClause: return named(values.name, "anon")
    default: return ""
    }
  }

  private func aliasBase(_ source: FromClause) -> String {
    switch source {
    case let table as Table: table.name.text
    case let alias as Alias: alias.name?.text ?? aliasBase(alias.source)
    default: "anon"
    }
  }

  // MARK: Operators

  /// The text, in parentheses where what is around it binds tighter.
  func grouped(_ expression: SQLExpression, under precedence: Int, isSame: Bool = false) throws
    -> String
  {
    let inner = try text(expression)
    guard let own = expression.precedence, !isSame, own <= precedence else { return inner }
    return "(\(inner))"
  }

  private func binary(
    _ left: SQLExpression, _ op: SQLOperator, _ right: SQLExpression, _ escape: String?
  ) throws -> String {
    func side(_ expression: SQLExpression) throws -> String {
      // What is put together for a LIKE needs no parentheses: `||` binds tighter.
      let isPattern = op.isPattern && expression.binaryOperator == .concatenate
      let isSame = isPattern || op.isAssociative && expression.binaryOperator == op
      return try grouped(expression, under: op.precedence, isSame: isSame)
    }
    let isNotIn = op == .notIn
    let escaping = escape.map { " ESCAPE '\($0.replacing(text: "'", with: "''"))'" } ?? ""
    let isIn = isNotIn || op == .isIn
    let written = try isIn ? members(right, of: left, isNegated: isNotIn) : nil
    let result = try side(left) + op.text + (written ?? side(right)) + escaping
    // SQLAlchemy writes `NOT IN` in parentheses always.
    return isNotIn ? "(\(result))" : result
  }

  /// The list of an `IN`, nil where it is something else. An empty one is a condition that never holds,
  /// or always, as SQLAlchemy has it.
  private func members(
    _ right: SQLExpression, of left: SQLExpression, isNegated: Bool
  ) throws -> String? {
    switch right.node {
    case .tuple(let items): if !items.isEmpty { return nil }
    case .bind(let place) where place.isExpanding: if let list = try list(place) { return list }
    default: return nil
    }
    var null = "NULL"
    if case .tuple(let types) = left.type, types.count > 1 {
      null = "(\(types.map { _ in null }.joined(separator: ", ")))"
    }
    return "(\(null)) " + (isNegated ? "OR (1 = 1)" : "AND (1 != 1)")
  }

  private func between(
    _ value: SQLExpression, _ low: SQLExpression, _ high: SQLExpression, _ isNegated: Bool,
    _ symmetric: Bool
  ) throws -> String {
    let word = (isNegated ? " NOT BETWEEN " : " BETWEEN ") + (symmetric ? "SYMMETRIC " : "")
    let bounds = try grouped(low, under: 3) + " AND " + grouped(high, under: 3)
    return try grouped(value, under: 5) + word + bounds
  }

  private func conjunction(_ isAnd: Bool, _ items: [SQLExpression]) throws -> String {
    if items.isEmpty { return "" }
    if items.count == 1 { return try text(items[0]) }
    return try items.map { item in
      let isSame: Bool = if case .conjunction(isAnd, _) = item.node { true } else { false }
      return try grouped(item, under: isAnd ? 3 : 2, isSame: isSame)
    }.joined(separator: isAnd ? " AND " : " OR ")
  }

  private func quantified(_ word: String, _ inner: SQLExpression) throws -> String {
    if case .scalarSelect = inner.node { return "\(word) \(try text(inner))" }
    return "\(word) (\(try text(inner)))"
  }

  // MARK: Calls

  private func function(_ call: SQLExpression.FunctionCall) throws -> String {
    if call.isBare, call.arguments.isEmpty { return call.name }
    return try "\(call.name)(\(call.arguments.map { try argument($0) }.joined(separator: ", ")))"
  }

  private func argument(_ expression: SQLExpression) throws -> String {
    if case .raw(let query) = expression.node { return "(\(try self.query(query)))" }
    return try text(expression)
  }

  private func cases(_ cases: SQLExpression.CaseExpression) throws -> String {
    var result = "CASE"
    if let subject = cases.subject { result += " \(try text(subject))" }
    for branch in cases.branches {
      result +=
        " WHEN \(try grouped(branch.condition, under: .max)) THEN \(try text(branch.result))"
    }
    if let otherwise = cases.otherwise { result += " ELSE \(try text(otherwise))" }
    return result + " END"
  }

  private func window(_ window: SQLExpression.WindowCall) throws -> String {
    var parts: [String] = []
    if !window.partition.isEmpty { parts.append("PARTITION BY \(try list(window.partition))") }
    if !window.order.isEmpty { parts.append("ORDER BY \(try list(window.order))") }
    if let frame = window.frame { parts.append(frame) }
    return "\(try text(window.function)) OVER (\(parts.joined(separator: " ")))"
  }
}

extension SQLExpression {
  /// How tightly the expression's outermost operator binds; nil where it has none.
  var precedence: Int? {
    switch node {
    case .binary(_, .notIn, _, _): nil
    case .binary(_, let op, _, _): op.precedence
    case .between: 5
    case .conjunction(let isAnd, let items):
      items.count < 2 ? items.first?.precedence : isAnd ? 3 : 2
    case .unary(_, _, let precedence): precedence
    case .postfix: 3
    case .collated: 4
    case .label(_, let inner), .typeCoerced(let inner): inner.precedence
    case .list: -1
    default: nil
    }
  }

  /// The operator, if the expression is one between two others.
  var binaryOperator: SQLOperator? {
    if case .binary(_, let op, _, _) = node { op } else { nil }
  }
}
