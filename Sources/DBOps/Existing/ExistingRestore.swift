internal import Archive
internal import Digest
internal import Postgres
internal import Quantities

/// Puts a part of a backup into a database that is there, in one transaction: all of it or nothing.
struct ExistingRestore: Sendable {
  let options: Restore.Options
  let contents: BackupContents

  /// How long a foreign key may wait for the lock on a live table.
  private static let lockTimeout = "10s"

  /// What is done, in order.
  private struct Work {
    var entries: [ArchiveEntry]
    var tables: [Int: TableData]
    var notes: [String]
  }

  /// Does it; throws `DBError` before the first change where something is in the way.
  func run() async throws -> RestoreSummary {
    let clock = ContinuousClock()
    let started = clock.now
    let session = try await open()
    let connection = session.connection
    do {
      let work = try await plan(connection)
      let report = try await Verify(
        path: options.path, depth: .digests, jobs: options.jobs, progress: options.progress
      ).verify(contents, only: Set(work.tables.values.map(\.fileName)))
      try report.requireWhole(options.path.lastComponent?.string ?? options.path.string)
      let rows = try await connection.transaction { _ in try await restore(work, session) }
      await connection.close()
      return RestoreSummary(
        database: options.database, manifest: contents.manifest, tables: work.tables.count,
        rows: rows, bytes: report.bytes, duration: clock.now - started,
        notes: report.notes + work.notes)
    } catch {
      await connection.close()
      throw error
    }
  }

  private func open() async throws -> RestoreSession {
    let plan = try RestorePlan(contents.toc)
    do {
      return try await RestoreSession.open(options.database, plan: plan, options)
    } catch let error as PostgresError where error.sqlState == "3D000" {
      throw DBError.missing(database: options.database)
    }
  }

  // MARK: Planning

  private func plan(_ connection: Connection) async throws -> Work {
    let entries = contents.toc.entries
    let present = try await ExistingObjects(connection: connection).present(of: entries)
    // What is in a schema that makes room does not stand in the way, nor can it be used.
    let isThere = present.subtracting(
      entries.filter { options.makesRoom(for: $0) }.map(\.dumpID))
    let renaming = try RelationRenaming(options.renamedTables, in: entries)
    let selected = try SelectedEntries(
      options.selection, from: entries, available: isThere.subtracting(renaming.renamed))
    let own = selected.entries.filter { !$0.isPreamble }
    let isDataOnly = options.selection.sections == [.data]
    let served = own.filter { isThere.contains($0.dumpID) && isShared($0, selected) }
    let findings =
      isDataOnly
      ? ExistingDefinitions.Findings()
      : try await ExistingDefinitions(contents: contents, server: options.target).compare(
        own.filter { isThere.contains($0.dumpID) && !isShared($0, selected) })
    let left = findings.same.union(served.map(\.dumpID))
    let made = own.filter { !left.contains($0.dumpID) && !belongs($0, to: left) }
    try refuseLargeObjects(made)
    if isDataOnly {
      try requireTargets(made, isThere)
    } else {
      try requireFree(made, isThere, renaming, findings)
    }
    try Restore(options).checkRenaming(contents.restricted(to: made))
    try await requireFreeSchemas(connection)
    let tables = try contents.tableData().filter { table in
      made.contains { $0.dumpID == table.entry.dumpID }
    }
    var treatment = RoleTreatment(options.ownership, keepsRights: options.keepsRights)
    let roles = treatment.roles(of: made)
    let preconditions = RolePreconditions(options: options)
    try await preconditions.require(roles.needed, connection)
    treatment.absent = try await preconditions.absent(roles.wanted, connection)
    let (treated, leftOut) = contents.restricted(to: made).treated(treatment)
    let renamed = try treated.toc.entries.map { try renaming.applied(to: $0) }
    if !renaming.isEmpty { try await requireFreeNames(renamed, renaming, connection) }
    return Work(
      entries: order(renamed, isDataOnly: isDataOnly),
      tables: Dictionary(uniqueKeysWithValues: tables.map { ($0.entry.dumpID, $0) }),
      notes: selected.leftOut + leftOut + note(findings.same))
  }

  /// Large objects have numbers for names, which others may have in the database already.
  private func refuseLargeObjects(_ entries: [ArchiveEntry]) throws {
    guard let first = entries.first(where: { $0.kind.hasPrefix("BLOB") }) else { return }
    throw DBError(
      .unsupported,
      "large objects (\(first.tag)) are not put into a database that is there, where their numbers "
        + "may be taken",
      hint: "select schemas or tables, or restore into a new database")
  }

  /// Whether an object that is there serves as it is: it only came along, or is a schema.
  private func isShared(_ entry: ArchiveEntry, _ selected: SelectedEntries) -> Bool {
    selected.needed.contains(entry.dumpID) || ["SCHEMA", "EXTENSION"].contains(entry.kind)
  }

