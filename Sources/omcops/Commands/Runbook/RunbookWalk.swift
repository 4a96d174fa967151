internal import ArgumentParser
internal import Diagnostics
internal import Runbooks

/// `omcops runbook walk`: carries out a procedure by hand, with every check.
struct RunbookWalk: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "walk", abstract: "Carry out a procedure by hand, with every check.",
    discussion: discussion(
      """
      Changes nothing itself: each step that would change something is shown with the command that \
      does it, and waits until you have done it (Enter), leave it out (skip, where nothing later needs \
      it) or stop (quit). What only looks is done; guards are asked before a step and checks after it, \
      and the journal is that of any run: resume goes on by hand, undo shows how to take it back.
      """,
      exits: [
        .done, .failed, .usage, .blocked, .refused, .locked, .undone, .undoFailed, .inDoubt,
        .interrupted,
      ]))

  @Argument(help: "Name or file.", completion: .file(extensions: ["yaml", "yml"]))
  var runbook: String

  @OptionGroup var inputs: RunbookInputOptions
  @OptionGroup var run: RunbookRunOptions

  func run(_ context: Context) async throws {
    let runbook = try inputs.load(runbook, run.database, context)
    let (given, options) = (try inputs.given(to: runbook, run.database), try run.options())
    try await run.withEngine(context) { engine in
      try await engine.walk(runbook, inputs: given, options: options)
    }
  }
}
