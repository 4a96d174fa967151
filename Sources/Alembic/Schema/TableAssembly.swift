extension Table {
  /// Adds a column with all that was given with it: the check of its type, its index or unique
  /// constraint, and what it refers to, in SQLAlchemy's order.
  ///
  /// Throws when it has no name. One of the same key is replaced.
  public func append(_ column: Column) throws {
    guard column.name?.text.isEmpty == false else {
      throw SchemaError(
        .argument,
        "Column must be constructed with a non-blank name or assign a non-blank .name before "
          + "adding to a Table.")
    }
    column.table = self
    if let place = columns.firstIndex(where: { $0.key == column.key }) {
      columns[place] = column
    } else {
      columns.append(column)
    }
    if column.isPrimaryKey { try addToPrimaryKey(column) }
    if column.isIndexed {
      let index = Index(nil, [.column(column)], isUnique: column.isUnique)
      index.isColumnFlag = true
      try append(index)
    } else if column.isUnique {
      let constraint = UniqueConstraint([.column(column)])
      constraint.isColumnFlag = true
      try append(constraint)
    }
    if let check = try column.typeCheck() { try append(check) }
    for constraint in column.constraints { try name(constraint) }
    for key in column.foreignKeys where key.constraint == nil { try attach(key, of: column) }
  }

  /// Adds a constraint and gives it the name that the convention has for it.
  public func append(_ constraint: Constraint) throws {
    constraint.table = self
    try constraint.resolve(in: self)
    if let key = constraint as? PrimaryKeyConstraint {
      constraints.removeAll { $0 is PrimaryKeyConstraint }
      if key.columns.isEmpty { key.columns = columns.filter(\.isPrimaryKey) }
      // A column that was said to be of the key stays NOT NULL where another key replaces it.
      for column in columns where column.isPrimaryKey && column.nullability == nil {
        column.nullability = false
      }
      for column in columns { column.isPrimaryKey = key.columns.contains { $0 === column } }
    }
    try name(constraint)
    constraints.append(constraint)
  }

  /// Adds an index and gives it the name that the convention has for it.
  public func append(_ index: Index) throws {
    index.table = self
    index.columns = try index.elements.flatMap { element -> [Column] in
      switch element {
      case .column(let column): return [column]
      case .expression(let expression): return expression.columns
      case .name(let name):
        guard let column = self.column(name) else {
          throw SchemaError(
            .constraintColumnNotFound,
            "Can't create Index on table '\(self.name)': no column named '\(name)' is present.")
        }
        return [column]
      }
    }
    if let made = try convention.name(for: index, in: self) { index.name = made }
    indexes.append(index)
  }

  private var convention: ConstraintNaming { metadata?.namingConvention ?? .standard }

  private func name(_ constraint: Constraint) throws {
    if let made = try convention.name(for: constraint, in: self) { constraint.name = made }
  }

  /// The key that columns declare themselves; its name may hang on the columns.
  private func addToPrimaryKey(_ column: Column) throws {
    if let key = primaryKeyConstraint {
      if !key.columns.contains(where: { $0 === column }) { key.columns.append(column) }
      if key.isImplicit {
        key.name = nil
        try name(key)
      }
    } else {
      let key = PrimaryKeyConstraint([])
      key.isImplicit = true
      key.table = self
      key.columns = [column]
      try name(key)
      constraints.append(key)
    }
  }

  private func attach(_ key: ForeignKey, of column: Column) throws {
    let constraint = ForeignKeyConstraint(
      [.column(column)], targets: [key.target], name: key.name, actions: key.actions,
      usesAlter: key.usesAlter)
    constraint.isNotValid = key.isNotValid
    key.constraint = constraint
    key.parent = column
    try append(constraint)
  }
}

extension Column {
  /// The check that a non-native enumeration brings along, if the script asked for it.
  func typeCheck() throws -> CheckConstraint? {
    guard case .enumeration(let enumeration) = try type.resolved(), !enumeration.isNative,
      enumeration.hasCheck
    else { return nil }
    let labels = enumeration.labels.map { SQLExpression(.inlineLiteral(.string($0))) }
    let condition = SQLExpression(
      .binary(expression, .isIn, SQLExpression(.tuple(labels)), escape: nil), type: .boolean)
    let check = CheckConstraint(condition, name: enumeration.name)
    check.isTypeBound = true
    return check
  }
}
