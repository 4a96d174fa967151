internal import Archive
internal import Diagnostics
internal import Postgres

/// One connection to the database that is being filled.
struct RestoreSession: Sendable {
  let connection: Connection

  /// Opens one of `options.jobs` sessions.
  static func open(
    _ database: String, plan: RestorePlan, _ options: Restore.Options
  ) async throws -> RestoreSession {
    let connection = try await Connection.open(
      options.server.with(database: database), applicationName: options.applicationName)
    let session = RestoreSession(connection: connection)
    do {
      try await session.prepare(plan, of: options.jobs)
    } catch {
      await connection.close()
      throw error
    }
    return session
  }

  private func prepare(_ plan: RestorePlan, of sessions: Int) async throws {
    let memory = try await MaintenanceMemory.ask(connection).perSession(of: sessions)
    var settings = [
      "SET maintenance_work_mem = \(memory)",
      "SET default_transaction_read_only = off", "SET statement_timeout = 0",
      "SET lock_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
      // The commit that ends the restore makes everything before it durable.
      "SET synchronous_commit = off",
      "SET check_function_bodies = false", "SET xmloption = content",
      "SET client_min_messages = warning", "SET row_security = off", "SET intervalstyle = postgres",
      "SET default_tablespace = ''",
    ]
    let version = connection.info.serverVersion
    // A killed restore must not keep the server busy building an index for nobody.
    if version >= 140000 { settings.append("SET client_connection_check_interval = '2s'") }
    if version >= 170000 { settings.append("SET transaction_timeout = 0") }
    try await connection.execute(
      (settings.map { $0 + ";\n" } + plan.sessionSettings).joined())
  }

  // MARK: Objects

  /// Makes one object and gives it its owner.
  ///
  /// - Parameter isAlone: whether the server's processors have nothing else to do, so that several of
  ///   them may build one index.
  func make(_ entry: ArchiveEntry, isAlone: Bool = true) async throws {
    var text = statements(for: entry)
    if text.isEmpty { return }
    if entry.kind == "INDEX" || entry.kind == "CONSTRAINT" {
      let workers = isAlone ? "DEFAULT" : "0"
      text = "SET max_parallel_maintenance_workers = \(workers);\n\(text)"
    }
    do {
      try await connection.execute(text)
      if let key = ForeignKey(entry) { try await connection.execute(key.validation) }
    } catch let error as PostgresError {
      var failure = RestoreSession.explained(
        error, "cannot restore \(entry.kind) \(entry.qualifiedName)")
      // The details may show a part of the statement.
      if DefinitionDifference.secretKinds.contains(entry.kind) { failure.details = [] }
      throw failure
    }
  }

  private func statements(for entry: ArchiveEntry) -> String {
    var parts: [String] = []
    if let tablespace = entry.tablespace, !tablespace.isEmpty {
      parts.append("SET default_tablespace = \(quoteIdentifier(tablespace));")
    }
    if let method = entry.accessMethod, !method.isEmpty, !entry.isPartitioned {
      parts.append("SET default_table_access_method = \(quoteIdentifier(method));")
    }
    if entry.kind == "BLOB METADATA" {
      parts.append(entry.largeObjectCreations)
    } else {
      let definition = ForeignKey(entry)?.creation ?? entry.definition
      if !definition.isEmpty { parts.append(definition) }
    }
    if parts.isEmpty { return "" }
    // What a session has for new tables does not count for these.
    if let method = entry.accessMethod, !method.isEmpty, entry.isPartitioned {
      parts.append(
        "ALTER TABLE \(entry.qualifiedName) SET ACCESS METHOD \(quoteIdentifier(method));")
    }
    if let tablespace = entry.tablespace, !tablespace.isEmpty {
      parts.append("SET default_tablespace = '';")
    }
    if let owner = OwnerStatement.owner(of: entry),
      let statement = OwnerStatement.text(for: entry, role: owner)
    {
      parts.append(statement)
    }
    return parts.joined(separator: "\n")
  }

  // MARK: Data

