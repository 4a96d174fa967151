/// Says what statements do, one after the other: the tables that one makes are known to the next.
///
/// The lock modes are those of the server's source (`AlterTableGetLockLevel` and each command's
/// own); the tests prove them against `pg_locks` of a running server.
public struct StatementAnalyzer: Sendable {
  /// What is known, with what the statements so far have made of it.
  public var facts: SchemaFacts

  /// Begins with what is known of a database, or with nothing.
  public init(_ facts: SchemaFacts = SchemaFacts()) { self.facts = facts }

  /// Says what a statement does, and remembers it for the statements behind it.
  public mutating func analyze(_ sql: String) -> StatementEffects {
    analyze(StatementParser.parse(sql))
  }

  mutating func analyze(_ statement: ParsedStatement) -> StatementEffects {
    var effects = StatementEffects()
    apply(statement.body, &effects)
    // Nobody waits for what nobody knows.
    effects.locks.removeAll { facts[$0.relation]?.isNew == true }
    effects.work.removeAll { facts[$0.relation]?.isNew == true }
    effects.losses.removeAll { facts[$0.object]?.isNew == true }
    effects.locks.sort()
    remember(statement.body)
    return effects
  }

  private mutating func apply(_ body: StatementBody, _ effects: inout StatementEffects) {
    switch body {
    case .createTable(let table): create(table, &effects)
    case .alterTable(let alteration): alter(alteration, &effects)
    case .createIndex(let index): create(index, &effects)
    case .createView(let view): create(view, &effects)
    case .createSequence(let name, let owner):
      effects.created.append(facts.resolve(name))
      if let owner { effects.lock(facts.resolve(owner), .accessShare) }
    case .drop(let dropped): drop(dropped, &effects)
    case .reindex(let reindexing): reindex(reindexing, &effects)
    case .truncate(let names, let cascades): truncate(names, cascades, &effects)
    case .query(let reads, let locksRows):
      add(reads, &effects, mode: locksRows ? .rowShare : .accessShare)
    case .change(let change): self.change(change, &effects)
    case .lock(let names, let mode):
      for name in withDescendants(names) { effects.lock(name, mode) }
    case .vacuum(let names, let isFull, let isAnalyzeOnly):
      vacuum(names, isFull, isAnalyzeOnly, &effects)
    case .cluster(let name): cluster(name, &effects)
    case .refresh(let name, let concurrently):
      let view = facts.resolve(name)
      effects.lock(view, concurrently ? .exclusive : .accessExclusive)
      for source in (facts.sources[view] ?? [:]).keys { effects.lock(source, .accessShare) }
      effects.add(.rewrite, view, "its query runs again")
    case .onTable(let name, let mode, let other):
      let table = facts.resolve(name)
      effects.lock(table, mode)
      for name in other { effects.lock(facts.resolve(name), mode) }
    case .onRelation(let name, let mode): effects.lock(facts.resolve(name), mode)
    case .addEnumValue(let type, let value):
      effects.irreversible =
        "adds the value '\(value)' to the enum \(type), which cannot be dropped"
    case .alterDomain(let alteration): alter(alteration, &effects)
    case .createDomain, .setting, .transactionControl, .apart: break
    case .outsideTransactions(let reason): effects.transactionUse = .outside(reason)
    case .opaque(let reason): effects.unknown = reason
    }
  }

  private func create(_ index: IndexCreation, _ effects: inout StatementEffects) {
    let table = facts.resolve(index.table)
    let mode = index.isConcurrent ? LockMode.shareUpdateExclusive : .share
    for name in withDescendants([index.table]) {
      effects.lock(name, mode)
      if facts[name]?.kind != .partitioned {
        effects.add(.index, name, "the index is built")
      }
    }
    if index.isConcurrent {
      effects.transactionUse = .outside("CREATE INDEX CONCURRENTLY cannot run in a transaction")
    }
    if let name = index.name { effects.created.append(ObjectName(table.schema, name)) }
  }

  private func create(_ view: ViewCreation, _ effects: inout StatementEffects) {
    let name = facts.resolve(view.name)
    add(view.sources, &effects)
    if view.replaces, !facts.isLive || facts[name] != nil {
      effects.lock(name, .accessExclusive)
    } else {
      effects.created.append(name)
    }
  }

