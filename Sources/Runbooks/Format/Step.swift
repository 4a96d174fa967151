public import Diagnostics
public import OrderedCollections
internal import YAML

/// One step of a runbook.
public struct Step: Sendable {
  /// What a check means that holds before the step ran.
  public enum WhenSatisfied: String, Sendable, CaseIterable {
    case skip, run, fail
  }

  /// What is kept of a step besides hashes.
  public enum Evidence: String, Sendable, CaseIterable {
    case stdout, stderr, result, before, after
  }

  /// What a drill does with a step.
  public enum DrillMode: String, Sendable, CaseIterable {
    case run, skip, simulate
  }

  /// The stable name that the journal refers to.
  public var id: String
  /// What it does, for people.
  public var name: String
  /// Why and how.
  public var description: String?
  /// Not true: the step is skipped.
  public var condition: Expression?
  /// What it does; nil for a step that only checks.
  public var work: Work?
  /// What must hold before.
  public var guards: [Assertion]
  /// What must hold after, and means that nothing is to be done when it holds before.
  public var checks: [Assertion]
  /// What a check means that holds before the step ran.
  public var whenSatisfied: WhenSatisfied
  /// How it is taken back.
  public var undo: Undo
  /// Whether a resume never repeats it without the operator's word.
  public var isOnce: Bool
  /// How long it may take.
  public var timeout: TimeSpan?
  /// How it is tried again.
  public var retry: Retry?
  /// Whether the run goes on after its failure.
  public var continuesOnError: Bool
  /// What it gives to later steps.
  public var outputs: OrderedDictionary<String, Output>
  /// What is kept of it in the run's folder. The result of the action is kept in any case: a resume
  /// reads it.
  public var evidence: Set<Evidence>
  /// The name under which its duration is reported.
  public var measure: String?
  /// What a drill does with it.
  public var drill: DrillMode
  /// Where it stands in the file.
  public var location: SourceLocation
  /// The SHA-256 of what it says, whatever its comments and layout: a resume compares it.
  public var digest: String
}

/// What a step, an assertion or an undo does.
public indirect enum Work: Sendable {
  case action(ActionReference)
  case script(Script)

  /// The name of the action, or of the shell.
  public var name: String {
    switch self {
    case .action(let action): action.name
    case .script(let script): script.shell.rawValue
    }
  }

  /// Every expression in it.
  public var expressions: [Expression] {
    switch self {
    case .action(let action): action.parameters.values.flatMap(\.expressions)
    case .script(let script): script.environment.values.flatMap(\.expressions)
    }
  }
}

/// An action and what it is called with.
public struct ActionReference: Sendable {
  /// The name after `uses:`.
  public var name: String
  /// The fields of `with:`.
  public var parameters: OrderedDictionary<String, Template>
  /// Where the name stands.
  public var location: SourceLocation

  /// The runbook that `uses: runbook/<name>` calls.
  public var calledRunbook: String? {
    name.hasPrefix("runbook/") ? String(name.dropFirst("runbook/".count)) : nil
  }
}

/// A piece of shell.
public struct Script: Sendable {
  /// The shells.
  public enum Shell: String, Sendable, CaseIterable {
    case bash, sh
  }

  /// The text, which holds no expressions: values come in by `environment`.
  public var text: String
  /// Who runs it.
  public var shell: Shell
  /// Variables for it.
  public var environment: OrderedDictionary<String, Template>
  /// Whether the author says that it changes nothing.
  public var isReadOnly: Bool
  /// Where it stands.
  public var location: SourceLocation
  /// The scalar that holds the text.
  var origin: YAMLScalar?
}

/// Something that must hold.
public struct Assertion: Sendable {
  /// A sentence that is true when it holds.
  public var name: String
  /// Not true: it is not asked.
  public var condition: Expression?
  /// What looks, read-only; nil when only the expectation is asked.
  public var probe: Work?
  /// What must be true of the result; nil when the probe says it all by not failing.
  public var expectation: Expression?
  /// Why it matters and what to do.
  public var because: String?
  /// Asked again until true, at most this long.
  public var within: TimeSpan?
  /// How long between two probes.
  public var every: TimeSpan
  /// Must hold without a break for this long.
  public var holdFor: TimeSpan?
  /// How long one probe may take.
  public var timeout: TimeSpan?
  /// Whether it holds before its step too, as its author says: a drill does not blame it for that.
  public var isInvariant = false
  /// Where it stands.
  public var location: SourceLocation

  /// Every expression in it.
  public var expressions: [Expression] {
    [condition, expectation].compactMap(\.self) + (probe?.expressions ?? [])
      + [within, every, holdFor, timeout].compactMap { $0?.expression }
  }
}

/// How a step is taken back.
public indirect enum Undo: Sendable {
  /// The file says nothing.
  case unspecified
  /// The file says that it cannot or need not be, and as far as it does why.
  case none(reason: String?)
  case action(UndoAction)
}

/// What takes a step back.
public struct UndoAction: Sendable {
  /// What it does, for people.
  public var name: String?
  /// What it does.
  public var work: Work
  /// Not true: it is left out.
  public var condition: Expression?
  /// What must hold after.
  public var checks: [Assertion]
  /// How long it may take.
  public var timeout: TimeSpan?
  /// How it is tried again.
  public var retry: Retry?
  /// The step after which it is no longer valid.
  public var until: String?
  /// Where it stands.
  public var location: SourceLocation

  /// Every expression in it.
  public var expressions: [Expression] {
    work.expressions + checks.flatMap(\.expressions)
      + [condition, timeout?.expression].compactMap(\.self) + (retry?.expressions ?? [])
  }
}

/// How something is tried again.
public struct Retry: Sendable {
  /// How often it is tried in all.
  public var attempts: Int
  /// How long to wait after the first failure.
  public var delay: TimeSpan
  /// By what the wait grows.
  public var backoff: Double
  /// The longest wait.
  public var maximumDelay: TimeSpan
  /// Tried again only while this holds; sees `error`.
  public var condition: Expression?

  /// Every expression in it.
  public var expressions: [Expression] {
    [condition, delay.expression, maximumDelay.expression].compactMap(\.self)
  }
}
