extension LintContext {
  mutating func check(_ index: IndexCreation) {
    checkNames([index.name].compactMap { $0 })
    if !index.ifNotExists, !isInTransaction {
      report(.robust, "it fails when it is run again", ["CREATE INDEX ... IF NOT EXISTS ..."])
    }
    guard !index.isConcurrent else { return }
    let table = facts.resolve(index.table)
    let message = "nobody can write to \(named(index.table)) while the index is built"
    guard facts[table]?.kind == .partitioned else {
      return report(
        .concurrentCreation, on: index.table, message, OperationCall.concurrentIndex(index))
    }
    let parts = facts.descendants(table).filter { facts.size(of: $0)?.rows != 0 }
    if parts.isEmpty { return }
    let name = index.name.map { ObjectName(nil, $0).description } ?? "name"
    report(
      .concurrentCreation, on: index.table, message,
      [
        "CREATE INDEX \(name) ON ONLY \(index.table) \(index.definition);",
        "-- for each partition, not in a transaction:",
        "CREATE INDEX CONCURRENTLY part_index ON partition \(index.definition);",
        "ALTER INDEX \(name) ATTACH PARTITION part_index;",
      ])
  }

  mutating func check(_ dropped: Drop) {
    switch dropped.kind {
    case .table, .foreignTable:
      for name in dropped.names {
        if dropped.ifExists, facts.isLive, facts[facts.resolve(name)] == nil { continue }
        report(
          .dropTable, ofUsed: name,
          "programs that still use \(named(name)) fail, and its rows are gone",
          [
            "release programs that do not use it first; keep a copy:",
            "ALTER TABLE \(name) RENAME TO \(ObjectName(nil, name.name + "_dropped"));",
          ])
      }
    case .database:
      report(.dropDatabase, "the whole database is gone, and no transaction brings it back")
    case .schema where dropped.cascades:
      for name in dropped.names {
        report(.dropSchema, "all that is in schema \(name.name) is dropped with it")
      }
    case .index where !dropped.isConcurrent: checkDroppedIndexes(dropped)
    default: break
    }
    let isRelation = [.table, .view, .index, .sequence].contains(dropped.kind)
    if isRelation, !dropped.ifExists, !isInTransaction {
      report(.robust, "it fails when it is run again", ["DROP ... IF EXISTS ..."])
    }
  }

  private mutating func checkDroppedIndexes(_ dropped: Drop) {
    for name in dropped.names {
      let resolved = facts.resolve(name)
      if dropped.ifExists, facts.isLive, facts[resolved] == nil { continue }
      let table = facts[resolved]?.table
      let schema = OperationCall.schema(name)
      let on = table.map { ", table_name=\(OperationCall.literal($0.name))" } ?? ""
      let lines =
        ["DROP INDEX CONCURRENTLY \(name);"]
        + OperationCall.alone([
          "op.drop_index(\(OperationCall.literal(name.name))\(on)\(schema), "
            + "postgresql_concurrently=True)"
        ])
      let message =
        "the lock on \(table.map(named) ?? "the table of \(name)") waits for all readers, and new "
        + "ones wait behind it"
      if let table {
        report(.concurrentDeletion, on: table, message, lines)
      } else {
        report(.concurrentDeletion, ofUsed: name, message, lines)
      }
    }
  }

  mutating func check(_ reindexing: Reindexing) {
    guard !reindexing.isConcurrent, let name = reindexing.name else { return }
    let kind = reindexing.kind.rawValue.uppercased()
    let table = facts[facts.resolve(name)]?.table ?? name
    report(
      .concurrentReindex, on: table,
      "nobody can write to \(named(table)) while its indexes are built again",
      ["REINDEX \(kind) CONCURRENTLY \(name); -- not in a transaction"])
  }

  mutating func check(truncated names: [ObjectName], _ cascades: Bool) {
    if cascades {
      let tables = step.effects.losses.map { named($0.object) }
      report(
        .truncateCascade,
        facts.isLive
          ? "it empties \(tables.joined(separator: ", "))"
          : "it empties every table with a foreign key to \(names.map(\.description).joined(separator: ", "))",
        ["TRUNCATE with every table named"])
      return
    }
    for name in names {
      report(.truncating, on: name, "all rows of \(named(name)) are gone")
    }
  }

  mutating func check(_ change: DataChange) {
    guard !change.hasCondition, change.kind == .update || change.kind == .delete else { return }
    let verb = change.kind == .update ? "changed" : "deleted"
    let key = "id"
    let statement =
      change.kind == .update
      ? "UPDATE \(change.table) SET ... WHERE \(key) BETWEEN :from AND :to;"
      : "DELETE FROM \(change.table) WHERE \(key) BETWEEN :from AND :to;"
    report(
      .unboundedChange, on: change.table,
      "every row of \(named(change.table)) is \(verb) in one transaction: row locks, bloat and "
        + "replication lag last until its end",
      ["in batches of some thousand rows, each in its own transaction:", statement])
  }

  mutating func reportRepack(_ table: ObjectName, _ words: String) {
    report(
      .repack, on: table, "nobody can use \(named(table)) while \(words) writes it anew",
      ["pg_repack or pg_squeeze do it beside the traffic"])
  }

  mutating func checkRefresh(_ view: ObjectName) {
    report(
      .concurrentRefresh, on: view, "nobody can read \(named(view)) while its query runs",
      ["REFRESH MATERIALIZED VIEW CONCURRENTLY \(view); -- needs a unique index"])
  }

  mutating func check(_ alteration: DomainAlteration) {
    switch alteration.action {
    case .addConstraint(let name, isNotValid: false):
      let tables = step.effects.work.map { named($0.relation) }
      if facts.isLive, tables.isEmpty { return }
      let constraint = name ?? "\(alteration.name.name)_check"
      report(
        .alterDomain,
        "nobody can write to \(tables.isEmpty ? "the tables of \(alteration.name)" : tables.joined(separator: ", ")) "
          + "while all values are checked",
        [
          "ALTER DOMAIN \(alteration.name) ADD CONSTRAINT \(ObjectName(nil, constraint)) CHECK (...) "
            + "NOT VALID;",
          "ALTER DOMAIN \(alteration.name) VALIDATE CONSTRAINT \(ObjectName(nil, constraint));",
        ])
    default: break
    }
  }
}
