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
      for _ in 1..<max(1, min(options.jobs, plan.parallel.count)) {
        sessions.append(try await open())
      }
      try await loadAndBuild(sessions)
      try await make(plan.rights, "granting", first)
      try await make(plan.last, "refreshing", first)
      try await check(sessions)
      await close(sessions)
    } catch {
      await close(sessions)
      throw error
    }
  }

  private func open() async throws -> RestoreSession {
    try await RestoreSession.open(database, plan: plan, options)
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

  /// Loads data and builds what comes after it, as much at once as there are sessions and the
  /// schedule allows.
  private func loadAndBuild(_ sessions: [RestoreSession]) async throws {
    let sizes = try tables.map { ($0.entry.dumpID, try $0.location.bytes()) }
    let isTable = Set(contents.toc.entries.filter { $0.kind == "TABLE" }.map(\.dumpID))
    var schedule = RestoreSchedule(
      plan.parallel, tables: isTable, weights: Dictionary(uniqueKeysWithValues: sizes))
    let meter = ProgressMeter(
      phase: "loading", bytesTotal: sizes.reduce(0) { $0 + $1.1 },
      itemsTotal: plan.parallel.count, handler: options.progress)
    let data = Dictionary(uniqueKeysWithValues: tables.map { ($0.entry.dumpID, $0) })
    try await withThrowingTaskGroup(of: (RestoreSession, ArchiveEntry).self) { group in
      var idle = sessions
      while !schedule.isDone {
        while let session = idle.last, let entry = schedule.next() {
          idle.removeLast()
          group.addTask {
            meter.begin(entry.qualifiedName)
            if let table = data[entry.dumpID] {
              try await session.load(table, meter: meter)
            } else {
              try await session.make(entry)
            }
            meter.finishItem()
            return (session, entry)
          }
        }
        guard let (session, entry) = try await group.next() else { break }
        schedule.finish(entry)
        idle.append(session)
      }
    }
  }

  /// Makes statistics and compares everything with the manifest.
  private func check(_ sessions: [RestoreSession]) async throws {
    guard let first = sessions.first?.connection else { return }
    let checks = RestoreChecks(manifest: contents.manifest, analyze: options.analyze)
    let items = try await checks.items(first)
    let meter = ProgressMeter(
      phase: "checking", itemsTotal: items.count, handler: options.progress)
    try await withThrowingTaskGroup(of: Connection.self) { group in
      var idle = sessions.map(\.connection)
      for item in items {
        if idle.isEmpty, let connection = try await group.next() { idle.append(connection) }
        guard let connection = idle.popLast() else { break }
        group.addTask {
          meter.begin(item.name)
          try await checks.check(item, connection)
          meter.finishItem()
          return connection
        }
      }
      try await group.waitForAll()
    }
    try await checks.checkRest(items, first)
  }
}
