extension SQLCompiler {
  /// The sources of rows that a query names in its `FROM`: those that were given and those that
  /// its expressions need, without the parts of joins and without what it shares with the
  /// statement around it.
  func sources(of select: SelectStatement, asSource: Bool) throws -> [FromClause] {
    var found: [FromClause] = []
    func add(_ source: FromClause) {
      if !found.contains(where: { $0 === source }) { found.append(source) }
    }
    select.sources.forEach(add)
    for expression in select.items.map(\.expression) + select.criteria {
      expression.sources.forEach(add)
    }
    let hidden = found.flatMap { $0.parts.dropFirst() }
    found.removeAll { source in hidden.contains { $0 === source } }
    let around = asSource ? [] : scopes.last?.own ?? []
    let outer = scopes.last?.all ?? []
    func isShared(_ source: FromClause, _ others: [FromClause]) -> Bool {
      others.contains { $0 === source }
    }
    switch select.correlation {
    case .automatic:
      guard found.count > 1 else { return found }
      let left = found.filter { !isShared($0, around.flatMap(\.parts)) }
      guard !left.isEmpty else {
        throw SchemaError(
          .invalidRequest,
          "Select statement returned no FROM clauses due to auto-correlation; specify "
            + "correlate(<tables>) to control correlation manually.")
      }
      return left
    case .only(let tables):
      return found.filter { !(isShared($0, tables) && isShared($0, outer)) }
    case .except(let tables):
      return found.filter { isShared($0, tables) || !isShared($0, outer) }
    }
  }

  /// A source of rows as `FROM` names it.
  func source(_ source: FromClause) throws -> String {
    if source.extent.isExceeded { throw StatementExtent.failure }
    switch source {
    case let table as Table: return table.sql
    case let join as Join: return try self.join(join)
    case let alias as Alias:
      if let common = alias.source as? CommonTable { try declare(common) }
      return
        "\(alias.isLateral ? "LATERAL " : "")\(sourceText(alias.source)) AS \(sourceName(alias))"
    case let subquery as Subquery:
      let text = try query(subquery.query, asSource: !subquery.isLateral)
      return "\(subquery.isLateral ? "LATERAL " : "")(\(text)) AS \(sourceName(subquery))"
    case let common as CommonTable:
      try declare(common)
      return sourceName(common)
    case let function as TableFunction: return try self.function(function)
    case let values as ValuesClause: return try self.values(values)
    default: throw SchemaError(.compile, "this source of rows cannot be written as SQL")
    }
  }

  private func sourceText(_ source: FromClause) -> String { sourceName(source) }

  private func join(_ join: Join) throws -> String {
    let word = join.isFull ? " FULL OUTER JOIN " : join.isOuter ? " LEFT OUTER JOIN " : " JOIN "
    var right = try source(join.right)
    if join.right is Join { right = "(\(right))" }
    let condition: String
    if let given = join.condition {
      condition = try text(given)
    } else {
      condition = try text(Join.condition(between: join.left, and: join.right))
    }
    return try source(join.left) + word + right + " ON " + condition
  }

  private func function(_ function: TableFunction) throws -> String {
    var result = function.isLateral ? "LATERAL " : ""
    result += try text(function.call)
    if function.hasOrdinality { result += " WITH ORDINALITY" }
    result += " AS \(sourceName(function))"
    if function.rendersColumns {
      let columns = try function.columns.map { column in
        let type = function.rendersTypes ? " \(try TypeCompiler.text(column.type))" : ""
        return columnName(column) + type
      }
      result += "(\(columns.joined(separator: ", ")))"
    }
    return result
  }

  private func values(_ values: ValuesClause) throws -> String {
    let rows = try values.rows.map { "(\(try list($0)))" }.joined(separator: ", ")
    let columns = values.columns.map { columnName($0) }.joined(separator: ", ")
    let lateral = values.isLateral ? "LATERAL " : ""
    return "\(lateral)(VALUES \(rows)) AS \(sourceName(values)) (\(columns))"
  }

  /// Puts a query in front of the statement, once.
  func declare(_ common: CommonTable) throws {
    let name = sourceName(common)
    guard !commonTables.contains(where: { $0.table === common }) else { return }
    let place = commonTables.count
    // It has its place before it is written: what it needs stands before it, it itself not again.
    commonTables.append((common, name, ""))
    if common.isRecursive { hasRecursion = true }
    let outer = scopes
    scopes = []
    defer { scopes = outer }
    let body = try commonBody(common.query)
    let columns =
      common.isRecursive ? "(\(common.columns.map { columnName($0) }.joined(separator: ", ")))" : ""
    let how = common.materialized.map { "\($0) " } ?? ""
    let text = "\(name)\(columns) AS \(how)\n(\(body))"
    let entry = (table: common, name: name, text: text)
    if let moved = commonTables.indices.dropFirst(place).first(
      where: { commonTables[$0].table === common })
    {
      commonTables.remove(at: moved)
    }
    commonTables.append(entry)
  }

  private func commonBody(_ statement: any StatementExpression) throws -> String {
    switch statement {
    case let query as any QueryExpression: try self.query(query, asSource: true)
    case let insert as InsertStatement: try self.insert(insert)
    case let update as UpdateStatement: try self.update(update)
    case let delete as DeleteStatement: try self.delete(delete)
    default: throw SchemaError(.compile, "this is not a statement")
    }
  }
}

extension SQLExpression {
  /// The sources of rows that the columns of the expression belong to, in order.
  var sources: [FromClause] {
    var found: [FromClause] = []
    visit { expression in
      guard case .column(let column) = expression.node, let table = column.table else { return }
      if !found.contains(where: { $0 === table }) { found.append(table) }
    }
    return found
  }
}
