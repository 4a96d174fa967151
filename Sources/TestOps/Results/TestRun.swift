public import OrderedCollections

/// What a run of a suite has brought: every try of every test, and what befell it beside.
public struct TestRun: Hashable, Sendable {
  /// What a run says of the project.
  public enum Verdict: String, Sendable, CaseIterable {
    /// Every test came to a good end, if not at once.
    case passed
    /// At least one test failed to its last try.
    case failed
    /// There was no test to run: that is no good news.
    case nothingRan = "nothing-ran"
    /// What was run does not tell how the project stands: tests could not be read, or are lost.
    case broken
  }

  /// The suite's name.
  public var suite: String
  /// When it began, in seconds since 1970.
  public var start: Double
  /// From the command to the verdict, in seconds.
  public var duration: Double
  /// How many workers shared the tests.
  public var workers: Int
  /// All tries, as they ended.
  public var results: [TestResult]
  /// What befell the run.
  public var troubles: [Trouble]
  /// What a reader has to know of the run and is no trouble: what was left out, and why.
  public var notes: [String]

  /// How much of the project was run; nil where it was not measured.
  public var coverage: Coverage?

  /// Creates a run that has come so far.
  public init(
    suite: String, start: Double, duration: Double = 0, workers: Int = 1,
    results: [TestResult] = [], troubles: [Trouble] = [], notes: [String] = []
  ) {
    self.suite = suite
    self.start = start
    self.duration = duration
    self.workers = workers
    self.results = results
    self.troubles = troubles
    self.notes = notes
  }

  /// What the run says of the project.
  ///
  /// Trouble that nobody made good stands above a failed test: of the tests that were lost nobody
  /// knows whether they would have failed. Skipped tests alone are no failure, as with pytest.
  public var verdict: Verdict {
    let open = Set(troubles.filter { !$0.isRecovered }.map(\.kind))
    if !open.isSubset(of: [.nothingRan, .coverage]) { return .broken }
    if results.isEmpty { return .nothingRan }
    if outcomes.values.contains(where: \.outcome.isBad) { return .failed }
    return open.contains(.nothingRan) ? .nothingRan : open.isEmpty ? .passed : .failed
  }

  /// How each test came out, in the order in which the tests were first heard of: the last try of
  /// its worst repetition.
  public var outcomes: OrderedDictionary<String, TestResult> {
    struct Place: Hashable {
      var id: String
      var round: Int
    }
    var last: OrderedDictionary<Place, TestResult> = [:]
    for result in results {
      let place = Place(id: result.id, round: result.round)
      if let known = last[place], known.attempt > result.attempt { continue }
      last[place] = result
    }
    var outcomes: OrderedDictionary<String, TestResult> = [:]
    for (place, result) in last {
      if let known = outcomes[place.id], known.outcome.isBad || !result.outcome.isBad { continue }
      outcomes[place.id] = result
    }
    return outcomes
  }

  /// The tests that said one thing and then another: failed, and good in another try or another
  /// repetition, in the order of their first failure.
  public var flaky: [String] {
    let good = Set(results.lazy.filter(\.outcome.isGood).map(\.id))
    var seen = Set<String>()
    return results.filter {
      $0.outcome.isBad && good.contains($0.id) && seen.insert($0.id).inserted
    }
    .map(\.id)
  }

  /// How many tests came out in each way.
  public var counts: [TestResult.Outcome: Int] {
    outcomes.values.reduce(into: [:]) { $0[$1.outcome, default: 0] += 1 }
  }

  /// The tests that failed to their last try, in the order in which they were first heard of.
  public var failures: [TestResult] { outcomes.values.filter(\.outcome.isBad) }

  /// The tests whose longest try took longest, the slowest first.
  public func slowest(_ count: Int) -> [TestResult] {
    var longest: OrderedDictionary<String, TestResult> = [:]
    for result in results where result.outcome != .skipped {
      if let known = longest[result.id], known.duration >= result.duration { continue }
      longest[result.id] = result
    }
    return Array(
      longest.values.sorted { ($1.duration, $0.id) < ($0.duration, $1.id) }.prefix(count))
  }
}
