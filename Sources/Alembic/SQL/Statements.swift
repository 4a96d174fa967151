/// A statement that may have a result: a query, or a change that returns rows.
public protocol StatementExpression {
  /// The columns of its result.
  var resultColumns: [ResultColumn] { get }
  /// How deep and large it is.
  var extent: StatementExtent { get }
}

/// A statement that may stand in parentheses where a value or a source of rows may.
public protocol QueryExpression: StatementExpression {}

/// The name that a statement gives to something without one; the same wherever it is spoken of.
public final class AnonymousName {
  /// What the number is put behind, as `anon` or `count`.
  public let base: String

  /// Promises a name.
  public init(base: String) { self.base = base }
}

/// A column of a result.
public struct ResultColumn {
  /// The expression.
  public var expression: SQLExpression
  /// Its name in the result, if it is known before the statement is written.
  public var name: SQLName?
  /// Its key in Python where that is another.
  public var key: String?
  /// The name that the statement will make up.
  public var anonymous: AnonymousName?

  /// The column as one of a subquery's.
  func column(of source: FromClause) -> Column {
    let column = Column(name, expression.type)
    column.table = source
    column.givenKey = key
    column.anonymousName = anonymous
    if case .column(let origin) = expression.node { column.origin = origin }
    return column
  }
}

/// An expression in the list of a `SELECT`.
public struct SelectItem {
  /// The expression.
  public var expression: SQLExpression
  /// The name that its column gets if the expression offers none.
  public let anonymous: AnonymousName

  /// Puts an expression into a list.
  public init(_ expression: SQLExpression) {
    self.expression = expression
    anonymous = AnonymousName(base: expression.anonymousBase)
  }
}

/// `FOR UPDATE` and its kin.
public struct RowLock: Hashable, Sendable {
  /// `UPDATE`, `NO KEY UPDATE`, `SHARE` or `KEY SHARE`.
  public var strength: String
  /// The tables that `OF` names, as SQL.
  public var tables: [String]
  /// ` NOWAIT`, ` SKIP LOCKED` or nothing.
  public var waiting: String

  /// Describes a lock.
  public init(strength: String = "UPDATE", tables: [String] = [], waiting: String = "") {
    self.strength = strength
    self.tables = tables
    self.waiting = waiting
  }
}

/// `SELECT`.
public struct SelectStatement: QueryExpression {
  /// Which rows are told apart.
  public enum Distinct {
    case all
    case on([SQLExpression])
  }

  /// Which outer sources of rows a query inside another refers to.
  public enum Correlation {
    /// Those it shares with the query around it, unless it would have none left.
    case automatic
    case only([FromClause])
    case except([FromClause])
  }

  /// The list.
  public var items: [SelectItem] = []
  /// The sources named by the script; others follow from the expressions.
  public var sources: [FromClause] = []
  /// `WHERE`, joined by `AND`.
  public var criteria: [SQLExpression] = []
  /// `GROUP BY`.
  public var grouping: [SQLExpression] = []
  /// `HAVING`, joined by `AND`.
  public var having: [SQLExpression] = []
  /// `ORDER BY`.
  public var order: [OrderItem] = []
  /// `LIMIT`.
  public var limit: SQLExpression?
  /// `OFFSET`.
  public var offset: SQLExpression?
  /// `DISTINCT`.
  public var distinct: Distinct?
  /// `FOR UPDATE`.
  public var lock: RowLock?
  /// How it refers to what is around it.
  public var correlation = Correlation.automatic
  /// Words behind `SELECT`.
  public var prefixes: [SQLExpression] = []
  /// Text at the end.
  public var suffixes: [SQLExpression] = []
  /// Queries in front that nothing else names.
  public var commonTables: [CommonTable] = []

  /// An empty query.
  public init() {}

  /// The columns of its result.
  public var resultColumns: [ResultColumn] {
    items.map { item in
      let name = item.expression.resultName
      let key: String? =
        if case .column(let column) = item.expression.node { column.givenKey } else { nil }
      return ResultColumn(
        expression: item.expression, name: name, key: key,
        anonymous: name == nil ? item.anonymous : nil)
    }
  }
}