  /// Loads one table's rows from its file, and compares both with the manifest before they count.
  func load(_ data: TableData, meter: ProgressMeter) async throws {
    do {
      try await connection.transaction { connection in
        let isDirect = data.isDirect
        // A table that was emptied in the same transaction needs no WAL where wal_level is minimal,
        // and its rows can be written frozen.
        if isDirect { try await connection.execute("TRUNCATE TABLE ONLY \(data.name)") }
        let rows = try await copy(data, frozen: isDirect, connection, meter)
        try RestoreSession.checkCount(rows, data)
      }
    } catch let error as PostgresError {
      throw RestoreSession.explained(error, "cannot load \(data.name) from \(data.fileName)")
    }
  }

  private func copy(
    _ data: TableData, frozen: Bool, _ connection: Connection, _ meter: ProgressMeter
  ) async throws -> Int64 {
    let ahead = DataReadAhead(try DataFileReader(opening: data.location))
    defer { ahead.cancel() }
    let rows = try await RestoreSession.copy(
      data.copyStatement(frozen: frozen), from: ahead, ReadingPosition(), connection, meter)
    try RestoreSession.checkDigest(data, ahead)
    return rows
  }

  private static func copy(
    _ statement: String, from ahead: DataReadAhead, _ position: ReadingPosition,
    _ connection: Connection, _ meter: ProgressMeter
  ) async throws -> Int64 {
    try await connection.copyIn(statement) { put in
      let hasMore = try ahead.next(put)
      meter.add(bytes: position.advance(to: ahead.bytesRead))
      return hasMore
    }
  }

  /// Loads one table's rows over several connections, each of them a part.
  ///
  /// They cannot share a transaction, so that nothing is frozen and WAL is written whatever its level:
  /// that pays where the other connections would have nothing to do meanwhile.
  static func load(
    _ data: TableData, over sessions: [RestoreSession], meter: ProgressMeter
  ) async throws {
    let ahead = DataReadAhead(
      try DataFileReader(opening: data.location), takers: sessions.count)
    defer { ahead.cancel() }
    let position = ReadingPosition()
    let statement = data.copyStatement(frozen: false)
    do {
      let rows = try await withThrowingTaskGroup(of: Int64.self) { group in
        for session in sessions {
          group.addTask {
            do {
              return try await copy(statement, from: ahead, position, session.connection, meter)
            } catch {
              // The others must not wait for pieces that this one has.
              ahead.cancel()
              throw error
            }
          }
        }
        return try await group.reduce(0, +)
      }
      try checkCount(rows, data)
      try checkDigest(data, ahead)
    } catch let error as PostgresError {
      throw explained(error, "cannot load \(data.name) from \(data.fileName)")
    }
  }

  private static func checkCount(_ rows: Int64, _ data: TableData) throws {
    if let expected = data.rows, expected != rows {
      throw DBError(
        .contentDiffers,
        "\(data.fileName): \(rows) rows came to \(data.name); the manifest says \(expected)")
    }
  }

  private static func checkDigest(_ data: TableData, _ ahead: DataReadAhead) throws {
    if let expected = data.file, ahead.summary?.sha256 != expected.sha256 {
      throw DBError(
        .backupDamaged, "\(data.fileName): its SHA-256 is not the manifest's any more",
        hint: "something changed the file while it was restored")
    }
  }

  /// The server's error, with what it was about in front.
  static func explained(_ error: PostgresError, _ deed: String) -> DBError {
    DBError(.failed, "\(deed): \(error.message)", hint: error.hint, details: error.details)
  }
}

extension TableData {
  /// Whether the rows go into the table itself, and not to where a partitioned table sends them.
  var isDirect: Bool { !entry.definition.hasPrefix("-- load via partition root") }

  /// The archive's `COPY`, told to write frozen rows where that is possible.
  func copyStatement(frozen: Bool) -> String {
    let statement = entry.copyStatement ?? ""
    let plainEnd = " FROM stdin;\n"
    guard frozen, statement.hasSuffix(plainEnd) else { return statement }
    return statement.dropLast(plainEnd.count) + " FROM stdin WITH (FREEZE);"
  }
}

extension ArchiveEntry {
  /// Whether it is a partitioned table, which archives tell since version 1.16 only; before that
  /// they name no access method for one.
  fileprivate var isPartitioned: Bool { relationKind == Int(UInt8(ascii: "p")) }
}
