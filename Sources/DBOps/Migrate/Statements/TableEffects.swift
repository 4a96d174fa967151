extension StatementAnalyzer {
  func create(_ table: TableCreation, _ effects: inout StatementEffects) {
    let name = facts.resolve(table.name)
    if table.ifNotExists, facts.isLive, facts[name].map({ !$0.isNew }) == true { return }
    effects.created.append(name)
    add(table.sources, &effects)
    for parent in table.parents { effects.lock(facts.resolve(parent), .shareUpdateExclusive) }
    if let parent = table.partitionOf.map(facts.resolve) {
      effects.lock(parent, .accessExclusive)
      lockDefaultPartition(of: parent, &effects)
      for referenced in facts.referenced(by: parent) {
        effects.lock(referenced, .shareRowExclusive)
      }
    }
    for constraint in table.constraints + table.columns.flatMap(\.constraints) {
      if case .foreignKey(let referenced) = constraint.kind, facts.resolve(referenced) != name {
        effects.lock(facts.resolve(referenced), .shareRowExclusive)
      }
    }
  }

  /// The rows of the default partition may belong into the new one: they are all looked at.
  func lockDefaultPartition(of parent: ObjectName, _ effects: inout StatementEffects) {
    let partition = facts.relations.first {
      $0.value.parent == parent && $0.value.isDefaultPartition
    }
    guard let partition else { return }
    effects.lock(partition.key, .accessExclusive)
    effects.add(.scan, partition.key, "its rows may belong to the new partition")
  }

  func alter(_ alteration: TableAlteration, _ effects: inout StatementEffects) {
    let name = facts.resolve(alteration.name)
    if alteration.ifExists, facts.isLive, facts[name] == nil { return }
    for action in alteration.actions {
      apply(action, alteration.kind, name, &effects)
    }
  }

  private func apply(
    _ action: TableAction, _ kind: TableAlteration.Kind, _ table: ObjectName,
    _ effects: inout StatementEffects
  ) {
    let mode = TableLocks.mode(of: action, kind)
    effects.lock(table, mode)
    if action.reachesChildren {
      for child in facts.descendants(table) { effects.lock(child, mode) }
    }
    switch action {
    case .addColumn(let column, let ifNotExists):
      if ifNotExists, facts[table]?.columns[column.name] != nil { return }
      add(column, to: table, &effects)
    case .dropColumn(let column, let cascades, let ifExists):
      if ifExists, facts.isLive, facts[table]?.columns[column] == nil { return }
      dropColumn(column, of: table, cascades, &effects)
    case .setType(let column, let type, let conversion):
      change(column, type, conversion, table, &effects)
    case .setNotNull(let column):
      if needsNotNullScan(column, table) {
        effects.add(.scan, table, "every row is checked for NULL in \(column)")
      }
    case .addConstraint(let constraint): add(constraint, to: table, &effects)
    case .dropConstraint(let constraint, _, _):
      if let known = facts[table]?.constraints[constraint], let other = known.references {
        effects.lock(other, .accessExclusive)
      }
    case .validateConstraint(let constraint): validate(constraint, table, &effects)
    case .alterConstraint(let constraint, let enforced?):
      let other = facts[table]?.constraints[constraint]?.references
      if let other { effects.lock(other, .accessExclusive) }
      if enforced { effects.add(.scan, table, "every row is looked up") }
    case .changeIdentity(let column):
      for sequence in facts.sequences(of: table, column: column) {
        effects.lock(sequence, .accessExclusive)
      }
    case .setExpression: effects.add(.rewrite, table, "the column is computed anew")
    case .setTablespace: effects.add(.rewrite, table, "its files are copied")
    case .setAccessMethod: effects.add(.rewrite, table, "it is stored in another way")
    case .setLogged: if kind != .sequence { effects.add(.rewrite, table, "it is written anew") }
    case .attachPartition(let partition, _): attach(partition, to: table, &effects)
    case .detachPartition(let partition, let concurrently):
      detach(partition, of: table, concurrently, &effects)
    case .finalizeDetach(let partition):
      effects.lock(facts.resolve(partition), .accessExclusive)
    case .inherit(let parent): effects.lock(facts.resolve(parent), .shareUpdateExclusive)
    case .noInherit(let parent): effects.lock(facts.resolve(parent), .accessShare)
    case .sequenceOwner(let owner):
      if let owner { effects.lock(facts.resolve(owner), .accessShare) }
    case .attachIndex(let index):
      effects.lock(facts.resolve(index), .accessExclusive)
    case .unknown(let text): effects.unknown = "\(text) is not known"
    default: break
    }
  }

  private func add(
    _ column: ColumnDefinition, to table: ObjectName, _ effects: inout StatementEffects
  ) {
    if let reason = rewriteReason(column) {
      for name in [table] + facts.descendants(table) where facts[name]?.kind != .partitioned {
        effects.add(.rewrite, name, reason)
      }
    }
    for constraint in column.constraints { add(constraint, to: table, &effects) }
  }

  /// Why adding a column writes every row; nil where only the catalogs change, which since 11
  /// holds for every default that is the same for all rows.
  func rewriteReason(_ column: ColumnDefinition) -> String? {
    if column.type.isSerial { return "each row gets a number of its own" }
    switch column.generation {
    case .identity: return "each row gets a number of its own"
    case .stored: return "the column is computed for each row"
    case .virtual, nil: break
    }
    return facts.isVolatile(column.defaultFunctions)
      ? "its default is computed for each row" : nil
  }

  private func add(
    _ constraint: ConstraintDefinition, to table: ObjectName, _ effects: inout StatementEffects
  ) {
    switch constraint.kind {
    case .check:
      guard !constraint.isNotValid, !constraint.isNotEnforced else { return }
      for name in [table] + facts.descendants(table) {
        effects.add(.scan, name, "every row is checked")
      }
    case .foreignKey(let name):
      let referenced = facts.resolve(name)
      effects.lock(referenced, .shareRowExclusive)
      guard !constraint.isNotValid, !constraint.isNotEnforced else { return }
      effects.add(.scan, table, "every row is looked up in \(referenced)")
    case .unique, .primaryKey:
      if constraint.usingIndex == nil {
        effects.add(.index, table, "the index of the constraint is built")
      }
      if case .primaryKey = constraint.kind, constraint.usingIndex != nil,
        !facts.isLive
      {
        effects.add(.scan, table, "every row is checked for NULL unless the columns are NOT NULL")
      }
    case .exclude: effects.add(.index, table, "the index of the constraint is built")
    case .notNull(let column):
      if !constraint.isNotValid, needsNotNullScan(column, table) {
        effects.add(.scan, table, "every row is checked for NULL in \(column)")
      }
    }
  }

  /// Whether `SET NOT NULL` reads the table: not where the column is so already, nor, since 12,
  /// where a validated check says the same.
  func needsNotNullScan(_ column: String, _ table: ObjectName) -> Bool {
    guard let relation = facts[table] else { return true }
    if relation.columns[column]?.isNotNull == true { return false }
    return !relation.constraints.values.contains {
      ($0.kind == .check || $0.kind == .notNull) && $0.isValidated && $0.notNull.contains(column)
    }
  }

  private func change(
    _ column: String, _ type: TypeName, _ conversion: String?, _ table: ObjectName,
    _ effects: inout StatementEffects
  ) {
    let old = facts[table]?.columns[column]?.type
    let change = old.map { TypeChange(from: facts.domainBases[$0.base] ?? $0, to: type) }
    let converts = conversion.map { !TypeChange.isPlain($0, column, type) } ?? false
    let tables = [table] + facts.descendants(table)
    if converts || change?.rewrites ?? true {
      let was = old.map { "from \($0) " } ?? ""
      for name in tables where facts[name]?.kind != .partitioned {
        effects.add(.rewrite, name, "\(column) changes \(was)to \(type)")
      }
    }
    let mayLose = change?.narrows ?? TypeChange.mayNarrow(to: type)
    if mayLose || converts {
      let was = old.map { " from \($0)" } ?? ""
      effects.lose(
        .values, table, column: column,
        "changes column \(column) of \(table)\(was) to \(type)"
          + (mayLose ? ", which may not hold every value" : " by an expression"))
    }
    // The foreign keys that the column is part of are made again.
    for other in facts.tablesWithKeys(of: column, in: table) {
      effects.lock(other, .accessExclusive)
    }
  }

  private func validate(
    _ constraint: String, _ table: ObjectName, _ effects: inout StatementEffects
  ) {
    let known = facts[table]?.constraints[constraint]
    if known?.isValidated == true { return }
    if let referenced = known?.references { effects.lock(referenced, .rowShare) }
    effects.add(.scan, table, "every row is checked")
  }

  private func attach(
    _ partition: ObjectName, to table: ObjectName, _ effects: inout StatementEffects
  ) {
    let name = facts.resolve(partition)
    effects.lock(name, .accessExclusive)
    effects.add(.scan, name, "every row is checked against the partition's bounds")
    lockDefaultPartition(of: table, &effects)
    for referenced in facts.referenced(by: table) {
      effects.lock(referenced, .shareRowExclusive)
    }
  }

  private func detach(
    _ partition: ObjectName, of table: ObjectName, _ concurrently: Bool,
    _ effects: inout StatementEffects
  ) {
    effects.lock(facts.resolve(partition), .accessExclusive)
    if concurrently {
      effects.transactionUse = .outside(
        "DETACH PARTITION CONCURRENTLY cannot run in a transaction")
      return
    }
    let other = facts.relations.first {
      $0.value.parent == table && $0.value.isDefaultPartition
    }
    if let other { effects.lock(other.key, .accessExclusive) }
    for referenced in facts.referenced(by: table) {
      effects.lock(referenced, .shareRowExclusive)
    }
  }

  private func dropColumn(
    _ column: String, of table: ObjectName, _ cascades: Bool,
    _ effects: inout StatementEffects
  ) {
    effects.lose(.column, table, column: column, "drops column \(column) of \(table)")
    for constraint in (facts[table]?.constraints ?? [:]).values
    where constraint.columns.contains(column) {
      if let other = constraint.references { effects.lock(other, .accessExclusive) }
    }
    for sequence in facts.sequences(of: table, column: column) {
      effects.lock(sequence, .accessExclusive)
    }
    guard cascades else { return }
    for other in facts.tablesWithKeys(of: column, in: table) {
      effects.lock(other, .accessExclusive)
    }
    dropViews(over: table, column: column, &effects)
  }

  func drop(_ dropped: Drop, _ effects: inout StatementEffects) {
    if dropped.isConcurrent {
      effects.transactionUse = .outside("DROP INDEX CONCURRENTLY cannot run in a transaction")
    }
    if dropped.cascades, !facts.isLive {
      effects.unknown = "what CASCADE drops is not known"
    }
    if let table = dropped.table.map(facts.resolve) {
      effects.lock(table, .accessExclusive)
      return
    }
    for name in dropped.names.map(facts.resolve) {
      drop(name, dropped, &effects)
    }
    if dropped.kind == .owned {
      effects.lose(.everything, ObjectName(nil, ""), "drops all that a role owns")
      effects.unknown = "what the role owns is not known"
    }
  }

  private func drop(_ name: ObjectName, _ dropped: Drop, _ effects: inout StatementEffects) {
    if dropped.ifExists, facts.isLive, isRelation(dropped.kind), facts[name] == nil { return }
    switch dropped.kind {
    case .index:
      let mode = dropped.isConcurrent ? LockMode.shareUpdateExclusive : .accessExclusive
      effects.lock(name, mode)
      if let table = facts[name]?.table { effects.lock(table, mode) }
    case .table, .foreignTable:
      for table in [name] + facts.descendants(name) {
        effects.lock(table, .accessExclusive)
        for other in facts.referenced(by: table) { effects.lock(other, .accessExclusive) }
        for sequence in facts.sequences(of: table) { effects.lock(sequence, .accessExclusive) }
        if dropped.cascades {
          for other in facts.referencing(table) { effects.lock(other, .accessExclusive) }
          dropViews(over: table, &effects)
        }
      }
      lockParent(of: name, &effects)
      effects.lose(.table, name, "drops table \(name)")
    case .view, .materializedView, .sequence:
      effects.lock(name, .accessExclusive)
      if dropped.cascades { dropViews(over: name, &effects) }
    case .schema where dropped.cascades: dropSchema(name.name, &effects)
    case .database:
      effects.transactionUse = .outside("DROP DATABASE cannot run in a transaction")
      effects.lose(.everything, ObjectName(nil, name.name), "drops database \(name.name)")
    case .extension where dropped.cascades:
      effects.unknown = "what hangs on the extension is not known"
    case .statistics: break
    default: break
    }
  }

  /// A partition's parent, and with it the default partition, whose bounds change.
  private func lockParent(of name: ObjectName, _ effects: inout StatementEffects) {
    guard let parent = facts[name]?.parent else { return }
    effects.lock(parent, .accessExclusive)
    for (sibling, relation) in facts.relations
    where relation.parent == parent && relation.isDefaultPartition {
      effects.lock(sibling, .accessExclusive)
    }
  }

  private func dropViews(
    over relation: ObjectName, column: String? = nil, _ effects: inout StatementEffects
  ) {
    for view in facts.views(over: relation, column: column) {
      effects.lock(view, .accessExclusive)
      effects.lose(.table, view, "drops view \(view), which reads \(relation)")
    }
  }

  private func isRelation(_ kind: Drop.Kind) -> Bool {
    [.table, .view, .index, .sequence, .materializedView, .foreignTable].contains(kind)
  }

  private func dropSchema(_ schema: String, _ effects: inout StatementEffects) {
    for (name, relation) in facts.relations
    where name.schema == schema && relation.kind != .index && !relation.isNew {
      effects.lock(name, .accessExclusive)
    }
    effects.lose(.everything, ObjectName(nil, schema), "drops all that is in schema \(schema)")
  }
}

