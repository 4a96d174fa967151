internal import OrderedCollections
internal import PythonSubset

/// Writes a session's changes in an order that foreign keys allow: rows that are referred to come
/// first when they are inserted and last when they are deleted.
struct UnitOfWork {
  private let session: SessionObject
  private let python: Interpreter

  init(_ session: SessionObject, _ python: Interpreter) {
    self.session = session
    self.python = python
  }

  func run() throws {
    try cascade()
    try prepareDeletes()
    let inserts = try inOrder(session.pending)
    session.pending = []
    for instance in inserts { try insert(instance) }
    for instance in session.identities.values where !isDeleted(instance) {
      try referToOthers(instance)
      try update(instance)
    }
    for instance in Array(session.identities.values) { try writeMiddles(instance) }
    try delete()
  }

  private func isDeleted(_ instance: MappedInstance) -> Bool {
    session.deleted.contains { $0 === instance }
  }

  /// What instances lead to is saved with them.
  private func cascade() throws {
    for instance in session.pending + Array(session.identities.values) {
      for related in instance.loadedRelations where related.session !== session {
        try session.add(related)
      }
    }
  }

  /// By table, tables that are referred to first; within a table parents first, else as they came.
  private func inOrder(_ instances: [MappedInstance]) throws -> [MappedInstance] {
    var tables: [Table] = []
    for instance in instances {
      let table = instance.mapper.table
      if tables.contains(where: { $0 === table }) { continue }
      if let metadata = table.metadata {
        let sorted = metadata.sortedTables
        for known in sorted where !tables.contains(where: { $0 === known }) { tables.append(known) }
      }
      if !tables.contains(where: { $0 === table }) { tables.append(table) }
    }
    return try tables.flatMap { table in
      try parentsFirst(instances.filter { $0.mapper.table === table })
    }
  }

  private func parentsFirst(_ instances: [MappedInstance]) throws -> [MappedInstance] {
    var done: [MappedInstance] = []
    var visiting: Set<ObjectIdentifier> = []
    func visit(_ instance: MappedInstance) throws {
      guard visiting.insert(ObjectIdentifier(instance)).inserted else { return }
      for parent in try parents(of: instance) where instances.contains(where: { $0 === parent }) {
        try visit(parent)
      }
      done.append(instance)
    }
    try instances.forEach(visit)
    return done
  }

  /// The instances of the same table that must be there before one.
  private func parents(of instance: MappedInstance) throws -> [MappedInstance] {
    try instance.mapper.relationships.values.flatMap { relationship -> [MappedInstance] in
      guard case .manyToOne = try relationship.resolved().direction,
        let value = instance.attributes[relationship.name]
      else { return [] }
      return relationship.members(value)
    }
      + session.pending.filter { other in
        try other.mapper.relationships.values.contains { relationship in
          guard case .oneToMany = try relationship.resolved().direction,
            let value = other.attributes[relationship.name]
          else { return false }
          return relationship.members(value).contains { $0 === instance }
        }
      }
  }

  // MARK: References

  /// Sets the columns that hold references from the instances that relationships hold.
  private func referToOthers(_ instance: MappedInstance) throws {
    for relationship in instance.mapper.relationships.values where !relationship.isReadOnly {
      guard let value = instance.attributes[relationship.name] else { continue }
      let resolution = try relationship.resolved()
      switch resolution.direction {
      case .manyToOne:
        guard instance.key == nil || instance.committedValue(of: relationship.name) != nil else {
          continue
        }
        let other = value.object(as: MappedInstance.self)
        if other == nil, instance.key == nil { continue }
        for pair in resolution.pairs {
          let key = try other.flatMap { other in
            try other.mapper.attribute(of: pair.other).flatMap { try other.attribute($0, python) }
          }
          try set(pair.own, of: instance, to: key ?? .null)
        }
      case .oneToMany:
        for child in relationship.members(value) {
          for pair in resolution.pairs {
            guard let name = instance.mapper.attribute(of: pair.own) else { continue }
            try set(pair.other, of: child, to: instance.attribute(name, python) ?? .null)
          }
        }
        try releaseOrphans(of: instance, relationship, resolution)
      case .manyToMany: break
      }
    }
  }

  private func set(_ column: Column, of instance: MappedInstance, to value: Value) throws {
    guard let name = instance.mapper.attribute(of: column) else { return }
    let old = instance.attributes[name] ?? .null
    if try python.equal(old, value) { return }
    instance.note(name, old)
    instance.attributes[name] = value
  }

