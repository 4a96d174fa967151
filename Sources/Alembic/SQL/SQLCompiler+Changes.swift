extension SQLCompiler {
  /// `INSERT`.
  func insert(_ insert: InsertStatement) throws -> String {
    for table in insert.commonTables { try declare(table) }
    var result = "INSERT INTO \(try target(insert.table))"
    let names = insert.columns.map { columnName($0) }.joined(separator: ", ")
    if let query = insert.query {
      if !names.isEmpty { result += " (\(names))" }
      result += " \(try self.query(query))"
    } else if insert.columns.isEmpty {
      result += " DEFAULT VALUES"
    } else {
      let rows = try insert.rows.map { "(\(try $0.map { try value($0) }.joined(separator: ", ")))" }
      result += " (\(names)) VALUES \(rows.joined(separator: ", "))"
    }
    if let conflict = insert.conflict {
      scopes.append(Scope(own: [insert.table], all: [insert.table]))
      defer { scopes.removeLast() }
      result += try onConflict(conflict.target, conflict.action)
    }
    return result + (try returning(insert.returning, of: insert.table))
  }

  /// A value in a row: a query needs its parentheses there.
  private func value(_ expression: SQLExpression) throws -> String {
    if case .raw(let query) = expression.node { return "(\(try self.query(query)))" }
    return expression.binaryOperator == nil ? try text(expression) : "(\(try text(expression)))"
  }

  private func onConflict(
    _ target: InsertStatement.ConflictTarget, _ action: InsertStatement.Conflict
  ) throws -> String {
    var result = " ON CONFLICT"
    if let constraint = target.constraint {
      result += " ON CONSTRAINT \(try IdentifierPreparer.bounded(constraint))"
    } else if !target.elements.isEmpty {
      result += " (\(try target.elements.map { try bare($0) }.joined(separator: ", ")))"
      if let predicate = target.predicate {
        result += " WHERE \(try unqualified { try text(predicate) })"
      }
    }
    switch action {
    case .nothing: return result + " DO NOTHING"
    case .update(let assignments, let predicate):
      let list = try assignments.map { "\(try bare($0.column)) = \(try value($0.value))" }
      result += " DO UPDATE SET \(list.joined(separator: ", "))"
      if let predicate { result += " WHERE \(try text(predicate))" }
      return result
    }
  }

  private func bare(_ reference: ColumnReference) throws -> String {
    switch reference {
    case .name(let name): IdentifierPreparer.quote(name)
    case .column(let column): columnName(column)
    case .expression(let expression): try unqualified { try text(expression) }
    }
  }

  private func unqualified(_ body: () throws -> String) rethrows -> String {
    let before = qualifiesColumns
    qualifiesColumns = false
    defer { qualifiesColumns = before }
    return try body()
  }

  /// `UPDATE`; the other tables that its criteria and values name stand in a `FROM`.
  func update(_ update: UpdateStatement) throws -> String {
    for table in update.commonTables { try declare(table) }
    let others = otherSources(
      of: update.table, update.criteria + update.values.map(\.value))
    scopes.append(Scope(own: [update.table], all: [update.table] + others))
    defer { scopes.removeLast() }
    let assignments = try update.values.map { "\(columnName($0.column))=\(try value($0.value))" }
    var result =
      "UPDATE \(try target(update.table)) SET \(assignments.joined(separator: ", "))"
    if !others.isEmpty {
      result += " FROM \(try others.map { try source($0) }.joined(separator: ", "))"
    }
    if let criteria = try self.criteria(update.criteria) { result += " WHERE \(criteria)" }
    return result + (try returning(update.returning, of: update.table))
  }

  /// `DELETE`; the other tables that its criteria name stand in a `USING`.
  func delete(_ delete: DeleteStatement) throws -> String {
    for table in delete.commonTables { try declare(table) }
    let others = otherSources(of: delete.table, delete.criteria)
    scopes.append(Scope(own: [delete.table], all: [delete.table] + others))
    defer { scopes.removeLast() }
    var result = "DELETE FROM \(try target(delete.table))"
    if !others.isEmpty {
      result += " USING \(try others.map { try source($0) }.joined(separator: ", "))"
    }
    if let criteria = try self.criteria(delete.criteria) { result += " WHERE \(criteria)" }
    return result + (try returning(delete.returning, of: delete.table))
  }

  private func otherSources(
    of table: FromClause, _ expressions: [SQLExpression]
  ) -> [FromClause] {
    var found: [FromClause] = []
    for source in expressions.flatMap(\.sources)
    where source !== table && !found.contains(where: { $0 === source }) {
      found.append(source)
    }
    return found
  }

  private func target(_ table: FromClause) throws -> String {
    guard table is Table || table is Alias else {
      throw SchemaError(.argument, "only a table can be changed")
    }
    return try source(table)
  }

  private func returning(_ items: [SelectItem], of table: FromClause) throws -> String {
    items.isEmpty ? "" : " RETURNING \(try self.items(items))"
  }
}
