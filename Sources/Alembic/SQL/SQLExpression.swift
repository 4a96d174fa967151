/// An expression of SQLAlchemy Core: a node and the type it has.
public struct SQLExpression {
  /// What it is.
  public let node: Node
  /// How deep and large it is.
  public let extent: StatementExtent
  /// The type of its value; `.null` where nothing tells.
  public var type: SQLType

  /// Joins a node and its type.
  public init(_ node: Node, type: SQLType = .null) {
    let extent = node.extent
    self.node = extent.isExceeded ? .unbounded : node
    self.extent = extent
    self.type = type
  }

  /// The kinds of expressions.
  public indirect enum Node {
    case column(Column)
    /// SQL that is written as it is, as `literal_column()`.
    case literalColumn(String)
    case text(TextClause)
    case bind(BindParameter)
    /// A value written into the text even where others are sent beside it.
    case inlineLiteral(SQLValue)
    case null
    case constant(Bool)
    case unary(prefix: String, SQLExpression, precedence: Int)
    /// A word behind an expression, as ` DESC`.
    case postfix(SQLExpression, String)
    case binary(SQLExpression, SQLOperator, SQLExpression, escape: String?)
    case between(SQLExpression, SQLExpression, SQLExpression, isNegated: Bool, symmetric: Bool)
    case conjunction(isAnd: Bool, [SQLExpression])
    case list([SQLExpression])
    case tuple([SQLExpression])
    case grouping(SQLExpression)
    case function(FunctionCall)
    case cast(SQLExpression, SQLType)
    case typeCoerced(SQLExpression)
    case extract(String, SQLExpression)
    case cases(CaseExpression)
    case label(SQLName, SQLExpression)
    case window(WindowCall)
    case filtered(SQLExpression, SQLExpression)
    case withinGroup(SQLExpression, [SQLExpression])
    case scalarSelect(any QueryExpression)
    case exists(any QueryExpression, isNegated: Bool)
    case collated(SQLExpression, String)
    /// `ANY (...)` or `ALL (...)`.
    case quantified(String, SQLExpression)
    case array([SQLExpression])
    case element(SQLExpression, SQLExpression)
    case slice(SQLExpression, SQLExpression, SQLExpression)
    case ordered(SQLExpression, [SQLExpression])
    /// `(a).b` of a composite value or a table-valued function's own name.
    case field(SQLExpression, String)
    case raw(any QueryExpression)
    /// What was too deep or too large.
    case unbounded
  }

  /// A call of a function.
  public struct FunctionCall {
    /// The name with its packages, already as it is to be written.
    public var name: String
    /// The arguments.
    public var arguments: [SQLExpression]
    /// Whether it is written without parentheses, as `CURRENT_TIMESTAMP`.
    public var isBare: Bool
    /// The name by which the result's column goes.
    public var labelName: String

    /// Describes a call.
    public init(
      _ name: String, _ arguments: [SQLExpression], isBare: Bool = false, labelName: String? = nil
    ) {
      self.name = name
      self.arguments = arguments
      self.isBare = isBare
      self.labelName = labelName ?? name
    }
  }

  /// `CASE`.
  public struct CaseExpression {
    /// What each condition is compared with; nil where conditions stand alone.
    public var subject: SQLExpression?
    /// Conditions and results.
    public var branches: [(condition: SQLExpression, result: SQLExpression)]
    /// The result where no condition holds.
    public var otherwise: SQLExpression?

    /// Describes a case.
    public init(
      subject: SQLExpression? = nil,
      branches: [(condition: SQLExpression, result: SQLExpression)],
      otherwise: SQLExpression? = nil
    ) {
      self.subject = subject
      self.branches = branches
      self.otherwise = otherwise
    }
  }

  /// A function over a window.
  public struct WindowCall {
    /// The function.
    public var function: SQLExpression
    /// `PARTITION BY`.
    public var partition: [SQLExpression]
    /// `ORDER BY`.
    public var order: [SQLExpression]
    /// `RANGE`, `ROWS` or `GROUPS` with bounds, as text.
    public var frame: String?

    /// Describes a window.
    public init(
      _ function: SQLExpression, partition: [SQLExpression] = [], order: [SQLExpression] = [],
      frame: String? = nil
    ) {
      self.function = function
      self.partition = partition
      self.order = order
      self.frame = frame
    }
  }
}

/// A place in a statement for a value.
public final class BindParameter {
  /// The name by which a value is given.
  public var key: String
  /// The value, if it is known when the statement is made.
  public var value: SQLValue?
  /// The type that values go through.
  public var type: SQLType
  /// Whether its name is its own, so that no value given by name reaches it.
  public var isUnique: Bool
  /// Whether it stands for the list of an `IN`.
  public var isExpanding: Bool
  /// What the host that makes it keeps with it, as a value not yet converted.
  public var payload: AnyObject?

  /// Describes a place.
  public init(
    _ key: String, value: SQLValue? = nil, type: SQLType = .null, isUnique: Bool = false,
    isExpanding: Bool = false
  ) {
    self.key = key
    self.value = value
    self.type = type
    self.isUnique = isUnique
    self.isExpanding = isExpanding
  }

  /// The value, or the name where there is none yet, as the text of a statement shows it.
  var shown: SQLValue {
    if let value { return value }
    let name = SQLValue.cast(key, to: "text")
    return isExpanding ? .list([name]) : name
  }
}

/// SQL text with `:name` places in it, as `sa.text()` makes it.
public struct TextClause {
  /// A stretch of the text.
  public enum Piece {
    case sql(String)
    case bind(String)
  }

  /// The stretches in order.
  public var pieces: [Piece]
  /// The values and types known for the places.
  public var binds: [String: BindParameter]
  /// The columns that `columns()` named, in order.
  public var columns: [Column]

  /// The names of the places in order of appearance.
  public var names: [String] {
    pieces.compactMap { if case .bind(let name) = $0 { name } else { nil } }
  }
}
