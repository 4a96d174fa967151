extension StatementAnalyzer {
  /// Forgets that tables are new: what the statements so far have made may have users by now.
  mutating func settle() {
    for (name, relation) in facts.relations where relation.isNew {
      facts.relations[name]?.isNew = false
      facts.relations[name]?.isEmpty = false
    }
  }

  /// What the statements behind this one will find.
  mutating func remember(_ body: StatementBody) {
    switch body {
    case .createTable(let table): remember(table)
    case .createIndex(let index):
      let table = facts.resolve(index.table)
      guard let name = index.name else { return }
      facts.relations[ObjectName(table.schema, name)] = .init(
        kind: .index, isNew: facts[table]?.isNew ?? false, table: table)
    case .createView(let view):
      let name = facts.resolve(view.name)
      if facts[name] == nil {
        facts.relations[name] = .init(
          kind: view.isMaterialized ? .materializedView : .view, isNew: true)
      }
    case .createSequence(let name, _):
      facts.relations[facts.resolve(name)] = .init(kind: .sequence, isNew: true)
    case .alterTable(let alteration): remember(alteration)
    case .drop(let dropped): forget(dropped)
    case .setting("search_path", let value?, _):
      facts.searchPath = value.split(separator: ",").map {
        String($0.filter { $0 != " " && $0 != "\"" })
      }
    default: break
    }
  }

  private mutating func remember(_ table: TableCreation) {
    let name = facts.resolve(table.name)
    if table.ifNotExists, facts[name] != nil { return }
    var relation = SchemaFacts.Relation(kind: .table, isNew: true, isEmpty: true)
    relation.parent = (table.partitionOf ?? table.parents.first).map(facts.resolve)
    for column in table.columns {
      relation.columns[column.name] = .init(type: column.type, isNotNull: column.isNotNull)
      for constraint in column.constraints { remember(constraint, in: &relation, of: name) }
    }
    for constraint in table.constraints { remember(constraint, in: &relation, of: name) }
    facts.relations[name] = relation
  }

  private func remember(
    _ constraint: ConstraintDefinition, in relation: inout SchemaFacts.Relation,
    of table: ObjectName
  ) {
    var known = SchemaFacts.Constraint(
      kind: .check, isValidated: !constraint.isNotValid && !constraint.isNotEnforced)
    switch constraint.kind {
    case .check(let text): known.notNull = NotNullChecks.columns(in: text)
    case .foreignKey(let name):
      known.kind = .foreignKey
      known.references = facts.resolve(name)
    case .unique: known.kind = .unique
    case .primaryKey:
      known.kind = .primaryKey
      for column in constraint.columns { relation.columns[column]?.isNotNull = true }
    case .exclude: known.kind = .exclude
    case .notNull(let column):
      known.kind = .notNull
      known.notNull = [column]
    }
    // The server's own names are not made up: nobody refers to them in the same plan for long.
    relation.constraints[constraint.name ?? " \(relation.constraints.count)"] = known
  }

  private mutating func remember(_ alteration: TableAlteration) {
    let name = facts.resolve(alteration.name)
    // Without a database only what the statements themselves make is known.
    var relation = facts[name] ?? SchemaFacts.Relation(kind: .table)
    var newName = name
    for action in alteration.actions {
      switch action {
      case .addColumn(let column, _):
        relation.columns[column.name] = .init(type: column.type, isNotNull: column.isNotNull)
        for constraint in column.constraints { remember(constraint, in: &relation, of: name) }
      case .dropColumn(let column, _, _): relation.columns[column] = nil
      case .setType(let column, let type, _):
        relation.columns[column, default: .init(type: type)].type = type
      case .setNotNull(let column): relation.columns[column]?.isNotNull = true
      case .dropNotNull(let column): relation.columns[column]?.isNotNull = false
      case .addConstraint(let constraint): remember(constraint, in: &relation, of: name)
      case .dropConstraint(let constraint, _, _): relation.constraints[constraint] = nil
      case .validateConstraint(let constraint):
        relation.constraints[constraint]?.isValidated = true
      case .renameColumn(let old, let new):
        relation.columns[new] = relation.columns.removeValue(forKey: old)
      case .renameConstraint(let old, let new):
        relation.constraints[new] = relation.constraints.removeValue(forKey: old)
      case .rename(let new): newName = ObjectName(name.schema, new)
      case .setSchema(let schema): newName = ObjectName(schema, name.name)
      case .attachPartition(let partition, let isDefault):
        let partition = facts.resolve(partition)
        facts.relations[partition]?.parent = name
        facts.relations[partition]?.isDefaultPartition = isDefault
      case .detachPartition(let partition, _):
        facts.relations[facts.resolve(partition)]?.parent = nil
      default: break
      }
    }
    if newName != name { rename(name, to: newName) }
    facts.relations[newName] = relation
  }

  private mutating func rename(_ old: ObjectName, to new: ObjectName) {
    facts.relations[old] = nil
    for (name, var relation) in facts.relations {
      let before = relation
      if relation.table == old { relation.table = new }
      if relation.parent == old { relation.parent = new }
      for (key, constraint) in relation.constraints where constraint.references == old {
        relation.constraints[key]?.references = new
      }
      if relation != before { facts.relations[name] = relation }
    }
  }

  private mutating func forget(_ dropped: Drop) {
    let kinds: [Drop.Kind] = [.table, .view, .index, .sequence, .materializedView, .foreignTable]
    if dropped.kind == .schema, dropped.cascades {
      let names = Set(dropped.names.map(\.name))
      facts.relations = facts.relations.filter { !names.contains($0.key.schema ?? "") }
    }
    guard kinds.contains(dropped.kind) else { return }
    for name in dropped.names.map(facts.resolve) {
      for index in facts.parts(of: name) { facts.relations[index] = nil }
      facts.relations[name] = nil
    }
  }
}

/// Finds the columns that a check keeps from being null, as the server's own test for
/// `SET NOT NULL` does: the check must say it and nothing that weakens it.
enum NotNullChecks {
  /// - Parameter text: the condition, with or without its parentheses.
  static func columns(in text: String) -> Set<String> {
    let tokens = SQLTokens.tokens(of: text)
    // An OR may leave a way for NULL.
    if tokens.contains(where: { $0.isKeyword("or") || $0.isKeyword("case") }) { return [] }
    var columns: Set<String> = []
    for index in tokens.indices where index + 3 < tokens.count {
      guard let name = tokens[index].name, tokens[index + 1].isKeyword("is"),
        tokens[index + 2].isKeyword("not"), tokens[index + 3].isKeyword("null")
      else { continue }
      let before = index > 0 ? tokens[index - 1] : nil
      if before?.isKeyword("not") == true || before?.isSymbol(".") == true { continue }
      columns.insert(name)
    }
    return columns
  }
}
