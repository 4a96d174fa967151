/// An expression and where it begins.
///
/// What the grammar repeats to the left without end is flat here (`a + b + c`, `a and b and c`,
/// `a < b < c`), so that no chain, however long, makes the tree deep: the tree's depth, chains of
/// attributes and calls included, is at most ``SyntaxLimits/depth``.
public struct Expression: Sendable {
  /// What the expression is.
  public let kind: Kind
  /// Its first character. For `a.b(c)` that is `a`.
  public let position: Position

  /// Creates an expression that begins at `position`.
  public init(_ kind: Kind, at position: Position) {
    self.kind = kind
    self.position = position
  }

  /// The forms of expressions.
  public indirect enum Kind: Sendable {
    /// A name that is read.
    case name(String)
    case none
    case `true`
    case `false`
    case ellipsis
    /// An integer literal that fits a machine word.
    case integer(Int)
    /// A longer integer literal: its digits without prefix and underscores.
    case bigInteger(digits: String, radix: Int)
    case float(Double)
    /// `2.5j`: the imaginary part.
    case imaginary(Double)
    /// A string literal, adjacent literals joined. Not normalised: Python compares scalars.
    case string(String)
    /// A string literal with surrogates that form no pair (`"\ud800"`), which no Swift string can
    /// hold: its code points.
    case surrogates([UInt32])
    case bytes([UInt8])
    /// An f-string, adjacent literals joined.
    case formatted([FormattedPart])

    /// `first + a - b`, operators of one precedence applied from left to right; `**` always has one
    /// step.
    case binary(Expression, [BinaryStep])
    case unary(UnaryOperator, Expression)
    /// `a and b and c`: two operands or more.
    case boolean(BooleanOperator, [Expression])
    /// `a < b <= c`: one step or more.
    case comparison(Expression, [ComparisonStep])
    /// `value if test else otherwise`.
    case conditional(test: Expression, value: Expression, otherwise: Expression)
    /// `(name := value)`.
    case named(String, Expression)

    /// `object.name`, and where the name stands.
    case attribute(Expression, String, at: Position)
    case call(Expression, [Argument])
    /// `object[index]`; several indexes are a tuple.
    case `subscript`(Expression, Expression)
    /// `a:b:c` within a subscript.
    case slice(lower: Expression?, upper: Expression?, step: Expression?)

    /// Elements may be ``starred(_:)``.
    case tuple([Expression])
    /// Elements may be ``starred(_:)``.
    case list([Expression])
    /// At least one element; elements may be ``starred(_:)``.
    case set([Expression])
    case dictionary([DictionaryEntry])
    /// `*value` within a tuple, list, set or subscript.
    case starred(Expression)
    case comprehension(Comprehension)
    case lambda(Lambda)

    case await(Expression)
    case yield(Expression?)
    case yieldFrom(Expression)
  }
}

/// One operator of a chain and its right operand.
public struct BinaryStep: Sendable {
  /// The operator.
  public let op: BinaryOperator
  /// What stands right of it.
  public let operand: Expression
}

/// One operator of a comparison and its right operand.
public struct ComparisonStep: Sendable {
  /// The operator.
  public let op: ComparisonOperator
  /// What stands right of it.
  public let operand: Expression
}

/// One argument of a call or of a class statement, in the order written.
public enum Argument: Sendable {
  case positional(Expression)
  /// `name=value`, and where the name stands.
  case keyword(String, Expression, at: Position)
  /// `*iterable`
  case unpackedSequence(Expression)
  /// `**mapping`
  case unpackedMapping(Expression)

  /// The argument's expression, whatever its form.
  public var value: Expression {
    switch self {
    case .positional(let value), .keyword(_, let value, _), .unpackedSequence(let value),
      .unpackedMapping(let value):
      value
    }
  }
}

/// One entry of a dictionary display.
public enum DictionaryEntry: Sendable {
  case pair(key: Expression, value: Expression)
  /// `**mapping`
  case unpacked(Expression)
}

/// A part of an f-string or of a format specification.
public enum FormattedPart: Sendable {
  /// Literal text, never empty. `f"{x=}"` yields the text `x=` before its field.
  case text(String)
  /// Literal text with surrogates that form no pair.
  case surrogates([UInt32])
  case field(FormattedField)
}

/// `{value!r:format}` in an f-string.
public struct FormattedField: Sendable {
  /// `!s`, `!r` and `!a`.
  public enum Conversion: UInt8, Sendable, CaseIterable {
    case string, representation, ascii
  }
  /// The expression.
  public let value: Expression
  /// The conversion, given or implied: `{x=}` without a format means `!r`.
  public let conversion: Conversion?
  /// The format specification, nil where there is no colon.
  public let format: [FormattedPart]?
}

/// A list, set, dictionary or generator comprehension.
public final class Comprehension: Sendable {
  /// What it makes.
  public enum Result: Sendable {
    case list(Expression)
    case set(Expression)
    case generator(Expression)
    case dictionary(key: Expression, value: Expression)
  }
  /// What it makes, with the element's expression.
  public let result: Result
  /// Its `for` clauses, at least one, outermost first.
  public let clauses: [ComprehensionClause]

  init(result: Result, clauses: [ComprehensionClause]) {
    self.result = result
    self.clauses = clauses
  }
}

/// `for target in iterable if condition ...`.
public struct ComprehensionClause: Sendable {
  /// Where the `for` (or `async`) stands.
  public let position: Position
  /// What each item is bound to.
  public let target: Target
  /// What is iterated.
  public let iterable: Expression
  /// The conditions, all of which must hold.
  public let conditions: [Expression]
  /// Whether it is `async for`.
  public let isAsync: Bool
}

/// `lambda parameters: body`.
public final class Lambda: Sendable {
  /// The parameters; none has an annotation.
  public let parameters: Parameters
  /// The value.
  public let body: Expression
  /// Whether the body yields, which makes it a generator.
  public let isGenerator: Bool

  init(parameters: Parameters, body: Expression, isGenerator: Bool) {
    self.parameters = parameters
    self.body = body
    self.isGenerator = isGenerator
  }
}