  /// Rows that left a list refer to nothing, or go.
  private func releaseOrphans(
    of instance: MappedInstance, _ relationship: Relationship, _ resolution: Relationship.Resolution
  ) throws {
    guard let before = instance.committedValue(of: relationship.name),
      let now = instance.attributes[relationship.name]
    else { return }
    let kept = relationship.members(now)
    for gone in relationship.members(before) where !kept.contains(where: { $0 === gone }) {
      if hasOtherParent(gone, instance, relationship, resolution) { continue }
      if relationship.deletesOrphans {
        if gone.key != nil, !isDeleted(gone) { session.deleted.append(gone) }
      } else {
        for pair in resolution.pairs { try set(pair.other, of: gone, to: .null) }
      }
    }
  }

  /// Whether what left one list went into that of another instance.
  private func hasOtherParent(
    _ child: MappedInstance, _ parent: MappedInstance, _ relationship: Relationship,
    _ resolution: Relationship.Resolution
  ) -> Bool {
    if let mirror = relationship.opposite(resolution.target),
      let now = child.attributes[mirror.name]?.object(as: MappedInstance.self)
    {
      return now !== parent
    }
    return session.identities.values.contains { other in
      other !== parent && other.mapper === parent.mapper
        && relationship.members(other.attributes[relationship.name] ?? .null)
          .contains { $0 === child }
    }
  }

  // MARK: Rows

  private func insert(_ instance: MappedInstance) throws {
    try setReferences(beforeInserting: instance)
    let mapper = instance.mapper
    var values: [(column: Column, value: Value)] = []
    for (name, column) in mapper.columns {
      if let value = try valueToInsert(name, column, instance) { values.append((column, value)) }
    }
    let statement = InsertObject(mapper.table)
    statement.values = [values]
    let asked = mapper.columns.filter { name, column in
      !values.contains { $0.column === column }
        || instance.attributes[name]?.object(as: ExpressionObject.self) != nil
    }
    statement.returning = asked.values.map { SelectItem($0.expression) }
    let row = try session.rows(.object(statement)).first ?? []
    for (name, value) in zip(asked.keys, row) { instance.attributes[name] = value }
    try session.adopt(instance)
    try instance.commit()
    try noteInChildren(of: instance)
  }

  /// A row refers to what is there already, and to what its parents' lists hold it for.
  private func setReferences(beforeInserting instance: MappedInstance) throws {
    try referToOthers(instance)
  }

  /// The children of a row that has its key now refer to it.
  private func noteInChildren(of instance: MappedInstance) throws {
    try referToOthers(instance)
  }

  /// What `INSERT` says for a column: nothing where the server or the table's definition has a
  /// default, NULL where nobody does.
  private func valueToInsert(
    _ name: String, _ column: Column, _ instance: MappedInstance
  ) throws -> Value? {
    if let value = instance.attributes[name], !value.isNone || isJSON(column.type) {
      return value
    }
    if let identity = instance.mapper.identity,
      instance.mapper.root.discriminator === column
    {
      instance.attributes[name] = identity
      return identity
    }
    if column.sequence != nil || column.serverDefault != nil
      || column.isPrimaryKey
        && column.clientDefault == nil
    {
      return nil
    }
    guard column.clientDefault != nil else { return isJSON(column.type) ? nil : .null }
    let made = try defaultValue(ColumnObject.of(column).defaultValue)
    instance.attributes[name] = made
    return made
  }

  private func defaultValue(_ given: Value) throws -> Value {
    guard given.object(as: ExpressionObject.self) == nil, python.isCallable(given) else {
      return given
    }
    do {
      return try python.call(given)
    } catch let error as PythonError where error.isA(.typeError) {
      return try python.call(given, [.null])
    }
  }

  private func isJSON(_ type: SQLType) -> Bool {
    if case .json(let json) = type { return !json.noneAsNull }
    return false
  }

