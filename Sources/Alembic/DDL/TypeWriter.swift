/// Writes `CREATE TYPE`, `CREATE DOMAIN`, `CREATE SEQUENCE`, comments and their opposites.
public enum TypeWriter {
  /// `CREATE TYPE ... AS ENUM`.
  public static func create(_ enumeration: EnumType) throws -> String {
    let labels = enumeration.labels.map(LiteralWriter.quoted).joined(separator: ", ")
    return "CREATE TYPE \(try name(enumeration)) AS ENUM (\(labels))"
  }

  /// `DROP TYPE`.
  public static func drop(_ enumeration: EnumType) throws -> String {
    "DROP TYPE \(try name(enumeration))"
  }

  private static func name(_ enumeration: EnumType) throws -> String {
    guard let name = enumeration.name else {
      throw SchemaError(.compile, "PostgreSQL Enum type requires a name.")
    }
    return IdentifierPreparer.qualified(name, schema: enumeration.schema)
  }

  /// `CREATE DOMAIN`.
  public static func create(_ domain: DomainType) throws -> String {
    let name = IdentifierPreparer.qualified(domain.name, schema: domain.schema)
    var text = "CREATE DOMAIN \(name) AS \(try TypeCompiler.text(domain.base))"
    if let collation = domain.collation {
      text += " COLLATE \(IdentifierPreparer.quoted(collation))"
    }
    if let value = domain.defaultText { text += " DEFAULT \(value)" }
    if let constraint = domain.constraintName {
      text += " CONSTRAINT \(try IdentifierPreparer.bounded(constraint))"
    }
    if domain.notNull == true { text += " NOT NULL" }
    if let check = domain.check { text += " CHECK (\(check))" }
    return text
  }

  /// `DROP DOMAIN`.
  public static func drop(_ domain: DomainType) -> String {
    "DROP DOMAIN \(IdentifierPreparer.qualified(domain.name, schema: domain.schema))"
  }

  /// `CREATE SEQUENCE`.
  public static func create(_ sequence: DatabaseSequence, ifNotExists: Bool = false) throws
    -> String
  {
    var text = "CREATE SEQUENCE \(ifNotExists ? "IF NOT EXISTS " : "")\(sequence.sql)"
    if let type = sequence.dataType { text += " AS \(try TypeCompiler.text(type))" }
    let options = sequence.options.sql
    return options.isEmpty ? text : "\(text) \(options)"
  }

  /// `DROP SEQUENCE`.
  public static func drop(_ sequence: DatabaseSequence, ifExists: Bool = false) -> String {
    "DROP SEQUENCE \(ifExists ? "IF EXISTS " : "")\(sequence.sql)"
  }

  /// `COMMENT ON TABLE`; nil takes it away.
  public static func comment(onTable name: SQLName, schema: SQLName?, _ text: String?) -> String {
    "COMMENT ON TABLE \(IdentifierPreparer.qualified(name, schema: schema)) IS \(literal(text))"
  }

  /// `COMMENT ON COLUMN`; nil takes it away.
  public static func comment(
    onColumn column: SQLName, of table: SQLName, schema: SQLName?, _ text: String?
  ) -> String {
    "COMMENT ON COLUMN \(IdentifierPreparer.qualified(table, schema: schema))."
      + "\(IdentifierPreparer.quote(column)) IS \(literal(text))"
  }

  private static func literal(_ text: String?) -> String {
    text.map(LiteralWriter.quoted) ?? "NULL"
  }
}
