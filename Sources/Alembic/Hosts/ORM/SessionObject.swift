internal import OrderedCollections
internal import PythonSubset

/// `sqlalchemy.orm.Session`, over the connection of the run: what it commits is flushed, and the
/// run's own transaction goes on.
final class SessionObject: PythonInstance {
  let python: Interpreter
  /// The connection; nil until one is given.
  var bind: ConnectionObject?
  /// Whether a query writes what is pending first.
  var flushesByItself = true
  /// Whether a commit makes everything be read anew.
  var expiresOnCommit = true
  /// The instances whose rows are there, by table and key.
  private(set) var identities: OrderedDictionary<String, MappedInstance> = [:]
  /// The instances that are to be inserted, in the order in which they came.
  var pending: [MappedInstance] = []
  /// The instances that are to be deleted.
  var deleted: [MappedInstance] = []
  /// The savepoints of the session, innermost last.
  var savepoints: [SessionSavepoint] = []
  /// The innermost that is open: the connection may have been rolled back beside the session.
  var savepoint: SessionSavepoint? { savepoints.last(where: \.isActive) }
  private var isFlushing = false

  init(_ cls: PythonClass, _ python: Interpreter) {
    self.python = python
    super.init(cls)
  }

  /// The connection, or the error that SQLAlchemy has without one.
  func connection() throws -> ConnectionObject {
    if let bind { return bind }
    throw PythonError(
      SQLAlchemyErrors.unboundExecution,
      "Could not locate a bind configured on mapper or this Session.")
  }

  // MARK: Instances

  private func identity(_ mapper: Mapper, _ key: [Value]) throws -> String {
    try mapper.root.table.fullName + "/" + key.map { try python.str($0) }.joined(separator: "/")
  }

  /// The instance of a row, known or new.
  func instance(
    of mapper: Mapper, _ values: [String: Value], refresh: Bool
  ) throws -> Value {
    let key = mapper.keys.map { values[$0.name] ?? .null }
    if key.allSatisfy(\.isNone) { return .null }
    let identity = try identity(mapper, key)
    if let known = identities[identity] {
      if known.isExpired || refresh { known.take(values, overridingChanges: refresh) }
      return .object(known)
    }
    let actual = try mapper.mapper(ofRow: values, python)
    let made = MappedInstance(actual)
    made.session = self
    made.key = key
    made.take(values)
    identities[identity] = made
    if let hook = actual.cls.lookup("__reconstructor__") {
      _ = try python.call(hook, [.object(made)])
    }
    return .object(made)
  }

  /// Takes an instance whose row was just written, or that came from another session.
  func adopt(_ instance: MappedInstance) throws {
    var key: [Value] = []
    for (name, _) in instance.mapper.keys { key.append(instance.attributes[name] ?? .null) }
    instance.key = key
    instance.session = self
    identities[try identity(instance.mapper, key)] = instance
  }

  /// Lets go of an instance.
  func release(_ instance: MappedInstance) throws {
    if let key = instance.key {
      identities.removeValue(forKey: try identity(instance.mapper, key))
    }
    pending.removeAll { $0 === instance }
    deleted.removeAll { $0 === instance }
    instance.session = nil
  }

  /// `add()`: what the instance leads to comes with it.
  func add(_ instance: MappedInstance) throws {
    if instance.session === self,
      instance.key != nil || pending.contains(where: { $0 === instance })
    {
      return
    }
    instance.session = self
    if instance.key == nil {
      pending.append(instance)
    } else {
      try adopt(instance)
    }
    for related in instance.loadedRelations { try add(related) }
  }

  /// The instance of a key: the known one, or what the database has.
  func get(_ mapper: Mapper, _ key: [Value]) throws -> MappedInstance? {
    if let known = identities[try identity(mapper, key)], !known.isExpired { return known }
    return try instances(of: mapper, where: mapper.isKey(key, python), order: []).first?
      .object(as: MappedInstance.self)
  }

  /// Reads the row of an expired instance.
  func load(_ instance: MappedInstance) throws {
    guard let key = instance.key else { return }
    let found = try instances(
      of: instance.mapper, where: instance.mapper.isKey(key, python), order: [], flushing: false,
      refreshing: instance)
    guard !found.isEmpty else {
      throw PythonError(
        ORMErrors.objectDeleted,
        "Instance '\(try python.repr(.object(instance)))' has been deleted, or its row is "
          + "otherwise not present.")
    }
  }

  /// The instances of the rows that meet conditions.
  func instances(
    of mapper: Mapper, where criteria: [SQLExpression], order: [OrderItem],
    from others: [FromClause] = [], flushing: Bool = true, refreshing: MappedInstance? = nil
  ) throws -> [Value] {
    if flushing { try autoflush() }
    let entity = Entity(mapper, source: mapper.table)
    var select = SelectStatement()
    select.items = entity.columns.map { SelectItem($0.column.expression) }
    select.sources = others.isEmpty ? [] : others + [mapper.table]
    select.criteria = criteria
    if let condition = try mapper.inheritanceCondition(python) { select.criteria.append(condition) }
    select.order = order
    let list = try EntityList([.object(mapper.cls)], python)
    return try rows(SelectObject(select)).map { row in
      if let refreshing {
        refreshing.take(
          Dictionary(uniqueKeysWithValues: zip(entity.columns.map(\.name), row)))
        return .object(refreshing)
      }
      return try list.items(of: row, self, refresh: false)[0]
    }
  }

