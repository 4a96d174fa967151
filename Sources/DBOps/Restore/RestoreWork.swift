internal import Archive

/// What the sessions of a restore do side by side: entries, as the schedule gives them; a part of a
/// large table, when there is nothing else; and beside the last of these the checks of tables that
/// nothing is done to any more.
struct RestoreWork {
  /// One thing to do.
  enum Item: Sendable {
    /// - isAlone: whether nothing else is left to begin.
    case entry(ArchiveEntry, isAlone: Bool)
    case part(SharedLoad)
    case analysis(RestoreChecks.Item)
    case count(RestoreChecks.Item)
  }

  private var schedule: RestoreSchedule
  /// The tables that several sessions may load, by the number of their data.
  private let shared: [Int: TableData]
  private let sessions: Int
  /// Those that are being loaded, and by how many.
  private var loads: [(load: SharedLoad, parts: Int)] = []
  private var checks: [Int: RestoreChecks.Item] = [:]
  private var due: [Item] = []
  /// The tables that are being checked, or have been.
  private(set) var checked: Set<String> = []

  /// - Parameters:
  ///   - tables: whose rows are loaded.
  ///   - shared: those of them that several sessions may load.
  ///   - checks: of tables that can be looked at by themselves.
  init(
    _ schedule: RestoreSchedule, sessions: Int, tables: [TableData], shared: [TableData],
    checks: [RestoreChecks.Item]
  ) {
    self.schedule = schedule
    self.sessions = sessions
    self.shared = Dictionary(uniqueKeysWithValues: shared.map { ($0.entry.dumpID, $0) })
    let names = Dictionary(checks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for table in tables where table.isDirect { self.checks[table.entry.dumpID] = names[table.name] }
  }

  /// The next thing to begin; nil when nothing can before something running ends, or all is done.
  mutating func next() throws -> Item? {
    if let entry = schedule.next() {
      guard let table = shared[entry.dumpID] else {
        return .entry(entry, isAlone: schedule.hasBegunAll)
      }
      let load = try SharedLoad(table, sessions: sessions)
      loads.append((load, 1))
      return .part(load)
    }
    if let index = loads.firstIndex(where: { $0.load.hasMore }) {
      loads[index].parts += 1
      return .part(loads[index].load)
    }
    return due.isEmpty ? nil : due.removeFirst()
  }

  /// Says that something is done, and tells whether an entry is restored with it; throws when a table
  /// is whole that is not what the manifest has.
  mutating func finish(_ item: Item) throws -> Bool {
    switch item {
    case .entry(let entry, _): finish(entry)
    case .part(let load): guard try finishPart(of: load) else { return false }
    case .analysis, .count: return false
    }
    return true
  }

  private mutating func finishPart(of load: SharedLoad) throws -> Bool {
    guard let index = loads.firstIndex(where: { $0.load === load }) else { return false }
    loads[index].parts -= 1
    guard loads[index].parts == 0 else { return false }
    loads.remove(at: index)
    try load.finish()
    finish(load.table.entry)
    return true
  }

  private mutating func finish(_ entry: ArchiveEntry) {
    for table in schedule.finish(entry) {
      guard let check = checks.removeValue(forKey: table) else { continue }
      checked.insert(check.name)
      due += [.analysis(check), .count(check)]
    }
  }
}
