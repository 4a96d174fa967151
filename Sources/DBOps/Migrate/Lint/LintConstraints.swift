extension LintContext {
  /// A column that is added.
  mutating func check(_ column: ColumnDefinition, _ table: ObjectName) {
    checkNames([column.name] + column.constraints.compactMap(\.name))
    checkType(column.type, of: column.name, table)
    let name = ObjectName(nil, column.name)
    if let reason = StatementAnalyzer(facts).rewriteReason(column) {
      reportRewrite(column, reason, table)
    } else if column.isNotNull, !column.hasDefault {
      report(
        .addingRequired, on: table,
        "it fails where there are rows: \(column.name) of \(named(table)) must not be NULL and "
          + "has no default",
        [
          "ALTER TABLE \(table) ADD COLUMN \(name) \(column.type) NOT NULL DEFAULT ...;",
          "op.add_column(\(OperationCall.literal(table.name)), sa.Column("
            + "\(OperationCall.literal(column.name)), ..., nullable=False, server_default=...)"
            + "\(OperationCall.schema(table)))",
        ])
    }
    for constraint in column.constraints { check(constraint, table) }
  }

  private mutating func reportRewrite(
    _ column: ColumnDefinition, _ reason: String, _ table: ObjectName
  ) {
    let name = ObjectName(nil, column.name)
    let message =
      "nobody can use \(named(table)) while all of it is written anew: \(column.name): \(reason)"
    var lines = ["ALTER TABLE \(table) ADD COLUMN \(name) \(column.type);"]
    switch column.generation {
    case .stored:
      lines =
        facts.majorVersion >= 18
        ? ["GENERATED ALWAYS AS (...) VIRTUAL is computed when it is read"]
        : lines + ["-- let a trigger compute it, and fill it in batches"]
    default:
      if let text = column.defaultText {
        lines.append("ALTER TABLE \(table) ALTER COLUMN \(name) SET DEFAULT \(text);")
      }
      lines.append("-- fill the rows that are there in batches, each in its own transaction")
    }
    report(.addingFieldWithDefault, on: table, message, lines)
  }

  /// A constraint that is added, by itself or with its column.
  mutating func check(_ constraint: ConstraintDefinition, _ table: ObjectName) {
    if let name = constraint.name { checkNames([name]) }
    switch constraint.kind {
    case .check(let condition):
      guard !constraint.isNotValid, !constraint.isNotEnforced else { return }
      let name = constraint.name ?? "\(table.name)_check"
      report(
        .notValid, on: table,
        "nobody can use \(named(table)) while all rows are checked: \(condition)",
        OperationCall.inTwoSteps(table, name, "CHECK (\(condition))") + [
          "op.create_check_constraint(\(OperationCall.literal(name)), "
            + "\(OperationCall.literal(table.name)), ..., postgresql_not_valid=True)"
        ])
    case .foreignKey(let referenced): checkForeignKey(constraint, referenced, table)
    case .unique: checkIndexed(constraint, table, .unique, "UNIQUE")
    case .primaryKey: checkIndexed(constraint, table, .addingPrimaryKey, "PRIMARY KEY")
    case .exclude:
      report(
        .addingExclusion, on: table,
        "nobody can use \(named(table)) while the index of the constraint is built",
        ["there is no way to build it beside the traffic: do it while the service is down"])
    case .notNull(let column):
      guard !constraint.isNotValid else { return }
      report(
        .addingNotNullable, on: table,
        "nobody can use \(named(table)) while all rows are checked for NULL in \(column)",
        OperationCall.inTwoSteps(
          table, constraint.name ?? "\(table.name)_\(column)_not_null",
          "NOT NULL \(ObjectName(nil, column))"))
    }
  }

  private mutating func checkForeignKey(
    _ constraint: ConstraintDefinition, _ referenced: ObjectName, _ table: ObjectName
  ) {
    guard !constraint.isNotValid, !constraint.isNotEnforced else { return }
    // Tables that this migration makes have no rows to look up, but the other one is locked still.
    let columns = constraint.columns.map { ObjectName(nil, $0).description }
    let name = constraint.name ?? "\(table.name)_\(constraint.columns.joined(separator: "_"))_fkey"
    report(
      .addingForeignKey, on: table,
      "nobody can write to \(named(table)) and \(named(referenced)) while all rows are looked up",
      OperationCall.inTwoSteps(
        table, name,
        "FOREIGN KEY (\(columns.joined(separator: ", "))) REFERENCES \(referenced)") + [
          "op.create_foreign_key(\(OperationCall.literal(name)), "
            + "\(OperationCall.literal(table.name)), \(OperationCall.literal(referenced.name)), "
            + "\(OperationCall.list(constraint.columns)), [...], postgresql_not_valid=True)"
        ])
  }

  private mutating func checkIndexed(
    _ constraint: ConstraintDefinition, _ table: ObjectName, _ rule: LintRule, _ words: String
  ) {
    guard constraint.usingIndex == nil else { return }
    let suffix = words == "UNIQUE" ? "key" : "pkey"
    let parts = words == "UNIQUE" ? constraint.columns : []
    let name =
      constraint.name ?? ([table.name] + parts + [suffix]).joined(separator: "_")
    let quoted = ObjectName(nil, name)
    let columns = constraint.columns.map { ObjectName(nil, $0).description }
    let sql =
      "CREATE UNIQUE INDEX CONCURRENTLY \(quoted) ON \(table) (\(columns.joined(separator: ", ")))"
    report(
      rule, on: table,
      "nobody can use \(named(table)) while the index of the constraint is built",
      [
        sql + "; -- not in a transaction",
        "ALTER TABLE \(table) ADD CONSTRAINT \(quoted) \(words) USING INDEX \(quoted);",
      ]
        + OperationCall.alone([
          "op.create_index(\(OperationCall.literal(name)), \(OperationCall.literal(table.name)), "
            + "\(OperationCall.list(constraint.columns)), unique=True"
            + "\(OperationCall.schema(table)), postgresql_concurrently=True)"
        ]))
  }
}
