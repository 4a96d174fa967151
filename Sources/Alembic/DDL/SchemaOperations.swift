/// Takes statements in the order in which they are to be run.
public protocol StatementSink: AnyObject {
  /// Takes one statement, without a semicolon; throws what the server says.
  func execute(_ sql: String) throws
}

/// Alembic's directives on a schema: each sends the statements that Alembic sends, in its order.
///
/// One serves a whole run, because a type that it created once it does not create again.
public final class SchemaOperations {
  /// Where statements go.
  public let sink: any StatementSink
  /// How constraints without names are named: the project's convention.
  public let namingConvention: ConstraintNaming
  /// The types that tables brought along so far.
  private var createdTypes: Set<String> = []

  /// Serves a run.
  public init(sink: any StatementSink, namingConvention: ConstraintNaming = .standard) {
    self.sink = sink
    self.namingConvention = namingConvention
  }

  /// A table for one directive, in a set of its own with the project's naming convention.
  public func makeTable(_ name: SQLName, schema: SQLName? = nil) -> Table {
    MetaData(namingConvention: namingConvention).makeTable(name, schema: schema)
  }

  /// Sends a statement without the empty lines around it.
  func send(_ sql: String) throws {
    try sink.execute(sql.trimmed)
  }

  // MARK: Tables

  /// `CREATE TABLE` with the types before and the indexes and comments behind.
  public func create(_ table: Table, ifNotExists: Bool = false) throws {
    for column in table.columns { try createTypes(of: column.type, in: table) }
    try send(TableWriter.create(table, ifNotExists: ifNotExists))
    for index in table.indexes { try send(IndexWriter.create(index)) }
    if let comment = table.comment {
      try send(TypeWriter.comment(onTable: table.name, schema: table.schema, comment))
    }
    for column in table.columns { try comment(on: column, of: table) }
  }

  /// Creates the types of a table's columns that come with it, each once in a run.
  private func createTypes(of type: SQLType, in table: Table) throws {
    switch type {
    case .array(let array): try createTypes(of: array.item, in: table)
    case .custom(let custom):
      if let inner = try custom.resolved() { try createTypes(of: inner, in: table) }
    case .enumeration(let enumeration):
      enumeration.takeSchema(of: table)
      guard enumeration.isNative, enumeration.createsType, enumeration.metadata == nil,
        isNew(enumeration.name, enumeration.schema)
      else { return }
      try send(TypeWriter.create(enumeration))
    case .domain(let domain):
      guard domain.createsType, isNew(domain.name, domain.schema) else { return }
      try send(TypeWriter.create(domain))
    default: return
    }
  }

  private func isNew(_ name: SQLName?, _ schema: SQLName?) -> Bool {
    createdTypes.insert("\(schema?.text ?? "").\(name?.text ?? "")").inserted
  }

  /// `DROP TABLE`; its types stay.
  public func drop(_ table: Table, ifExists: Bool = false) throws {
    try send(TableWriter.drop(table, ifExists: ifExists))
  }

  /// `ALTER TABLE ... RENAME TO`.
  public func rename(_ name: SQLName, schema: SQLName?, to newName: SQLName) throws {
    try send("\(alter(name, schema)) RENAME TO \(IdentifierPreparer.quote(newName))")
  }

  /// `COMMENT ON TABLE`; nil takes the comment away.
  public func comment(onTable name: SQLName, schema: SQLName?, _ text: String?) throws {
    try send(TypeWriter.comment(onTable: name, schema: schema, text))
  }

  // MARK: Columns

  /// How a column is added.
  public struct AddColumn {
    /// Whether what it refers to stands with the column, not in a statement of its own.
    public var inlinesReferences = false
    /// Whether `PRIMARY KEY` stands with the column.
    public var inlinesPrimaryKey = false
    /// `IF NOT EXISTS`.
    public var ifNotExists = false

    /// As Alembic does it unless told otherwise.
    public init() {}
  }

