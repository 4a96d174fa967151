internal import Archive
internal import Postgres

extension Restore {
  /// Gives tables and schemas of a database that has just been filled their other names. Everything
  /// that knows them by what they are follows; what knows them by a word has been refused before.
  func rename(in database: String, _ contents: BackupContents) async throws {
    if options.renamedTables.isEmpty, options.renamedSchemas.isEmpty { return }
    let connection = try await Connection.open(
      options.server.with(database: database), applicationName: options.applicationName)
    do {
      for table in options.renamedTables {
        guard let entry = try renamedEntry(table, contents.toc.entries) else { continue }
        try await connection.execute(
          "ALTER TABLE \(entry.qualifiedName) RENAME TO \(quoteIdentifier(table.new))")
      }
      for (old, new) in options.renamedSchemas.sorted(by: { $0.key < $1.key }) {
        try await connection.execute(
          "ALTER SCHEMA \(quoteIdentifier(old)) RENAME TO \(quoteIdentifier(new))")
      }
      await connection.close()
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Throws `DBError` for what is to be renamed and not there, and for every function or setting that
  /// has the old name in a text.
  func checkRenaming(_ contents: BackupContents) throws {
    let entries = contents.toc.entries
    var words: [String] = []
    for table in options.renamedTables {
      if let entry = try renamedEntry(table, entries) { words.append(entry.tag) }
    }
    for (old, new) in options.renamedSchemas {
      guard
        entries.contains(where: { $0.namespace == old || ($0.kind == "SCHEMA" && $0.tag == old) })
      else {
        throw DBError(.invalidRequest, "there is no schema \"\(old)\" to rename")
      }
      if entries.contains(where: { $0.kind == "SCHEMA" && $0.tag == new }) {
        throw DBError(.invalidRequest, "the backup has a schema \"\(new)\" already")
      }
      words.append(old)
    }
    let stuck = entries.filter { entry in
      guard ["FUNCTION", "PROCEDURE", "DATABASE PROPERTIES", "EVENT TRIGGER"].contains(entry.kind)
      else { return false }
      let texts = SQLTokens.tokens(of: entry.definition).compactMap(\.text)
      return texts.flatMap { SQLTokens.tokens(of: $0) }.contains { token in
        token.name.map { words.contains($0) } ?? false
      }
    }
    guard let first = stuck.first else { return }
    throw DBError(
      .unsupported, "\(first.phrase) has the old name in a text, where it cannot follow",
      hint: "leave it out of the selection, or rename by hand after the restore",
      details: stuck.dropFirst().map { "\($0.phrase) has it, too" })
  }

  private func renamedEntry(
    _ table: RenamedTable, _ entries: [ArchiveEntry]
  ) throws -> ArchiveEntry? {
    let found = entries.filter { $0.isRelation && table.names($0.namespace ?? "", $0.tag) }
    guard let entry = found.first, found.count == 1 else {
      throw DBError(
        .invalidRequest,
        found.isEmpty
          ? "there is no table \(table.old) to rename"
          : "\(table.old) is a table in \(found.count) schemas", hint: "name it as SCHEMA.TABLE")
    }
    return entry
  }
}

extension Restore.Options {
  /// Whether an entry is in, or is, a schema that gets another name, so that what has its name now
  /// makes room for it.
  func makesRoom(for entry: ArchiveEntry) -> Bool {
    let schema = entry.kind == "SCHEMA" ? entry.tag : entry.namespace
    return schema.map { renamedSchemas[$0] != nil } ?? false
  }
}
