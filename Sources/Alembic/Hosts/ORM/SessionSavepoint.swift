internal import OrderedCollections
internal import PythonSubset

/// What `session.begin_nested()` gives: a savepoint, and what the session knew when it was set.
///
/// Undone, it takes the instances that came since out of the session, brings back those that
/// went, and has the others read again, as SQLAlchemy's SessionTransaction does. Once it has ended,
/// leaving its `with` block does nothing more.
final class SessionSavepoint: PythonObject {
  private let session: SessionObject
  private let transaction: ScriptTransaction
  private let known: OrderedDictionary<String, MappedInstance>

  /// Writes what is pending and sets the savepoint.
  init(_ session: SessionObject) throws {
    try session.flush()
    let connection = try session.connection().connection
    self.session = session
    transaction = try translatingErrors { try connection.beginNested() }
    known = session.identities
    super.init()
    session.savepoints.append(self)
  }

  /// Whether it can still be committed or undone.
  var isActive: Bool { transaction.isActive }

  override func enter(_ python: Interpreter) throws -> Value? { .object(self) }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    guard isActive else { return false }
    if error == nil { try commit() } else { try rollback() }
    return false
  }

  /// Writes what is pending and lets go of the savepoint; what cannot be written undoes it.
  func commit() throws {
    try requireOpen()
    do {
      try session.flush()
    } catch let error as PythonError {
      try rollback()
      throw error
    }
    end()
    try translatingErrors { try transaction.commit() }
  }

  /// Goes back to the savepoint.
  func rollback() throws {
    try requireOpen()
    end()
    try translatingErrors { try transaction.rollback() }
    session.restore(known)
  }

  private func requireOpen() throws {
    guard isActive else {
      throw PythonError(SQLAlchemyErrors.resourceClosed, "This transaction is closed")
    }
  }

  /// Those that were set after it end with it.
  private func end() {
    guard let place = session.savepoints.firstIndex(where: { $0 === self }) else { return }
    session.savepoints.removeSubrange(place...)
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "commit", "rollback", "close":
      .function(name) { [self] _ in
        switch name {
        case "commit": try commit()
        case "rollback": try rollback()
        default: if isActive { try rollback() }
        }
        return .null
      }
    case "is_active": .bool(isActive)
    case "nested": .bool(true)
    case "session": .object(session)
    default: try super.attribute(name, python)
    }
  }
}