  /// Comments and rights of what is left as it is are left, too.
  private func belongs(_ entry: ArchiveEntry, to left: Set<Int>) -> Bool {
    guard entry.section == .none, let whole = entry.dependencies.first else { return false }
    return left.contains(whole)
  }

  /// What was selected and is there already, the same as in the backup.
  private func note(_ same: Set<Int>) -> [String] {
    let phrases = contents.toc.entries.filter { same.contains($0.dumpID) }.map(\.phrase)
    guard let first = phrases.first else { return [] }
    let others = phrases.count > 1 ? " and \(phrases.count - 1) more" : ""
    return [
      "left as \(phrases.count > 1 ? "they are" : "it is"), being the same in "
        + "\"\(options.database)\": \(first)\(others)"
    ]
  }

  private func requireFree(
    _ entries: [ArchiveEntry], _ isThere: Set<Int>, _ renaming: RelationRenaming,
    _ findings: ExistingDefinitions.Findings
  ) throws {
    let taken = entries.filter {
      isThere.contains($0.dumpID) && !renaming.renamed.contains($0.dumpID)
    }
    guard let first = taken.first else { return }
    let isDefinition = ExistingDefinitions.canCompare(first)
    let lines = findings.differences[first.dumpID]
    throw DBError(
      .targetExists,
      "\(first.phrase) exists already in \"\(options.database)\""
        + (lines == nil ? "" : " and is another one there"),
      hint: isDefinition
        ? "name the tables that you want, by --table: what they need is used as it is there; or "
          + "restore beside it, by --rename-schema"
        : "restore it under another name, by --rename-table or --rename-schema; add its rows alone, "
          + "by --data-only; or leave it out, by --exclude-table",
      details: (lines ?? []).prefix(20)
        + taken.dropFirst().prefix(20).map { "\($0.phrase) exists, too" })
  }

  private func requireTargets(_ entries: [ArchiveEntry], _ isThere: Set<Int>) throws {
    let relations = EntryRelations(contents.toc.entries)
    for entry in entries {
      guard let table = relations.relation(of: entry.dumpID), !isThere.contains(table) else {
        continue
      }
      throw DBError(
        .invalidRequest,
        "there is no \(entry.qualifiedName) in \"\(options.database)\" for the rows",
        hint: "leave out --data-only to make it")
    }
  }

  private func requireFreeNames(
    _ entries: [ArchiveEntry], _ renaming: RelationRenaming, _ connection: Connection
  ) async throws {
    let renamed = entries.filter { renaming.renamed.contains($0.dumpID) }
    let taken = try await ExistingObjects(connection: connection).present(of: renamed)
    guard let first = renamed.first(where: { taken.contains($0.dumpID) }) else { return }
    throw DBError(
      .targetExists, "\(first.phrase) exists already in \"\(options.database)\"",
      hint: "choose another name")
  }

  private func requireFreeSchemas(_ connection: Connection) async throws {
    let wanted = Set(options.renamedSchemas.values)
    let absent = try await connection.absent(wanted, from: "pg_namespace", "nspname")
    guard let taken = wanted.subtracting(absent).sorted().first else { return }
    throw DBError(
      .targetExists, "the schema \"\(taken)\" exists already in \"\(options.database)\"",
      hint: "choose another name")
  }

  /// The passes of every restore, one after the other; rows alone go in the order of foreign keys.
  private func order(_ entries: [ArchiveEntry], isDataOnly: Bool) -> [ArchiveEntry] {
    if isDataOnly {
      // A sequence cannot be taken back, so that it is moved when all else is done.
      let places = entries.filter { $0.kind == "SEQUENCE SET" }
      let rows = entries.filter { $0.kind != "SEQUENCE SET" }
      return ForeignKeyOrder(contents.toc.entries).sorted(rows) + places.map(onlyForward)
    }
    let late = entries.filter { ["ACL", "ACL LANGUAGE", "DEFAULT ACL"].contains($0.kind) }
    let last = entries.filter {
      ["EVENT TRIGGER", "MATERIALIZED VIEW DATA"].contains($0.kind)
        || $0.tag.hasPrefix("EVENT TRIGGER ")
    }
    let after = Set((late + last).map(\.dumpID))
    return entries.filter { !after.contains($0.dumpID) } + late + last
  }

  /// The place of a sequence that is in use, unless it is further already.
  private func onlyForward(_ entry: ArchiveEntry) -> ArchiveEntry {
    let tokens = SQLTokens.tokens(of: entry.definition)
    guard let comma = tokens.firstIndex(where: { $0.isSymbol(",") }) else { return entry }
    let value = tokens[(comma + 1)...].prefix { !$0.isSymbol(",") }.map(\.spelling).joined()
    var result = entry
    var call = entry.definition[...]
    while let last = call.last, last == "\n" || last == ";" { call.removeLast() }
    let name = entry.qualifiedName
    result.definition = """
      \(call) FROM \(name) WHERE CASE WHEN (SELECT seqincrement FROM pg_catalog.pg_sequence
        WHERE seqrelid = \(quoteLiteral(name))::pg_catalog.regclass) > 0
        THEN last_value < \(value) ELSE last_value > \(value) END;
      """
    return result
  }

