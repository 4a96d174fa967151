/// A connection with SQLAlchemy 2.0's transactions: one begins by itself with the first statement,
/// `commit()` and `rollback()` end it, and savepoints nest in it.
///
/// The run that migrates and the script that gets the connection by `op.get_bind()` share one, so
/// that a script that commits does to the run what it does to Alembic's.
public final class ScriptConnection {
  /// Where statements go.
  public let server: any MigrationConnection
  /// The transaction that is open; nil between transactions.
  public private(set) var transaction: ScriptTransaction?
  /// Whether each statement is a transaction of its own, as in an `autocommit_block`.
  public var isAutocommit = false
  private var savepoints = 0

  /// Takes over a connection that is in no transaction.
  public init(_ server: any MigrationConnection) { self.server = server }

  /// Runs a statement, in a transaction that begins with it where none is open.
  public func execute(_ sql: String) throws -> StatementResult {
    if transaction == nil, !isAutocommit { _ = try begin() }
    return try server.execute(sql)
  }

  /// Begins a transaction; throws where one is open, as SQLAlchemy does.
  public func begin() throws -> ScriptTransaction {
    guard transaction == nil else {
      throw SchemaError(
        .invalidRequest,
        "This connection has already initialized a SQLAlchemy Transaction() object via begin() or "
          + "autobegin; can't call begin() here unless rollback() or commit() is called first.")
    }
    if !isAutocommit { _ = try server.execute("BEGIN") }
    let begun = ScriptTransaction(self, savepoint: nil, outer: nil)
    transaction = begun
    return begun
  }

  /// Sets a savepoint, in a transaction that begins with it where none is open.
  public func beginNested() throws -> ScriptTransaction {
    let outer = try transaction ?? begin()
    savepoints += 1
    let name = "sa_savepoint_\(savepoints)"
    _ = try server.execute("SAVEPOINT \(name)")
    var innermost = outer
    while let nested = innermost.nested { innermost = nested }
    let begun = ScriptTransaction(self, savepoint: name, outer: innermost)
    innermost.nested = begun
    return begun
  }

  /// Commits what is open; nothing where nothing is.
  public func commit() throws { try transaction?.commit() }

  /// Commits what is open and begins anew, with one answer of the server to wait for, not two.
  public func renew() throws {
    guard let open = transaction, !isAutocommit else {
      try commit()
      _ = try begin()
      return
    }
    open.close()
    try server.renewTransaction()
    transaction = ScriptTransaction(self, savepoint: nil, outer: nil)
  }

  /// Undoes what is open; nothing where nothing is.
  public func rollback() throws { try transaction?.rollback() }

  fileprivate func ended(_ ended: ScriptTransaction) {
    if transaction === ended { transaction = nil }
  }
}

/// A transaction or savepoint of a ``ScriptConnection``.
public final class ScriptTransaction {
  private let connection: ScriptConnection
  private let savepoint: String?
  private let outer: ScriptTransaction?
  fileprivate var nested: ScriptTransaction?
  /// Whether it is open.
  public private(set) var isActive = true

  init(_ connection: ScriptConnection, savepoint: String?, outer: ScriptTransaction?) {
    self.connection = connection
    self.savepoint = savepoint
    self.outer = outer
  }

  /// Whether a savepoint is open in it.
  public var hasNested: Bool { nested != nil }

  /// Whether it is a savepoint.
  public var isNested: Bool { savepoint != nil }

  /// Commits it, or releases the savepoint; throws where it has ended.
  public func commit() throws {
    guard isActive else {
      throw SchemaError(.invalidRequest, "This transaction is inactive")
    }
    try end(savepoint.map { "RELEASE SAVEPOINT \($0)" } ?? "COMMIT")
  }

  /// Undoes it; nothing where it has ended.
  public func rollback() throws {
    guard isActive else { return }
    try end(savepoint.map { "ROLLBACK TO SAVEPOINT \($0)" } ?? "ROLLBACK")
  }

  private func end(_ sql: String) throws {
    close()
    if savepoint == nil, connection.isAutocommit { return }
    _ = try connection.server.execute(sql)
  }

  /// Whatever is nested in it ends with it.
  fileprivate func close() {
    nested?.close()
    nested = nil
    isActive = false
    if let outer { outer.nested = nil } else { connection.ended(self) }
  }
}
