internal import PythonSubset

/// `Table(..., autoload_with=bind)`: fills a table from the catalogs.
struct TableReflection {
  let catalog: Catalog
  private let python: Interpreter
  private let connection: ConnectionObject

  init(_ connection: ConnectionObject, _ python: Interpreter) {
    self.connection = connection
    self.python = python
    catalog = Catalog(connection)
  }

  /// Loads columns, keys, constraints and indexes, and the tables that foreign keys refer to.
  /// Columns that the script declared itself stay as it declared them.
  func load(_ table: Table, only: [String]?, resolvesKeys: Bool) throws {
    let name = table.name.text
    let schema = table.schema?.text
    try translatingErrors {
      for reflected in try catalog.columns(name, schema: schema) {
        if let only, !only.contains(reflected.name) { continue }
        if table.column(reflected.name) != nil { continue }
        try table.append(column(reflected))
      }
      let has: ([String]) -> Bool = { names in names.allSatisfy { table.column($0) != nil } }
      if let key = try catalog.constraints("p", of: name, schema: schema).first, has(key.columns) {
        try table.append(
          PrimaryKeyConstraint(key.columns.map { .name($0) }, name: .final(key.name)))
      }
      for key in try catalog.foreignKeys(of: name, schema: schema)
      where has(key.constraint.columns) {
        try load(key, into: table, resolvesKeys: resolvesKeys)
      }
      for unique in try catalog.constraints("u", of: name, schema: schema) where has(unique.columns)
      {
        try table.append(
          UniqueConstraint(unique.columns.map { .name($0) }, name: .final(unique.name)))
      }
      for check in try catalog.constraints("c", of: name, schema: schema) {
        let condition = SQLExpression(.literalColumn(check.checkedText))
        try table.append(CheckConstraint(condition, name: .final(check.name)))
      }
      for index in try catalog.indexes(of: name, schema: schema) where index.constraint == nil {
        try load(index, into: table)
      }
      table.comment = try catalog.comment(of: name, schema: schema)
    }
  }

  private func column(_ reflected: ReflectedColumn) -> Column {
    let column = Column(
      SQLName(reflected.name), reflected.type, isNullable: reflected.isNullable)
    column.isSchemaItem = true
    column.comment = reflected.comment
    if reflected.isComputed {
      column.serverDefault = .computed(
        Computed(SQLExpression(.literalColumn(reflected.defaultText ?? ""))))
    } else if !reflected.identityKind.isEmpty {
      column.serverDefault = .identity(
        Identity(
          isAlways: reflected.identityKind == "a", options: reflected.identity ?? .init()))
    } else if let text = reflected.defaultText {
      column.serverDefault = .expression(SQLExpression(.literalColumn(text)))
    }
    let object = ColumnObject(column)
    object.typeObject = TypeClasses.reflected(reflected.type, python)
    if let text = reflected.defaultText {
      object.serverDefaultValue = .object(
        DefaultClauseObject(
          .object(ExpressionObject(SQLExpression(.text(TextClause(text)))))))
    }
    return column
  }

  private func load(
    _ key: ReflectedForeignKey, into table: Table, resolvesKeys: Bool
  ) throws {
    var actions = ForeignKeyActions()
    actions.onDelete = key.onDelete
    actions.onUpdate = key.onUpdate
    actions.match = key.match
    actions.isDeferrable = key.constraint.isDeferrable ? true : nil
    actions.initially = key.constraint.isDeferred ? "DEFERRED" : nil
    let targets = key.targets.map {
      ForeignKeyTarget(schema: key.schema, table: key.table, column: $0)
    }
    try table.append(
      ForeignKeyConstraint(
        key.constraint.columns.map { .name($0) }, targets: targets,
        name: .final(key.constraint.name), actions: actions))
    guard resolvesKeys, let metadata = table.metadata else { return }
    let schema = key.schema.map { SQLName($0) }
    let full = Table(SQLName(key.table), schema: schema).fullName
    guard metadata.tables[full] == nil else { return }
    let other = metadata.makeTable(SQLName(key.table), schema: schema)
    try load(other, only: nil, resolvesKeys: true)
  }

  private func load(_ reflected: ReflectedIndex, into table: Table) throws {
    let elements = zip(reflected.columns, reflected.expressions).map {
      column, text -> ColumnReference in
      if let column, table.column(column) != nil { return .name(column) }
      return .expression(SQLExpression(.literalColumn(text)))
    }
    var options = IndexOptions()
    options.include = reflected.include
    options.using = reflected.method == "btree" ? nil : reflected.method
    options.predicate = reflected.predicate.map { SQLExpression(.literalColumn($0)) }
    for (name, cls) in zip(reflected.expressions, reflected.operatorClasses) {
      if let cls { options.operatorClasses[name] = cls }
    }
    try table.append(
      Index(
        .final(reflected.name), elements, isUnique: reflected.isUnique, options: options))
  }
}
