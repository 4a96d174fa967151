/// A node of an expression's tree and where it begins and ends, in Unicode scalars.
struct ExpressionNode: Sendable {
  indirect enum Kind: Sendable {
    case literal(Value)
    /// The first name of a path: a context such as `inputs`.
    case context(String)
    case member(ExpressionNode, String)
    case index(ExpressionNode, ExpressionNode)
    /// `.*`: what follows is asked of every element.
    case projection(ExpressionNode)
    case group(ExpressionNode)
    case not(ExpressionNode)
    case minus(ExpressionNode)
    case binary(Operator, ExpressionNode, ExpressionNode)
    case call(String, [ExpressionNode])
  }

  enum Operator: String, Sendable {
    case or = "||"
    case and = "&&"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divided = "/"

    /// How tightly it binds; a higher number binds tighter.
    var precedence: Int {
      switch self {
      case .or: 1
      case .and: 2
      case .equal, .notEqual: 3
      case .less, .lessOrEqual, .greater, .greaterOrEqual: 4
      case .plus, .minus: 5
      case .times, .divided: 6
      }
    }
  }

  var kind: Kind
  var range: Range<Int>

  /// The nodes right below this one.
  var children: [ExpressionNode] {
    switch kind {
    case .literal, .context: []
    case .member(let base, _), .projection(let base), .group(let base), .not(let base),
      .minus(let base):
      [base]
    case .index(let base, let index): [base, index]
    case .binary(_, let left, let right): [left, right]
    case .call(_, let arguments): arguments
    }
  }

  /// The path as it is written, for messages: `target.kubernetes`.
  var spelling: String {
    switch kind {
    case .context(let name): name
    case .member(let base, let name): "\(base.spelling).\(name)"
    case .index(let base, let index): "\(base.spelling)[\(index.spelling)]"
    case .projection(let base): "\(base.spelling).*"
    case .group(let inner): "(\(inner.spelling))"
    case .literal(let value): value.expressionSpelling
    case .call(let name, _): "\(name)(...)"
    case .not(let inner): "!\(inner.spelling)"
    case .minus(let inner): "-\(inner.spelling)"
    case .binary(let op, let left, let right): "\(left.spelling) \(op.rawValue) \(right.spelling)"
    }
  }

  /// The member's name, when a literal text in brackets or a name after a point gives it.
  var constantMember: (base: ExpressionNode, name: String)? {
    switch kind {
    case .member(let base, let name): (base, name)
    case .index(let base, let index):
      if case .literal(.string(let name)) = index.kind { (base, name) } else { nil }
    default: nil
    }
  }
}
