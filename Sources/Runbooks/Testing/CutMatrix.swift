internal import SystemPackage

/// Cuts a case's run off at every record of its journal, as a crash would, and goes on: the end must
/// be that of the run that nobody disturbed, and an undo must leave no more behind.
struct CutMatrix {
  let runbook: Runbook
  /// Makes a new stage.
  let stage: () throws -> CaseStage
  /// How many failures are told; the others are counted.
  private static let limit = 5

  init(_ runbook: Runbook, stage: @escaping () throws -> CaseStage) {
    self.runbook = runbook
    self.stage = stage
  }

  /// What a run leaves behind.
  private struct Outcome: Equatable {
    var exit: Int32
    var statuses: [String]
    var effects: Set<String>

    init(_ end: CaseStage.End, _ stage: CaseStage) {
      exit = end.exit
      effects = stage.world.effects
      // What was found to be there already is as good as done.
      statuses = stage.test.runbook.allSteps.map { step in
        let status = end.state[step.id].status
        return "\(step.id): "
          + (status == .recovered || status == .satisfied ? "done" : status.rawValue)
      }
    }
  }

  /// Plays it all; gives the number of cuts and what went wrong.
  func play() async throws -> (cuts: Int, failures: [TestFailure], used: Set<Int>) {
    let whole = try stage()
    let end = try await whole.run()
    let reference = Outcome(end, whole)
    var used = whole.world.used
    guard end.exit == 0 else { return (0, [], used) }
    let undone = try await undone(&used)
    var failures: [TestFailure] = []
    let cuts = CutMatrix.points(end.records)
    for cut in cuts {
      failures += try await resumed(cut, end, reference, &used)
      if let undone { failures += try await takenBack(cut, end, undone, &used) }
    }
    let more = failures.count - CutMatrix.limit
    failures = Array(failures.prefix(CutMatrix.limit))
    if more > 0 {
      failures.append(
        TestFailure("\(more) more cuts of the crash matrix failed", at: whole.testCase.location))
    }
    return (cuts.count, failures, used)
  }

  /// After each record but the last, which ends the run; and before each record that an action was
  /// done, when its effect is there and nobody knows.
  private static func points(_ records: [JournalRecord]) -> [CutPoint] {
    records.indices.flatMap { index -> [CutPoint] in
      var points: [CutPoint] = []
      if case .action = records[index].event { points.append(.before(index + 1)) }
      if index + 1 < records.count { points.append(.after(index + 1)) }
      return points
    }
  }

  /// What an undo of the whole run leaves; nil where the runbook has no undo at all.
  private func undone(_ used: inout Set<Int>) async throws -> Outcome? {
    let hasUndo = runbook.steps.contains { if case .action = $0.undo { true } else { false } }
    guard hasUndo else { return nil }
    let stage = try stage()
    _ = try await stage.run()
    let end = try await stage.goOn(.undo)
    used.formUnion(stage.world.used)
    return Outcome(end, stage)
  }

  private func resumed(
    _ cut: CutPoint, _ whole: CaseStage.End, _ reference: Outcome, _ used: inout Set<Int>
  ) async throws -> [TestFailure] {
    let stage = try stage()
    let end = try await stage.run(cut: cut)
    if let failure = stage.world.failure { return [failure] }
    guard end.wasCut else { return [failure(cut, whole, stage, "the run was another one")] }
    let resumed = try await stage.goOn(.resume)
    used.formUnion(stage.world.used)
    if let failure = stage.world.failure { return [failure] }
    let outcome = Outcome(resumed, stage)
    if outcome == reference { return [] }
    return [
      failure(
        cut, whole, stage, "resumed, it does not end as a run that nobody disturbed",
        details: differences(outcome, reference) + (resumed.refusal.map { [$0] } ?? []))
    ]
  }

  private func takenBack(
    _ cut: CutPoint, _ whole: CaseStage.End, _ reference: Outcome, _ used: inout Set<Int>
  ) async throws -> [TestFailure] {
    let stage = try stage()
    _ = try await stage.run(cut: cut)
    if stage.world.failure != nil { return [] }
    let end = try await stage.goOn(.undo)
    used.formUnion(stage.world.used)
    if let failure = stage.world.failure { return [failure] }
    let left = stage.world.effects.subtracting(reference.effects).subtracting(effectless)
    if left.isEmpty, end.exit == 0 || end.exit == reference.exit { return [] }
    var details = left.sorted().map { "\($0): its effect is still there" }
    if end.exit != reference.exit {
      details.insert("exit code \(end.exit) instead of \(reference.exit)", at: 0)
    }
    if let refusal = end.refusal { details.append(refusal) }
    return [failure(cut, whole, stage, "the undo does not take it back", details: details)]
  }

  /// Steps that leave nothing to take back: they only look, or their undo is `none`.
  private var effectless: Set<String> {
    Set(runbook.allSteps.filter { if case .action = $0.undo { false } else { true } }.map(\.id))
  }

  private func differences(_ outcome: Outcome, _ reference: Outcome) -> [String] {
    var lines: [String] = []
    if outcome.exit != reference.exit {
      lines.append("exit code \(outcome.exit) instead of \(reference.exit)")
    }
    for (mine, theirs) in zip(outcome.statuses, reference.statuses) where mine != theirs {
      lines.append("\(mine) instead of \(theirs.drop { $0 != ":" }.dropFirst(2))")
    }
    for step in outcome.effects.symmetricDifference(reference.effects).sorted() {
      lines.append(
        "\(step): its effect is \(outcome.effects.contains(step) ? "there" : "not there")")
    }
    return lines
  }

  private func failure(
    _ cut: CutPoint, _ whole: CaseStage.End, _ stage: CaseStage, _ message: String,
    details: [String] = []
  ) -> TestFailure {
    let (word, number) =
      switch cut {
      case .before(let number): ("before", number)
      case .after(let number): ("after", number)
      }
    let event = whole.records[number - 1].event
    let step = event.step.map { " of \($0)" } ?? ""
    return TestFailure(
      "cut off \(word) record \(number) (\(event.type)\(step)): \(message)",
      at: stage.testCase.location, details: details)
  }
}
