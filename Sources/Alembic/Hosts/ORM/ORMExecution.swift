internal import PythonSubset

/// Runs statements for a session: a query of classes gives instances.
struct ORMExecution {
  private let session: SessionObject
  private let python: Interpreter

  init(_ session: SessionObject, _ python: Interpreter) {
    self.session = session
    self.python = python
  }

  /// The result of a statement.
  func run(_ statement: Value, _ parameters: Value) throws -> Value {
    let entities = self.entities(of: statement)
    let list = try entities.map { try EntityList($0, python) }
    if let list, list.hasEntities {
      try session.autoflush()
      let rows = try session.rows(statement, parameters).map { row in
        try list.items(of: row, session, refresh: false)
      }
      return .object(ResultObject(keys: list.names, rows: rows))
    }
    if statement.object(as: StatementObject.self) != nil { try session.autoflush() }
    let result = try Execution(session.connection(), python).run(statement, parameters)
    if statement.object(as: ChangeObject.self) != nil { session.expireAll() }
    return result
  }

  private func entities(of statement: Value) -> [Value]? {
    if let select = statement.object(as: SelectObject.self) { return select.entities }
    if let change = statement.object(as: ChangeObject.self), !change.returnedEntities.isEmpty {
      return change.returnedEntities
    }
    return nil
  }
}

/// Writes rows without keeping instances: the `bulk_` methods.
struct BulkWriting {
  private let session: SessionObject
  private let python: Interpreter

  init(_ session: SessionObject, _ python: Interpreter) {
    self.session = session
    self.python = python
  }

  /// Inserts an instance's row, or updates it when it is there.
  func save(_ instance: MappedInstance) throws {
    let mapper = instance.mapper
    let row = PythonDict()
    for name in mapper.columns.keys {
      if let value = instance.attributes[name] { try row.set(.string(name), to: value, python) }
    }
    guard instance.key != nil else { return try insert(mapper, row, rendersNulls: false) }
    let changed = Set(instance.changes).union(mapper.keys.map(\.name))
    let changes = PythonDict()
    for (key, value) in row.items where changed.contains(key.string ?? "") {
      try changes.set(key, to: value, python)
    }
    try update(mapper, changes)
    try instance.commit()
  }

  /// Inserts a row; what is None is left out unless nulls are asked for.
  func insert(_ mapper: Mapper, _ row: PythonDict, rendersNulls: Bool) throws {
    let statement = InsertObject(mapper.table)
    var values: [(column: Column, value: Value)] = []
    for (key, value) in row.items {
      guard let column = mapper.columns[key.string ?? ""], rendersNulls || !value.isNone else {
        continue
      }
      values.append((column, value))
    }
    if let identity = mapper.identity, let column = mapper.root.discriminator,
      !values.contains(where: { $0.column === column })
    {
      values.append((column, identity))
    }
    statement.values = [values]
    try python.tick()
    _ = try session.rows(.object(statement))
  }

  /// Updates the row of a key.
  func update(_ mapper: Mapper, _ row: PythonDict) throws {
    let key = SessionMethods.key(.dict(row), mapper)
    let names = Set(mapper.keys.map(\.name))
    var values: [(column: Column, value: Value)] = []
    for (key, value) in row.items {
      guard let name = key.string, !names.contains(name), let column = mapper.columns[name] else {
        continue
      }
      values.append((column, value))
    }
    guard !values.isEmpty else { return }
    let statement = UpdateObject(mapper.table)
    statement.values = [values]
    statement.criteria = try mapper.isKey(key, python)
    try python.tick()
    _ = try session.rows(.object(statement))
  }
}
