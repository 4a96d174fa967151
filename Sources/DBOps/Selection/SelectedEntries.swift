internal import Archive

/// The entries of an archive that a selection wants, with what they need.
///
/// Types, functions, schemas, extensions and the like come along; another table does not. What
/// cannot be without one (a foreign key to it, a view of it) is left out and told, unless it was
/// asked for by name: then the selection is refused. Partitions go with their table, and sequences
/// with the columns that own them.
struct SelectedEntries {
  /// The entries, in their order.
  private(set) var entries: [ArchiveEntry] = []
  /// Those that came along because others need them, by number.
  private(set) var needed: Set<Int> = []
  /// What is left out for lack of something that is not wanted.
  private(set) var leftOut: [String] = []

  private let selection: Selection
  private let relations: EntryRelations
  /// Entries whose objects are there already.
  private let available: Set<Int>
  private var kept: Set<Int> = []
  /// The relations that were asked for.
  private var roots: Set<Int> = []
  /// Relations that were asked to be left out, and those that nobody asked for.
  private var unwanted: Set<Int> = []

  /// Selects; throws `SelectionError` for a pattern that fits nothing, `DBError` when something that
  /// was asked for needs what was not.
  init(
    _ selection: Selection, from entries: [ArchiveEntry], available: Set<Int> = []
  ) throws {
    self.selection = selection
    self.available = available
    relations = EntryRelations(entries)
    try checkPatterns()
    chooseRelations()
    choose()
    addNeeds()
    try dropBlocked()
    self.entries = entries.filter { kept.contains($0.dumpID) && isInSections($0) && hasData($0) }
    needed.formIntersection(kept)
  }

  private func checkPatterns() throws {
    let named = relations.entries.filter(\.isRelation)
    let schemas = Set(relations.entries.compactMap(\.namespace) + ["public"])
      .union(relations.entries.filter { $0.kind == "SCHEMA" }.map(\.tag))
    try selection.requireMatches(
      relations: named.map { ($0.namespace ?? "", $0.tag) },
      schemas: schemas.filter { !$0.isEmpty }.sorted())
  }

  // MARK: Choosing

  private mutating func chooseRelations() {
    var waiting: [Int] = []
    for entry in relations.entries where entry.isRelation {
      if selection.wants(entry.namespace ?? "", entry.tag) {
        waiting.append(entry.dumpID)
      } else {
        unwanted.insert(entry.dumpID)
      }
    }
    roots = selection.tables.isEmpty ? [] : Set(waiting)
    var chosen: Set<Int> = []
    while let next = waiting.popLast() {
      guard chosen.insert(next).inserted else { continue }
      unwanted.remove(next)
      let parts = (relations.partitions[next] ?? []) + (relations.sequences[next] ?? [])
      waiting += parts.filter { !isExcluded($0) }
    }
    kept = chosen
  }

  private func isExcluded(_ id: Int) -> Bool {
    guard let entry = relations.byID[id] else { return true }
    let (schema, name) = (entry.namespace ?? "", entry.tag)
    return selection.excludedSchemas.contains { $0.matches(schema: schema) }
      || selection.excludedTables.contains { $0.matches(schema, name) }
  }

  private mutating func choose() {
    for entry in relations.entries where !entry.isRelation {
      if entry.isPreamble || wants(entry) { kept.insert(entry.dumpID) }
    }
    addParts()
  }

  /// Whether an entry that is no relation is wanted for its own sake.
  private func wants(_ entry: ArchiveEntry) -> Bool {
    if let relation = relations.relation(of: entry.dumpID) { return kept.contains(relation) }
    if !selection.tables.isEmpty || relations.wholes[entry.dumpID] != nil {
      return !selection.namesObjects && !isOfExcludedSchema(entry)
    }
    if isOfExcludedSchema(entry) { return false }
    if selection.schemas.isEmpty { return true }
    guard let schema = schema(of: entry) else { return false }
    return selection.schemas.contains { $0.matches(schema: schema) }
  }

  private func isOfExcludedSchema(_ entry: ArchiveEntry) -> Bool {
    guard let schema = schema(of: entry) else { return false }
    return selection.excludedSchemas.contains { $0.matches(schema: schema) }
  }

