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

  /// Runs a `COPY ... TO STDOUT` in text format and fills one buffer after the other with its rows;
  /// gives the number of rows that the server counted, and how many bytes the last buffer holds.
  ///
  /// libpq copies the rows from its own buffer straight into these: that is the cheapest way out of
  /// it. `exchange` is called before the first row, with zeros, and whenever a buffer is full, with
  /// its size and how many of its bytes belong to rows that have ended; it gives the next buffer, of
  /// a byte at least. It runs on the connection's thread and may wait. When it throws, the statement
  /// is cancelled and the error thrown on.
  ///
  /// - Throws: `PostgresError`, what `exchange` throws, or `CancellationError`.
  public func copyOut(
    _ sql: String,
    filling exchange:
      @Sendable (_ filled: Int, _ wholeRows: Int) throws -> UnsafeMutableRawBufferPointer
  ) async throws -> (rows: Int64, rest: Int) {
    try await interruptible { session, interruption in
      try session.send(Statement(sql))
      var rest = 0
      let rows = try session.copy(sql, PGRES_COPY_OUT, interruption) {
        rest = try session.fillBuffers(interruption, exchange)
      }
      return (rows, rest)
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
    try await copyIn(bytes: Array(sql.utf8), next)
  }

  /// The same for a statement in the session's encoding, which need not be UTF-8.
  public func copyIn(
    bytes sql: [UInt8],
    _ next: @Sendable ((UnsafeRawBufferPointer) throws -> Void) throws -> Bool
  ) async throws -> Int64 {
    try await interruptible { session, interruption in
      // By the simple protocol, which has no Sync: a cancel that comes before the server has read the
      // extended one's would leave two, that one and what ends the data, and two answers to them.
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

  /// Reads the rows of a COPY into buffers until they end; gives what the last one holds.
  func fillBuffers(
    _ interruption: Interruption,
    _ exchange: (_ filled: Int, _ wholeRows: Int) throws -> UnsafeMutableRawBufferPointer
  ) throws -> Int {
    var buffer = try exchange(0, 0)
    var filled = 0
    var wholeRows = 0
    var mayHaveCome = true
    var came = 0
    while true {
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let length = PQgetlineAsync(
        raw, room.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(room.count))
      if length > 0 {
        filled += Int(length)
        came += Int(length)
        // Within a row a newline is written as two other characters.
        if buffer[filled - 1] == UInt8(ascii: "\n") { wholeRows = filled }
        if filled == buffer.count {
          buffer = try exchange(filled, wholeRows)
          (filled, wholeRows) = (0, 0)
        }
        mayHaveCome = true
      } else if length == 0 {
        // A busy server has sent more already: to look is cheaper than to ask whether. Where it has not,
        // it is left alone for a moment: it sends 8 KiB at a time, and would wake this thread for each.
        let looks = mayHaveCome && !interruption.isRequested
        mayHaveCome = !looks
        let isBusy = came >= Session.busyBytes
        if !looks { came = 0 }
        if looks {
          if PQconsumeInput(raw) != 1 { return filled }
        } else if isBusy, !interruption.isRequested {
          usleep(Session.moment)
        } else if try !wait(for: Int16(POLLIN), interruption) {
          return filled
        }
      } else {
        return filled
      }
    }
  }

  /// How much has to have come since the last pause, for there to be another.
  private static let busyBytes = 4 << 10
  /// In microseconds; nothing like as long as the server needs to fill what the socket holds.
  private static let moment: UInt32 = 150

  /// Sends the data of a COPY. When the connection breaks it stops; the next result says why.
  func copyPieces(
    _ interruption: Interruption,
    _ next: ((UnsafeRawBufferPointer) throws -> Void) throws -> Bool
  ) throws {
    guard let silence else { return try send(interruption, next) }
    try silence.whileSending { try send(interruption, next) }
  }

  private func send(
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
