internal import CPostgres

extension Connection {
  /// Runs one statement with parameters.
  ///
  /// - Throws: `PostgresError`, or `CancellationError` when the task was cancelled.
  @discardableResult
  public func query(_ sql: String, _ parameters: [SQLValue?] = []) async throws -> QueryResult {
    try await interruptible { session, interruption in
      try session.send(Statement(sql, parameters))
      return try session.lastResult(of: sql, interruption)
    }
  }

  /// Runs one statement and hands over its rows as they come, so that memory does not grow with
  /// their number; gives what the statement said at its end.
  ///
  /// `row` runs on the connection's thread. When it throws, the statement is cancelled.
  @discardableResult
  public func stream(
    _ sql: String, _ parameters: [SQLValue?] = [], _ row: @Sendable (Row) throws -> Void
  ) async throws -> QueryResult {
    try await interruptible { session, interruption in
      try session.send(Statement(sql, parameters))
      try session.check(PQsetSingleRowMode(session.raw) == 1)
      return try session.rows(of: sql, interruption, row)
    }
  }

  /// Runs one or more statements without parameters, in one implicit transaction unless they hold
  /// their own, and gives each one's result.
  ///
  /// - Throws: `PostgresError` for the first that fails, with its index; later ones are not run.
  @discardableResult
  public func execute(_ sql: String) async throws -> [QueryResult] {
    try await interruptible { session, interruption in
      try session.execute(sql, interruption)
    }
  }

  /// The same for text in the session's encoding, which need not be UTF-8.
  @discardableResult
  public func execute(bytes sql: [UInt8]) async throws -> [QueryResult] {
    try await interruptible { session, interruption in
      try session.execute(bytes: sql, interruption)
    }
  }

  /// Runs many statements with one wait for all of them, in one implicit transaction.
  ///
  /// - Throws: `PostgresError` for the first that fails, with its index; nothing of the others
  ///   is kept then.
  public func pipeline(_ statements: [Statement]) async throws -> [QueryResult] {
    if statements.isEmpty { return [] }
    return try await interruptible { session, interruption in
      try session.check(PQenterPipelineMode(session.raw) == 1)
      defer { PQexitPipelineMode(session.raw) }
      return try session.pipeline(statements, interruption)
    }
  }
}
