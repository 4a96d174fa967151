internal import Archive

/// Decides what may be restored next while other things are being restored: no I/O, no time.
///
/// The rules are those that archives are written for: an entry waits for its dependencies; one that
/// comes after data and names a table waits for that table's data; and of two entries that would
/// lock the same table against each other only one runs. Foreign keys are proved side by side.
struct RestoreSchedule {
  private struct Item {
    let entry: ArchiveEntry
    let order: Int
    /// How much work it is, with the longest chain of what waits for it.
    var rank: Int64
    /// What it waits for, among the entries of this schedule.
    var waitsFor: Set<Int>
    /// The tables that it uses.
    let uses: Set<Int>
    /// The tables that it locks against all others.
    let locks: Set<Int>
    /// Of a foreign key that is proved beside others, the table that refers.
    let referring: Int?
  }

  private var waiting: [Int: Item] = [:]
  private var ready: [Item] = []
  private var running: [Int: Item] = [:]
  private var waiters: [Int: [Int]] = [:]
  /// By the number of a table's data, how many entries that are not done yet use it, itself among them.
  private var users: [Int: Int] = [:]

  /// - Parameters:
  ///   - tables: the numbers of all tables of the archive, restored earlier or not.
  ///   - weights: how much work an entry's data is, by its number.
  ///   - foreignKeys: the number of the table that refers, by that of a foreign key that can be proved
  ///     beside others.
  init(
    _ entries: [ArchiveEntry], tables: Set<Int>, weights: [Int: Int64],
    foreignKeys: [Int: Int] = [:]
  ) {
    let dataOf = RestoreSchedule.dataEntries(entries)
    let present = Set(entries.map(\.dumpID))
    let tables = tables.union(dataOf.values)
    var items: [Item] = []
    for (order, entry) in entries.enumerated() {
      // A table stands for its data, which is what comes after it has to wait for.
      let needs = Set(
        entry.kind == "TABLE DATA"
          ? entry.dependencies : entry.dependencies.map { dataOf[$0] ?? $0 })
      let size = weights[entry.dumpID] ?? needs.compactMap { weights[$0] }.max() ?? 0
      let item = Item(
        entry: entry, order: order, rank: entry.work(onBytes: size),
        waitsFor: needs.intersection(present).subtracting([entry.dumpID]),
        uses: needs.intersection(tables),
        locks: entry.section == .postData && entry.kind != "INDEX"
          ? needs.intersection(tables) : [],
        referring: foreignKeys[entry.dumpID].map { dataOf[$0] ?? $0 })
      for data in item.uses.union([entry.dumpID]).intersection(dataOf.values) {
        users[data, default: 0] += 1
      }
      for need in item.waitsFor { waiters[need, default: []].append(entry.dumpID) }
      items.append(item)
    }
    for item in RestoreSchedule.ranked(RestoreSchedule.exclusiveFirst(items)) {
      if item.waitsFor.isEmpty { ready.append(item) } else { waiting[item.entry.dumpID] = item }
    }
    sortReady()
  }

  /// Adds to the work of a constraint that of the largest index of its table: no index is built beside a
  /// constraint, but one beside another.
  private static func exclusiveFirst(_ items: [Item]) -> [Item] {
    var largest: [Int: Int64] = [:]
    for item in items where item.entry.kind == "INDEX" {
      for table in item.uses { largest[table] = max(largest[table] ?? 0, item.rank) }
    }
    return items.map { item in
      guard item.entry.kind == "CONSTRAINT" else { return item }
      var item = item
      item.rank += item.locks.compactMap { largest[$0] }.max() ?? 0
      return item
    }
  }

  /// Adds to each item's own work the longest chain of what waits for it. Archives have what is needed
  /// before what needs it, but for circles, of which a part is left out then.
  private static func ranked(_ items: [Item]) -> [Item] {
    var items = items
    var longest: [Int: Int64] = [:]
    for index in items.indices.reversed() {
      items[index].rank += longest[items[index].entry.dumpID] ?? 0
      for need in items[index].waitsFor {
        longest[need] = max(longest[need] ?? 0, items[index].rank)
      }
    }
    return items
  }

  /// The data entry of each table: its first dependency is the table.
  private static func dataEntries(_ entries: [ArchiveEntry]) -> [Int: Int] {
    var result: [Int: Int] = [:]
    for entry in entries where entry.kind == "TABLE DATA" {
      if let table = entry.dependencies.first { result[table] = entry.dumpID }
    }
    return result
  }

  /// Whether everything is done.
  var isDone: Bool { waiting.isEmpty && ready.isEmpty && running.isEmpty }

  /// Whether nothing is left to begin.
  var hasBegunAll: Bool { waiting.isEmpty && ready.isEmpty }

  /// The next entry to begin; nil when nothing can begin before something running ends.
  mutating func next() -> ArchiveEntry? {
    if running.isEmpty, ready.isEmpty { release() }
    guard let index = ready.firstIndex(where: { canRun($0) }) else { return nil }
    let item = ready.remove(at: index)
    running[item.entry.dumpID] = item
    return item.entry
  }

  /// Says that an entry is restored; gives the numbers of the data of tables that nothing uses any more.
  @discardableResult
  mutating func finish(_ entry: ArchiveEntry) -> [Int] {
    let done = running.removeValue(forKey: entry.dumpID)
    var changed = false
    for id in waiters.removeValue(forKey: entry.dumpID) ?? [] {
      guard var item = waiting.removeValue(forKey: id) else { continue }
      item.waitsFor.remove(entry.dumpID)
      if item.waitsFor.isEmpty {
        ready.append(item)
        changed = true
      } else {
        waiting[id] = item
      }
    }
    if changed { sortReady() }
    return done.map { settle($0) } ?? []
  }

  private mutating func settle(_ item: Item) -> [Int] {
    item.uses.union([item.entry.dumpID]).filter { data in
      guard let count = users[data] else { return false }
      users[data] = count - 1
      return count == 1
    }.sorted()
  }

  private func canRun(_ item: Item) -> Bool {
    running.values.allSatisfy { other in
      // Two foreign keys are in each other's way only where one of them locks what the other needs.
      if let mine = item.referring, let theirs = other.referring {
        return !other.uses.contains(mine) && !item.uses.contains(theirs)
      }
      return item.locks.isDisjoint(with: other.uses) && other.locks.isDisjoint(with: item.uses)
    }
  }

  /// What begins the longest chain of work first, so that none is left for the end; else as the archive
  /// has it.
  private mutating func sortReady() {
    ready.sort { ($1.rank, $0.order) < ($0.rank, $1.order) }
  }

  /// Dependencies in a circle would wait for ever: the archive's own order breaks it.
  private mutating func release() {
    guard let item = waiting.values.min(by: { $0.order < $1.order }) else { return }
    waiting[item.entry.dumpID] = nil
    ready.append(item)
  }
}

extension ArchiveEntry {
  /// About how much work it is for the server, in bytes of data to load: an index is a part of what its
  /// table was, the more the more columns it has.
  fileprivate func work(onBytes size: Int64) -> Int64 {
    switch kind {
    case "TABLE DATA", "BLOBS": size
    case "INDEX", "CONSTRAINT":
      size / 4 * Int64(1 + definition.utf8.count { $0 == UInt8(ascii: ",") })
    case "FK CONSTRAINT": size / 8
    default: 0
    }
  }
}