  /// `ADD COLUMN`, then its constraints, its index and its comment. An enumeration's type is not
  /// created.
  public func add(
    _ column: Column, toTable name: SQLName, schema: SQLName? = nil, options: AddColumn = .init()
  ) throws {
    let table = makeTable(name, schema: schema)
    try table.append(column)
    if case .enumeration(let enumeration) = column.type { enumeration.takeSchema(of: table) }
    var extra = ""
    if options.inlinesPrimaryKey, column.isPrimaryKey { extra += " PRIMARY KEY" }
    let keys = column.foreignKeys.compactMap(\.constraint)
    if options.inlinesReferences {
      for key in keys {
        extra += " \(ConstraintWriter.references(key))\(ConstraintWriter.deferring(key))"
      }
    }
    let text = try TableWriter.column(column, in: table, extra: extra)
    try send(
      "\(alter(name, schema)) ADD COLUMN \(options.ifNotExists ? "IF NOT EXISTS " : "")\(text)")
    for constraint in table.constraints where !(constraint is PrimaryKeyConstraint) {
      if options.inlinesReferences, constraint is ForeignKeyConstraint { continue }
      try add(constraint)
    }
    for index in table.indexes { try send(IndexWriter.create(index)) }
    try comment(on: column, of: table)
  }

  private func comment(on column: Column, of table: Table) throws {
    guard let comment = column.comment, let name = column.name else { return }
    try send(
      TypeWriter.comment(onColumn: name, of: table.name, schema: table.schema, comment))
  }

  /// `DROP COLUMN`.
  public func dropColumn(
    _ column: SQLName, ofTable name: SQLName, schema: SQLName? = nil, ifExists: Bool = false
  ) throws {
    try send(
      "\(alter(name, schema)) DROP COLUMN \(ifExists ? "IF EXISTS " : "")"
        + IdentifierPreparer.quote(column))
  }

  // MARK: Constraints and indexes

  /// `ADD CONSTRAINT`; the constraint belongs to a table already.
  public func add(_ constraint: Constraint) throws {
    guard let table = constraint.table else {
      throw SchemaError(
        .invalidRequest,
        "This constraint is not bound to a table.  Did you mean to call "
          + "table.append_constraint(constraint) ?")
    }
    let text = try ConstraintWriter.text(constraint)
    try send("\(alter(table.name, table.schema)) ADD \(text ?? "")")
  }

  /// `DROP CONSTRAINT`.
  public func drop(_ constraint: Constraint, ifExists: Bool = false) throws {
    guard let table = constraint.table, let name = constraint.name else {
      throw SchemaError(
        .compile, "Can't emit DROP CONSTRAINT for constraint; it has no name")
    }
    try send(
      "\(alter(table.name, table.schema)) DROP CONSTRAINT \(ifExists ? "IF EXISTS " : "")"
        + (try IdentifierPreparer.bounded(name)))
  }

  /// `CREATE INDEX`.
  public func create(_ index: Index, ifNotExists: Bool = false) throws {
    try send(IndexWriter.create(index, ifNotExists: ifNotExists))
  }

  /// `DROP INDEX`.
  public func drop(_ index: Index, ifExists: Bool = false) throws {
    guard let name = index.name else {
      throw SchemaError(.compile, "DROP INDEX requires that the index have a name")
    }
    try send(
      IndexWriter.drop(
        name, schema: index.table?.schema, isConcurrent: index.options.isConcurrent,
        ifExists: ifExists))
  }

  func alter(_ name: SQLName, _ schema: SQLName?) -> String {
    "ALTER TABLE \(IdentifierPreparer.qualified(name, schema: schema))"
  }
}

extension EnumType {
  /// The schema of a table counts for a type that inherits it, that of its metadata for one that
  /// has neither.
  func takeSchema(of table: Table) {
    if inheritsSchema {
      schema = table.schema
    } else if schema == nil, let inherited = metadata?.schema {
      schema = inherited
    }
  }
}

extension String {
  /// Without white space at either end.
  var trimmed: String {
    // Most begin and end with a printable character of ASCII.
    let printable: ClosedRange<UInt8> = 0x21...0x7E
    if let first = utf8.first, let last = utf8.last, printable ~= first, printable ~= last {
      return self
    }
    var text = self[...]
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