  /// The rows of a statement as values; none of one that gives none.
  func rows(_ statement: Value, _ parameters: Value = .null) throws -> [[Value]] {
    let result = try Execution(connection(), python).run(statement, parameters)
    guard let result = result.object(as: ResultObject.self), result.returnsRows else { return [] }
    return try result.all().map(\.values)
  }

  /// The same for a query.
  func rows(_ query: QueryObject) throws -> [[Value]] { try rows(.object(query)) }

  // MARK: Writing

  /// Writes what is pending before a query looks.
  func autoflush() throws {
    if flushesByItself, !isFlushing { try flush() }
  }

  /// Writes what is pending.
  func flush() throws {
    guard !isFlushing else { return }
    isFlushing = true
    defer { isFlushing = false }
    try UnitOfWork(self, python).run()
  }

  /// `commit()`: everything is written, savepoints are let go of, and all is read anew when it is
  /// asked for.
  func commit() throws {
    while let innermost = savepoint { try innermost.commit() }
    try flush()
    if expiresOnCommit { expireAll() }
  }

  /// `rollback()`: the transaction of the run is rolled back, as SQLAlchemy does when a session
  /// joins one.
  func rollback() throws {
    pending = []
    deleted = []
    savepoints = []
    expireAll()
    if let transaction = bind?.connection.transaction {
      try translatingErrors { try transaction.rollback() }
    }
  }

  /// Has the instances that were known at a savepoint, and no others.
  func restore(_ known: OrderedDictionary<String, MappedInstance>) {
    for instance in pending { instance.session = nil }
    for (identity, instance) in identities where known[identity] !== instance {
      instance.session = nil
      instance.key = nil
    }
    for instance in known.values { instance.session = self }
    pending = []
    deleted = []
    identities = known
    expireAll()
  }

  func expireAll() { for instance in identities.values { instance.expire() } }

  /// `close()`: instances keep what they have and belong to no session.
  func close() {
    for instance in Array(identities.values) + pending { instance.session = nil }
    identities = [:]
    pending = []
    deleted = []
  }

  override func enter(_ python: Interpreter) throws -> Value? { .object(self) }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    close()
    return false
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "bind": bind.map { .object($0) } ?? .null
    case "autoflush": .bool(flushesByItself)
    case "new": .set(try PythonSet(pending.map { .object($0) }, python))
    case "deleted": .set(try PythonSet(deleted.map { .object($0) }, python))
    case "dirty":
      .set(
        try PythonSet(
          identities.values.filter { !$0.changes.isEmpty }.map { .object($0) }, python))
    case "is_active": .bool(true)
    case "no_autoflush": .object(NoAutoflush(self))
    case "identity_map": .dict(PythonDict())
    case "info": .dict(PythonDict())
    default: try super.attribute(name, python)
    }
  }

  override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    switch name {
    case "autoflush": flushesByItself = try python.truth(value)
    case "expire_on_commit": expiresOnCommit = try python.truth(value)
    case "bind": bind = try ConnectionObject.of(value, python)
    default: return try super.setAttribute(name, to: value, python)
    }
    return true
  }

  override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    item.object(as: MappedInstance.self)?.session === self
  }

  override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator(
      "iterator", over: (pending + Array(identities.values)).map { .object($0) })
  }
}

extension MappedInstance {
  /// The instances that its relationships hold already.
  var loadedRelations: [MappedInstance] {
    mapper.relationships.values.filter { !$0.isReadOnly }.flatMap { relationship in
      attributes[relationship.name].map(relationship.members) ?? []
    }
  }
}

/// `with session.no_autoflush:`.
private final class NoAutoflush: PythonObject {
  private let session: SessionObject
  private var before = true

  init(_ session: SessionObject) { self.session = session }

  override func enter(_ python: Interpreter) throws -> Value? {
    before = session.flushesByItself
    session.flushesByItself = false
    return .object(session)
  }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    session.flushesByItself = before
    return false
  }
}

/// The exceptions of `sqlalchemy.orm.exc` that are not in `sqlalchemy.exc`.
enum ORMErrors {
  // All immutable once made (see PythonClass).
  nonisolated(unsafe) static let objectDeleted = PythonClass(
    host: "ObjectDeletedError", module: "sqlalchemy.orm.exc",
    bases: [SQLAlchemyErrors.invalidRequest])
  nonisolated(unsafe) static let staleData = PythonClass(
    host: "StaleDataError", module: "sqlalchemy.orm.exc", bases: [SQLAlchemyErrors.base])
  nonisolated(unsafe) static let detached = PythonClass(
    host: "DetachedInstanceError", module: "sqlalchemy.orm.exc", bases: [SQLAlchemyErrors.base])
  nonisolated(unsafe) static let unmapped = PythonClass(
    host: "UnmappedInstanceError", module: "sqlalchemy.orm.exc",
    bases: [SQLAlchemyErrors.invalidRequest])
}
