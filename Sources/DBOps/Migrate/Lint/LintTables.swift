extension LintContext {
  mutating func check(_ table: TableCreation) {
    checkNames([table.name.name] + table.columns.map(\.name) + table.constraints.compactMap(\.name))
    for column in table.columns { checkType(column.type, of: column.name, table.name) }
    if table.name.schema == nil, !table.isTemporary {
      report(.tableSchema, "which schema \(table.name) is made in depends on the search path")
    }
    if !table.ifNotExists, !isInTransaction {
      report(
        .robust, "it fails when it is run again",
        ["CREATE TABLE IF NOT EXISTS \(table.name) (...);"])
    }
  }

  mutating func check(_ alteration: TableAlteration) {
    guard [.table, .foreignTable].contains(alteration.kind) else {
      for case .rename(let new) in alteration.actions where alteration.kind != .index {
        report(
          .renamingTable, ofUsed: alteration.name,
          "\(alteration.kind.rawValue) \(alteration.name) becomes \(new)")
      }
      return
    }
    if alteration.name.schema == nil {
      report(
        .tableSchema, "which table \(alteration.name) is meant depends on the search path")
    }
    for action in alteration.actions { check(action, alteration.name) }
  }

  private mutating func check(_ action: TableAction, _ table: ObjectName) {
    switch action {
    case .addColumn(let column, _): check(column, table)
    case .addConstraint(let constraint): check(constraint, table)
    case .setNotNull(let column): checkNotNull(column, table)
    case .setType(let column, let type, let conversion):
      checkType(type, of: column, table)
      checkChange(column, type, conversion, table)
    case .dropColumn, .dropNotNull, .rename, .renameColumn, .setSchema:
      checkContract(action, table)
    case .validateConstraint(let name) where memory.unvalidated.contains(name):
      report(
        .notValid, on: table,
        "\(name) is checked in the transaction that adds it, so that the lock on \(named(table)) "
          + "lasts until all rows are read",
        ["put VALIDATE CONSTRAINT into a revision of its own"])
    case .detachPartition(let partition, concurrently: false) where facts.majorVersion >= 14:
      report(
        .concurrentDetach, ofUsed: table,
        "nobody can use \(named(table)) until the lock is had and \(partition) is detached",
        OperationCall.alone([
          "op.execute('ALTER TABLE \(table) DETACH PARTITION \(partition) CONCURRENTLY')"
        ]))
    case .attachPartition(let partition, _):
      report(
        .scanningPartition, on: partition,
        "all rows of \(named(partition)) are read while nobody can use it",
        [
          "first ALTER TABLE \(partition) ADD CONSTRAINT bounds CHECK (...) NOT VALID;",
          "then ALTER TABLE \(partition) VALIDATE CONSTRAINT bounds; then attach it",
        ])
    case .setTablespace, .setAccessMethod, .setLogged, .setExpression:
      for work in step.effects.work where work.kind == .rewrite {
        report(
          .rewriting, on: work.relation,
          "nobody can use \(named(work.relation)) meanwhile: \(work.reason)",
          ["copy the rows into a new table in batches, or do it while the service is down"])
      }
    default: break
    }
  }

  /// What running programs would stumble over.
  private mutating func checkContract(_ action: TableAction, _ table: ObjectName) {
    switch action {
    case .dropColumn(let column, _, _):
      report(
        .dropColumn, ofUsed: table,
        "programs that still name \(column) of \(named(table)) fail, and its values are gone",
        ["release programs that do not use it first; drop it in a later release"])
    case .dropNotNull(let column):
      report(
        .dropNotNull, ofUsed: table,
        "programs that expect \(column) of \(table) to have a value may find NULL")
    case .renameColumn(let old, let new):
      report(
        .renamingColumn, ofUsed: table,
        "programs that name \(old) of \(table) fail as soon as it is \(new)",
        [
          "ALTER TABLE \(table) ADD COLUMN \(ObjectName(nil, new)) ...;",
          "write both, fill the new one in batches, read the new one, then drop the old one",
        ])
    case .rename(let new):
      report(
        .renamingTable, ofUsed: table, "programs that name \(table) fail as soon as it is \(new)",
        [
          "ALTER TABLE \(table) RENAME TO \(ObjectName(nil, new));",
          "CREATE VIEW \(table) AS SELECT * FROM \(ObjectName(table.schema, new)); "
            + "-- in the same transaction",
        ])
    case .setSchema(let schema):
      report(
        .setSchema, ofUsed: table, "programs that name \(table) do not find it in \(schema)")
    default: break
    }
  }

  private mutating func checkNotNull(_ column: String, _ table: ObjectName) {
    guard facts[facts.resolve(table)].map({ !$0.isNew }) ?? true,
      !step.effects.work.filter({ $0.kind == .scan }).isEmpty
    else { return }
    let name = "\(table.name)_\(column)_not_null"
    let quoted = ObjectName(nil, column)
    let lines =
      facts.majorVersion >= 18
      ? [
        "ALTER TABLE \(table) ADD CONSTRAINT \(ObjectName(nil, name)) NOT NULL \(quoted) NOT VALID;",
        "-- in a later transaction:",
        "ALTER TABLE \(table) VALIDATE CONSTRAINT \(ObjectName(nil, name));",
      ]
      : OperationCall.inTwoSteps(table, name, "CHECK (\(quoted) IS NOT NULL)") + [
        "ALTER TABLE \(table) ALTER COLUMN \(quoted) SET NOT NULL; -- reads nothing now",
        "ALTER TABLE \(table) DROP CONSTRAINT \(ObjectName(nil, name));",
      ]
    report(
      .addingNotNullable, on: table,
      "nobody can use \(named(table)) while all rows are checked for NULL in \(column)", lines)
  }

  private mutating func checkChange(
    _ column: String, _ type: TypeName, _ conversion: String?, _ table: ObjectName
  ) {
    guard step.effects.work.contains(where: { $0.kind == .rewrite }) else { return }
    let old = facts[facts.resolve(table)]?.columns[column]?.type
    let was = old.map { " from \($0)" } ?? ""
    let doubt =
      old == nil ? " (unless it is \(type) already, or of a kind that needs no rewrite)" : ""
    let fresh = ObjectName(nil, column + "_new")
    report(
      .changingType, on: table,
      "nobody can use \(named(table)) while all of it is written anew: \(column) changes\(was) to "
        + "\(type)\(doubt)",
      [
        "ALTER TABLE \(table) ADD COLUMN \(fresh) \(type);",
        "-- let a trigger keep it equal, fill it in batches, then in one transaction:",
        "ALTER TABLE \(table) DROP COLUMN \(ObjectName(nil, column));",
        "ALTER TABLE \(table) RENAME COLUMN \(fresh) TO \(ObjectName(nil, column));",
      ])
  }

  mutating func checkNames(_ names: [String]) {
    for name in names where name.utf8.count > 63 {
      report(.longName, "\"\(name)\" has \(name.utf8.count) bytes; the server keeps the first 63")
    }
  }

  mutating func checkType(_ type: TypeName, of column: String, _ table: ObjectName) {
    let place = "\(column) of \(table)"
    switch type.base {
    case "character":
      if !type.modifiers.isEmpty {
        report(
          .charField, "\(place) is \(type): shorter values get blanks at their end",
          ["text, or varchar"])
      }
    case "integer" where type.isSerial, "bigint" where type.isSerial,
      "smallint" where type.isSerial:
      report(
        .identity, "\(place) is a serial column",
        ["\(ObjectName(nil, column)) \(type.base) GENERATED BY DEFAULT AS IDENTITY"])
      if type.base == "integer" { report(.bigintOverInt, "\(place) ends at 2,147,483,647") }
    case "integer": report(.bigintOverInt, "\(place) ends at 2,147,483,647", ["bigint"])
    case "smallint": report(.bigintOverSmallint, "\(place) ends at 32,767", ["bigint"])
    case "character varying" where !type.modifiers.isEmpty:
      report(
        .textField, "\(place) is \(type)",
        ["text, with CHECK (length(\(ObjectName(nil, column))) <= \(type.modifiers[0]))"])
    case "timestamp without time zone":
      report(.timestamptz, "\(place) forgets the time zone", ["timestamptz"])
    default: break
    }
  }
}
