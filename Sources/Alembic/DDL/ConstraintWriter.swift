/// Writes constraints as `CREATE TABLE` and `ADD CONSTRAINT` have them.
public enum ConstraintWriter {
  /// The text of a constraint with its name; nil for one that says nothing, as an empty key.
  public static func text(_ constraint: Constraint) throws -> String? {
    guard let body = try body(constraint) else { return nil }
    let prefix: String
    if let name = constraint.name {
      prefix = "CONSTRAINT \(try IdentifierPreparer.bounded(name)) "
    } else {
      prefix = ""
    }
    return prefix + body + deferring(constraint)
      + (constraint.isNotValid && constraint.table != nil && constraint.takesNotValid
        ? " NOT VALID" : "")
  }

  /// Of a key that columns made by being marked, the one that counts up comes first.
  private static func inOrder(_ key: PrimaryKeyConstraint) throws -> [Column] {
    guard key.isImplicit, let counting = try key.table?.autoIncrementColumn else {
      return key.columns
    }
    return [counting] + key.columns.filter { $0 !== counting }
  }

  private static func body(_ constraint: Constraint) throws -> String? {
    switch constraint {
    case let key as PrimaryKeyConstraint:
      key.columns.isEmpty
        ? nil : "PRIMARY KEY (\(names(try inOrder(key))))\(include(key.include))"
    case let unique as UniqueConstraint:
      unique.columns.isEmpty
        ? nil
        : "UNIQUE \(distinctness(unique.nullsNotDistinct))(\(names(unique.columns)))"
          + include(unique.include)
    case let key as ForeignKeyConstraint: foreignKey(key)
    case let check as CheckConstraint: "CHECK (\(try SQLCompiler.ddl(check.condition)))"
    case let exclude as ExcludeConstraint: try self.exclude(exclude)
    default: nil
    }
  }

  static func distinctness(_ nullsNotDistinct: Bool?) -> String {
    switch nullsNotDistinct {
    case true?: "NULLS NOT DISTINCT "
    case false?: "NULLS DISTINCT "
    case nil: ""
    }
  }

  private static func names(_ columns: [Column]) -> String {
    columns.map { IdentifierPreparer.quote($0.name ?? "") }.joined(separator: ", ")
  }

  private static func include(_ columns: [String]) -> String {
    if columns.isEmpty { return "" }
    return " INCLUDE (\(columns.map { IdentifierPreparer.quote($0) }.joined(separator: ", ")))"
  }

  private static func foreignKey(_ key: ForeignKeyConstraint) -> String {
    "FOREIGN KEY(\(names(key.columns))) " + references(key)
  }

  /// `REFERENCES` and what follows but for when it is checked.
  static func references(_ key: ForeignKeyConstraint) -> String {
    guard let first = key.targets.first else { return "" }
    let schema = first.schema.map { SQLName($0) } ?? key.table?.metadata?.schema
    let table = IdentifierPreparer.qualified(SQLName(first.table), schema: schema)
    let columns = key.targets.enumerated().map { place, target in
      IdentifierPreparer.quote(
        target.column
          ?? (key.columns.indices.contains(place) ? key.columns[place].name?.text ?? "" : ""))
    }
    var text = "REFERENCES \(table) (\(columns.joined(separator: ", ")))"
    if let match = key.match { text += " MATCH \(match)" }
    if let action = key.onDelete { text += " ON DELETE \(action)" }
    if let action = key.onUpdate { text += " ON UPDATE \(action)" }
    return text
  }

  private static func exclude(_ exclude: ExcludeConstraint) throws -> String {
    let elements = try exclude.elements.map { element -> String in
      let text: String
      let key: String
      switch element.reference {
      case .name(let name): (text, key) = (IdentifierPreparer.quote(name), name)
      case .column(let column):
        (text, key) = (IdentifierPreparer.quote(column.name ?? ""), column.key)
      case .expression(let expression):
        text = try SQLCompiler.ddl(expression)
        key = expression.resultName?.text ?? ""
      }
      let operatorClass = exclude.operatorClasses[key].map { " \($0)" } ?? ""
      return "\(text)\(operatorClass) WITH \(element.comparison)"
    }
    var text = "EXCLUDE USING \(exclude.using) (\(elements.joined(separator: ", ")))"
    if let predicate = exclude.predicate {
      text += " WHERE (\(try SQLCompiler.ddl(predicate)))"
    }
    return text
  }

  static func deferring(_ constraint: Constraint) -> String {
    var text = ""
    switch constraint.isDeferrable {
    case true?: text += " DEFERRABLE"
    case false?: text += " NOT DEFERRABLE"
    case nil: break
    }
    if let initially = constraint.initially { text += " INITIALLY \(initially)" }
    return text
  }
}

extension Constraint {
  /// Whether rows that are there may be left unchecked.
  var takesNotValid: Bool { self is ForeignKeyConstraint || self is CheckConstraint }
}