extension TableAction {
  /// Whether partitions and children are changed with their parent.
  var reachesChildren: Bool {
    switch self {
    case .addColumn, .dropColumn, .setType, .setNotNull, .dropNotNull, .renameColumn, .setDefault,
      .dropDefault, .setExpression, .dropExpression, .setStorage, .setStatistics, .dropConstraint,
      .addConstraint, .validateConstraint, .renameConstraint, .alterConstraint, .trigger:
      true
    default: false
    }
  }
}

/// The locks that `ALTER TABLE` takes on its table: `AlterTableGetLockLevel` of the server.
enum TableLocks {
  static func mode(of action: TableAction, _ kind: TableAlteration.Kind) -> LockMode {
    switch action {
    case .addConstraint(let constraint):
      if case .foreignKey = constraint.kind { return .shareRowExclusive }
      return .accessExclusive
    case .trigger: return .shareRowExclusive
    case .validateConstraint, .setStatistics, .setColumnOptions, .clusterOn, .attachPartition,
      .finalizeDetach:
      return .shareUpdateExclusive
    case .detachPartition(_, let concurrently):
      return concurrently ? .shareUpdateExclusive : .accessExclusive
    case .attachIndex: return .shareUpdateExclusive
    case .setOptions(let names):
      return names.allSatisfy(isLight) ? .shareUpdateExclusive : .accessExclusive
    case .rename where kind == .index: return .shareUpdateExclusive
    case .sequenceOptions, .sequenceOwner: return .shareRowExclusive
    default: return .accessExclusive
    }
  }

