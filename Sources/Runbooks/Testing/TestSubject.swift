/// What the cases of a runbook have to show of it.
public enum TestSubject: String, Sendable, CaseIterable {
  /// A run that ends well.
  case success
  /// A guard that does not hold, and stops the run.
  case blocked
  /// A check that does not hold once something was changed; of a runbook that changes nothing, any.
  case failedCheck = "failed-check"
  /// Steps that are taken back.
  case undo

  /// In words: `no case shows ...`.
  public var words: String {
    switch self {
    case .success: "a run that ends well"
    case .blocked: "a guard that blocks it"
    case .failedCheck: "a check that fails"
    case .undo: "an undo"
    }
  }

  /// What a run has shown so far, by its journal.
  ///
  /// - Parameter changing: the steps that change something.
  static func shown(by end: CaseStage.End, changing: Set<String>) -> Set<TestSubject> {
    var shown: Set<TestSubject> = end.exit == 0 ? [.success] : []
    var hasChanged = changing.isEmpty
    for record in end.records {
      switch record.event {
      case .guards(_, _, false, _): shown.insert(.blocked)
      case .action(let action) where changing.contains(action.step) && action.ok: hasChanged = true
      case .check(_, .after, _, false, _) where hasChanged: shown.insert(.failedCheck)
      case .undoFinish(_, true, _): shown.insert(.undo)
      default: continue
      }
    }
    return shown
  }
}

extension RunbookTest {
  /// The steps that change something.
  func changing(_ catalog: ActionCatalog) -> Set<String> {
    let steps = runbook.allSteps.filter { step in
      [.write, .destroy].contains(catalog.effect(of: step.work)) || step.work?.call != nil
    }
    return Set(steps.map(\.id))
  }

  /// What there is to show: a runbook without guards cannot be blocked by one, and one that takes
  /// nothing back has no undo.
  public var subjects: Set<TestSubject> {
    let steps = runbook.allSteps
    var subjects: Set<TestSubject> = [.success]
    if !runbook.guards.isEmpty || steps.contains(where: { !$0.guards.isEmpty }) {
      subjects.insert(.blocked)
    }
    if steps.contains(where: { !$0.checks.isEmpty }) { subjects.insert(.failedCheck) }
    let takesBack = steps.contains { step in
      if case .action = step.undo { true } else { step.work?.call != nil }
    }
    if takesBack { subjects.insert(.undo) }
    return subjects
  }

  /// What none of the cases has shown, in order; asked of the results of all of them.
  public func missing(in results: [TestResult]) -> [TestSubject] {
    let shown = results.filter { $0.runbook == runbook.name }.reduce(into: Set<TestSubject>()) {
      $0.formUnion($1.shows)
    }
    let missing = subjects.subtracting(shown)
    return TestSubject.allCases.filter(missing.contains)
  }
}