  private func update(_ instance: MappedInstance) throws {
    guard instance.session === session, let key = instance.key else { return }
    let mapper = instance.mapper
    var values: [(column: Column, value: Value)] = []
    let changes = instance.changes
    // In the order of the table, as SQLAlchemy writes them.
    for (name, column) in mapper.columns where changes.contains(name) {
      let value = instance.attributes[name] ?? .null
      if !instance.touched.contains(name), let old = instance.committedValue(of: name),
        value.object(as: ExpressionObject.self) == nil, try python.equal(old, value)
      {
        continue
      }
      values.append((column, value))
    }
    guard !values.isEmpty else {
      try instance.commit()
      return
    }
    let statement = UpdateObject(mapper.table)
    statement.values = [values]
    statement.criteria = try mapper.isKey(key, python)
    let result = try Execution(session.connection(), python).run(.object(statement), .null)
    if let rows = result.object(as: ResultObject.self)?.rowCount, rows != 1 {
      throw PythonError(
        ORMErrors.staleData,
        "UPDATE statement on table '\(mapper.table.name.text)' expected to update 1 row(s); "
          + "\(rows) were matched.")
    }
    let computed = values.filter { $0.value.object(as: ExpressionObject.self) != nil }
    try instance.commit()
    for (column, _) in computed {
      if let name = mapper.attribute(of: column) { instance.attributes.removeValue(forKey: name) }
      instance.isExpired = true
    }
    try session.adopt(instance)
  }

  /// Rows of the tables in the middle, by what was added to lists and taken out of them.
  private func writeMiddles(_ instance: MappedInstance) throws {
    for relationship in instance.mapper.relationships.values where !relationship.isReadOnly {
      guard let now = instance.attributes[relationship.name],
        case let resolution = try relationship.resolved(),
        case .manyToMany(let middle) = resolution.direction
      else { continue }
      let before = instance.committedValue(of: relationship.name).map(relationship.members) ?? []
      let after = relationship.members(now)
      for other in after where !before.contains(where: { $0 === other }) {
        let insert = InsertObject(middle)
        insert.values = [try middleRow(instance, other, resolution)]
        _ = try session.rows(.object(insert))
        // The other side's list says the same; it is not written twice.
        if let mirror = relationship.opposite(resolution.target),
          let list = other.attributes[mirror.name]?.list
        {
          other.remember(mirror.name, .list(list.items))
        }
      }
      for other in before where !after.contains(where: { $0 === other }) {
        let delete = DeleteObject(middle)
        delete.criteria = try middleRow(instance, other, resolution).map {
          try Coercion(python).comparison($0.column.expression, .equal, $0.value)
        }
        _ = try session.rows(.object(delete))
      }
      try instance.commit()
    }
  }

  private func middleRow(
    _ instance: MappedInstance, _ other: MappedInstance, _ resolution: Relationship.Resolution
  ) throws -> [(column: Column, value: Value)] {
    try resolution.pairs.map { pair in
      let name = instance.mapper.attribute(of: pair.own) ?? ""
      return (pair.other, try instance.attribute(name, python) ?? .null)
    }
      + resolution.far.map { pair in
        let name = other.mapper.attribute(of: pair.other) ?? ""
        return (pair.middle, try other.attribute(name, python) ?? .null)
      }
  }

  // MARK: Deletes

  /// What refers to a row that goes: it goes too, or refers to nothing.
  private func prepareDeletes() throws {
    var place = 0
    while place < session.deleted.count {
      let instance = session.deleted[place]
      place += 1
      for relationship in instance.mapper.relationships.values
      where !relationship.isReadOnly && !relationship.leavesDeletesToServer {
        let resolution = try relationship.resolved()
        switch resolution.direction {
        case .manyToOne: continue
        case .manyToMany:
          for other in relationship.members(
            try instance.attribute(relationship.name, python) ?? .null)
          {
            let delete = DeleteObject(resolution.pairs[0].other.table ?? instance.mapper.table)
            delete.criteria = try middleRow(instance, other, resolution).map {
              try Coercion(python).comparison($0.column.expression, .equal, $0.value)
            }
            _ = try session.rows(.object(delete))
          }
          instance.attributes[relationship.name] = .list([])
          instance.remember(relationship.name, .list([]))
        case .oneToMany:
          let children = relationship.members(
            try instance.attribute(relationship.name, python) ?? .null)
          for child in children where !isDeleted(child) {
            if relationship.deletesTargets {
              session.deleted.append(child)
            } else {
              for pair in resolution.pairs { try set(pair.other, of: child, to: .null) }
            }
          }
        }
      }
    }
  }

  private func delete() throws {
    let going = try inOrder(session.deleted).reversed()
    session.deleted = []
    for instance in going {
      guard let key = instance.key else { continue }
      let statement = DeleteObject(instance.mapper.table)
      statement.criteria = try instance.mapper.isKey(key, python)
      _ = try session.rows(.object(statement))
      try session.release(instance)
    }
  }
}
