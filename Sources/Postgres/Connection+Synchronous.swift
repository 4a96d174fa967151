internal import CPostgres

extension Connection {
  /// Runs `body` on the connection's thread, where it may wait for the server as often as it
  /// likes without giving the thread back between its statements.
  ///
  /// For work that cannot be asynchronous: an interpreter whose programs call the database. When the
  /// task is cancelled, the statement that runs is cancelled on the server and every further one
  /// throws `CancellationError`, except by `executeToTheEnd`.
  ///
  /// - Throws: what `body` throws, or `PostgresError` when the connection is closed.
  public func synchronously<Result: Sendable>(
    _ body: @Sendable (SynchronousSession) throws -> Result
  ) async throws -> Result {
    try await interruptible { session, interruption in
      try body(SynchronousSession(session, interruption))
    }
  }
}

/// A session as the code sees it that runs on the connection's thread. It must not be kept.
public final class SynchronousSession {
  private let session: Session
  private let interruption: Interruption

  init(_ session: Session, _ interruption: Interruption) {
    self.session = session
    self.interruption = interruption
  }

  /// Whether somebody wants the work to end.
  public var isCancelled: Bool { interruption.isRequested }

  /// Whether a transaction block is open, failed or not.
  public var isInTransaction: Bool {
    switch PQtransactionStatus(session.raw) {
    case PQTRANS_INTRANS, PQTRANS_INERROR: true
    default: false
    }
  }

  /// Whether a transaction block is open that can only be rolled back.
  public var isInFailedTransaction: Bool { PQtransactionStatus(session.raw) == PQTRANS_INERROR }

  /// Runs one or more statements by the simple protocol and gives each one's result.
  ///
  /// - Throws: `PostgresError` for the first that fails, or `CancellationError`.
  public func execute(_ sql: String) throws -> [QueryResult] {
    if interruption.isRequested { throw CancellationError() }
    return try settled { try session.execute(sql, interruption) }
  }

  /// The same for what has to happen whatever somebody wants meanwhile: a commit on its way, a
  /// rollback.
  public func executeToTheEnd(_ sql: String) throws -> [QueryResult] {
    try settled { try session.execute(sql, nil) }
  }

  /// A cancel that is on its way must not hit the next statement.
  private func settled<Value>(_ body: () throws -> Value) throws -> Value {
    do {
      let value = try body()
      try session.settleCancel()
      return value
    } catch {
      try session.settleCancel()
      throw error
    }
  }
}
