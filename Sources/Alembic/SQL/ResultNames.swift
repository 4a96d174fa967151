extension SQLExpression {
  /// The name that the expression's column has in a result; nil where the statement makes one up.
  public var resultName: SQLName? {
    switch node {
    case .column(let column): column.anonymousName == nil ? column.name : nil
    case .label(let name, _): name
    case .literalColumn(let text): SQLName(text)
    case .cast(let inner, _), .typeCoerced(let inner): inner.wrappedName
    case .text: SQLName("")
    default: nil
    }
  }

  /// A cast goes by the name of the column it casts.
  private var wrappedName: SQLName? {
    switch node {
    case .column, .cast, .typeCoerced, .label: resultName
    default: nil
    }
  }

  /// What the number of a made-up name is put behind.
  var anonymousBase: String {
    switch node {
    case .function(let call): call.labelName
    case .column(let column): column.name?.text ?? "anon"
    default: "anon"
    }
  }

  /// Whether its column's name is one that others may not have too.
  var isNamed: Bool {
    switch node {
    case .literalColumn, .text: false
    case .column(let column): !column.isLiteral
    default: true
    }
  }

  /// Whether a made-up name is written behind the expression in the list of a `SELECT`.
  var needsLabel: Bool {
    switch node {
    case .column, .label, .literalColumn, .text, .raw, .list, .unary: false
    default: true
    }
  }
}
