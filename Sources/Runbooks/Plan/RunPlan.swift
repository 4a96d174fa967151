public import JSON
internal import OrderedCollections

/// What a run would do now, found out without changing anything.
public struct RunPlan: Sendable {
  /// What would become of a step.
  public enum Verdict: String, Sendable {
    case wouldRun = "would-run"
    /// Its checks hold already: it would be passed over.
    case satisfied
    /// Its `if` is not true.
    case skipped
    /// A guard does not hold, a look at the systems fails, or this program cannot do it.
    case blocked
    /// Cannot be told before an earlier step has run.
    case depends
  }

  /// What an assertion answers now.
  public enum Answer: String, Sendable {
    case holds, fails, unknown
    /// Cannot be asked before an earlier step has run.
    case depends
  }

  /// A guard or a check, as it was found.
  public struct Assertion: Sendable {
    /// The sentence that is true when it holds.
    public var name: String
    /// Whether it was a guard; a check otherwise.
    public var isGuard: Bool
    /// What it answers now.
    public var answer: Answer
    /// Why it does not hold; masked.
    public var reason: String?
  }

  /// One step.
  public struct Step: Sendable {
    /// The stable name.
    public var id: String
    /// What it does, for people.
    public var name: String
    /// Its number in the file from 1; nil for the final steps.
    public var number: Int?
    /// What would become of it.
    public var verdict = Verdict.wouldRun
    /// Why; masked.
    public var reason: String?
    /// The number of the step that has to run before more can be told.
    public var dependsOn: Int?
    /// What a person would type to do the same; masked. Expressions that are not known yet stand
    /// in it as the file writes them.
    public var command: String?
    /// How it would be taken back; nil where the file says nothing.
    public var undo: String?
    /// What it would change, a line each; masked. Empty where that is not known.
    public var changes: [String] = []
    /// The guards and checks that were asked.
    public var assertions: [Assertion] = []
    /// What the run of another runbook would do that the step begins; nil where it begins none, or
    /// where its inputs are not known yet.
    public var called: RunPlan?
  }

  /// The runbook's name.
  public var runbook: String
  /// The runbook's name for people.
  public var title: String
  /// The file, and the hash of its bytes.
  public var file: String
  /// The SHA-256 of the file.
  public var sha256: String
  /// The environment's name.
  public var target: String
  /// What proves which systems were looked at.
  public var identities: [String: String]
  /// The inputs.
  var inputs: OrderedDictionary<String, Value>
  /// The runbooks that it calls, and the SHA-256 of their files.
  public var called: [String: String] = [:]
  /// The runbook's own guards.
  public var guards: [Assertion] = []
  /// The steps.
  public var steps: [Step] = []
  /// The steps of `finally`.
  public var finally: [Step] = []

  /// Whether nothing is known that would stop the run.
  public var isRunnable: Bool {
    guards.allSatisfy { $0.answer == .holds } && !steps.contains { $0.verdict == .blocked }
  }

  /// The first thing that is known to stop it.
  var obstacle: String? {
    let failed = guards.first { $0.answer != .holds }
    if let failed { return "\(failed.name)\(failed.reason.map { ": \($0)" } ?? "")" }
    let blocked = steps.first { $0.verdict == .blocked }
    return blocked.map { "\($0.name)\($0.reason.map { ": \($0)" } ?? "")" }
  }

  /// The answers that an approval rests on: those of every guard.
  var answers: [String: String] {
    var answers: [String: String] = [:]
    for assertion in guards { answers["guard: \(assertion.name)"] = assertion.answer.rawValue }
    for step in steps {
      for assertion in step.assertions where assertion.isGuard {
        answers["\(step.id): \(assertion.name)"] = assertion.answer.rawValue
      }
      for (name, answer) in step.called?.answers ?? [:] { answers["\(step.id)/\(name)"] = answer }
    }
    return answers
  }

  /// The plan as documented, and as `run --plan` reads it.
  public var json: JSON {
    [
      "called": JSON(called), "runbook": .string(runbook), "file": .string(file),
      "sha256": .string(sha256),
      "target": .string(target), "identities": JSON(identities),
      "inputs": ValueCoding.encode(.object(inputs)), "runnable": .bool(isRunnable),
      "guards": .array(guards.map(\.json)), "steps": .array(steps.map(\.json)),
      "finally": .array(finally.map(\.json)), "answers": JSON(answers),
    ]
  }
}

extension RunPlan.Assertion {
  fileprivate var json: JSON {
    [
      "name": .string(name), "kind": isGuard ? "guard" : "check",
      "answer": .string(answer.rawValue), "reason": JSON(reason),
    ]
  }
}

extension RunPlan.Step {
  fileprivate var json: JSON {
    var fields: OrderedDictionary<String, JSON> = [
      "id": .string(id), "name": .string(name), "verdict": .string(verdict.rawValue),
      "reason": JSON(reason), "depends-on": dependsOn.map { JSON($0) } ?? .null,
      "command": JSON(command), "undo": JSON(undo),
      "assertions": .array(assertions.map(\.json)),
    ]
    if !changes.isEmpty { fields["changes"] = .array(changes.map { .string($0) }) }
    if let called { fields["called"] = called.json }
    return .object(fields)
  }
}
