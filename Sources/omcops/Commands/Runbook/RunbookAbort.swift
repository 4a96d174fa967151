internal import ArgumentParser
internal import Diagnostics
internal import Runbooks

/// `omcops runbook abort`: ends an unfinished run for good.
struct RunbookAbort: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "abort", abstract: "End an unfinished run for good; what it changed stays.",
    discussion: discussion(
      """
      Takes the run's lock, runs its final steps, and writes down who ended it. It can neither go on nor \
      be taken back afterwards: use "runbook undo" to take it back instead. Refused while the run's \
      process lives.
      """,
      exits: [.done, .failed, .usage, .blocked, .refused, .locked, .interrupted]))

  @Argument(help: "A run's id, its short id, or a runbook's name; the default is the latest.")
  var id: String?

  @OptionGroup var run: RunbookRunOptions

  func run(_ context: Context) async throws {
    let options = try run.options()
    try await run.withEngine(context) { try await $0.abort(id, options: options) }
  }
}
