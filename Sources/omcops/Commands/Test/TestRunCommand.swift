internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import Glibc
internal import Quantities
internal import SystemPackage
internal import Terminal
internal import TestOps

/// `omcops test SUITE`.
struct TestRunCommand: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a suite of tests.",
    discussion: discussion(
      """
      With pytest, each worker is an interpreter that lives as long as the run and has a database of its own, a copy \
      of a template that is migrated and seeded once. Tests are handed out as workers are done, the \
      slowest files first by the durations of earlier runs. Other runners have a command that runs the \
      tests by itself, once for each shard, and tells of them in JUnit files or in the Test Anything \
      Protocol; what a runner cannot do is refused before anything is started.

      A test that failed and then passed is flaky, and told as such. That no test ran is a check that \
      did not hold.

      --where pod runs the interpreters in a pod that is there, --where job in pods that are made for \
      the run and deleted at its end, one interpreter in each. What the tests need has to be in the \
      image; the suite's variables, and its secrets, reach the interpreters only.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted, .terminated]))

  @OptionGroup var global: GlobalOptions
  @OptionGroup var reports: TestReportOptions
  @OptionGroup var place: TestPlaceOptions

  @Argument(help: "The suite; may be left out where there is only one.")
  var suite: String?

  @Option(
    name: .customShort("k"),
    help: ArgumentHelp(
      "Only tests whose names match, as the runner's own option takes it: pytest's -k, swift test's --filter, vitest's -t, playwright's --grep.",
      valueName: "expression"))
  var expression: String?

  @Flag(help: "Only tests that failed in the last run.")
  var failed = false

  @Flag(help: "Only tests that the files changed since the last commit may have an effect on.")
  var changed = false

  @Option(
    help: ArgumentHelp(
      "With --changed: all that was changed since this branch left that one.", valueName: "branch"))
  var since: String?

  @Flag(help: "End at the first failure.")
  var failFast = false

  @Option(help: "How often a test that failed is tried again; the default is the suite's, else 0.")
  var retries: Int?

  @Option(name: .customLong("repeat"), help: "How often each test is run.")
  var rounds = 1

  @Option(help: "Run the tests in another order: the same one for the same number.")
  var seed: UInt64?

  @Option(
    help:
      "How many share the tests, as interpreters or as shards at the same time: a number, or auto for one per processor."
  )
  var workers: String?

  @Option(help: "How long a test may take, as 30s; the default is the suite's, else for ever.")
  var timeout: String?

  @Option(
    help: "How long one run of a suite's command may take, as 10m; the default is the suite's.")
  var runTimeout: String?

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp(
      "What the runner gets behind the suite's own arguments.", valueName: "argument"))
  var rest: [String] = []

  func validate() throws {
    if let since, !changed {
      throw ValidationError("--since is \(since); it says more of --changed, which is not there")
    }
    if let retries, !(0...100).contains(retries) {
      throw ValidationError("--retries is \(retries); it must be 0 to 100")
    }
    guard (1...1000).contains(rounds) else {
      throw ValidationError("--repeat is \(rounds); it must be 1 to 1000")
    }
    if let workers, workers != "auto", !(Int(workers).map { (1...1000).contains($0) } ?? false) {
      throw ValidationError("--workers is \(workers); it must be auto, or 1 to 1000")
    }
    if let timeout, (Duration(parsing: timeout) ?? .zero) <= .zero {
      throw ValidationError("--timeout is \(timeout); write it as 30s or 2m")
    }
    if let runTimeout, (Duration(parsing: runTimeout) ?? .zero) <= .zero {
      throw ValidationError("--run-timeout is \(runTimeout); write it as 90s or 10m")
    }
  }

  func run(_ context: Context) async throws {
    let style = global.style(context)
    let configuration = try Configuration.load(
      path: global.config, from: context.workingDirectory, variables: context.environment)
    for warning in configuration.warnings {
      context.error.write("\(style.yellow("warning:")) \(warning)\n")
    }
    try reports.check(context)
    let outcome = try await outcome(configuration, context) { mask in
      TestProgress(context, style, mask: mask)
    }
    try reports.write(
      outcome.run, history: outcome.history, folder: outcome.folder, context,
      disabled: global.noColor)
    switch outcome.run.verdict {
    case .passed: break
    case .nothingRan: throw Ended(status: .blocked)
    case .failed, .broken: throw Ended(status: .failed)
    }
  }

  /// What a run has brought.
  struct Outcome: Sendable {
    /// The run, its secrets masked.
    var run: TestRun
    /// Where it is kept, to compare the next one with.
    var history: FilePath
    /// The suite's folder.
    var folder: String
  }

  /// Runs the suite, and remembers what failed and how long tests took.
  ///
  /// - Parameters:
  ///   - session: the cluster, where it is known already.
  ///   - progress: makes what shows the run on its way, from what hides the suite's secrets.
  func outcome(
    _ configuration: Configuration, _ context: Context, in session: KubeSession? = nil,
    progress: (@escaping @Sendable (String) -> String) -> TestProgress
  ) async throws -> Outcome {
    let suite = try configuration.suite(suite, context)
    let plan = try await SuitePlan(suite, configuration, context)
    let file = recordFile(suite, configuration, context)
    var record = RunRecord(at: file)
    let placement = try await TestPlacement.find(
      place, plan, workers: workers, in: session)
    let options = try options(suite, record, workers: placement?.workers ?? workerCount(suite))
    if suite.runner.command == nil { try checkPytestWishes() }
    let progress = progress(plan.mask)
    let run: TestRun
    do {
      run = try await perform(plan, options, in: placement, progress)
    } catch let error as TestFailure {
      progress.clear()
      // What programs said before they failed.
      throw error.masked(by: plan.mask)
    } catch {
      progress.clear()
      if error is CancellationError { progress.tellInterruption() }
      throw error
    }
    progress.clear()
    let isWhole =
      expression == nil && rest.isEmpty && options.chosen == nil && !changed
      && run.verdict != .broken
      && run.notes.allSatisfy { !$0.hasSuffix("not run") }
    record = record ?? RunRecord()
    record?.add(run, isWhole: isWhole)
    record?.write(to: file)
    return Outcome(
      run: run.masked(by: plan.mask), history: FilePath("\(file).last"),
      folder: plan.suite.folder.value)
  }

  private func perform(
    _ plan: SuitePlan, _ options: RunOptions, in placement: TestPlacement?,
    _ progress: TestProgress
  ) async throws -> TestRun {
    guard let runner = plan.suite.runner.command else {
      return try await performPytest(plan, options, in: placement, progress)
    }
    let wishes = CommandWishes(
      expression: expression,
      changes: changed ? since.map { .since($0) } ?? .uncommitted : nil, rest: rest,
      workers: workers.flatMap(Int.init), runTimeout: runTimeout.flatMap(Duration.init(parsing:)))
    if let file = reports.coverageXml ?? reports.coverageHtml {
      throw TestFailure(
        "runner \(runner.rawValue) has no coverage.py to report on: \(file)", status: .usage)
    }
    var run = try wishes.run(runner, plan, options)
    run.databases = try await plan.databases()
    let prepared = run
    return try await withTraces(plan, progress) { traces, variables, services in
      var run = prepared
      run.environment.merge(variables) { $1 }
      run.services = services
      return try await run.run(
        traces, onEvent: { progress.show($0) }, onTick: { progress.show($0) })
    }
  }

  /// Takes away what killed runs have left, lets this one leave nothing, and has the suite's services there
  /// while it runs.
  private func withTraces(
    _ plan: SuitePlan, _ progress: TestProgress,
    _ body: (RunTraces, [String: String], TestServices?) async throws -> TestRun
  ) async throws -> TestRun {
    let records = tracesFolder(plan.context)
    for line in await RunTraces.removeLeftovers(recordsIn: records).lines {
      plan.context.error.write("took away \(line)\n")
    }
    return try await RunTraces.with(recordsIn: records, under: TemporaryFolder.parent) { traces in
      let services = plan.services
      guard !services.isEmpty else { return try await body(traces, [:], nil) }
      return try await TestServices(services, environment: plan.variables, traces)
        .with(progress.say) { try await body(traces, $0, $1) }
    }
  }

  /// Refuses what cannot be done before anything is made, in a cluster above all.
  private func checkPytestWishes() throws {
    guard let runTimeout else { return }
    throw TestFailure(
      "--run-timeout is \(runTimeout): pytest's tests are run one by one",
      hint: "--timeout says how long each may take", status: .usage)
  }

  private func performPytest(
    _ plan: SuitePlan, _ options: RunOptions, in placement: TestPlacement?,
    _ progress: TestProgress
  ) async throws -> TestRun {
    let pods = placement?.pods
    let interpreter =
      if let pods { pods.interpreter } else { try await plan.interpreter(progress.say) }
    var arguments = plan.suite.arguments.map(\.value)
    if let expression { arguments += ["-k", expression] }
    var environment = pods == nil ? plan.variables : plan.ownVariables
    if let seed { environment["PYTHONHASHSEED"] = String(UInt32(truncatingIfNeeded: seed)) }
    var run = PytestRun(
      interpreter: interpreter, arguments: arguments + rest, folder: plan.suite.folder.value,
      environment: environment, variables: plan.databaseVariables,
      databases: try await plan.databases(isForPods: pods != nil), options: options)
    run.pods = pods
    run.coverage = reports.coverage(plan.suite, plan.context)
    if pods != nil { run.coverageTool = try await coverageTool(run.coverage, plan, progress) }
    run.folderFirst = plan.suite.setup != nil
    if changed {
      run.changed = try await ChangedFiles(
        in: plan.suite.folder.value, variables: plan.context.environment
      ).paths(since: since)
      run.options.onlyAffected = true
    }
    let unmarked = run
    return try await withTraces(plan, progress) { traces, variables, services in
      var run = unmarked
      run.services = services
      run.environment.merge(variables) { $1 }
      run.environment.merge(traces.mark("workers")) { $1 }
      let marked = run
      let perform = {
        try await marked.run(
          in: traces.folder, onEvent: { progress.show($0) }, onTick: { progress.show($0) })
      }
      guard let placement else { return try await perform() }
      return try await placement.with(progress, marked.databases, perform)
    }
  }

  /// What brings together here what is measured in pods. Where nobody asked for it, it is done where it can be.
  private func coverageTool(
    _ wish: CoverageWish, _ plan: SuitePlan, _ progress: TestProgress
  ) async throws -> CoverageTool? {
    let isWished = wish.isMeasured
    // An environment of its own would be made for this alone.
    guard isWished || plan.suite.setup == nil else { return nil }
    let interpreter: String
    do {
      interpreter = try await plan.interpreter(progress.say)
    } catch let error as TestFailure {
      if isWished { throw error }
      return nil
    }
    let tool = try await CoverageTool.find(
      interpreter, environment: plan.variables)
    guard tool == nil, isWished else { return tool }
    throw TestFailure(
      "\(interpreter) has no coverage.py, which brings together what is measured in the pods",
      hint:
        "install it there, or name another interpreter of this machine: python: PATH, or setup:",
      status: .usage)
  }

  private func options(
    _ suite: TestSuiteConfiguration, _ record: RunRecord?, workers: Int
  ) throws -> RunOptions {
    var options = RunOptions(suite: suite.name.value, workers: workers)
    options.retries = retries ?? suite.retries?.value ?? 0
    options.rounds = rounds
    options.failFast = failFast
    options.seed = seed
    options.timeout = timeout.flatMap(Duration.init(parsing:)) ?? suite.timeout?.value
    options.durations = record?.durations ?? [:]
    guard failed else { return options }
    guard let record else {
      throw TestFailure(
        "suite \"\(suite.name.value)\" was never run here, so nothing of it failed",
        hint: "run it without --failed", status: .blocked)
    }
    guard !record.failed.isEmpty else {
      throw TestFailure(
        "nothing of suite \"\(suite.name.value)\" failed in its last run",
        hint: "run it without --failed", status: .blocked)
    }
    options.chosen = .init(Set(record.failed), phrase: "that failed in the last run")
    return options
  }

  /// As many as there are processors to run them on.
  private func workerCount(_ suite: TestSuiteConfiguration) -> Int {
    if let workers, let count = Int(workers) { return count }
    if workers == nil, let count = suite.workers?.value { return count }
    return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }
}