  /// Storage parameters that only later work looks at.
  private static func isLight(_ name: String) -> Bool {
    let option = name.split(separator: ".").last.map(String.init) ?? name
    return option.hasPrefix("autovacuum_") || option.hasPrefix("log_autovacuum_")
      || option.hasPrefix("vacuum_")
      || [
        "fillfactor", "toast_tuple_target", "parallel_workers", "n_distinct",
        "n_distinct_inherited", "deduplicate_items", "fastupdate", "gin_pending_list_limit",
        "buffering", "pages_per_range", "autosummarize",
      ].contains(option)
  }
}

extension TypeChange {
  /// Whether a conversion is only the cast that the server would take anyway: `column::type`.
  static func isPlain(_ text: String, _ column: String, _ type: TypeName) -> Bool {
    var reader = SQLReader(SQLTokens.tokens(of: text))
    guard reader.name() == column else { return false }
    if reader.isAtEnd { return true }
    guard reader.acceptSymbol("::") else { return false }
    return ColumnReader.type(&reader) == type && reader.isAtEnd
  }

  /// Whether a type that nothing is known of the old one may lose values.
  static func mayNarrow(to type: TypeName) -> Bool {
    !(["text", "jsonb", "json"].contains(type.base)
      || (type.base == "character varying" && type.modifiers.isEmpty)
      || type.base == "bigint")
  }
}
