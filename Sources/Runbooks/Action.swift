public import OrderedCollections
public import Quantities

/// A kind of step: what stands after `uses:`.
///
/// The engine knows no database and no cluster; the executable registers actions that do. A new
/// kind of step is a new action, never a change of the engine.
public protocol Action: Sendable {
  /// The name after `uses:`, such as `sql.query`.
  var name: String { get }
  /// What running it does to the world.
  var effect: Effect { get }
  /// The fields that `with:` may hold.
  var parameters: [ActionParameter] { get }
  /// What `result` looks like, for the static check of expressions.
  var result: Shape { get }
  /// Whether `recall` can tell; false for what leaves no trace that it could find again, such as a
  /// command in a pod. Steps of such an action need a check. The default is true.
  var isObservable: Bool { get }

  /// Looks, read-only, at what `run` is going to change. Journalled with `step.start` as
  /// `result.before`, so that it survives a crash. The default sees nothing.
  func observe(_ call: ActionCall) async throws -> Value
  /// Does it. Throws `ActionError` on failure; is cancelled by task cancellation, and then ends
  /// the work on the server too.
  func run(_ call: ActionCall) async throws -> ActionOutcome
  /// The built-in check: whether what `run` does is there already. Read-only. The engine asks it
  /// of steps without a check of their own, of steps whose check holds already (for their
  /// outputs), and after a crash; `call.before` is what `observe` saw. The default cannot tell.
  func recall(_ call: ActionCall) async throws -> Recollection
  /// What `run` would change, a line each, as plans show it; read-only. The default knows nothing.
  func changes(_ call: ActionCall) async throws -> [String]
  /// The shell command that a person would type to do the same, for plans and documents.
  func command(for with: OrderedDictionary<String, Value>) -> String
}

extension Action {
  /// Can tell.
  public var isObservable: Bool { true }
  /// Nothing that could be told beforehand.
  public func changes(_ call: ActionCall) async throws -> [String] { [] }
  /// What the format says of an action of this name.
  public var effect: Effect { ActionCatalog.format[name]?.effect ?? .write }
  /// What the format says of an action of this name.
  public var parameters: [ActionParameter] { ActionCatalog.format[name]?.parameters ?? [] }
  /// What the format says of an action of this name.
  public var result: Shape { ActionCatalog.format[name]?.result ?? .any }
  /// Sees nothing.
  public func observe(_ call: ActionCall) async throws -> Value { .null }
  /// Cannot tell.
  public func recall(_ call: ActionCall) async throws -> Recollection { .unknown }
}

/// What an action finds when it looks for its own effect.
public enum Recollection: Sendable {
  /// It is there; the value is the result that `run` would have given.
  case there(Value)
  /// It is not there, or not wholly: `run` may be run again.
  case absent
  /// The action cannot tell.
  case unknown
}

/// What an action does to the world.
public enum Effect: String, Sendable {
  /// Changes nothing: allowed in guards, checks and plans.
  case read
  /// Changes something.
  case write
  /// Takes something away that cannot be made again; needs an `undo` or the word `none`.
  case destroy
  /// Asks a person.
  case human
}

/// One field of an action's `with:`.
public struct ActionParameter: Sendable {
  /// The key.
  public var name: String
  /// What the value must be once its expressions are evaluated.
  public var shape: Shape
  /// Whether it must be given.
  public var isRequired: Bool
  /// Whether `${{ }}` may stand inside; false for SQL text, where parameters are the way.
  public var allowsExpressions: Bool
  /// Whether the field holds an expression over names of the action's own, such as `item`: the
  /// action gets its text and evaluates it.
  public var isDeferred: Bool
  /// Whether `secrets` may be read in it: the action keeps it out of sight.
  public var takesSecrets: Bool

