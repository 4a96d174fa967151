internal import ArgumentParser
internal import Diagnostics
internal import Runbooks
internal import SystemPackage

/// `omcops runbook run`: carries out a procedure.
struct RunbookRun: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a procedure, checking every step.",
    discussion: discussion(
      """
      Each step's guards are asked before it and its checks after it; everything stands in a \
      journal, so that a run that was cut off can be resumed and one that went wrong undone.
      """,
      exits: [
        .done, .failed, .usage, .blocked, .refused, .locked, .undone, .undoFailed, .inDoubt,
        .interrupted,
      ]))

  @Argument(help: "Name or file.", completion: .file(extensions: ["yaml", "yml"]))
  var runbook: String

  @OptionGroup var inputs: RunbookInputOptions

  @Option(
    help: "Plan that \"runbook plan --out\" wrote: run only if it would still say the same.",
    completion: .file(extensions: ["json"]))
  var plan: String?

  @OptionGroup var run: RunbookRunOptions

  func run(_ context: Context) async throws {
    let plan = try plan.map { try SavedPlan(reading: FilePath($0)) }
    let runbook = try inputs.load(runbook, run.database, context)
    var given = try inputs.given(to: runbook, run.database)
    given.merge(plan?.inputs ?? [:]) { mine, _ in mine }
    let (all, options) = (given, try run.options())
    try await run.withEngine(context) { engine in
      try await engine.run(runbook, inputs: all, plan: plan, options: options)
    }
  }
}

/// What a run or a plan is given.
struct RunbookInputOptions: ParsableArguments {
  @Option(
    name: [.customShort("i"), .long], parsing: .singleValue,
    help: "An input, as NAME=VALUE; may be given several times.")
  var input: [String] = []

  @Option(help: "Folder of the runbooks.", completion: .directory)
  var dir: String?

  /// Reads the runbook that a name or a path means.
  func load(
    _ runbook: String, _ database: DatabaseOptions, _ context: Context
  ) throws -> Runbook {
    let place = RunbookPlace(dir: dir, config: database.global.config)
    let catalog = liveCatalog(context)
    let runbook = try Runbook.load(place.file(runbook, context), catalog: catalog)
    try runbook.requireSense(catalog: catalog)
    return runbook
  }

  /// The inputs by name. The environment is an input like any other: -e is the short way to give it.
  func given(to runbook: Runbook, _ database: DatabaseOptions) throws -> [String: String] {
    var inputs = try pairs(input, of: "--input")
    let chooser = runbook.inputs.values.first { $0.kind == .environment }?.name
    if let chooser, let environment = database.environment, inputs[chooser] == nil {
      inputs[chooser] = environment
    }
    return inputs
  }
}
