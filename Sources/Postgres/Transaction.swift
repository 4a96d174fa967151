/// How a transaction sees the database and what it may do.
public struct TransactionOptions: Hashable, Sendable {
  /// What a transaction sees of others.
  public enum Isolation: String, Sendable {
    /// What was committed before each statement.
    case readCommitted = "READ COMMITTED"
    /// What was committed before the first statement.
    case repeatableRead = "REPEATABLE READ"
    /// As if transactions ran one after the other.
    case serializable = "SERIALIZABLE"
  }

  /// The isolation; nil takes the session's default.
  public var isolation: Isolation?
  /// Whether it may write; nil takes the session's default.
  public var isReadOnly: Bool?
  /// Whether a serializable read-only transaction waits until it can run without conflicts.
  public var isDeferrable: Bool

  /// Creates options; all are the session's defaults unless given.
  public init(
    isolation: Isolation? = nil, isReadOnly: Bool? = nil, isDeferrable: Bool = false
  ) {
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.isDeferrable = isDeferrable
  }

  var begin: String {
    var modes: [String] = []
    if let isolation { modes.append("ISOLATION LEVEL \(isolation.rawValue)") }
    if let isReadOnly { modes.append(isReadOnly ? "READ ONLY" : "READ WRITE") }
    if isDeferrable { modes.append("DEFERRABLE") }
    return (["BEGIN"] + [modes.joined(separator: ", ")]).filter { !$0.isEmpty }
      .joined(separator: " ")
  }
}

extension Connection {
  /// Runs `body` in a transaction: committed when it returns, rolled back when it throws or the
  /// task is cancelled in it.
  ///
  /// - Throws: what `body` throws, or `PostgresError` when the transaction cannot begin or commit;
  ///   also when `body` went on after a failed statement, since nothing is kept then.
  public nonisolated(nonsending) func transaction<Result>(
    _ options: TransactionOptions = TransactionOptions(),
    _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    try await execute(options.begin)
    let result: Result
    do {
      result = try await body(self)
      try Task.checkCancellation()
    } catch {
      await rollBack()
      throw error
    }
    try await commit()
    return result
  }

  /// Commits whatever happens to the task meanwhile: a commit on its way cannot be called back.
  private func commit() throws {
    let results = try uninterrupted { try $0.execute("COMMIT", nil) }
    if results.last?.commandTag != "COMMIT" {
      throw PostgresError(
        .server, "the transaction was rolled back, because a statement in it had failed")
    }
  }

  private func rollBack() {
    // When it fails the session is gone, and with it the transaction.
    do { _ = try uninterrupted { try $0.execute("ROLLBACK", nil) } } catch { close() }
  }
}
