internal import PythonSubset
internal import Text

/// Runs what a script gives to `execute()`.
struct Execution {
  let connection: ConnectionObject
  let python: Interpreter

  init(_ call: Call) throws {
    connection = try call.receiver()
    python = call.python
  }

  init(_ connection: ConnectionObject, _ python: Interpreter) {
    self.connection = connection
    self.python = python
  }

  /// Rows of an `INSERT` that go in one statement.
  private static let pageSize = 1000

  /// Runs a statement with parameters: none, a dictionary, or a list of dictionaries.
  func run(_ statement: Value, _ parameters: Value) throws -> Value {
    guard !connection.isMock else {
      throw PythonError(.attributeError, "'MockConnection' object has no attribute 'begin'")
    }
    let rows = try self.rows(parameters)
    let isMany = parameters.list != nil && rows.count != 1
    switch statement.object(as: PythonObject.self) {
    case let object as StatementObject:
      if rows.count > 1 {
        return object.takesManyRows
          ? try runPages(object, rows) : try runEach(object, rows)
      }
      return try run(object, rows)
    case let element as DDLObject:
      for sql in try element.statements(python) { try connection.run(sql) }
      return .object(ResultObject(StatementResult(), [], connection, python))
    case let sequence as SequenceObject:
      let result = try connection.query("SELECT \(sequence.nextValue)")
      return try ResultObject(result, [], connection, python).first(python)?.values.first ?? .null
    case let object as ExpressionObject:
      if isMany, rows.isEmpty {
        return .object(ResultObject(StatementResult(), [], connection, python))
      }
      return try run(object.expression, rows)
    default:
      if let made = try python.optionalAttribute(of: statement, "__clause_element__") {
        return try run(python.call(made), parameters)
      }
      throw PythonError(
        SQLAlchemyErrors.objectNotExecutable,
        "Not an executable object: \(try python.repr(statement))")
    }
  }

  /// The sets of parameters.
  func rows(_ parameters: Value) throws -> [PythonDict] {
    if parameters.isNone { return [] }
    if let dict = parameters.dict { return [dict] }
    if let row = parameters.object(as: MappingObject.self) { return [row.dictionary] }
    return try python.items(parameters).map { row in
      if let dict = row.dict { return dict }
      if let mapping = row.object(as: MappingObject.self) { return mapping.dictionary }
      throw PythonError(
        SQLAlchemyErrors.argument,
        "List argument must consist only of tuples or dictionaries")
    }
  }

  private func run(_ object: StatementObject, _ rows: [PythonDict]) throws -> Value {
    try translatingErrors {
      let statement = try object.statement(rows, python)
      let given = rows.first ?? PythonDict(object.parameters.map { ($0.key, $0.value) })
      let sql = try compiler(given).statement(statement)
      try python.tick(sql.utf8.count / 64)
      let result = try connection.connection.execute(sql)
      return .object(
        ResultObject(result, statement.resultColumns, connection, python, object))
    }
  }

  private func compiler(_ row: PythonDict?) -> SQLCompiler {
    SQLCompiler { place in
      if !place.isUnique, let value = row?[place.key] {
        return try BoundParameter(python).value(value, of: place)
      }
      guard let value = place.value else { throw SQLCompiler.missing(place.key) }
      return value
    }
  }

  /// An `INSERT` of many rows: a thousand at a time.
  private func runPages(_ object: StatementObject, _ rows: [PythonDict]) throws -> Value {
    var total = 0
    var all = StatementResult()
    var columns: [ResultColumn] = []
    var start = 0
    while start < rows.count {
      let page = Array(rows[start..<min(start + Execution.pageSize, rows.count)])
      start += page.count
      try python.tick(page.count)
      try translatingErrors {
        let statement = try object.statement(page, python)
        columns = statement.resultColumns
        let result = try connection.connection.execute(compiler(nil).statement(statement))
        total += max(0, result.rowCount)
        all.fields = result.fields
        all.rows += result.rows
      }
    }
    all.tag = "INSERT 0 \(total)"
    return .object(ResultObject(all, columns, connection, python, object))
  }

  private func runEach(_ object: StatementObject, _ rows: [PythonDict]) throws -> Value {
    var total = 0
    for row in rows {
      try python.tick()
      if let result = try run(object, [row]).object(as: ResultObject.self) {
        total += max(0, result.rowCount)
      }
    }
    return .object(
      ResultObject(StatementResult(tag: "UPDATE \(total)"), [], connection, python, object))
  }

  /// A text, or an expression that is the whole list of a `SELECT`.
  private func run(_ expression: SQLExpression, _ rows: [PythonDict]) throws -> Value {
    guard case .text(let clause) = expression.node else {
      var select = SelectStatement()
      select.items = [SelectItem(expression)]
      return try run(SelectObject(select), rows)
    }
    var last = StatementResult()
    var total = 0
    let sets: [PythonDict?] = rows.isEmpty ? [nil] : rows
    for row in sets {
      try python.tick()
      try translatingErrors {
        let sql = try compiler(row).text(clause).trimmedEnd
        try python.tick(sql.utf8.count / 64)
        last = try connection.connection.execute(sql)
        total += max(0, last.rowCount)
      }
    }
    if rows.count > 1 { last.tag = "UPDATE \(total)" }
    return .object(ResultObject(last, [], connection, python))
  }

  // MARK: The driver's own

  /// SQL in psycopg2's format: `%s` or `%(name)s` where there are parameters.
  func runDriverSQL(_ sql: String, _ parameters: Value) throws -> Value {
    let sets: [Value] =
      if let list = parameters.list,
        list.items.first?.sequence != nil
          || list.items.first?.dict != nil
      {
        list.items
      } else {
        [parameters]
      }
    var last = StatementResult()
    for set in sets {
      try python.tick()
      let text = try DriverFormat(python).text(sql, set)
      last = try connection.query(text)
    }
    return .object(ResultObject(last, [], connection, python))
  }
}

extension String {
  /// Without white space and semicolons at the end, where the driver does not care.
  var trimmedEnd: String {
    var text = self[...]
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}

/// psycopg2's way to write parameters into SQL.
struct DriverFormat {
  let python: Interpreter

  init(_ python: Interpreter) { self.python = python }

  /// The text with the parameters in it; `%%` is `%`.
  func text(_ sql: String, _ parameters: Value) throws -> String {
    var result = ""
    var rest = sql[...]
    var place = 0
    let named = parameters.dict
    let items = try named == nil && !parameters.isNone ? python.items(parameters) : []
    while let percent = rest.firstIndex(of: "%") {
      result += rest[..<percent]
      rest = rest[rest.index(after: percent)...]
      switch rest.first {
      case "%":
        result += "%"
        rest = rest.dropFirst()
      case "s":
        guard items.indices.contains(place) else {
          throw PythonError(.indexError, "tuple index out of range")
        }
        result += try literal(items[place])
        place += 1
        rest = rest.dropFirst()
      case "(":
        guard let end = rest.firstRange(ofText: ")s") else { throw incomplete() }
        let name = String(rest[rest.index(after: rest.startIndex)..<end.lowerBound])
        guard let value = named?[name] else {
          throw PythonError(.keyError, arguments: [.string(name)])
        }
        result += try literal(value)
        rest = rest[end.upperBound...]
      default: throw incomplete()
      }
    }
    return result + rest
  }

  private func literal(_ value: Value) throws -> String {
    LiteralWriter.text(try BoundValue(python).adapt(value))
  }

  private func incomplete() -> PythonError {
    PythonError(.valueError, "unsupported format character in SQL for the driver")
  }
}
