internal import Archive
internal import Diagnostics
internal import Postgres

/// One connection to the database that is being filled.
struct RestoreSession: Sendable {
  let connection: Connection

  static func open(
    _ database: String, plan: RestorePlan, _ options: Restore.Options
  ) async throws -> RestoreSession {
    let connection = try await Connection.open(
      options.server.with(database: database), applicationName: options.applicationName)
    let session = RestoreSession(connection: connection)
    do {
      try await session.prepare(plan)
    } catch {
      await connection.close()
      throw error
    }
    return session
  }

  private func prepare(_ plan: RestorePlan) async throws {
    var settings = [
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
  func make(_ entry: ArchiveEntry) async throws {
    let text = statements(for: entry)
    if text.isEmpty { return }
    do {
      try await connection.execute(text)
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
    if !entry.definition.isEmpty { parts.append(entry.definition) }
    if parts.isEmpty { return "" }
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
        let isDirect = !data.entry.definition.hasPrefix("-- load via partition root")
        // A table that was emptied in the same transaction needs no WAL where wal_level is minimal,
        // and its rows can be written frozen.
        if isDirect { try await connection.execute("TRUNCATE TABLE ONLY \(data.name)") }
        let rows = try await copy(data, frozen: isDirect, connection, meter)
        if let expected = data.rows, expected != rows {
          throw DBError(
            .contentDiffers,
            "\(data.fileName): \(rows) rows came to \(data.name); the manifest says \(expected)")
        }
      }
    } catch let error as PostgresError {
      throw RestoreSession.explained(error, "cannot load \(data.name) from \(data.fileName)")
    }
  }

  private func copy(
    _ data: TableData, frozen: Bool, _ connection: Connection, _ meter: ProgressMeter
  ) async throws -> Int64 {
    let reader = try DataFileReader(opening: data.location)
    let position = ReadingPosition()
    let rows = try await connection.copyIn(data.copyStatement(frozen: frozen)) { put in
      let hasMore = try reader.next(put)
      meter.add(bytes: position.advance(to: reader.bytesRead))
      return hasMore
    }
    if let expected = data.file, reader.summary?.sha256 != expected.sha256 {
      throw DBError(
        .backupDamaged, "\(data.fileName): its SHA-256 is not the manifest's any more",
        hint: "something changed the file while it was restored")
    }
    return rows
  }

  /// The server's error, with what it was about in front.
  static func explained(_ error: PostgresError, _ deed: String) -> DBError {
    DBError(.failed, "\(deed): \(error.message)", hint: error.hint, details: error.details)
  }
}

extension TableData {
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
