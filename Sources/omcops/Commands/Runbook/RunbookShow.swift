internal import ArgumentParser
internal import Diagnostics
internal import Runbooks
internal import Terminal

/// `omcops runbook show`: a runbook as a person reads it.
struct RunbookShow: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what a runbook needs, does, checks and can undo.",
    discussion: discussion(exits: [.done, .usage]))

  @OptionGroup var files: RunbookFileOptions

  @Argument(help: "Name or file.", completion: .file(extensions: ["yaml", "yml"]))
  var runbook: String

  func run(_ context: Context) async throws {
    let path = try files.file(runbook, context)
    let runbook = try Runbook.load(path, catalog: liveCatalog(context))
    let style = Style(
      for: context.output, environment: context.environment, disabled: files.global.noColor)
    context.output.write(RunbookText(style: style).of(runbook))
  }
}
