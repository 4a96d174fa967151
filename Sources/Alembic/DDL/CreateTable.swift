internal import Text

/// Writes `CREATE TABLE` and the parts of it that `ALTER TABLE` has too.
public enum TableWriter {
  /// `CREATE TABLE` with all constraints but those that are left to an `ALTER TABLE`.
  public static func create(_ table: Table, ifNotExists: Bool = false) throws -> String {
    let parts =
      try table.columns.map { try column($0, in: table) } + constraints(of: table)
    let prefixes = table.prefixes.map { "\($0) " }.joined()
    var text = "\nCREATE \(prefixes)TABLE \(ifNotExists ? "IF NOT EXISTS " : "")\(table.sql) (\n"
    text += parts.map { "\t\($0)" }.joined(separator: ", \n")
    text += parts.isEmpty ? ")" : "\n)"
    return text + options(table.options) + "\n\n"
  }

  /// `DROP TABLE`.
  public static func drop(_ table: Table, ifExists: Bool = false) -> String {
    "\nDROP TABLE \(ifExists ? "IF EXISTS " : "")\(table.sql)"
  }

  private static func constraints(of table: Table) throws -> [String] {
    let key = table.primaryKeyConstraint
    let others = table.constraints
      .filter { $0 !== key && ($0 as? ForeignKeyConstraint)?.usesAlter != true }
      .sorted { $0.creationOrder < $1.creationOrder }
    let written = (key.map { [$0] } ?? []) + others
    return try written.compactMap { try ConstraintWriter.text($0) }
  }

  /// A column as `CREATE TABLE` and `ADD COLUMN` write it, its own constraints behind `extra`.
  public static func column(
    _ column: Column, in table: Table?, extra: String = ""
  ) throws -> String {
    do {
      return try specification(column, extra)
    } catch let error as SchemaError where error.kind == .compile {
      let place = table.map { "(in table '\($0.name)', column '\(column.key)'): " } ?? ""
      throw SchemaError(.compile, place + error.message)
    }
  }

  private static func specification(_ column: Column, _ extra: String) throws -> String {
    var text = IdentifierPreparer.quote(column.name ?? "")
    if let serial = try column.serialKeyword {
      text += " \(serial)"
    } else {
      text += " \(try TypeCompiler.text(column.typeByReference))"
      if let value = try column.serverDefault?.sql { text += " DEFAULT \(value)" }
    }
    if let computed = column.computed { text += " \(try self.computed(computed))" }
    if let identity = column.identity { text += " \(self.identity(identity))" }
    if !column.isNullable, column.identity == nil {
      text += " NOT NULL"
    } else if column.isNullable, column.identity != nil {
      text += " NULL"
    }
    text += extra
    for constraint in column.constraints {
      if let sql = try ConstraintWriter.text(constraint) { text += " \(sql)" }
    }
    return text
  }

  static func computed(_ computed: Computed) throws -> String {
    guard computed.isPersisted != false else {
      throw SchemaError(
        .compile,
        "PostrgreSQL computed columns do not support 'virtual' persistence; set the 'persisted' "
          + "flag to None or True for PostgreSQL support.")
    }
    return "GENERATED ALWAYS AS (\(try SQLCompiler.ddl(computed.expression))) STORED"
  }

  static func identity(_ identity: Identity) -> String {
    let options = identity.options.sql
    return "GENERATED \(identity.isAlways ? "ALWAYS" : "BY DEFAULT") AS IDENTITY"
      + (options.isEmpty ? "" : " (\(options))")
  }

  private static func options(_ options: TableOptions) -> String {
    var parts: [String] = []
    if !options.inherits.isEmpty {
      let parents = options.inherits.map { IdentifierPreparer.quote($0) }
      parts.append(" INHERITS ( \(parents.joined(separator: ", ")) )")
    }
    if let partition = options.partitionBy { parts.append(" PARTITION BY \(partition)") }
    if let using = options.using { parts.append(" USING \(using)") }
    switch options.withOIDs {
    case true?: parts.append(" WITH OIDS")
    case false?: parts.append(" WITHOUT OIDS")
    case nil: break
    }
    if let action = options.onCommit {
      parts.append(" ON COMMIT \(action.replacing(text: "_", with: " ").uppercased())")
    }
    if let space = options.tablespace {
      parts.append(" TABLESPACE \(IdentifierPreparer.quote(space))")
    }
    return parts.map { "\n\($0)" }.joined()
  }
}

extension ServerDefault {
  /// What stands behind `DEFAULT`; nil where nothing does.
  public var sql: String? {
    get throws {
      switch self {
      case .literal(let text): LiteralWriter.quoted(text)
      case .expression(let expression): try SQLCompiler.ddl(expression)
      case .computed, .identity, .fetched: nil
      }
    }
  }
}
