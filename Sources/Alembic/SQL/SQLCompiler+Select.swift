extension SQLCompiler {
  /// The text of a whole statement, with the queries that `WITH` puts in front.
  public func statement(_ statement: any StatementExpression) throws -> String {
    let body: String =
      switch statement {
      case let insert as InsertStatement: try self.insert(insert)
      case let update as UpdateStatement: try self.update(update)
      case let delete as DeleteStatement: try self.delete(delete)
      case let query as any QueryExpression: try self.query(query)
      default: throw SchemaError(.compile, "this is not a statement")
      }
    guard !commonTables.isEmpty else { return body }
    let list = commonTables.map(\.text).joined(separator: ", \n")
    return "WITH \(hasRecursion ? "RECURSIVE " : "")\(list)\n \(body)"
  }

  /// The text of a query.
  func query(_ query: any QueryExpression, asSource: Bool = false) throws -> String {
    switch query {
    case let select as SelectStatement: try self.select(select, asSource: asSource)
    case let compound as CompoundSelect: try self.compound(compound)
    case let textual as TextualSelect: try text(textual.text)
    default: throw SchemaError(.compile, "this is not a query")
    }
  }

  private func select(_ select: SelectStatement, asSource: Bool) throws -> String {
    let outerLabels = labels
    defer { labels = outerLabels }
    labels = []
    for table in select.commonTables { try declare(table) }
    let sources = try self.sources(of: select, asSource: asSource)
    let outer = scopes.last?.all ?? []
    scopes.append(Scope(own: sources, all: sources.flatMap(\.parts) + outer))
    defer { scopes.removeLast() }

    var result = "SELECT "
    for prefix in select.prefixes { result += "\(try text(prefix)) " }
    switch select.distinct {
    case nil: break
    case .all: result += "DISTINCT "
    case .on(let columns): result += "DISTINCT ON (\(try list(columns))) "
    }
    result += try items(select.items, namesAll: asSource)
    if !sources.isEmpty {
      result += " \nFROM " + (try sources.map { try source($0) }.joined(separator: ", "))
    }
    if let criteria = try self.criteria(select.criteria) { result += " \nWHERE \(criteria)" }
    if !select.grouping.isEmpty { result += " GROUP BY \(try list(select.grouping))" }
    if let having = try self.criteria(select.having) { result += " \nHAVING \(having)" }
    let names = Set(select.items.compactMap { $0.expression.label })
    result += try tail(select.order, select.limit, select.offset, labels: names)
    if let lock = select.lock { result += " " + self.lock(lock) }
    for suffix in select.suffixes { result += " \(try text(suffix))" }
    return result
  }

  private func lock(_ lock: RowLock) -> String {
    let tables = lock.tables.isEmpty ? "" : " OF \(lock.tables.joined(separator: ", "))"
    return "FOR \(lock.strength)\(tables)\(lock.waiting)"
  }

  private func compound(_ compound: CompoundSelect) throws -> String {
    if compound.queries.isEmpty { throw StatementExtent.failure }
    let parts = try compound.queries.map { inner -> String in
      let text = try query(inner)
      return inner.needsParentheses ? "(\(text))" : text
    }
    let body = parts.joined(separator: " \(compound.keyword) ")
    return body
      + (try tail(
        compound.order, compound.limit, compound.offset,
        labels: Set(compound.resultColumns.compactMap { $0.name?.text }), isCompound: true))
  }

  /// `ORDER BY`, `LIMIT` and `OFFSET`.
  private func tail(
    _ order: [OrderItem], _ limit: SQLExpression?, _ offset: SQLExpression?, labels: Set<String>,
    isCompound: Bool = false
  ) throws -> String {
    var result = ""
    if !order.isEmpty {
      self.labels = labels
      let wasQualifying = qualifiesColumns
      if isCompound { qualifiesColumns = false }
      defer { qualifiesColumns = wasQualifying }
      result += " ORDER BY " + (try order.map { try orderItem($0) }.joined(separator: ", "))
      self.labels = []
    }
    if let limit { result += " \n LIMIT \(try text(limit))" }
    if let offset {
      result += (limit == nil ? " \n LIMIT ALL" : "") + " OFFSET \(try text(offset))"
    }
    return result
  }

  private func orderItem(_ item: OrderItem) throws -> String {
    switch item {
    case .expression(let expression): try text(expression)
    case .name(let name, let suffix): IdentifierPreparer.quote(name) + suffix
    }
  }

  /// Conditions joined by `AND`; nil where there are none.
  func criteria(_ criteria: [SQLExpression]) throws -> String? {
    if criteria.isEmpty { return nil }
    return try text(
      criteria.count == 1
        ? criteria[0] : SQLExpression(.conjunction(isAnd: true, criteria), type: .boolean))
  }

  // MARK: Lists

  /// The list of a `SELECT` or `RETURNING`, with the names that columns get: all of them in a
  /// source of rows, else those that go by no name or by one that is taken.
  func items(_ items: [SelectItem], namesAll: Bool = false) throws -> String {
    var taken: [String: [Column?]] = [:]
    return try items.map { item in
      let expression = item.expression
      var column: Column?
      if case .column(let own) = expression.node { column = own }
      let sql: String
      if case .label(_, let inner) = expression.node {
        sql = try text(inner)
      } else {
        sql = try text(expression)
      }
      guard let name = expression.resultName?.text, expression.isNamed else {
        guard expression.needsLabel || column?.anonymousName != nil && namesAll else { return sql }
        let made = self.name(for: item.anonymous, base: item.anonymous.base)
        return "\(sql) AS \(IdentifierPreparer.quote(made))"
      }
      let before = taken[name] ?? []
      taken[name] = before + [column]
      if !before.isEmpty {
        // A column that is there already gets two underscores, another of its name one.
        let isSame = column == nil || before.contains { $0 === column }
        let copy = "\(name)\(isSame ? "__" : "_")\(before.count)"
        return "\(sql) AS \(IdentifierPreparer.quote(copy))"
      }
      return expression.needsLabel || expression.label != nil || namesAll
        ? "\(sql) AS \(IdentifierPreparer.quote(expression.resultName ?? ""))" : sql
    }.joined(separator: ", ")
  }
}

extension QueryExpression {
  /// Whether it stands in parentheses inside a `UNION`.
  var needsParentheses: Bool {
    switch self {
    case let select as SelectStatement:
      !select.order.isEmpty || select.limit != nil || select.offset != nil
    case is CompoundSelect: true
    default: false
    }
  }
}

extension SQLExpression {
  /// The name that the script gave it.
  var label: String? {
    if case .label(let name, _) = node { name.text } else { nil }
  }
}
