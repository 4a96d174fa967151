internal import CPostgres

extension Session {
  /// Sends one statement by the extended protocol.
  func send(_ statement: Statement) throws {
    let sql = try Session.checked(statement.sql)
    let values = statement.parameters
    guard values.count <= 65535 else {
      throw PostgresError(.misuse, "\(values.count) parameters; the protocol has room for 65535")
    }
    // One buffer for all values: libpq wants a terminator after each that is text.
    var buffer: [CChar] = []
    var offsets: [Int] = []
    for (index, value) in values.enumerated() {
      offsets.append(buffer.count)
      guard let value else { continue }
      if !value.isBinary, value.bytes.contains(0) {
        throw PostgresError(.misuse, "parameter $\(index + 1) holds a NUL, which no text can")
      }
      buffer.append(contentsOf: value.bytes.lazy.map { CChar(bitPattern: $0) })
      buffer.append(0)
    }
    let types = values.map { $0?.typeOID ?? 0 }
    let lengths = values.map { Int32($0?.bytes.count ?? 0) }
    let formats = values.map { $0?.isBinary == true ? Int32(1) : 0 }
    let accepted = buffer.withUnsafeBufferPointer { buffer in
      let pointers = zip(values, offsets).map { value, offset in
        value == nil ? nil : buffer.baseAddress.map { $0 + offset }
      }
      return PQsendQueryParams(
        raw, sql, Int32(values.count), types, pointers, lengths, formats, 0)
    }
    try check(accepted == 1)
  }

  /// The text, unless it holds a NUL, where C would take it to end.
  private static func checked(_ sql: String) throws -> String {
    if sql.utf8.contains(0) { throw PostgresError(.misuse, "the statement holds a NUL") }
    return sql
  }

  /// Runs statements by the simple protocol.
  @discardableResult
  func execute(_ sql: String, _ interruption: Interruption?) throws -> [QueryResult] {
    try check(PQsendQuery(raw, try Session.checked(sql)) == 1)
    return try results(of: sql, interruption)
  }

  /// The same for text that need not be UTF-8.
  func execute(bytes sql: [UInt8], _ interruption: Interruption?) throws -> [QueryResult] {
    try send(bytes: sql)
    return try results(of: String(validating: sql, as: UTF8.self), interruption)
  }

  /// Sends statements by the simple protocol.
  func send(bytes sql: [UInt8]) throws {
    if sql.contains(0) { throw PostgresError(.misuse, "the statement holds a NUL") }
    try check(PQsendQuery(raw, sql.map { CChar(bitPattern: $0) } + [0]) == 1)
  }

  /// The result of a single statement, after everything that belongs to it has come.
  func lastResult(of sql: String, _ interruption: Interruption) throws -> QueryResult {
    guard let result = try results(of: sql, interruption).last else { throw failure() }
    return result
  }

  /// Everything that comes until the session is ready again; throws the first failure in it.
  func results(of sql: String?, _ interruption: Interruption?) throws -> [QueryResult] {
    var results: [QueryResult] = []
    try untilReady(interruption) { result in
      do {
        results.append(QueryResult(storage: try vetted(result, of: sql, interruption)))
      } catch var error as PostgresError {
        if !results.isEmpty { error.statementIndex = results.count }
        throw error
      }
    }
    return results
  }

  /// The rows of a statement in single-row mode, one result each, and the result that ends them.
  func rows(
    of sql: String, _ interruption: Interruption, _ row: (Row) throws -> Void
  ) throws -> QueryResult {
    var last: QueryResult?
    var columns: [Column]?
    var number = 0
    try untilReady(interruption) { result in
      let storage = try vetted(result, of: sql, interruption, columns: columns)
      if PQresultStatus(storage.raw) == PGRES_SINGLE_TUPLE {
        columns = storage.columns
        number += 1
        try row(Row(storage: storage, index: 0, number: number))
      } else {
        last = QueryResult(storage: storage)
      }
    }
    guard let last else { throw failure() }
    return last
  }

  /// Sends the statements without waiting between them, then reads all their results.
  func pipeline(
    _ statements: [Statement], _ interruption: Interruption
  ) throws -> [QueryResult] {
    var sent = 0
    defer { if sent < statements.count { PQpipelineSync(raw) } }
    for statement in statements {
      try send(statement)
      sent += 1
    }
    try check(PQpipelineSync(raw) == 1)
    var results: [QueryResult] = []
    var failure: (any Error)?
    var nothings = 0
    while true {
      guard let result = try nextResult(interruption) else {
        // One nil ends each statement's results; two on end mean that the connection is gone.
        nothings += 1
        if nothings > 1 { throw failure ?? self.failure() }
        continue
      }
      nothings = 0
      let status = PQresultStatus(result)
      if status == PGRES_PIPELINE_SYNC || status == PGRES_PIPELINE_ABORTED {
        PQclear(result)
        if status == PGRES_PIPELINE_SYNC { break }
        continue
      }
      do {
        let sql = statements[min(results.count, statements.count - 1)].sql
        results.append(QueryResult(storage: try vetted(result, of: sql, interruption)))
      } catch var error as PostgresError {
        error.statementIndex = results.count
        failure = failure ?? error
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return results
  }

  // MARK: - Results

  /// Hands over every result until there is no more. After a failure the rest is read and dropped,
  /// as the session can be used again only then; a failure of `body` stops the server's work.
  func untilReady(
    _ interruption: Interruption?, _ body: (OpaquePointer) throws -> Void
  ) throws {
    var failure: (any Error)?
    while let result = try nextResult(interruption) {
      if failure != nil {
        defer { PQclear(result) }
        try endCopy(PQresultStatus(result))
        continue
      }
      do {
        try body(result)
      } catch {
        failure = error
        switch (error as? PostgresError)?.kind {
        // Nothing runs any more, or a COPY that nobody wanted, which is ended as such: a cancel might come
        // before the server has read all of the statement, and then leave an answer too many.
        case .server, .connectionLost, .misuse: break
        default: requestCancel()
        }
      }
    }
    if let failure { throw failure }
  }

  /// Takes over a result, or throws the error that it is.
  func vetted(
    _ result: OpaquePointer, of sql: String?, _ interruption: Interruption?,
    columns: [Column]? = nil
  ) throws -> ResultStorage {
    let status = PQresultStatus(result)
    switch status {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
      return ResultStorage(result, columns: columns)
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      PQclear(result)
      throw PostgresError(
        .misuse, "the statement is a COPY from or to the client",
        hint: "\\copy of `omcops db connect` copies from and to files; --output csv prints rows")
    default:
      defer { PQclear(result) }
      let error = ServerMessage(result: result).error(in: sql)
      let isCanceled = error.sqlState == "57014" || error.kind == .connectionLost
      if interruption?.isRequested == true, isCanceled { throw CancellationError() }
      throw error
    }
  }

  /// Ends a COPY that failed on our side or that nobody wanted, so that its statement can end.
  private func endCopy(_ status: ExecStatusType) throws {
    if status == PGRES_COPY_IN { PQputCopyEnd(raw, "the client gave up") }
    if status == PGRES_COPY_OUT {
      requestCancel()
      try copyRows(nil) { _ in }
    }
  }
}
