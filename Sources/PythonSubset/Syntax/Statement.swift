/// A statement and where it begins.
public struct Statement: Sendable {
  /// What the statement is.
  public let kind: Kind
  /// Its first character; for a decorated definition the `def` or `class`, as in CPython.
  public let position: Position

  /// Creates a statement that begins at `position`.
  public init(_ kind: Kind, at position: Position) {
    self.kind = kind
    self.position = position
  }

  /// The forms of statements.
  public indirect enum Kind: Sendable {
    case expression(Expression)
    /// `a = b = value`: one target or more, bound from left to right.
    case assign([Target], Expression)
    /// `target: annotation = value`. Only a plain name without parentheses is declared.
    case annotate(Target, annotation: Expression, value: Expression?, isPlainName: Bool)
    /// `target += value`; the target is a name, an attribute or a subscript.
    case augment(Target, BinaryOperator, Expression)
    case delete([Target])
    case pass
    case `break`
    case `continue`
    case `return`(Expression?)
    case raise(Expression?, cause: Expression?)
    case assert(Expression, message: Expression?)
    case global([String])
    case nonlocal([String])
    case `import`([ImportedModule])
    case importFrom(ImportFrom)
    /// `if`, any number of `elif`s and the `else` body (empty where there is none).
    case `if`([ConditionalBranch], otherwise: [Statement])
    case `while`(test: Expression, body: [Statement], otherwise: [Statement])
    case `for`(ForLoop)
    case with([WithItem], body: [Statement], isAsync: Bool)
    case `try`(TryStatement)
    case function(FunctionDefinition)
    case `class`(ClassDefinition)
    case match(subject: Expression, [MatchCase])
    /// `type name[parameters] = value`.
    case typeAlias(name: String, [TypeParameter], value: Expression)
  }
}

/// What an assignment, a loop, `with`, `del` or a comprehension binds.
public struct Target: Sendable {
  /// What it is.
  public let kind: Kind
  /// Its first character.
  public let position: Position

  /// Creates a target that begins at `position`.
  public init(_ kind: Kind, at position: Position) {
    self.kind = kind
    self.position = position
  }

  /// The forms of targets.
  public indirect enum Kind: Sendable {
    case name(String)
    /// `object.name`, and where the name stands.
    case attribute(Expression, String, at: Position)
    case `subscript`(Expression, Expression)
    /// At most one element is ``starred(_:)``.
    case tuple([Target])
    /// At most one element is ``starred(_:)``.
    case list([Target])
    case starred(Target)
  }
}

/// `if test: body` or `elif test: body`.
public struct ConditionalBranch: Sendable {
  /// Where the `if` or `elif` stands.
  public let position: Position
  /// The condition.
  public let test: Expression
  /// What runs when it holds.
  public let body: [Statement]
}

/// `import a.b.c as name`.
public struct ImportedModule: Sendable {
  /// The dotted name's parts, at least one.
  public let path: [String]
  /// The name after `as`; nil binds the first part.
  public let alias: String?
  /// Where the dotted name begins.
  public let position: Position
}

/// `from ..a.b import x as y, z` or `from a import *`.
public struct ImportFrom: Sendable {
  /// The dotted name's parts; empty for `from . import x`.
  public let path: [String]
  /// The number of leading dots.
  public let level: Int
  /// What is imported.
  public let names: Names
  /// Where the dotted name (or its dots) begins.
  public let position: Position

  /// What is imported.
  public enum Names: Sendable {
    /// `*`
    case all
    case listed([ImportedName])
  }
}

/// `x as y` of a `from` import.
public struct ImportedName: Sendable {
  /// The name in the module.
  public let name: String
  /// The name after `as`.
  public let alias: String?
  /// Where the name stands.
  public let position: Position
}

/// `for target in iterable: ... else: ...`.
public final class ForLoop: Sendable {
  /// What each item is bound to.
  public let target: Target
  /// What is iterated.
  public let iterable: Expression
  /// What runs for each item.
  public let body: [Statement]
  /// What runs when the items are exhausted without `break`.
  public let otherwise: [Statement]
  /// Whether it is `async for`.
  public let isAsync: Bool

  init(
    target: Target, iterable: Expression, body: [Statement], otherwise: [Statement], isAsync: Bool
  ) {
    self.target = target
    self.iterable = iterable
    self.body = body
    self.otherwise = otherwise
    self.isAsync = isAsync
  }
}

/// `context as target` of a `with` statement.
public struct WithItem: Sendable {
  /// The context manager.
  public let context: Expression
  /// What its `__enter__` result is bound to.
  public let target: Target?
}

/// `try` with its handlers.
public final class TryStatement: Sendable {
  /// What is tried.
  public let body: [Statement]
  /// The `except` clauses.
  public let handlers: [ExceptHandler]
  /// Runs when nothing was raised.
  public let otherwise: [Statement]
  /// Runs in any case.
  public let finally: [Statement]
  /// Whether the handlers are `except*`.
  public let isGroup: Bool

  init(
    body: [Statement], handlers: [ExceptHandler], otherwise: [Statement], finally: [Statement],
    isGroup: Bool
  ) {
    self.body = body
    self.handlers = handlers
    self.otherwise = otherwise
    self.finally = finally
    self.isGroup = isGroup
  }
}

/// `except type as name: body`.
public struct ExceptHandler: Sendable {
  /// Where the `except` stands.
  public let position: Position
  /// The type or tuple of types; nil catches everything.
  public let type: Expression?
  /// The name the exception is bound to.
  public let name: String?
  /// What runs.
  public let body: [Statement]
}
