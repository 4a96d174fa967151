public import OrderedCollections
public import Quantities

/// What expressions can see at one moment of a run.
public struct Scope: Sendable {
  /// The contexts besides `steps`, by name: `inputs`, `target`, `run`, `result`, `env`, ...
  public var contexts: [String: Value]
  /// The steps of the runbook, those that have not run yet too; nil where `steps` has no place.
  public var steps: OrderedDictionary<String, StepView>?
  /// The moment that `now()` gives.
  public var now: Timestamp

  /// Creates a scope.
  public init(
    contexts: [String: Value] = [:], steps: OrderedDictionary<String, StepView>? = nil,
    now: Timestamp = .now()
  ) {
    self.contexts = contexts
    self.steps = steps
    self.now = now
  }

  /// The scope with one more context, or another value of one.
  public func with(_ name: String, _ value: Value) -> Scope {
    var scope = self
    scope.contexts[name] = value
    return scope
  }
}

/// A step as expressions see it.
public struct StepView: Sendable {
  /// `pending`, `running`, `done`, `satisfied`, `recovered`, `skipped`, `blocked`, `failed`,
  /// `in-doubt`, `undone`.
  public var status: String
  /// Its outputs; nil as long as it has none because it did not run to its end.
  public var outputs: OrderedDictionary<String, Value>?
  /// When it began; nil when it did not.
  public var startedAt: Timestamp?
  /// When it ended; nil when it did not.
  public var finishedAt: Timestamp?

  /// Creates a view.
  public init(
    status: String, outputs: OrderedDictionary<String, Value>? = nil, startedAt: Timestamp? = nil,
    finishedAt: Timestamp? = nil
  ) {
    self.status = status
    self.outputs = outputs
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }
}

/// The members of `steps.<id>`.
enum StepMember: String, CaseIterable, Sendable {
  case status, outputs
  case startedAt = "started-at"
  case finishedAt = "finished-at"
}

/// The members of `target` that an environment may lack: they are null then, and not unknown.
enum TargetMember {
  static let optional: Set<String> = [
    "database", "kubernetes", "aws", "prometheus", "alertmanager", "loki", "github", "terraform",
    "api", "values",
  ]
  static let always: Set<String> = ["name", "protected"]
}
