public import Diagnostics
public import OrderedCollections
internal import Quantities

/// A procedure as its file describes it, read and found to be well-formed.
public struct Runbook: Sendable {
  /// What a runbook may do at worst.
  public enum Risk: String, Sendable, CaseIterable {
    case read, low, high, destructive
  }

  /// What happens when a step fails.
  public enum FailurePolicy: String, Sendable, CaseIterable {
    case stop, undo, ask
  }

  /// The name, equal to the file's base name.
  public var name: String
  /// The name for people; the name itself where the file gives none.
  public var title: String
  /// What it is for and when to use it, in Markdown.
  public var description: String
  /// Who looks after it.
  public var owner: String?
  /// Words to find it by.
  public var tags: [String]
  /// The alerts that it answers.
  public var alerts: [String]
  /// Where they are named; the file's beginning where they are not.
  var alertsLocation: SourceLocation
  /// What it may do at worst.
  public var risk: Risk
  /// What it needs to run.
  public var requirements: Requirements
  /// What the operator gives, in the order of the file.
  public var inputs: OrderedDictionary<String, Input>
  /// Where secret values come from.
  public var secrets: OrderedDictionary<String, SecretSource>
  /// Variables of every shell step.
  public var environment: OrderedDictionary<String, Template>
  /// What keeps two runs apart.
  public var concurrency: Concurrency?
  /// How long the whole run may take.
  public var timeout: TimeSpan?
  /// What happens when a step fails.
  public var onFailure: FailurePolicy
  /// What must hold before anything is done.
  public var guards: [Assertion]
  /// What is done, in order.
  public var steps: [Step]
  /// What is done at the end, come what may.
  public var finally: [Step]
  /// What the run reports.
  public var outputs: OrderedDictionary<String, Output>
  /// How it is exercised.
  public var drill: Drill?
  /// The file.
  public var source: RunbookSource

  /// The steps and those of `finally`, in the order in which they run.
  public var allSteps: [Step] { steps + finally }

  /// A step by its id, also of `finally`.
  public func step(_ id: String) -> Step? {
    steps.first { $0.id == id } ?? finally.first { $0.id == id }
  }
}

/// The file that a runbook comes from.
public struct RunbookSource: Sendable {
  /// The path as the user named it.
  public var file: String
  /// The bytes as they were read; the run keeps them.
  public var bytes: [UInt8]
  /// The SHA-256 of the bytes.
  public var sha256: String
}

/// What a runbook needs to run.
public struct Requirements: Sendable {
  /// Kinds of systems that the environment must name: `database`, `kubernetes`, ...
  public var targets: [String]
  /// Programs and their versions, such as `>=1.40`.
  public var tools: OrderedDictionary<String, String>
}

/// What keeps two runs apart.
public struct Concurrency: Sendable {
  /// Runs of the same group exclude each other.
  public var group: Template
  /// The kind of lock: `file`, `postgres`, `kubernetes`.
  public var lock: String
  /// How long to wait for it.
  public var wait: TimeSpan
}

/// A length of time: given, or computed when it is needed.
public indirect enum TimeSpan: Sendable {
  // Indirect: the code that copies a runbook has a part for everything inside of it, in every
  // type that holds one.
  case fixed(Duration)
  case computed(Expression)

  /// The length in a scope.
  public func evaluate(in scope: Scope) throws(ExpressionError) -> Duration {
    switch self {
    case .fixed(let duration): return duration
    case .computed(let expression):
      switch try expression.evaluate(in: scope) {
      case .duration(let duration) where duration >= .zero: return duration
      case let value:
        throw expression.error(
          ExpressionFault(
            reason: "\"\(expression.source)\" is \(value.typeName), where a duration is needed",
            offset: expression.root.range.lowerBound, hint: "Texts become durations by duration(x)."
          ))
      }
    }
  }

  /// The expression of a computed length.
  public var expression: Expression? {
    if case .computed(let expression) = self { expression } else { nil }
  }

  /// As it stands in the file.
  public var spelling: String {
    switch self {
    case .fixed(let duration): duration.canonical
    case .computed(let expression): "${{ \(expression.source) }}"
    }
  }
}

/// Where a secret value comes from.
public struct SecretSource: Sendable {
  /// The kinds of places.
  public enum Place: Hashable, Sendable {
    /// A variable of the environment.
    case environment(String)
    /// A file.
    case file(String)
    /// AWS Secrets Manager, by id.
    case awsSecretsManager(String)
    /// A Kubernetes secret, `namespace/name`.
    case kubernetes(String)
    /// The person at the terminal.
    case prompt
  }

  /// The name in expressions.
  public var name: String
  /// What it is.
  public var description: String?
  /// Where it comes from.
  public var place: Place
  /// Which part, of places that hold several.
  public var key: String?
  /// Where it stands in the file.
  public var location: SourceLocation
}

/// A value that a step or a run gives.
public struct Output: Sendable {
  /// Computes it; over `result` in a step. An expression may stand here without its braces.
  public var value: Template
  /// Whether it is masked and kept out of the journal.
  public var isSecret: Bool
  /// What it is.
  public var description: String?
}

/// How a runbook is exercised.
public struct Drill: Sendable {
  /// What stands for each kind of target: `throwaway`, `simulated`. A drill touches nothing of an
  /// environment, so that there is no word for the real one.
  public var targets: OrderedDictionary<String, String>
  /// The inputs of a drill.
  public var inputs: OrderedDictionary<String, Value>
  /// The file with the data to begin with.
  public var seed: String?
  /// The revision that the database is brought to before: one of the project, `heads`, `previous` (one
  /// step below them), or `none`; nil is `heads` where there is a project.
  public var revision: String?
  /// How often it is due.
  public var every: TimeSpan?
  /// How long a recovery may take.
  public var recoveryTime: TimeSpan?
  /// How much data may be lost.
  public var recoveryPoint: TimeSpan?
  /// The step at whose beginning the recovery time begins.
  public var measureFrom: String?
  /// The step at whose end it ends.
  public var measureTo: String?
  /// Computes the data loss.
  public var measuredLoss: Expression?
  /// Where it stands in the file.
  public var location: SourceLocation
}
