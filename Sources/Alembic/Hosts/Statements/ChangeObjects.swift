internal import PythonSubset

/// `insert()`, `update()` or `delete()`.
class ChangeObject: StatementObject {
  let table: FromClause
  /// What `values()` gave, by the keys of columns.
  var values: [[(column: Column, value: Value)]] = []
  var criteria: [SQLExpression] = []
  var returning: [SelectItem] = []
  /// What `returning()` was given, classes among it, for a session to make instances of.
  var returnedEntities: [Value] = []
  var commonTables: [CommonTable] = []

  init(_ table: FromClause) { self.table = table }

  /// A copy of the same kind.
  func copied() -> ChangeObject { ChangeObject(table) }

  /// A copy with a change.
  final func with<Kind: ChangeObject>(_ change: (Kind) throws -> Void) throws -> ChangeObject {
    let copy = copied()
    copy.values = values
    copy.criteria = criteria
    copy.returning = returning
    copy.returnedEntities = returnedEntities
    copy.commonTables = commonTables
    copy.options = options
    copy.parameters = parameters
    if let copy = copy as? Kind { try change(copy) }
    return copy
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "table": .object(FromObject.of(table))
    default: try super.attribute(name, python)
    }
  }

  /// The columns and values of a dictionary; throws for names that the table does not have.
  final func assignments(
    _ dict: PythonDict, isStrict: Bool = true, _ python: Interpreter
  ) throws -> [(column: Column, value: Value)] {
    var unknown: [String] = []
    var found: [(column: Column, value: Value)] = []
    for (key, value) in dict.items {
      if let column = try self.column(key, python) {
        found.append((column, value))
      } else {
        unknown.append(try python.str(key))
      }
    }
    guard unknown.isEmpty || !isStrict else {
      throw PythonError(
        SQLAlchemyErrors.compile, "Unconsumed column names: \(unknown.joined(separator: ", "))")
    }
    return found
  }

  private func column(_ key: Value, _ python: Interpreter) throws -> Column? {
    if let name = key.string { return table.column(name) }
    guard let expression = try Coercion(python).clause(key),
      case .column(let column) = expression.node
    else { return nil }
    return table.columns.first { $0 === column || $0.base === column.base }
      ?? table.column(column.key)
  }

  /// In the order of the table.
  final func inOrder(_ columns: [Column]) -> [Column] {
    table.columns.filter { column in columns.contains { $0 === column } }
  }
}

/// `insert()`.
final class InsertObject: ChangeObject {
  var columns: [Column]?
  var query: (any QueryExpression)?
  var conflict: (target: InsertStatement.ConflictTarget, action: InsertStatement.Conflict)?
  private var excludedAlias: Alias?

  override var pythonClass: PythonClass { QueryClasses.insert }
  override var takesManyRows: Bool { true }

  override func copied() -> ChangeObject {
    let copy = InsertObject(table)
    copy.columns = columns
    copy.query = query
    copy.conflict = conflict
    copy.excludedAlias = excludedAlias
    return copy
  }

  /// The row that could not be inserted, for `ON CONFLICT DO UPDATE`.
  var excluded: FromClause {
    if let excludedAlias { return excludedAlias }
    let alias = Alias(table, name: SQLName("excluded"))
    excludedAlias = alias
    return alias
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "excluded"
      ? .object(ColumnCollection(excluded.columns)) : try super.attribute(name, python)
  }

  override func statement(
    _ rows: [PythonDict], _ python: Interpreter
  ) throws -> any StatementExpression {
    var insert = InsertStatement(into: table)
    insert.returning = returning
    insert.conflict = conflict
    insert.commonTables = commonTables
    insert.query = query
    if query != nil {
      insert.columns = columns ?? []
      return insert
    }
    var given = values
    if given.isEmpty {
      given = try rows.map { try assignments($0, python) }
    } else if rows.count == 1, let extra = rows.first, given.count == 1 {
      let added = try assignments(extra, isStrict: false, python)
      given[0] += added.filter { new in !given[0].contains { $0.column === new.column } }
    }
    try fill(&insert, given, python)
    return insert
  }

  /// The rows with the defaults that Core gives, by the columns of the first.
  private func fill(
    _ insert: inout InsertStatement, _ given: [[(column: Column, value: Value)]],
    _ python: Interpreter
  ) throws {
    let first = given.first ?? []
    let defaulted = table.columns.filter { column in
      (column.clientDefault != nil || column.sequence?.isOptional == false)
        && !first.contains { $0.column === column }
    }
    insert.columns = inOrder(first.map(\.column) + defaulted)
    let coercion = Coercion(python)
    insert.rows = try (given.isEmpty ? [[]] : given).enumerated().map { number, row in
      try insert.columns.map { column in
        if let value = row.first(where: { $0.column === column })?.value {
          return try coercion.stored(value, in: column)
        }
        if let value = try column.clientDefault?.value() { return value }
        if let sequence = column.sequence {
          return SQLExpression(.literalColumn("nextval(\(LiteralWriter.quoted(sequence.sql)))"))
        }
        throw PythonError(
          SQLAlchemyErrors.statement,
          "(sqlalchemy.exc.InvalidRequestError) A value is required for bind parameter "
            + "'\(column.key)', in parameter group \(number)")
      }
    }
  }
}

/// `update()`.
final class UpdateObject: ChangeObject {
  var isOrdered = false

  override var pythonClass: PythonClass { QueryClasses.update }

  override func copied() -> ChangeObject {
    let copy = UpdateObject(table)
    copy.isOrdered = isOrdered
    return copy
  }

  override func statement(
    _ rows: [PythonDict], _ python: Interpreter
  ) throws -> any StatementExpression {
    var update = UpdateStatement(table)
    update.criteria = criteria
    update.returning = returning
    update.commonTables = commonTables
    var given = values.first ?? []
    if given.isEmpty, let row = rows.first {
      given = try assignments(row, isStrict: false, python)
    }
    let coercion = Coercion(python)
    let automatic = table.columns.filter { column in
      column.clientUpdate != nil && !given.contains { $0.column === column }
    }
    let order = isOrdered ? given.map(\.column) : inOrder(given.map(\.column) + automatic)
    update.values = try order.map { column in
      if let value = given.last(where: { $0.column === column })?.value {
        return (column, try coercion.stored(value, in: column))
      }
      return (column, try column.clientUpdate?.value() ?? SQLExpression(.null))
    }
    return update
  }
}

/// `delete()`.
final class DeleteObject: ChangeObject {
  override var pythonClass: PythonClass { QueryClasses.delete }
  override func copied() -> ChangeObject { DeleteObject(table) }

  override func statement(
    _ rows: [PythonDict], _ python: Interpreter
  ) throws -> any StatementExpression {
    var delete = DeleteStatement(from: table)
    delete.criteria = criteria
    delete.returning = returning
    delete.commonTables = commonTables
    return delete
  }
}
