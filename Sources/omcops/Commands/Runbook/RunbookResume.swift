internal import ArgumentParser
internal import Diagnostics
internal import Runbooks

/// `omcops runbook resume`: goes on with a run that was stopped or cut off.
struct RunbookResume: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with a run that was stopped or cut off.",
    discussion: discussion(
      """
      Finished steps are not run again. Of a step that a crash cut off, its checks say whether it \
      had its effect; where nobody can tell, the run stops with 8 until --resolve says it. A run \
      goes on with the file as it was when it began.
      """,
      exits: [
        .done, .failed, .usage, .blocked, .refused, .locked, .undone, .undoFailed, .inDoubt,
        .interrupted,
      ]))

  @Argument(help: "A run's id, its short id, or a runbook's name; the default is the latest.")
  var id: String?

  @Option(
    parsing: .singleValue, help: "What a step in doubt is: STEP=done, STEP=again or STEP=undo.")
  var resolve: [String] = []

  @Flag(help: "Take steps that have not run yet from the file as it is now.")
  var acceptChanged = false

  @Flag(help: "Ask the checks of finished steps again, and stop with 3 if one does not hold.")
  var recheck = false

  @OptionGroup var run: RunbookRunOptions

  func run(_ context: Context) async throws {
    var options = try run.options()
    options.acceptsChanges = acceptChanged
    options.rechecks = recheck
    for (step, word) in try pairs(resolve, of: "--resolve") {
      guard let resolution = Resolution(rawValue: word) else {
        throw ValidationError("--resolve \(step)=\(word): it must be done, again or undo")
      }
      options.resolutions[step] = resolution
    }
    let chosen = options
    try await run.withEngine(context) { try await $0.resume(id, options: chosen) }
  }
}

/// `omcops runbook undo`: takes a run back.
struct RunbookUndo: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Take a run back, its steps in reverse order.",
    discussion: discussion(
      "Steps whose undo is no longer valid, or that have none, stay; the report names them.",
      exits: [
        .done, .failed, .usage, .blocked, .refused, .locked, .undoFailed, .interrupted,
      ]))

  @Argument(help: "A run's id, its short id, or a runbook's name; the default is the latest.")
  var id: String?

  @OptionGroup var run: RunbookRunOptions

  func run(_ context: Context) async throws {
    let options = try run.options()
    try await run.withEngine(context) { try await $0.resume(id, undo: true, options: options) }
  }
}
