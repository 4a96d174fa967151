public import Diagnostics
internal import Glibc
internal import SystemPackage

/// What a case came to.
public struct TestResult: Sendable {
  /// The runbook's name.
  public let runbook: String
  /// The case's name; nil for what is wrong with the file as a whole.
  public let name: String?
  /// Where the case stands.
  public let location: SourceLocation
  /// What was not as the case says; empty when it passed.
  public let failures: [TestFailure]
  /// At how many places the run was cut off.
  public let cuts: Int
  /// What it has shown of the runbook.
  public var shows: Set<TestSubject> = []
}

extension RunbookTest {
  /// Plays the cases, one after the other, with nothing of the world but a folder for their runs.
  ///
  /// - Parameters:
  ///   - only: the names of the cases to play; empty is all of them.
  ///   - cutsOff: whether crash matrices are played.
  ///   - catalog: what is known of actions.
  /// - Returns: a result for each case that was played.
  public func run(
    only: Set<String> = [], cutsOff: Bool = true, catalog: ActionCatalog
  ) async throws -> [TestResult] {
    let chosen = cases.filter { only.isEmpty || only.contains($0.name) }
    var results: [TestResult] = []
    var used: Set<Int> = []
    for testCase in chosen {
      let (result, uses) = try await run(testCase, cutsOff: cutsOff, catalog)
      results.append(result)
      used.formUnion(uses)
    }
    // Whether an answer of the whole file is of use only all cases together can show.
    guard cutsOff, chosen.count == cases.count, results.allSatisfy(\.failures.isEmpty) else {
      return results
    }
    let unused = unusedFailures(shared, used)
    if let first = unused.first {
      results.append(
        TestResult(
          runbook: runbook.name, name: nil, location: first.location, failures: unused, cuts: 0))
    }
    return results
  }

  private func run(
    _ testCase: TestCase, cutsOff: Bool, _ catalog: ActionCatalog
  ) async throws -> (TestResult, Set<Int>) {
    try await ScratchFolder.with { folder in
      let stage = CaseStage(self, testCase, catalog: catalog, in: folder)
      var (failures, shows) = try await play(testCase, on: stage, changing(catalog))
      var (cuts, used) = (0, stage.world.used)
      if failures.isEmpty, testCase.hasCrashMatrix, cutsOff {
        var number = 0
        let matrix = CutMatrix(runbook) {
          number += 1
          return CaseStage(
            self, testCase, catalog: catalog, in: folder.appending("cut-\(number)"))
        }
        let played = try await matrix.play()
        (cuts, failures) = (played.cuts, played.failures)
        used.formUnion(played.used)
      }
      // What a crash matrix would have asked for nobody knows without it.
      if failures.isEmpty, cutsOff || !testCase.hasCrashMatrix {
        failures = unusedFailures(testCase.setting, used)
        for leg in testCase.legs { failures += unusedFailures(leg.setting, used) }
      }
      let result = TestResult(
        runbook: runbook.name, name: testCase.name, location: testCase.location,
        failures: failures, cuts: cuts, shows: failures.isEmpty ? shows : [])
      return (result, used)
    }
  }

  /// Plays the run and what follows it; the first leg that fails is the last one.
  private func play(
    _ testCase: TestCase, on stage: CaseStage, _ changing: Set<String>
  ) async throws -> (failures: [TestFailure], shows: Set<TestSubject>) {
    let end = try await stage.run()
    if let failure = stage.world.failure { return ([failure], []) }
    var shows = TestSubject.shown(by: end, changing: changing)
    let judge = CaseJudge(runbook: runbook, expectation: testCase.expectation, end: end)
    var failures = judge.failures() + judge.vacuousChecks()
    for leg in testCase.legs where failures.isEmpty {
      let end = try await stage.goOn(leg.kind, leg)
      if let failure = stage.world.failure { return ([failure], []) }
      let more = TestSubject.shown(by: end, changing: changing)
      // A run that was taken back ends well, and shows nothing of the steps.
      shows.formUnion(leg.kind == .undo ? more.subtracting([.success]) : more)
      failures =
        CaseJudge(runbook: runbook, expectation: leg.expectation, end: end).failures()
    }
    return (failures, shows)
  }

  private func unusedFailures(_ setting: TestSetting, _ used: Set<Int>) -> [TestFailure] {
    let answers = setting.answers.filter { !$0.isOptional && !used.contains($0.id) }.map {
      TestFailure(
        "this answer of \($0.uses) was never asked for", at: $0.location,
        details: ["Take it out, or say optional: true."])
    }
    let questions = (setting.questions ?? []).filter { !used.contains($0.id) }.map {
      TestFailure("this question was never asked", at: $0.location)
    }
    return answers + questions
  }
}
