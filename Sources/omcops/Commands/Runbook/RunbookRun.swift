internal import ArgumentParser
internal import Diagnostics
internal import Runbooks

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

  @Option(
    name: [.customShort("i"), .long], parsing: .singleValue,
    help: "An input, as NAME=VALUE; may be given several times.")
  var input: [String] = []

  @Option(help: "Folder of the runbooks.", completion: .directory)
  var dir: String?

  @OptionGroup var run: RunbookRunOptions

  func run(_ context: Context) async throws {
    let place = RunbookPlace(dir: dir, config: run.database.global.config)
    let runbook = try Runbook.load(place.file(runbook, context), catalog: liveCatalog())
    var inputs = try pairs(input, of: "--input")
    // The environment is an input like any other: -e is the short way to give it.
    let chooser = runbook.inputs.values.first { $0.kind == .environment }?.name
    if let chooser, let environment = run.database.environment, inputs[chooser] == nil {
      inputs[chooser] = environment
    }
    let given = inputs
    let options = try run.options()
    try await run.withEngine(context) { engine in
      try await engine.run(runbook, inputs: given, options: options)
    }
  }
}
