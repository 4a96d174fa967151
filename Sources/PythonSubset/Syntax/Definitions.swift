/// A `def` or `async def` statement.
public final class FunctionDefinition: Sendable {
  /// Its name.
  public let name: String
  /// Where the name stands.
  public let namePosition: Position
  /// The decorators, outermost first.
  public let decorators: [Expression]
  /// `[T, *Ts, **P]` after the name.
  public let typeParameters: [TypeParameter]
  /// The parameters.
  public let parameters: Parameters
  /// The annotation after `->`.
  public let returns: Expression?
  /// The statements.
  public let body: [Statement]
  /// Whether it is `async def`.
  public let isAsync: Bool
  /// Whether the body, nested functions apart, yields.
  public let isGenerator: Bool

  init(
    name: String, namePosition: Position, decorators: [Expression],
    typeParameters: [TypeParameter], parameters: Parameters, returns: Expression?,
    body: [Statement], isAsync: Bool, isGenerator: Bool
  ) {
    self.name = name
    self.namePosition = namePosition
    self.decorators = decorators
    self.typeParameters = typeParameters
    self.parameters = parameters
    self.returns = returns
    self.body = body
    self.isAsync = isAsync
    self.isGenerator = isGenerator
  }
}

/// A `class` statement.
public final class ClassDefinition: Sendable {
  /// Its name.
  public let name: String
  /// Where the name stands.
  public let namePosition: Position
  /// The decorators, outermost first.
  public let decorators: [Expression]
  /// `[T, *Ts, **P]` after the name.
  public let typeParameters: [TypeParameter]
  /// The bases and keyword arguments, in the order written.
  public let arguments: [Argument]
  /// The statements.
  public let body: [Statement]

  init(
    name: String, namePosition: Position, decorators: [Expression],
    typeParameters: [TypeParameter], arguments: [Argument], body: [Statement]
  ) {
    self.name = name
    self.namePosition = namePosition
    self.decorators = decorators
    self.typeParameters = typeParameters
    self.arguments = arguments
    self.body = body
  }
}

/// The parameters of a function or lambda. Names are unique.
public struct Parameters: Sendable {
  /// Those before `/`.
  public var positionalOnly: [Parameter] = []
  /// Those that may be given either way.
  public var ordinary: [Parameter] = []
  /// `*args`.
  public var sequence: Parameter?
  /// Those after `*` or `*args`.
  public var keywordOnly: [Parameter] = []
  /// `**kwargs`.
  public var mapping: Parameter?
}

/// One parameter.
public struct Parameter: Sendable {
  /// Its name.
  public let name: String
  /// Where the name stands.
  public let position: Position
  /// Its annotation; on `*args` it may be ``Expression/Kind/starred(_:)``.
  public let annotation: Expression?
  /// Its default value.
  public let value: Expression?
}

/// A type parameter of a function, class or type alias (PEP 695).
public struct TypeParameter: Sendable {
  /// `T`, `*Ts` and `**P`.
  public enum Form: Sendable {
    /// A type, with its bound or tuple of constraints.
    case type(bound: Expression?)
    case typeTuple
    case parameters
  }
  /// Its name.
  public let name: String
  /// Where it begins, stars included.
  public let position: Position
  /// What it stands for.
  public let form: Form
}

/// `case pattern if guard: body`.
public struct MatchCase: Sendable {
  /// Where the `case` stands.
  public let position: Position
  /// What the subject must look like.
  public let pattern: Pattern
  /// The condition that must hold besides.
  public let condition: Expression?
  /// What runs.
  public let body: [Statement]
}

/// A pattern of a `case` clause.
public struct Pattern: Sendable {
  /// What it is.
  public let kind: Kind
  /// Its first character.
  public let position: Position

  /// Creates a pattern that begins at `position`.
  public init(_ kind: Kind, at position: Position) {
    self.kind = kind
    self.position = position
  }

  /// The forms of patterns.
  public indirect enum Kind: Sendable {
    /// A literal or dotted name, compared with `==`.
    case value(Expression)
    /// `None`, `True` or `False`, compared with `is`.
    case singleton(Expression)
    /// `_`
    case wildcard
    /// `name`: matches anything and binds it.
    case capture(String)
    /// `pattern as name`.
    case binding(Pattern, String)
    /// `a | b`: two alternatives or more.
    case alternatives([Pattern])
    /// `[a, *rest]`: at most one element is ``star(_:)``.
    case sequence([Pattern])
    /// `*name` within a sequence; nil for `*_`.
    case star(String?)
    /// `{key: pattern, **rest}`.
    case mapping([MappingPatternEntry], rest: String?)
    /// `Class(a, name=b)`.
    case `class`(Expression, positional: [Pattern], keywords: [KeywordPattern])
  }
}

/// `key: pattern` of a mapping pattern.
public struct MappingPatternEntry: Sendable {
  /// A literal or dotted name.
  public let key: Expression
  /// What the value must look like.
  public let pattern: Pattern
}

/// `name=pattern` of a class pattern.
public struct KeywordPattern: Sendable {
  /// The attribute's name.
  public let name: String
  /// What the attribute must look like.
  public let pattern: Pattern
  /// Where the name stands.
  public let position: Position
}