  /// Describes a field.
  public init(
    _ name: String, _ shape: Shape, isRequired: Bool = false, allowsExpressions: Bool = true,
    isDeferred: Bool = false, takesSecrets: Bool = false
  ) {
    self.name = name
    self.shape = shape
    self.isRequired = isRequired
    self.allowsExpressions = allowsExpressions
    self.isDeferred = isDeferred
    self.takesSecrets = takesSecrets
  }
}

/// The static type of a value.
public indirect enum Shape: Hashable, Sendable {
  /// Not known before the run.
  case any
  case bool
  case number
  case string
  case timestamp
  case duration
  case array(Shape)
  /// An object with known members.
  case object([String: Shape])
  /// An object whose keys are data, such as table names.
  case map(Shape)
  /// The shape, or null.
  case optional(Shape)
}

/// What an action is called with.
public struct ActionCall: Sendable {
  /// The evaluated fields of `with:`; already checked against the action's parameters.
  public var with: OrderedDictionary<String, Value>
  /// The run that calls.
  public var run: RunIdentity
  /// Where the action is named: tells it from others of the same run, also when that is resumed.
  public var place: String
  /// What `observe` saw; null while observing.
  public var before: Value
  /// Tells the operator how far the action is, as one short line; may be called often.
  public var progress: @Sendable (String) -> Void

  /// Creates a call.
  public init(
    with: OrderedDictionary<String, Value>, run: RunIdentity, place: String = "",
    before: Value = .null,
    progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.with = with
    self.run = run
    self.place = place
    self.before = before
    self.progress = progress
  }
}

/// Who runs what, since when: the `run` context of expressions.
public struct RunIdentity: Hashable, Sendable {
  /// `2026-11-23T081502Z-database-restore-k7q2`.
  public var id: String
  /// The last part of the id, `k7q2`: short enough for names of databases.
  public var shortID: String
  /// The moment the run began.
  public var startedAt: Timestamp
  /// The operator's login name.
  public var user: String
  /// The operator's machine.
  public var host: String

  /// Creates an identity.
  public init(id: String, shortID: String, startedAt: Timestamp, user: String, host: String) {
    self.id = id
    self.shortID = shortID
    self.startedAt = startedAt
    self.user = user
    self.host = host
  }
}

/// What an action gives back.
public struct ActionOutcome: Sendable {
  /// What `expect` and `outputs` see as `result`.
  public var result: Value
  /// Raw output to keep as evidence.
  public var stdout: [UInt8]
  /// Raw error output to keep as evidence.
  public var stderr: [UInt8]

  /// Creates an outcome.
  public init(result: Value, stdout: [UInt8] = [], stderr: [UInt8] = []) {
    self.result = result
    self.stdout = stdout
    self.stderr = stderr
  }
}

/// Why an action failed, as `retry.if` and the report see it.
public struct ActionError: Error, Sendable, CustomStringConvertible {
  /// The class of failure: the `error.kind` of expressions.
  public enum Kind: String, Sendable, CaseIterable {
    case timeout, exit, connection, sql, http, assertion, refused, other
  }
  /// The class of failure.
  public var kind: Kind
  /// What happened, one line, without secrets.
  public var message: String
  /// What to do next.
  public var hint: String?
  /// The exit code of a process.
  public var exitCode: Int?
  /// The SQLSTATE of a server error.
  public var sqlState: String?
  /// Whether the effect may have happened all the same: a timeout, a lost connection at commit.
  public var isInDoubt: Bool
  /// Raw output of what failed, to keep as evidence.
  public var stdout: [UInt8] = []

  /// The same error with what was written before it: kept whole, where the message has its end only.
  public func keeping(stdout: [UInt8]) -> ActionError {
    var error = self
    error.stdout = stdout
    return error
  }

  /// Creates an error.
  public init(
    _ kind: Kind, _ message: String, hint: String? = nil, exitCode: Int? = nil,
    sqlState: String? = nil, isInDoubt: Bool = false
  ) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
    self.sqlState = sqlState
    self.isInDoubt = isInDoubt
  }

  /// The message.
  public var description: String { message }
}