  // MARK: Doing

  private func restore(_ work: Work, _ session: RestoreSession) async throws -> Int64 {
    let connection = session.connection
    try await connection.execute(
      "SET LOCAL lock_timeout = '\(ExistingRestore.lockTimeout)'; "
        + "SET LOCAL synchronous_commit = on")
    let aside = try await moveAside(connection)
    let meter = ProgressMeter(
      phase: "restoring", itemsTotal: work.entries.count, handler: options.progress)
    var rows: Int64 = 0
    for entry in work.entries {
      meter.begin(entry.qualifiedName)
      if let table = work.tables[entry.dumpID] {
        rows += try await load(table, as: entry, connection)
      } else {
        try await session.make(entry)
      }
      meter.finishItem()
    }
    if options.analyze {
      for entry in work.entries where work.tables[entry.dumpID] != nil {
        try await connection.execute("ANALYZE \(entry.qualifiedName)")
      }
    }
    try await moveBack(aside, connection)
    return rows
  }

  /// Loads one table's rows and compares them with the manifest.
  private func load(
    _ table: TableData, as entry: ArchiveEntry, _ connection: Connection
  ) async throws -> Int64 {
    let reader = try DataFileReader(opening: table.location)
    do {
      let rows = try await connection.copyIn(entry.copyStatement ?? "") { try reader.next($0) }
      if let expected = table.rows, expected != rows {
        throw DBError(
          .contentDiffers,
          "\(table.fileName): \(rows) rows came to \(entry.qualifiedName); the manifest says \(expected)"
        )
      }
      if let expected = table.file, reader.summary?.sha256 != expected.sha256 {
        throw DBError(
          .backupDamaged, "\(table.fileName): its SHA-256 is not the manifest's any more",
          hint: "something changed the file while it was restored")
      }
      return rows
    } catch let error as PostgresError {
      throw RestoreSession.explained(
        error, "cannot load \(entry.qualifiedName) from \(table.fileName)")
    }
  }

  // MARK: Schemas under other names

  /// A live schema whose name the restored one needs for a while is called something else inside the
  /// transaction. Nobody else ever sees that: names are a matter of catalog rows, and no table is
  /// locked for it.
  private func moveAside(_ connection: Connection) async throws -> [(name: String, aside: String)] {
    var moved: [(String, String)] = []
    for (number, pair) in options.renamedSchemas.sorted(by: { $0.key < $1.key }).enumerated() {
      let isThere = try await connection.query(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)",
        [SQLValue(pair.key)]
      ).single(as: Bool.self)
      guard isThere else { continue }
      let aside = "omcops_aside_\(connection.info.backendPID)_\(number)"
      try await rename(pair.key, to: aside, connection)
      moved.append((pair.key, aside))
    }
    return moved
  }

  private func moveBack(
    _ moved: [(name: String, aside: String)], _ connection: Connection
  ) async throws {
    for (old, new) in options.renamedSchemas { try await rename(old, to: new, connection) }
    for (name, aside) in moved { try await rename(aside, to: name, connection) }
  }

  private func rename(_ old: String, to new: String, _ connection: Connection) async throws {
    do {
      try await connection.execute(
        "ALTER SCHEMA \(quoteIdentifier(old)) RENAME TO \(quoteIdentifier(new))")
    } catch let error as PostgresError where error.kind == .server {
      throw RestoreSession.explained(error, "cannot rename the schema \"\(old)\" to \"\(new)\"")
    }
  }
}

/// Puts rows of tables behind those that their foreign keys refer to, as far as keys let it.
struct ForeignKeyOrder {
  private var referenced: [Int: Set<Int>] = [:]
  private let relations: EntryRelations

  init(_ entries: [ArchiveEntry]) {
    relations = EntryRelations(entries)
    for entry in entries where entry.kind == "FK CONSTRAINT" {
      guard let table = relations.wholes[entry.dumpID] else { continue }
      for need in entry.dependencies {
        guard let other = relations.relation(of: need), other != table else { continue }
        referenced[table, default: []].insert(other)
      }
    }
  }

  func sorted(_ entries: [ArchiveEntry]) -> [ArchiveEntry] {
    var result: [ArchiveEntry] = []
    var done: Set<Int> = []
    let byTable = Dictionary(grouping: entries) { relations.relation(of: $0.dumpID) ?? -$0.dumpID }
    func visit(_ table: Int) {
      guard done.insert(table).inserted else { return }
      for other in (referenced[table] ?? []).sorted() where byTable[other] != nil { visit(other) }
      result += byTable[table] ?? []
    }
    for entry in entries { visit(relations.relation(of: entry.dumpID) ?? -entry.dumpID) }
    return result
  }
}

extension Restore.Options {
  /// The database that things are put into.
  fileprivate var target: DatabaseServer {
    DatabaseServer(server.with(database: database), applicationName: applicationName)
  }
}
