public import OrderedCollections

/// A set of tables that know each other, and how their constraints are named.
public final class MetaData {
  /// The schema of tables that name none.
  public var schema: SQLName?
  /// How constraints without names are named.
  public var namingConvention: ConstraintNaming
  /// The tables by full name, in the order in which they were made.
  public var tables: OrderedDictionary<String, Table> = [:]

  /// What the host keeps with it.
  public var payload: AnyObject?

  /// Makes an empty set.
  public init(schema: SQLName? = nil, namingConvention: ConstraintNaming = .standard) {
    self.schema = schema
    self.namingConvention = namingConvention
  }

  /// Makes a table and puts it into the set in place of one of the same name.
  public func makeTable(_ name: SQLName, schema: SQLName? = nil) -> Table {
    let table = Table(name, schema: schema ?? self.schema, metadata: self)
    tables[table.fullName] = table
    return table
  }

  /// The tables so that each follows those it refers to; those of a circle stay as they were made.
  public var sortedTables: [Table] {
    var done: Set<ObjectIdentifier> = []
    var order: [Table] = []
    func visit(_ table: Table, _ path: Set<ObjectIdentifier>) {
      let identity = ObjectIdentifier(table)
      guard !done.contains(identity), !path.contains(identity) else { return }
      for target in table.referredTables { visit(target, path.union([identity])) }
      if done.insert(identity).inserted { order.append(table) }
    }
    for table in tables.values.sorted(by: { $0.fullName < $1.fullName }) { visit(table, []) }
    return order
  }
}

extension Table {
  /// The tables of the same set that its foreign keys name, itself left out.
  public var referredTables: [Table] {
    guard let metadata else { return [] }
    return constraints.compactMap { $0 as? ForeignKeyConstraint }
      .filter { !$0.usesAlter }
      .flatMap { key in key.targets.compactMap { metadata.tables[key.targetTableName($0)] } }
      .filter { $0 !== self }
  }
}

extension ForeignKeyConstraint {
  /// The full name of the table that a target means: the set's schema counts where it names none.
  func targetTableName(_ target: ForeignKeyTarget) -> String {
    if target.schema == nil, let schema = table?.metadata?.schema {
      return "\(schema.text).\(target.table)"
    }
    return target.tableName
  }
}
