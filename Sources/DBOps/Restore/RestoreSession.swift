internal import Archive
internal import Diagnostics
internal import Postgres
internal import Text

/// One connection to the database that is being filled.
struct RestoreSession: Sendable {
  let connection: Connection
  private let memory: MaintenanceMemory

  /// Opens one of `options.jobs` sessions.
  static func open(
    _ database: String, plan: RestorePlan, _ options: Restore.Options
  ) async throws -> RestoreSession {
    let connection = try await Connection.open(
      options.server.with(database: database), applicationName: options.applicationName)
    do {
      let session = RestoreSession(
        connection: connection, memory: try await .ask(connection, for: options.jobs))
      try await session.prepare(plan)
      return session
    } catch {
      await connection.close()
      throw error
    }
  }

  private func prepare(_ plan: RestorePlan) async throws {
    var settings = [
      "SET maintenance_work_mem = \(memory.perSession)",
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
  /// - Parameters:
  ///   - table: the rows that were loaded before it, where it is an index of a large table.
  ///   - isAlone: whether the server's processors have nothing else to do, so that several of them may
  ///     build one index.
  func make(_ entry: ArchiveEntry, on table: TableData? = nil, isAlone: Bool = true) async throws {
    var text = statements(for: entry)
    if text.isEmpty { return }
    do {
      if entry.kind == "INDEX" || entry.kind == "CONSTRAINT" {
        text = try await building(entry, on: table, isAlone: isAlone) + text
      }
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

  /// What is set for one index. The server takes statements that are sent together as one transaction,
  /// with which it ends.
  private func building(
    _ entry: ArchiveEntry, on table: TableData?, isAlone: Bool
  ) async throws -> String {
    var settings = isAlone ? "" : "SET LOCAL max_parallel_maintenance_workers = 0;\n"
    guard let table, entry.isBTree else { return settings }
    let bytes: Int64 = try await connection.query(
      "SELECT pg_relation_size($1::regclass)", [SQLValue(table.name)]
    ).single()
    if let memory = memory.toSort(tableBytes: bytes, isAlone: isAlone) {
      settings += "SET LOCAL maintenance_work_mem = \(memory);\n"
    }
    return settings
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
        let ahead = DataReadAhead(try DataFileReader(opening: data.location))
        defer { ahead.cancel() }
        let rows = try await copy(
          data.copyStatement(frozen: isDirect), from: ahead, ReadingPosition(), meter)
        try data.checkDigest(ahead.summary)
        try data.checkCount(rows)
      }
    } catch {
      throw RestoreSession.explained(error, loading: data)
    }
  }

  /// Sends pieces of a table's rows until there are no more; gives the number of rows.
  func copy(
    _ statement: String, from ahead: DataReadAhead, _ position: ReadingPosition,
    _ meter: ProgressMeter
  ) async throws -> Int64 {
    try await connection.copyIn(statement) { put in
      let hasMore = try ahead.next(put)
      meter.add(bytes: position.advance(to: ahead.bytesRead))
      return hasMore
    }
  }

  /// The server's error, with the table and the file in front; any other as it is.
  static func explained(_ error: any Error, loading data: TableData) -> any Error {
    guard let error = error as? PostgresError else { return error }
    return explained(error, "cannot load \(data.name) from \(data.fileName)")
  }

  /// The server's error, with what it was about in front.
  static func explained(_ error: PostgresError, _ deed: String) -> DBError {
    DBError(.failed, "\(deed): \(error.message)", hint: error.hint, details: error.details)
  }
}

extension TableData {
  /// Throws when the server counted another number of rows than the manifest has.
  func checkCount(_ count: Int64) throws {
    if let expected = rows, expected != count {
      throw DBError(
        .contentDiffers,
        "\(fileName): \(count) rows came to \(name); the manifest says \(expected)")
    }
  }

  /// Throws when what was read of the file is not what the manifest has.
  func checkDigest(_ summary: DataFileSummary?) throws {
    if let expected = file, summary?.sha256 != expected.sha256 {
      throw DBError(
        .backupDamaged, "\(fileName): its SHA-256 is not the manifest's any more",
        hint: "something changed the file while it was restored")
    }
  }

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

  /// Whether it is an index whose entries are sorted, or a constraint that has one.
  fileprivate var isBTree: Bool {
    if kind == "INDEX" { return definition.contains(text: " USING btree ") }
    let isUnique = [" PRIMARY KEY ", " UNIQUE "].contains { definition.contains(text: $0) }
    return isUnique && !definition.contains(text: " WITHOUT OVERLAPS")
  }
}