  /// The schema that an entry is in or about.
  private func schema(of entry: ArchiveEntry) -> String? {
    if entry.kind == "SCHEMA" { return entry.tag }
    if ["ACL", "COMMENT"].contains(entry.kind), entry.tag.hasPrefix("SCHEMA ") {
      return String(entry.tag.dropFirst(7))
    }
    return entry.namespace.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Comments and rights go with what they are about, in however many steps.
  private mutating func addParts() {
    var isChanged = true
    while isChanged {
      isChanged = false
      for (part, whole) in relations.wholes where kept.contains(whole) && !kept.contains(part) {
        guard relations.byID[part]?.isRelation == false else { continue }
        kept.insert(part)
        isChanged = true
      }
    }
  }

  // MARK: Needs

  private mutating func addNeeds() {
    guard selection.namesObjects else { return }
    var waiting = Array(kept)
    while let next = waiting.popLast() {
      for id in relations.byID[next]?.dependencies ?? [] {
        guard let entry = relations.byID[id], !kept.contains(id), comesAlong(entry) else {
          continue
        }
        kept.insert(id)
        needed.insert(id)
        waiting.append(id)
      }
    }
    let before = kept
    addParts()
    needed.formUnion(kept.subtracting(before))
  }

  /// Whether an entry may come along with one that needs it.
  private func comesAlong(_ entry: ArchiveEntry) -> Bool {
    guard let relation = relations.relation(of: entry.dumpID) else { return true }
    return kept.contains(relation)
      || (relations.byID[relation]?.kind == "SEQUENCE" && !isExcluded(relation))
  }

  /// Takes out what needs something that is not wanted, and what needs that.
  private mutating func dropBlocked() throws {
    var isChanged = true
    while isChanged {
      isChanged = false
      for entry in relations.entries where kept.contains(entry.dumpID) {
        guard let missing = missing(entry) else { continue }
        if roots.contains(entry.dumpID) { throw refusal(entry, missing) }
        kept.remove(entry.dumpID)
        isChanged = true
        if relations.wholes[entry.dumpID] != missing.dumpID, entry.section != .none {
          leftOut.append("left out: \(entry.phrase): it needs the \(missing.phrase)")
        }
      }
    }
  }

  /// The first thing that an entry needs and that is neither kept nor there already.
  private func missing(_ entry: ArchiveEntry) -> ArchiveEntry? {
    if entry.isPreamble { return nil }
    for id in entry.dependencies {
      guard let other = relations.byID[id], !kept.contains(id), !available.contains(id) else {
        continue
      }
      // A table's rows may lean on what only its definition needs, and rights on nobody's.
      if let relation = relations.relation(of: id), available.contains(relation) { continue }
      return other
    }
    return nil
  }

  private func refusal(_ entry: ArchiveEntry, _ missing: ArchiveEntry) -> DBError {
    DBError(
      .invalidRequest, "\(entry.phrase) needs the \(missing.phrase), which is not selected",
      hint: "select it as well: --table \(missing.qualifiedName)")
  }

  // MARK: Sections

  /// Whether an entry is in one of the sections wanted; what has none goes with its object.
  private func isInSections(_ entry: ArchiveEntry) -> Bool {
    if entry.isPreamble { return true }
    var place = entry
    while place.section == .none,
      let whole = relations.wholes[place.dumpID].flatMap({
        relations.byID[$0]
      })
    {
      place = whole
    }
    switch place.section {
    case .none, .preData: return selection.sections.contains(.preData)
    case .data: return selection.sections.contains(.data)
    case .postData:
      // To fill a materialized view is a matter of rows.
      let isRefresh = entry.kind == "MATERIALIZED VIEW DATA"
      return selection.sections.contains(.postData)
        && !(isRefresh && !selection.sections.contains(.data) && selection.sections.count > 1)
    }
  }

  private func hasData(_ entry: ArchiveEntry) -> Bool {
    guard entry.kind == "TABLE DATA" else { return true }
    return !selection.excludedData.contains { $0.matches(entry.namespace ?? "", entry.tag) }
  }
}
