internal import OrderedCollections
internal import PythonSubset

/// `session.query(...)`: a query that gives instances.
final class ORMQuery: PythonObject {
  let session: SessionObject
  private(set) var list: EntityList
  private(set) var entities: [Value]
  /// The statement, built by the methods of `select()`.
  private(set) var select: SelectObject
  private var refreshes = false

  init(_ entities: [Value], _ session: SessionObject, _ python: Interpreter) throws {
    self.session = session
    self.entities = entities
    list = try EntityList(entities, python)
    var statement = SelectStatement()
    statement.items = try SelectReading.items(list.columns, python)
    for value in entities {
      if let condition = try value.entity(python)?.mapper.inheritanceCondition(python) {
        statement.criteria.append(condition)
      }
    }
    select = SelectObject(statement)
    select.entities = entities
  }

  private init(copying other: ORMQuery) {
    session = other.session
    entities = other.entities
    list = other.list
    select = other.select
    refreshes = other.refreshes
  }

  override var pythonClass: PythonClass { ORMQuery.cls }

  /// A copy whose statement went through a method of `select()`.
  func calling(_ method: String, _ arguments: Arguments, _ python: Interpreter) throws -> ORMQuery {
    let copy = ORMQuery(copying: self)
    let changed = try python.call(python.get(method, of: .object(select)), arguments)
    if let changed = changed.object(as: SelectObject.self) { copy.select = changed }
    return copy
  }

  /// A copy with other items.
  func with(_ entities: [Value], _ python: Interpreter) throws -> ORMQuery {
    let copy = ORMQuery(copying: self)
    copy.entities = entities
    copy.list = try EntityList(entities, python)
    let items = try SelectReading.items(copy.list.columns, python)
    let sources = select.select.items.flatMap(\.expression.sources)
    copy.select = select.with { statement in
      if statement.sources.isEmpty {
        for source in sources where !statement.sources.contains(where: { $0 === source }) {
          statement.sources.append(source)
        }
      }
      statement.items = items
    }
    copy.select.entities = entities
    return copy
  }

  func refreshing() -> ORMQuery {
    let copy = ORMQuery(copying: self)
    copy.refreshes = true
    return copy
  }

  /// The results: instances where one class is asked for, rows otherwise.
  func all(_ python: Interpreter) throws -> [Value] {
    try session.autoflush()
    let rows = try session.rows(select).map { row in
      try list.items(of: row, session, refresh: refreshes)
    }
    if list.parts.count == 1, list.hasEntities { return unique(rows.map { $0[0] }) }
    return try ResultObject(keys: list.names, rows: rows).all().map { .object($0) }
  }

  /// An instance that a join gives several times counts once.
  private func unique(_ values: [Value]) -> [Value] {
    var seen: Set<ObjectIdentifier> = []
    return values.filter { value in
      guard case .object(let object) = value else { return true }
      return seen.insert(ObjectIdentifier(object)).inserted
    }
  }

  override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator("iterator", over: try all(python))
  }

  override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    if let slice = key.object(as: PythonSlice.self) {
      var query = self
      let start = slice.start.int ?? 0
      if let stop = slice.stop.int {
        query = try query.calling("limit", Arguments([.int(stop - start)]), python)
      }
      if start > 0 { query = try query.calling("offset", Arguments([.int(start)]), python) }
      return .list(try query.all(python))
    }
    return try python.item(of: .list(all(python)), key)
  }

  /// The table that `update()` and `delete()` change.
  func changedMapper(_ python: Interpreter) throws -> Mapper {
    guard let entity = try entities.first?.entity(python) else {
      throw PythonError(
        SQLAlchemyErrors.argument, "update() and delete() need a query of one mapped class")
    }
    return entity.mapper
  }

  override func text(_ python: Interpreter) throws -> String { try select.text(python) }
}

extension ORMQuery: ClauseProviding {
  func clause(_ python: Interpreter) throws -> SQLExpression {
    SQLExpression(
      .scalarSelect(select.select),
      type: select.select.resultColumns.first?.expression.type ?? .null)
  }
}
