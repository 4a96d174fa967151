/// An operator between two expressions: its text with the spaces around it, and how it binds.
public struct SQLOperator: Hashable, Sendable {
  /// The text, as ` = `.
  public var text: String
  /// How tightly it binds; SQLAlchemy's numbers, the higher the tighter.
  public var precedence: Int
  /// Whether `a op b op c` needs no parentheses.
  public var isAssociative: Bool
  /// The text of the opposite, as ` != ` for ` = `.
  public var opposite: String?
  /// Whether the answer is a boolean.
  public var isComparison: Bool

  /// Describes an operator.
  public init(
    _ text: String, precedence: Int = 0, isAssociative: Bool = false, opposite: String? = nil,
    isComparison: Bool = false
  ) {
    self.text = text
    self.precedence = precedence
    self.isAssociative = isAssociative
    self.opposite = opposite
    self.isComparison = isComparison
  }

  /// Whether it is a LIKE.
  var isPattern: Bool { text.hasSuffix("LIKE ") }

  /// The same comparison with its sides exchanged, as `>` for `<`.
  public var exchanged: SQLOperator {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: self
    }
  }

  /// The operator that says the opposite, if there is one.
  public var negated: SQLOperator? {
    opposite.map {
      SQLOperator($0, precedence: precedence, opposite: text, isComparison: isComparison)
    }
  }

  private static func comparison(_ text: String, _ opposite: String? = nil) -> SQLOperator {
    SQLOperator(
      " \(text) ", precedence: 5, opposite: opposite.map { " \($0) " }, isComparison: true)
  }

  /// `=`
  public static let equal = comparison("=", "!=")
  /// `!=`
  public static let notEqual = comparison("!=", "=")
  /// `<`
  public static let less = comparison("<", ">=")
  /// `<=`
  public static let lessOrEqual = comparison("<=", ">")
  /// `>`
  public static let greater = comparison(">", "<=")
  /// `>=`
  public static let greaterOrEqual = comparison(">=", "<")
  /// `IS`
  public static let isSame = comparison("IS", "IS NOT")
  /// `IS NOT`
  public static let isNotSame = comparison("IS NOT", "IS")
  /// `IS DISTINCT FROM`
  public static let isDistinct = comparison("IS DISTINCT FROM", "IS NOT DISTINCT FROM")
  /// `IS NOT DISTINCT FROM`
  public static let isNotDistinct = comparison("IS NOT DISTINCT FROM", "IS DISTINCT FROM")
  /// `LIKE`
  public static let like = comparison("LIKE", "NOT LIKE")
  /// `NOT LIKE`
  public static let notLike = comparison("NOT LIKE", "LIKE")
  /// `ILIKE`
  public static let ilike = comparison("ILIKE", "NOT ILIKE")
  /// `NOT ILIKE`
  public static let notILike = comparison("NOT ILIKE", "ILIKE")
  /// `IN`
  public static let isIn = comparison("IN", "NOT IN")
  /// `NOT IN`
  public static let notIn = comparison("NOT IN", "IN")
  /// `~`
  public static let matchesPattern = comparison("~", "!~")
  /// `~*`
  public static let matchesPatternCaseless = comparison("~*", "!~*")
  /// `@@`
  public static let matchesText = comparison("@@")
  /// `+`
  public static let add = SQLOperator(" + ", precedence: 7, isAssociative: true)
  /// `-`
  public static let subtract = SQLOperator(" - ", precedence: 7)
  /// `*`
  public static let multiply = SQLOperator(" * ", precedence: 8, isAssociative: true)
  /// `/`
  public static let divide = SQLOperator(" / ", precedence: 8)
  /// `%`
  public static let modulo = SQLOperator(" % ", precedence: 8)
  /// `||`
  public static let concatenate = SQLOperator(" || ", precedence: 5, isAssociative: true)
  /// `&`
  public static let bitAnd = SQLOperator(" & ", precedence: 7)
  /// `|`
  public static let bitOr = SQLOperator(" | ", precedence: 7)
  /// `#`
  public static let bitXor = SQLOperator(" # ", precedence: 7)
  /// `<<`
  public static let shiftLeft = SQLOperator(" << ", precedence: 7)
  /// `>>`
  public static let shiftRight = SQLOperator(" >> ", precedence: 7)
  /// `->`
  public static let jsonItem = SQLOperator(" -> ", precedence: 15, isAssociative: true)
  /// `->>`
  public static let jsonText = SQLOperator(" ->> ", precedence: 15, isAssociative: true)
  /// `#>`
  public static let jsonPath = SQLOperator(" #> ", precedence: 15, isAssociative: true)
  /// `#>>`
  public static let jsonPathText = SQLOperator(" #>> ", precedence: 15, isAssociative: true)

  /// An operator that a script spelled, as `.op("@>")`; it binds loosely unless told otherwise.
  public static func custom(
    _ symbol: String, precedence: Int = 0, isComparison: Bool = false
  ) -> SQLOperator {
    SQLOperator(" \(symbol) ", precedence: precedence, isComparison: isComparison)
  }
}
