/// Writes statements and expressions as SQLAlchemy's PostgreSQL dialect writes them, with the
/// values in the text.
///
/// One compiler writes one statement: made-up names are counted in it.
public final class SQLCompiler {
  /// How values are written.
  public let style: LiteralWriter.Style
  /// Whether columns carry the name of their table; those of checks and indexes do not.
  var qualifiesColumns: Bool
  /// Gives the value of a place for one.
  private let valueOfPlace: (BindParameter) throws -> SQLValue
  private var names: [ObjectIdentifier: String] = [:]
  private var counts: [String: Int] = [:]
  /// What the statements around refer to, innermost last.
  var scopes: [Scope] = []
  /// The queries that `WITH` puts in front, in order.
  var commonTables: [(table: CommonTable, name: String, text: String)] = []
  var hasRecursion = false
  /// Expressions that may be written by their label, while an `ORDER BY` is written.
  var labels: Set<String> = []

  /// The sources of rows of a statement, as those inside it see them.
  struct Scope {
    var own: [FromClause]
    var all: [FromClause]
  }

  /// Makes a compiler; without a function for them, places need values of their own.
  public init(
    style: LiteralWriter.Style = .driver, qualifiesColumns: Bool = true,
    value: ((BindParameter) throws -> SQLValue)? = nil
  ) {
    self.style = style
    self.qualifiesColumns = qualifiesColumns
    valueOfPlace =
      value ?? { place in
        guard let value = place.value else { throw SQLCompiler.missing(place.key) }
        return value
      }
  }

  /// What SQLAlchemy says when a place gets no value.
  public static func missing(_ name: String) -> SchemaError {
    SchemaError(
      .unboundParameter,
      "(sqlalchemy.exc.InvalidRequestError) A value is required for bind parameter '\(name)'")
  }

  /// The text of an expression as DDL has it: columns without tables, values in a script's manner.
  public static func ddl(_ expression: SQLExpression) throws -> String {
    try SQLCompiler(style: .script, qualifiesColumns: false).text(expression)
  }

  // MARK: Names

  /// The name that is made up for something, the same every time.
  func name(for object: AnyObject, base: String) -> String {
    let identity = ObjectIdentifier(object)
    if let name = names[identity] { return name }
    counts[base, default: 0] += 1
    let name = "\(base)_\(counts[base, default: 1])"
    names[identity] = name
    return name
  }

  /// The name of a result's column.
  func columnName(_ column: Column) -> String {
    if let anonymous = column.anonymousName {
      return IdentifierPreparer.quote(name(for: anonymous, base: anonymous.base))
    }
    return IdentifierPreparer.quote(column.name ?? "")
  }

  // MARK: Values

  func value(_ place: BindParameter) throws -> String {
    guard place.isExpanding else {
      return LiteralWriter.text(try valueOfPlace(place), style: style)
    }
    if let list = try list(place) { return list }
    // In a text it is not known whether `IN` or `NOT IN` is before it.
    let type: String =
      if case .null = place.type { "INTEGER" } else {
        try TypeCompiler.text(place.type)
      }
    return "(SELECT CAST(NULL AS \(type)) WHERE 1!=1)"
  }

  /// The list that a place of an `IN` stands for; nil where there is nothing in it.
  func list(_ place: BindParameter) throws -> String? {
    let value = try valueOfPlace(place)
    // A script has NULL for what gets no value.
    if case .null = value { return "(NULL)" }
    guard case .list(let items) = value else {
      throw SchemaError(.argument, "expanding parameter '\(place.key)' needs a list")
    }
    return items.isEmpty ? nil : LiteralWriter.text(value, style: style)
  }

  /// The text with the values in it.
  public func text(_ clause: TextClause) throws -> String {
    try clause.pieces.map { piece in
      switch piece {
      case .sql(let sql): sql
      case .bind(let name): try value(clause.binds[name] ?? BindParameter(name))
      }
    }.joined()
  }
}
