internal import CPostgres
internal import Glibc

extension Connection {
  /// Runs a `COPY ... TO STDOUT` and hands over its rows as they come from the wire, each with its
  /// line end, without a copy; gives the number of rows that the server counted.
  ///
  /// `row` runs on the connection's thread and must not keep the buffer. When it throws, the
  /// statement is cancelled and the error thrown on.
  ///
  /// - Throws: `PostgresError`, what `row` throws, or `CancellationError`.
  public func copyOut(
    _ sql: String, _ row: @Sendable (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> Int64 {
    try await interruptible { session, interruption in
      try session.send(Statement(sql))
      return try session.copy(sql, PGRES_COPY_OUT, interruption) {
        try session.copyRows(interruption, row)
      }
    }
  }

  /// Runs a `COPY ... FROM STDIN`: `next` calls its closure with the next piece of the data, of any
  /// length, and returns true, or returns false at the end. Gives the number of rows copied.
  ///
  /// `next` runs on the connection's thread. When it throws, the COPY is undone and the error
  /// thrown on.
  ///
  /// - Throws: `PostgresError`, what `next` throws, or `CancellationError`.
  public func copyIn(
    _ sql: String,
    _ next: @Sendable ((UnsafeRawBufferPointer) throws -> Void) throws -> Bool
  ) async throws -> Int64 {
    try await interruptible { session, interruption in
      try session.send(Statement(sql))
      return try session.copy(sql, PGRES_COPY_IN, interruption) {
        try session.copyPieces(interruption, next)
      }
    }
  }

  /// The same for a statement in the session's encoding, which need not be UTF-8.
  public func copyIn(
    bytes sql: [UInt8],
    _ next: @Sendable ((UnsafeRawBufferPointer) throws -> Void) throws -> Bool
  ) async throws -> Int64 {
    try await interruptible { session, interruption in
      try session.send(bytes: sql)
      return try session.copy(
        String(validating: sql, as: UTF8.self), PGRES_COPY_IN, interruption
      ) {
        try session.copyPieces(interruption, next)
      }
    }
  }
}

extension Session {
  /// Runs `transfer` when the server is ready for it, then takes the result of the statement.
  func copy(
    _ sql: String?, _ direction: ExecStatusType, _ interruption: Interruption,
    _ transfer: () throws -> Void
  ) throws -> Int64 {
    var rows: Int64 = 0
    var isTransferred = false
    try untilReady(interruption) { result in
      if PQresultStatus(result) == direction, !isTransferred {
        PQclear(result)
        isTransferred = true
        try transfer()
      } else {
        rows = QueryResult(storage: try vetted(result, of: sql, interruption)).affectedRows
      }
    }
    guard isTransferred else {
      throw PostgresError(.misuse, "the statement is no COPY in the direction asked for")
    }
    return rows
  }

  /// Reads the rows of a COPY until they end; whether well, the next result says.
  func copyRows(
    _ interruption: Interruption?, _ row: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var stands = true
    while true {
      var buffer: UnsafeMutablePointer<CChar>?
      let length = PQgetCopyData(raw, &buffer, 1)
      if length > 0 {
        defer { PQfreemem(buffer) }
        try row(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
      } else if length == 0, stands {
        stands = try wait(for: Int16(POLLIN), interruption)
      } else {
        return
      }
    }
  }

  /// Sends the data of a COPY. When the connection breaks it stops; the next result says why.
  func copyPieces(
    _ interruption: Interruption,
    _ next: ((UnsafeRawBufferPointer) throws -> Void) throws -> Bool
  ) throws {
    var stands = true
    var hasMore = true
    while hasMore {
      if interruption.isRequested { throw CancellationError() }
      hasMore = try next { piece in
        var rest = piece[...]
        while stands, !rest.isEmpty {
          // Small enough that libpq's own buffer stays small too.
          let chunk = UnsafeRawBufferPointer(rebasing: rest.prefix(Session.largestPiece))
          try check(
            PQputCopyData(
              raw, chunk.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(chunk.count))
              == 1)
          stands = try flush(interruption)
          rest = rest.dropFirst(chunk.count)
        }
      }
      if !stands { return }
    }
    try check(PQputCopyEnd(raw, nil) == 1)
  }

  private static let largestPiece = 4 << 20
}