/// What rows are ordered or grouped by: an expression, or the name of a result's column.
public enum OrderItem {
  case expression(SQLExpression)
  /// A name and the word behind it, as ` DESC`.
  case name(String, suffix: String)
}

/// `UNION` and its kin.
public struct CompoundSelect: QueryExpression {
  /// `UNION`, `UNION ALL`, `INTERSECT`...
  public var keyword: String
  /// The queries.
  public let queries: [any QueryExpression]
  /// `ORDER BY`.
  public var order: [OrderItem] = []
  /// `LIMIT`.
  public var limit: SQLExpression?
  /// `OFFSET`.
  public var offset: SQLExpression?

  /// Joins queries.
  public init(_ keyword: String, _ queries: [any QueryExpression]) {
    self.keyword = keyword
    var extent = StatementExtent()
    for query in queries { extent.add(query.extent) }
    self.extent = extent
    self.queries = extent.isExceeded ? [] : queries
  }

  /// How deep and large the queries are together.
  public let extent: StatementExtent

  /// The columns of the first query.
  public var resultColumns: [ResultColumn] { queries.first?.resultColumns ?? [] }
}

/// SQL text whose columns a script named, as `text(...).columns(...)`.
public struct TextualSelect: QueryExpression {
  /// The text.
  public var text: TextClause

  /// Takes a text as a query.
  public init(_ text: TextClause) { self.text = text }

  /// The named columns.
  public var resultColumns: [ResultColumn] {
    text.columns.map { ResultColumn(expression: $0.expression, name: $0.name, key: $0.givenKey) }
  }
}

/// `INSERT`.
public struct InsertStatement: StatementExpression {
  /// What happens to a row that is there already.
  public enum Conflict {
    case nothing
    case update([(column: ColumnReference, value: SQLExpression)], where: SQLExpression?)
  }

  /// Which rows count as being there already.
  public struct ConflictTarget {
    /// The constraint, by name.
    public var constraint: SQLName?
    /// The columns or expressions of the index.
    public var elements: [ColumnReference] = []
    /// Which rows the index is about.
    public var predicate: SQLExpression?

    /// Any.
    public init() {}

    var isEmpty: Bool { constraint == nil && elements.isEmpty }
  }

  /// The table.
  public var table: FromClause
  /// The columns in order; empty for default values only.
  public var columns: [Column] = []
  /// The rows.
  public var rows: [[SQLExpression]] = []
  /// The query that gives the rows instead.
  public var query: (any QueryExpression)?
  /// What `ON CONFLICT` says.
  public var conflict: (target: ConflictTarget, action: Conflict)?
  /// `RETURNING`.
  public var returning: [SelectItem] = []
  /// Queries in front that nothing else names.
  public var commonTables: [CommonTable] = []

  /// Inserts into a table.
  public init(into table: FromClause) { self.table = table }

  /// What `RETURNING` gives.
  public var resultColumns: [ResultColumn] { returning.resultColumns }
}

/// `UPDATE`.
public struct UpdateStatement: StatementExpression {
  /// The table.
  public var table: FromClause
  /// The new values.
  public var values: [(column: Column, value: SQLExpression)] = []
  /// `WHERE`, joined by `AND`.
  public var criteria: [SQLExpression] = []
  /// `RETURNING`.
  public var returning: [SelectItem] = []
  /// Queries in front that nothing else names.
  public var commonTables: [CommonTable] = []

  /// Changes a table.
  public init(_ table: FromClause) { self.table = table }

  /// What `RETURNING` gives.
  public var resultColumns: [ResultColumn] { returning.resultColumns }
}

/// `DELETE`.
public struct DeleteStatement: StatementExpression {
  /// The table.
  public var table: FromClause
  /// `WHERE`, joined by `AND`.
  public var criteria: [SQLExpression] = []
  /// `RETURNING`.
  public var returning: [SelectItem] = []
  /// Queries in front that nothing else names.
  public var commonTables: [CommonTable] = []

  /// Empties a table as far as the criteria say.
  public init(from table: FromClause) { self.table = table }

  /// What `RETURNING` gives.
  public var resultColumns: [ResultColumn] { returning.resultColumns }
}

extension [SelectItem] {
  var resultColumns: [ResultColumn] {
    var select = SelectStatement()
    select.items = self
    return select.resultColumns
  }
}
