internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Text

/// Compares what a leg came to with what the case says.
struct CaseJudge {
  let runbook: Runbook
  let expectation: TestExpectation
  let end: CaseStage.End

  func failures() -> [TestFailure] {
    exitFailures() + stepFailures() + outputFailures()
  }

  // MARK: The end

  private func exitFailures() -> [TestFailure] {
    var failures: [TestFailure] = []
    if end.exit != expectation.exit {
      failures.append(
        TestFailure(
          "it ended with exit code \(end.exit), not \(expectation.exit)",
          at: expectation.location, expected: String(expectation.exit), seen: String(end.exit),
          details: standing))
    }
    if let name = expectation.blockedBy, end.state.failedGuard != name {
      failures.append(
        TestFailure(
          "the guard \"\(name)\" did not block the run", at: expectation.location, expected: name,
          seen: end.state.failedGuard ?? "no guard blocked it"))
    }
    if let changed = expectation.changed, end.report?["changed"]?.bool != changed {
      failures.append(
        TestFailure(
          "\"changed\" is not \(changed)", at: expectation.location, expected: "\(changed)",
          seen: end.report?["changed"]?.bool.map { "\($0)" } ?? "no report"))
    }
    return failures
  }

  /// Where the run stands: what did not go well, or all where everything did.
  private var standing: [String] {
    if let refusal = end.refusal { return [refusal] }
    if let name = end.state.failedGuard { return ["guard \"\(name)\" does not hold"] }
    let open = runbook.allSteps.filter { !end.state[$0.id].status.isSettled }
    return open.filter { end.state[$0.id].status != .pending }.map { line(of: $0) }
  }

  private func line(of step: Step) -> String {
    let now = end.state[step.id]
    return "\(step.id): \(now.status.rawValue)\(now.detail.map { ": \($0)" } ?? "")"
  }

  // MARK: Steps

  private func stepFailures() -> [TestFailure] {
    expectation.steps.flatMap { id, expected -> [TestFailure] in
      guard let step = runbook.step(id) else { return [] }
      let now = end.state[id]
      guard now.status == expected.status else {
        return [
          TestFailure(
            "step \"\(id)\" is \(now.status.rawValue), not \(expected.status.rawValue)",
            at: expected.location, expected: expected.status.rawValue, seen: line(of: step))
        ]
      }
      var failures: [TestFailure] = []
      if let detail = expected.detail, !(now.detail ?? "").contains(text: detail) {
        failures.append(
          TestFailure(
            "step \"\(id)\" does not say \"\(detail)\"", at: expected.location, expected: detail,
            seen: now.detail ?? "nothing"))
      }
      for (name, value) in expected.outputs {
        let seen = now.outputs?[name].map(\.json)
        failures += compare("output \"\(name)\" of \"\(id)\"", value, seen, expected.location)
      }
      return failures
    }
  }

  private func outputFailures() -> [TestFailure] {
    expectation.outputs.flatMap { name, value in
      compare(
        "output \"\(name)\"", value, end.report?["outputs"]?[name], expectation.location)
    }
  }

  private func compare(
    _ what: String, _ expected: Value, _ seen: JSON?, _ location: SourceLocation
  ) -> [TestFailure] {
    guard let seen else {
      return [
        TestFailure("\(what) has no value", at: location, expected: expected.json.text())
      ]
    }
    if seen.isLike(expected.json) { return [] }
    return [
      TestFailure(
        "\(what) is another", at: location, expected: expected.json.text(), seen: seen.text())
    ]
  }

  // MARK: Checks that say nothing

  /// Checks that held before their step ran, and steps that were satisfied though the case does not
  /// say so. Of the first leg: later ones come after attempts.
  func vacuousChecks() -> [TestFailure] {
    let first = end.records.prefix { if case .resume = $0.event { false } else { true } }
    return VacuousCheck.found(in: first, of: runbook).compactMap { vacuous in
      if expectation.steps[vacuous.step]?.status == .satisfied { return nil }
      return TestFailure(
        "the check \"\(vacuous.check)\" of step \"\(vacuous.step)\" held before its step ran",
        at: expectation.location, seen: vacuous.words,
        details: [
          "Let it ask for what only the step brings about, and answer it with another result",
          "\"after: \(vacuous.step)\"; expect \"\(vacuous.step): satisfied\" where all is there",
          "already; or say \"invariant: true\" where it holds all the time.",
        ])
    }
  }
}

/// A check that held before its step ran, so that it cannot show that the step worked.
public struct VacuousCheck: Sendable, Hashable {
  /// The step's id.
  public let step: String
  /// The check's name.
  public let check: String
  /// Whether the step was not run because of it.
  public let isSatisfied: Bool

  /// What it came to.
  public var words: String {
    isSatisfied ? "the step was satisfied and did not run" : "the check says nothing of the step"
  }

  /// Those of a journal.
  static func found(
    in records: some Sequence<JournalRecord>, of runbook: Runbook
  ) -> [VacuousCheck] {
    var held: OrderedDictionary<String, [String]> = [:]
    var satisfied: Set<String> = []
    for record in records {
      switch record.event {
      case .check(let step, .before, let name, true, _): held[step, default: []].append(name)
      case .stepFinish(let finish) where finish.status == .satisfied: satisfied.insert(finish.step)
      default: continue
      }
    }
    return held.flatMap { id, names in
      let checks = runbook.step(id)?.checks ?? []
      return names.filter { name in checks.contains { $0.name == name && !$0.isInvariant } }
        .map { VacuousCheck(step: id, check: $0, isSatisfied: satisfied.contains(id)) }
    }
  }
}

extension JSON {
  /// Whether it says the same, whatever way a number is written and members are ordered.
  fileprivate func isLike(_ other: JSON) -> Bool {
    switch (self, other) {
    case (.array(let mine), .array(let theirs)):
      mine.count == theirs.count && zip(mine, theirs).allSatisfy { $0.isLike($1) }
    case (.object(let mine), .object(let theirs)):
      mine.count == theirs.count
        && mine.allSatisfy { key, value in theirs[key].map(value.isLike) ?? false }
    default: self == other || (double != nil && double == other.double)
    }
  }
}
