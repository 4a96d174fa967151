/// What came of the merging of coverage.
struct CoverageOutcome: Sendable {
  var coverage: Coverage?
  var failure: TestFailure?
  /// What is missing of it.
  var note: String?
}

extension TestRun {
  /// Adds what the tests have run of the project; that it is too little is a failure.
  mutating func add(_ outcome: CoverageOutcome) {
    coverage = outcome.coverage
    if let note = outcome.note { notes.append(note) }
    if let failure = outcome.failure {
      let details = failure.details.joined(separator: "\n")
      troubles.append(
        Trouble(.coverage, failure.message, details: details.isEmpty ? nil : details))
    }
    guard let coverage, let required = coverage.required, coverage.isTooLow else { return }
    troubles.append(
      Trouble(
        .coverage,
        "the tests cover \(coverage.words): the project asks for \(Coverage.tenths(required)) %"))
  }
}