  private func reindex(_ reindexing: Reindexing, _ effects: inout StatementEffects) {
    if reindexing.isConcurrent {
      effects.transactionUse = .outside("REINDEX CONCURRENTLY cannot run in a transaction")
    }
    let weak = LockMode.shareUpdateExclusive
    switch reindexing.kind {
    case .index:
      guard let name = reindexing.name.map(facts.resolve) else { return }
      effects.lock(name, reindexing.isConcurrent ? weak : .accessExclusive)
      if let table = facts[name]?.table {
        effects.lock(table, reindexing.isConcurrent ? weak : .share)
        effects.add(.index, table, "the index is built again")
      } else {
        effects.add(.index, name, "the index is built again")
      }
    case .table:
      guard let name = reindexing.name.map(facts.resolve) else { return }
      effects.lock(name, reindexing.isConcurrent ? weak : .share)
      effects.add(.index, name, "its indexes are built again")
    case .schema, .database, .system:
      effects.transactionUse = .outside(
        "REINDEX \(reindexing.kind.rawValue.uppercased()) cannot run in a transaction")
      effects.unknown = "it works through all tables that it finds"
    }
  }

  private func truncate(
    _ names: [ObjectName], _ cascades: Bool, _ effects: inout StatementEffects
  ) {
    var tables = withDescendants(names)
    if cascades {
      var next = 0
      while next < tables.count {
        for table in facts.referencing(tables[next]) where !tables.contains(table) {
          tables.append(table)
        }
        next += 1
      }
      if !facts.isLive { effects.unknown = "which tables CASCADE empties is not known" }
    }
    for table in tables {
      effects.lock(table, .accessExclusive)
      effects.lose(.rows, table, "removes all rows of \(table)")
    }
  }

  private func change(_ change: DataChange, _ effects: inout StatementEffects) {
    let table = facts.resolve(change.table)
    add(change.others, &effects)
    let isInsert = change.kind == .insert || change.kind == .copy
    // Rows are looked for in the partitions, and put into them.
    for name in isInsert ? [table] : withDescendants([change.table]) {
      effects.lock(name, .rowExclusive)
    }
    guard !change.hasCondition, change.kind == .update || change.kind == .delete else { return }
    effects.add(
      .update, table, change.kind == .update ? "every row is changed" : "every row is deleted")
    if change.kind == .delete {
      effects.lose(.rows, table, "deletes all rows of \(table)")
    }
  }

  private func vacuum(
    _ names: [ObjectName], _ isFull: Bool, _ isAnalyzeOnly: Bool,
    _ effects: inout StatementEffects
  ) {
    if !isAnalyzeOnly {
      effects.transactionUse = .outside("VACUUM cannot run in a transaction")
    }
    if names.isEmpty { effects.unknown = "it works through all tables that it finds" }
    for name in withDescendants(names) {
      effects.lock(name, isFull ? .accessExclusive : .shareUpdateExclusive)
      if isFull { effects.add(.rewrite, name, "VACUUM FULL writes the table anew") }
    }
  }

  private func cluster(_ name: ObjectName?, _ effects: inout StatementEffects) {
    guard let table = name.map(facts.resolve) else {
      effects.transactionUse = .outside("CLUSTER without a table cannot run in a transaction")
      effects.unknown = "it works through all tables that were clustered before"
      return
    }
    effects.lock(table, .accessExclusive)
    effects.add(.rewrite, table, "CLUSTER writes the table anew")
  }

  private func alter(_ alteration: DomainAlteration, _ effects: inout StatementEffects) {
    let tables = facts.domainTables[facts.resolve(alteration.name)] ?? []
    switch alteration.action {
    case .other, .addConstraint(_, isNotValid: true): return
    case .addConstraint, .setNotNull, .validate: break
    }
    for table in tables {
      effects.lock(table, .share)
      effects.add(.scan, table, "the domain's values are checked")
    }
    if !facts.isLive { effects.unknown = "which tables use the domain is not known" }
  }

  func add(
    _ reads: Reads, _ effects: inout StatementEffects, mode: LockMode = .accessShare
  ) {
    for name in withDescendants(reads.reads.sorted()) { effects.lock(name, mode) }
    for name in reads.writes { effects.lock(facts.resolve(name), .rowExclusive) }
  }

  /// The tables with their partitions and children, each once.
  func withDescendants(_ names: [ObjectName]) -> [ObjectName] {
    var all: [ObjectName] = []
    for name in names.map(facts.resolve) {
      for name in [name] + facts.descendants(name) where !all.contains(name) { all.append(name) }
    }
    return all
  }
}
