internal import Configuration
internal import Diagnostics
internal import Glibc
internal import TestOps

extension TestSuiteConfiguration.Runner {
  /// The runner whose command runs the tests by itself; nil for pytest, whose tests omcops hands out.
  var command: CommandRunner? {
    switch self {
    case .pytest: nil
    case .swift: .swift
    case .vitest: .vitest
    case .playwright: .playwright
    case .junit: .junit
    case .tap: .tap
    }
  }
}

/// What was asked for on the command line of `omcops test`, for a suite whose command runs the tests.
struct CommandWishes {
  var expression: String?
  var changes: CommandProgram.Changes?
  /// What follows `--`.
  var rest: [String]
  /// Whether the number of workers was said, and is not `auto`.
  var workers: Int?
  var runTimeout: Duration?

  /// The run, or why the suite's runner cannot do what is wished for; nothing has been started then.
  func run(
    _ runner: CommandRunner, _ plan: SuitePlan, _ options: RunOptions
  ) throws -> CommandRun {
    let suite = plan.suite
    var program = CommandProgram(
      runner, command: suite.command.map(\.value), arguments: suite.arguments.map(\.value) + rest,
      results: suite.results.map(\.value))
    program.expression = expression
    program.changes = changes
    let shards = suite.shards?.value ?? workers ?? suite.workers?.value ?? 1
    try check(runner, program, options, shards: shards)
    var run = CommandRun(
      program, folder: suite.folder.value, environment: plan.variables,
      variables: plan.databaseVariables, databases: nil, options: options)
    run.shards = shards
    run.limit = runTimeout ?? suite.runTimeout?.value
    // Two words for one thing: what is said of neither is one shard, which needs one worker.
    if workers == nil, suite.workers == nil {
      run.options.workers = min(shards, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
    return run
  }

  private func check(
    _ runner: CommandRunner, _ program: CommandProgram, _ options: RunOptions, shards: Int
  ) throws {
    let words = program.command + program.arguments
    let wishes: [(CommandRunner.Wish, Bool)] = [
      (.expression, expression != nil), (.failed, options.chosen != nil),
      (.changed, changes != nil), (.failFast, options.failFast),
      (.retries, options.retries > 0), (.seed, options.seed != nil),
      (.timeout, options.timeout != nil), (.shards, shards > 1),
    ]
    for (wish, isWished) in wishes where isWished {
      guard runner.can(wish, with: words) else { throw runner.refusal(wish) }
    }
    if let chosen = options.chosen, !CommandProgram.fits(chosen.tests) {
      throw TestFailure(
        "\(chosen.tests.count) tests \(chosen.phrase): they are too many to be named to \(runner.rawValue)",
        hint: "run it without --failed", status: .usage)
    }
    if shards > 1, runner == .junit, !program.results.isEmpty, !program.hasResultsByShard {
      throw TestFailure(
        "\(shards) shards would write the same results: \(program.results.joined(separator: ", "))",
        hint: "give each its own: results: [out/junit-${shard}.xml]", status: .usage)
    }
  }
}
