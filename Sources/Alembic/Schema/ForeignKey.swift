/// What a foreign key refers to.
public struct ForeignKeyTarget: Hashable, Sendable {
  /// The schema, if it was said.
  public var schema: String?
  /// The table.
  public var table: String
  /// The column; nil means the column of the same name as the one that refers.
  public var column: String?

  /// Names a column of a table.
  public init(schema: String? = nil, table: String, column: String?) {
    self.schema = schema
    self.table = table
    self.column = column
  }

  /// Reads `table.column` or `schema.table.column`; the schema may hold points itself.
  public init(parsing specification: String) {
    let parts = specification.split(separator: ".", omittingEmptySubsequences: false)
      .map(String.init)
    switch parts.count {
    case 0, 1: self.init(table: specification, column: nil)
    case 2: self.init(table: parts[0], column: parts[1])
    default:
      self.init(
        schema: parts.dropLast(2).joined(separator: "."), table: parts[parts.count - 2],
        column: parts[parts.count - 1])
    }
  }

  /// `schema.table`, or the table alone.
  public var tableName: String { schema.map { "\($0).\(table)" } ?? table }
}

/// How a foreign key acts.
public struct ForeignKeyActions: Hashable, Sendable {
  /// `ON DELETE`.
  public var onDelete: String?
  /// `ON UPDATE`.
  public var onUpdate: String?
  /// `MATCH`.
  public var match: String?
  /// `DEFERRABLE`.
  public var isDeferrable: Bool?
  /// `INITIALLY`.
  public var initially: String?

  /// By the server's defaults.
  public init() {}
}

/// What a column refers to, as `sa.ForeignKey("users.id")`.
public final class ForeignKey {
  /// The column it refers to.
  public var target: ForeignKeyTarget
  /// The name of the constraint.
  public var name: SQLName?
  /// How it acts.
  public var actions: ForeignKeyActions
  /// Whether the constraint is left to a later `ALTER TABLE`.
  public var usesAlter: Bool
  /// Whether rows that are there are left unchecked.
  public var isNotValid = false
  /// The constraint that it belongs to, once its column has a table.
  public var constraint: ForeignKeyConstraint?
  /// The column that refers.
  public var parent: Column?

  /// Describes a reference.
  public init(
    _ target: ForeignKeyTarget, name: SQLName? = nil, actions: ForeignKeyActions = .init(),
    usesAlter: Bool = false
  ) {
    self.target = target
    self.name = name
    self.actions = actions
    self.usesAlter = usesAlter
  }

  func copy() -> ForeignKey {
    let other = ForeignKey(target, name: name, actions: actions, usesAlter: usesAlter)
    other.isNotValid = isNotValid
    return other
  }
}

/// `FOREIGN KEY`.
public final class ForeignKeyConstraint: ColumnListConstraint {
  /// The columns it refers to, one for each of its own.
  public var targets: [ForeignKeyTarget]
  /// `ON DELETE`.
  public var onDelete: String?
  /// `ON UPDATE`.
  public var onUpdate: String?
  /// `MATCH`.
  public var match: String?
  /// Whether it is left to a later `ALTER TABLE`.
  public var usesAlter: Bool

  /// Describes a foreign key.
  public init(
    _ references: [ColumnReference], targets: [ForeignKeyTarget], name: SQLName? = nil,
    actions: ForeignKeyActions = .init(), usesAlter: Bool = false
  ) {
    self.targets = targets
    onDelete = actions.onDelete
    onUpdate = actions.onUpdate
    match = actions.match
    self.usesAlter = usesAlter
    super.init(references, name: name)
    isDeferrable = actions.isDeferrable
    initially = actions.initially
  }

  /// `fk`
  public override var kind: ConstraintKind { .foreignKey }
  override var title: String { "ForeignKeyConstraint" }

  /// Finds its columns and makes each refer to its target.
  public override func resolve(in table: Table) throws {
    try super.resolve(in: table)
    for (column, target) in zip(columns, targets)
    where !column.foreignKeys.contains(where: { $0.constraint === self }) {
      let key = ForeignKey(target, name: name)
      key.constraint = self
      key.parent = column
      column.foreignKeys.append(key)
    }
  }

  /// A copy that belongs to no table yet.
  public override func copy() -> Constraint {
    var actions = ForeignKeyActions()
    actions.onDelete = onDelete
    actions.onUpdate = onUpdate
    actions.match = match
    let other = ForeignKeyConstraint(
      portableReferences, targets: targets, name: name, actions: actions, usesAlter: usesAlter)
    other.copyFrame(from: self)
    return other
  }
}

extension Column {
  /// The type; where none was given, that of the column it refers to, as far as its metadata knows
  /// the table.
  var typeByReference: SQLType {
    var column = self
    // References may go in a circle.
    for _ in 0..<64 {
      guard case .null = column.type, let key = column.foreignKeys.first,
        let name = key.target.column,
        let table = (column.table as? Table)?.metadata?.tables[key.target.tableName],
        let next = table.column(name)
      else { break }
      column = next
    }
    return column.type
  }
}
