internal import Archive
internal import Postgres

/// Fills an empty database from a backup whose files have been checked.
struct RestoreRun: Sendable {
  let options: Restore.Options
  let contents: BackupContents
  let plan: RestorePlan
  let tables: [TableData]
  /// The database to fill.
  let database: String

  /// Does all passes; throws at the first error, with nothing running any more.
  func run() async throws {
    let first = try await open()
    var sessions = [first]
    do {
      try await make(plan.preData, "creating", first)
      for table in tables { try await LongValues(of: table)?.keepAsTheyAre(first.connection) }
      for _ in 1..<max(1, min(options.jobs, plan.parallel.count)) {
        sessions.append(try await open())
      }
      let checked = try await loadAndBuild(sessions)
      try await make(plan.rights, "granting", first)
      // A view may be a long question.
      if !plan.last.isEmpty { try await first.connection.execute("RESET jit") }
      try await make(plan.last, "refreshing", first)
      try await check(sessions, but: checked)
      await close(sessions)
    } catch {
      await close(sessions)
      throw error
    }
  }

  private func open() async throws -> RestoreSession {
    let session = try await RestoreSession.open(database, plan: plan, options)
    do {
      // What a restore asks is asked once: compiling would take longer than it saves. Who waits for an
      // automatic vacuum ends it after the time for deadlocks, by default a second; nobody else is here
      // whom that could disturb, and only superusers may set it.
      try await session.connection.execute(
        """
        SET jit = off;
        SELECT pg_catalog.set_config('deadlock_timeout', '50ms', false)
        WHERE pg_catalog.current_setting('is_superuser') = 'on'
        """)
      return session
    } catch {
      await session.connection.close()
      throw error
    }
  }

  private func close(_ sessions: [RestoreSession]) async {
    for session in sessions { await session.connection.close() }
  }

  /// Makes objects one after the other, as the archive has them.
  private func make(
    _ entries: [ArchiveEntry], _ phase: String, _ session: RestoreSession
  ) async throws {
    if entries.isEmpty { return }
    let meter = ProgressMeter(phase: phase, itemsTotal: entries.count, handler: options.progress)
    for entry in entries {
      meter.begin(entry.qualifiedName)
      try await session.make(entry)
      meter.finishItem()
    }
  }

  private func compressAgain(_ table: TableData, _ session: RestoreSession) async throws {
    try await LongValues(of: table)?.compressAgain(session.connection)
  }

  /// Loads data and builds what comes after it, as much at once as there are sessions and the
  /// schedule allows; gives the tables that have been checked meanwhile.
  private func loadAndBuild(_ sessions: [RestoreSession]) async throws -> Set<String> {
    let sizes = try tables.map { ($0.entry.dumpID, try $0.location.bytes()) }
    let alone = try await checks.items(sessions[0].connection).filter(\.standsAlone)
    var work = RestoreWork(
      schedule(sizes), sessions: sessions.count, tables: tables,
      shared: try large(of: sessions.count), checks: alone)
    let meter = ProgressMeter(
      phase: "loading", bytesTotal: sizes.reduce(0) { $0 + $1.1 },
      itemsTotal: plan.parallel.count, handler: options.progress)
    let loaded = Loaded(tables, sizes.map(\.1))
    try await withThrowingTaskGroup(of: (RestoreSession, RestoreWork.Item).self) { group in
      var idle = sessions
      while true {
        while let session = idle.last, let item = try work.next() {
          idle.removeLast()
          group.addTask {
            try await run(item, loaded, session, meter)
            return (session, item)
          }
        }
        guard let (session, item) = try await group.next() else { break }
        if try work.finish(item) { meter.finishItem() }
        idle.append(session)
      }
    }
    return work.checked
  }

  private func run(
    _ item: RestoreWork.Item, _ loaded: Loaded, _ session: RestoreSession, _ meter: ProgressMeter
  ) async throws {
    switch item {
    case .analysis(let table):
      meter.begin(table.name)
      try await checks.analyze(table, session.connection)
    case .count(let table):
      meter.begin(table.name)
      try await checks.count(table, session.connection)
    case .part(let load):
      meter.begin(load.table.name)
      guard try await load.takePart(session, meter: meter) else { return }
      try await compressAgain(load.table, session)
    case .entry(let entry, let isAlone):
      meter.begin(entry.qualifiedName)
      if let table = loaded.byData[entry.dumpID] {
        try await session.load(table, meter: meter)
        try await compressAgain(table, session)
      } else if entry.kind == "BLOBS" {
        try await LargeObjectLoad(connection: session.connection)
          .run(try contents.location(of: entry))
      } else {
        let table = entry.dependencies.lazy.compactMap { loaded.largeByTable[$0] }.first
        try await session.make(entry, on: table, isAlone: isAlone)
      }
    }
  }

  /// The tables by the numbers that entries name.
  private struct Loaded {
    var byData: [Int: TableData] = [:]
    /// Those whose indexes may be worth a question to the server before they are built.
    var largeByTable: [Int: TableData] = [:]

    private static let large: Int64 = 1 << 20

    init(_ tables: [TableData], _ sizes: [Int64]) {
      for (table, size) in zip(tables, sizes) {
        byData[table.entry.dumpID] = table
        if size >= Loaded.large, let number = table.entry.dependencies.first {
          largeByTable[number] = table
        }
      }
    }
  }

  private var checks: RestoreChecks {
    RestoreChecks(manifest: contents.manifest, analyze: options.analyze)
  }

  private func schedule(_ sizes: [(Int, Int64)]) -> RestoreSchedule {
    let tables = contents.toc.entries.filter { $0.kind == "TABLE" }
    let numbers = Dictionary(
      tables.map { ($0.qualifiedName, $0.dumpID) }, uniquingKeysWith: { first, _ in first })
    var foreignKeys: [Int: Int] = [:]
    for entry in plan.parallel {
      if let key = ForeignKey(entry) { foreignKeys[entry.dumpID] = numbers[key.table] }
    }
    return RestoreSchedule(
      plan.parallel, tables: Set(tables.map(\.dumpID)),
      weights: Dictionary(uniqueKeysWithValues: sizes), foreignKeys: foreignKeys)
  }

  /// The tables that are more than one session's part of all: the others might be done long before.
  private func large(of sessions: Int) throws -> [TableData] {
    guard sessions > 1 else { return [] }
    let sizes = try tables.map { try $0.location.bytes() }
    let part = sizes.reduce(0, +) / Int64(sessions)
    return zip(tables, sizes).filter { table, size in
      table.isDirect && table.entry.holdsTextRows && size > part && size >= options.sharedFrom
    }.map(\.0)
  }

  /// Makes the statistics that are still missing and compares everything with the manifest.
  private func check(_ sessions: [RestoreSession], but checked: Set<String>) async throws {
    guard let first = sessions.first?.connection else { return }
    let checks = checks
    let all = try await checks.items(first)
    let items = all.filter { !checked.contains($0.name) }
    let meter = ProgressMeter(
      phase: "checking", itemsTotal: items.count, handler: options.progress)
    try await withThrowingTaskGroup(of: Connection.self) { group in
      var idle = sessions.map(\.connection)
      for item in items {
        if idle.isEmpty, let connection = try await group.next() { idle.append(connection) }
        guard let connection = idle.popLast() else { break }
        group.addTask {
          meter.begin(item.name)
          try await checks.analyze(item, connection)
          try await checks.count(item, connection)
          meter.finishItem()
          return connection
        }
      }
      try await group.waitForAll()
    }
    try await checks.checkRest(all, first)
  }
}
