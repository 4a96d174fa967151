internal import Pages
internal import Quantities

// What reports say of a run, whatever they are written in.
extension TestRun {
  /// The verdict in a few words. A run with flaky tests is never called plainly passed.
  var headline: String {
    switch verdict {
    case .passed: flaky.isEmpty ? "Passed" : "Passed, but not every test at its first try"
    case .failed: "Failed"
    case .nothingRan: "No tests ran"
    case .broken: "Broken: not every test was run"
    }
  }

  /// How good the news is.
  var tone: Tone {
    switch verdict {
    case .passed: flaky.isEmpty ? .good : .warn
    case .failed, .nothingRan, .broken: .bad
    }
  }

  /// `3 failed, 210 passed, 2 skipped, 1 flaky`.
  var tally: String {
    let counts = counts
    var parts = TestResult.Outcome.inOrderOfConcern.compactMap { outcome in
      counts[outcome].map { "\($0) \(outcome.words)" }
    }
    if !flaky.isEmpty { parts.append("\(flaky.count) flaky") }
    return parts.isEmpty ? "no tests" : parts.joined(separator: ", ")
  }

  /// How long it took, and with how many workers.
  var took: String {
    "in \(TestRun.readable(duration))"
      + (workers > 1 ? " with \(workers) workers" : "")
  }

  /// Seconds for people.
  static func readable(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    return Duration.milliseconds(Int64((max(0, seconds) * 1000).rounded())).readable
  }

  /// The tries of a test, in their order.
  func tries(of id: String) -> [TestResult] {
    results.filter { $0.id == id }.sorted { ($0.round, $0.attempt) < ($1.round, $1.attempt) }
  }
}

extension TestResult.Outcome {
  /// What matters most comes first.
  static let inOrderOfConcern: [TestResult.Outcome] = [
    .failed, .error, .unexpectedPass, .expectedFailure, .skipped, .passed,
  ]

  /// For people, behind a number.
  var words: String {
    switch self {
    case .passed: "passed"
    case .failed: "failed"
    case .error: "with errors"
    case .skipped: "skipped"
    case .expectedFailure: "failed as expected"
    case .unexpectedPass: "passed unexpectedly"
    }
  }

  var tone: Tone {
    switch self {
    case .passed: .good
    case .failed, .error: .bad
    case .unexpectedPass: .warn
    case .skipped, .expectedFailure: .calm
    }
  }

  /// A sign that can be told apart without its colour.
  var sign: String {
    switch self {
    case .passed: "✓"
    case .failed, .error: "✗"
    case .skipped: "–"
    case .expectedFailure: "x"
    case .unexpectedPass: "!"
    }
  }
}

extension TestResult {
  /// Where it stands: `tests/test_a.py:12`.
  var place: String? { file.map { file in line.map { "\(file):\($0)" } ?? file } }

}

extension Trouble.Kind {
  /// For people.
  var words: String {
    switch self {
    case .collection: "could not be collected"
    case .crashed: "crashed"
    case .killed: "killed"
    case .timedOut: "took too long"
    case .coverage: "too little covered"
    case .nothingRan: "no tests ran"
    case .unreadable: "unreadable results"
    case .database: "database"
    case .other: "trouble"
    }
  }
}
