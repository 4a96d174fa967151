internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import SystemPackage

extension Engine {
  /// Runs a runbook as a drill, on what the surroundings put in the place of the real systems, and
  /// keeps the outcome beside the run's journal.
  ///
  /// - Parameters:
  ///   - inputs: those that differ from the drill's own.
  ///   - prepare: makes ready what the drill runs on; a signal ends it.
  /// - Throws: as `run`, before anything was done.
  public func drill(
    _ runbook: Runbook, inputs: [String: String],
    prepare: @escaping @Sendable () async throws -> Void
  ) async throws -> DrillOutcome {
    let given = runbook.drillInputs.merging(inputs) { $1 }
    // What is wrong with the inputs is told before a server is started.
    _ = try PreparedRun.inputs(of: runbook, given: given)
    try await interruptible { try await prepare() }
    var options = RunOptions(asksEveryCheck: true)
    options.mode = .drill
    let report = try await run(runbook, inputs: given, options: options)
    let folder = RunFolder(path: runs.appending(report.run))
    let records = try JournalContents(reading: folder.journal).records
    let outcome = DrillOutcome(runbook, report, records, in: folder)
    try DurableFile.write(
      Array((outcome.json.text(.pretty) + "\n").utf8), to: folder.drill)
    // Only now the report can tell of the objectives.
    let record = RunRecord(folder, catalog: catalog, runbook: runbook)
    try DurableFile.write(Array((record.json.text(.pretty) + "\n").utf8), to: folder.report)
    try DurableFile.write(Array(record.markdown.utf8), to: folder.readableReport)
    return outcome
  }
}

extension Runbook {
  /// The inputs that the file gives for drills, as a command line gives them.
  fileprivate var drillInputs: [String: String] {
    var inputs: [String: String] = [:]
    for (name, value) in drill?.inputs ?? [:] { inputs[name] = value.text }
    return inputs
  }
}

extension Step {
  /// The same in a drill: without the guards and checks of a simulated step that only a real system
  /// could answer. What is played is not watched for the time of `for`: it does what it is told, so
  /// that only the drill would take longer.
  var inDrill: Step {
    guard drill == .simulate else { return self }
    var step = self
    step.guards = guards.filter(\.canBePlayed).map(\.unwatched)
    step.checks = checks.filter(\.canBePlayed).map(\.unwatched)
    return step
  }
}

extension Assertion {
  /// The same, asked once.
  fileprivate var unwatched: Assertion {
    var assertion = self
    assertion.holdFor = nil
    return assertion
  }

  /// Whether a drill can answer it in a step that it simulates: from the throwaway database or from
  /// the simulated cluster.
  fileprivate var canBePlayed: Bool {
    switch probe {
    case nil: true
    case .script: false
    case .action(let action):
      ["sql.", "db.", "kube.", "logs."].contains { action.name.hasPrefix($0) }
    }
  }
}
