/// What `op.alter_column` changes of a column.
public struct AlterColumn {
  /// A default to set, or to take away.
  public enum DefaultChange {
    case set(ServerDefault)
    case drop
  }

  /// The new type.
  public var type: SQLType?
  /// The type that is there, whose check goes if it has one.
  public var existingType: SQLType?
  /// `USING`.
  public var using: String?
  /// Whether NULL is taken.
  public var isNullable: Bool?
  /// The new default.
  public var serverDefault: DefaultChange?
  /// The default that is there, where it is an identity or computed.
  public var existingDefault: ServerDefault?
  /// The new name.
  public var newName: SQLName?
  /// The new comment; the inner nil takes it away.
  public var comment: String??

  /// No change.
  public init() {}
}

extension SchemaOperations {
  /// Alters a column, one statement a change: type, NULL, default, comment, name.
  public func alter(
    _ column: SQLName, ofTable table: SQLName, schema: SQLName? = nil, _ change: AlterColumn
  ) throws {
    guard change.using == nil || change.type != nil else {
      throw SchemaError(.command, "postgresql_using must be used with the type_ parameter")
    }
    if change.type != nil, let existing = change.existingType {
      for check in try checks(of: existing, column, table, schema) { try drop(check) }
    }
    let prefix = "\(alter(table, schema)) ALTER COLUMN \(IdentifierPreparer.quote(column)) "
    if let type = change.type {
      let using = change.using.map { " USING \($0)" } ?? ""
      try send("\(prefix)TYPE \(try TypeCompiler.text(type))\(using)")
    }
    if let isNullable = change.isNullable {
      try send(prefix + (isNullable ? "DROP NOT NULL" : "SET NOT NULL"))
    }
    if let change = try defaultChange(change) { try send(prefix + change) }
    if let comment = change.comment {
      try send(TypeWriter.comment(onColumn: column, of: table, schema: schema, comment))
    }
    if let name = change.newName {
      try send(
        "\(alter(table, schema)) RENAME \(IdentifierPreparer.quote(column)) TO "
          + IdentifierPreparer.quote(name))
    }
    if let type = change.type {
      for check in try checks(of: type, column, table, schema) { try add(check) }
    }
  }

  /// The checks that a type brings along, as those of a table's column.
  private func checks(
    of type: SQLType, _ name: SQLName, _ table: SQLName, _ schema: SQLName?
  ) throws -> [Constraint] {
    let table = makeTable(table, schema: schema)
    try table.append(Column(name, type))
    return table.constraints
  }

  private func defaultChange(_ change: AlterColumn) throws -> String? {
    guard let wanted = change.serverDefault else { return nil }
    let isComputed: (ServerDefault?) -> Bool = {
      if case .computed = $0 { true } else { false }
    }
    let new: ServerDefault? = if case .set(let value) = wanted { value } else { nil }
    if isComputed(new) || isComputed(change.existingDefault) {
      throw SchemaError(
        .compile,
        "Adding or removing a \"computed\" construct, e.g. GENERATED ALWAYS AS, to or from an "
          + "existing column is not supported.")
    }
    let existing: Identity? =
      if case .identity(let identity) = change.existingDefault { identity } else { nil }
    if case .identity(let identity) = new {
      return existing.map { identity.changes(from: $0) } ?? "ADD \(TableWriter.identity(identity))"
    }
    if existing != nil, new == nil { return "DROP IDENTITY" }
    guard let sql = try new?.sql else { return "DROP DEFAULT" }
    return "SET DEFAULT \(sql)"
  }
}

extension Identity {
  /// The words that turn another identity into this one, by the names of Python's attributes in
  /// alphabetical order.
  func changes(from other: Identity) -> String {
    var parts: [String] = []
    if isAlways != other.isAlways {
      parts.append("SET GENERATED \(isAlways ? "ALWAYS" : "BY DEFAULT")")
    }
    let now = options
    let before = other.options
    if now.cache != before.cache, let cache = now.cache { parts.append("SET CACHE \(cache)") }
    if now.cycles != before.cycles, let cycles = now.cycles {
      parts.append("SET \(cycles ? "CYCLE" : "NO CYCLE")")
    }
    if now.increment != before.increment, let step = now.increment {
      parts.append("SET INCREMENT BY \(step)")
    }
    if now.maximum != before.maximum, let limit = now.maximum {
      parts.append("SET MAXVALUE \(limit)")
    }
    if now.minimum != before.minimum, let limit = now.minimum {
      parts.append("SET MINVALUE \(limit)")
    }
    if now.hasNoMaximum, !before.hasNoMaximum { parts.append("SET NO MAXVALUE") }
    if now.hasNoMinimum, !before.hasNoMinimum { parts.append("SET NO MINVALUE") }
    if now.start != before.start, let start = now.start { parts.append("SET START WITH \(start)") }
    return parts.joined(separator: " ")
  }
}
