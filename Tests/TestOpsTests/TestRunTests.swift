import TestOps
import Testing

/// A result of a test in a few words.
func result(
  _ name: String, _ outcome: TestResult.Outcome = .passed, attempt: Int = 1, round: Int = 1,
  duration: Double = 0.01, message: String? = nil, worker: Int = 0, start: Double = 0
) -> TestResult {
  TestResult(
    id: "tests/test_a.py::\(name)", suite: "tests.test_a", name: name, outcome: outcome,
    file: "tests/test_a.py", start: start, duration: duration, worker: worker, attempt: attempt,
    round: round, message: message)
}

@Suite("what a run of tests says")
struct TestRunTests {
  private func run(_ results: [TestResult], _ troubles: [Trouble] = []) -> TestRun {
    TestRun(suite: "unit", start: 0, results: results, troubles: troubles)
  }

  @Test("only a run whose every test came to a good end is green")
  func verdicts() {
    let all: [(TestResult.Outcome, TestRun.Verdict)] = [
      (.passed, .passed), (.failed, .failed), (.error, .failed), (.skipped, .passed),
      (.expectedFailure, .passed), (.unexpectedPass, .passed),
    ]
    for (outcome, verdict) in all {
      #expect(run([result("a"), result("b", outcome)]).verdict == verdict, "\(outcome)")
    }
    #expect(run([]).verdict == .nothingRan)
    #expect(run([], [Trouble(.nothingRan, "no tests ran")]).verdict == .nothingRan)
  }

  @Test("trouble stands above failures, until it is made good", arguments: Trouble.Kind.allCases)
  func troubles(_ kind: Trouble.Kind) {
    var trouble = Trouble(kind, "it broke")
    let expected: TestRun.Verdict =
      switch kind {
      case .nothingRan: .nothingRan
      case .coverage: .failed
      default: .broken
      }
    #expect(run([result("a")], [trouble]).verdict == expected)
    #expect(
      run([result("a", .failed)], [trouble]).verdict == (expected == .broken ? .broken : .failed))
    trouble.isRecovered = true
    #expect(run([result("a")], [trouble]).verdict == .passed)
    #expect(run([], [trouble]).verdict == .nothingRan)
  }

  @Test("of several tries the last counts, and a failure before it is told as flaky")
  func retries() {
    let retried = run([
      result("a", .failed), result("b", .failed), result("a", .passed, attempt: 2),
      result("b", .failed, attempt: 2), result("c"),
    ])
    #expect(retried.outcomes.values.map(\.outcome) == [.passed, .failed, .passed])
    #expect(retried.flaky == ["tests/test_a.py::a"])
    #expect(retried.failures.map(\.name) == ["b"])
    #expect(retried.verdict == .failed)
    #expect(retried.counts == [.passed: 2, .failed: 1])
    // Tries that are heard of out of their order.
    let late = run([result("a", .passed, attempt: 2), result("a", .failed)])
    #expect(late.outcomes.values.map(\.outcome) == [.passed])
    #expect(late.flaky.count == 1)
  }

  @Test("of several repetitions the worst counts")
  func repetitions() {
    let repeated = run([
      result("a"), result("a", .failed, round: 2), result("a", round: 3), result("b"),
    ])
    #expect(repeated.outcomes.values.map(\.outcome) == [.failed, .passed])
    #expect(repeated.flaky == ["tests/test_a.py::a"])
    #expect(repeated.verdict == .failed)
  }

  @Test("the slowest come first, each once, and skipped ones are not slow")
  func slowest() {
    let timed = run([
      result("a", duration: 1), result("b", .failed, duration: 3),
      result("b", attempt: 2, duration: 0.1), result("c", .skipped, duration: 9),
      result("d", duration: 2),
    ])
    #expect(timed.slowest(2).map(\.name) == ["b", "d"])
    #expect(timed.slowest(9).count == 3)
  }

  @Test("what is other than before is told, and a test that is gone is no success")
  func comparison() {
    let before = run([
      result("a"), result("b", .failed), result("c", .failed), result("gone"), result("slow"),
      result("off", .failed),
    ])
    let now = run([
      result("a", .failed), result("b"), result("c", .failed), result("new"),
      result("slow", duration: 0.5), result("off", .skipped), result("worse", .error),
    ])
    let told = RunComparison(now, with: before)
    func names(_ ids: [String]) -> [Substring] { ids.map { $0.dropFirst(17) } }
    #expect(names(told.newlyFailing) == ["a", "worse"])
    #expect(names(told.newlyPassing) == ["b"])
    #expect(names(told.stillFailing) == ["c"])
    #expect(names(told.slower.map(\.id)) == ["slow"])
    #expect(names(told.added) == ["new", "worse"])
    #expect(names(told.missing) == ["gone"])
    #expect(RunComparison(before, with: before).isEmpty == false)
    #expect(RunComparison(run([result("a")]), with: run([result("a")])).isEmpty)
  }
}
