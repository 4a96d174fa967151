internal import ArgumentParser
internal import Diagnostics
internal import Runbooks
internal import SystemPackage
internal import Terminal

/// `omcops runbook plan`: what a run would do now.
struct RunbookPlan: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Say what a run would do now; changes nothing.",
    discussion: discussion(
      """
      Asks every guard, and every check that needs no later output, of the live systems, read-only. \
      Each step would run, is satisfied already, is skipped, is blocked, or depends on an earlier \
      step. Names that hold the id of a run are shown with "plan" in its place.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Argument(help: "Name or file.", completion: .file(extensions: ["yaml", "yml"]))
  var runbook: String

  @OptionGroup var inputs: RunbookInputOptions
  @OptionGroup var database: DatabaseOptions

  @Option(
    help: "Write the plan to a file too, for \"runbook run --plan\".",
    completion: .file(extensions: ["json"]))
  var out: String?

  @Option(help: "How to print: text or json.")
  var output = RunbookRunOptions.ReportFormat.text

  func run(_ context: Context) async throws {
    let runbook = try inputs.load(runbook, database, context)
    let given = try inputs.given(to: runbook, database)
    let plan = try await withLiveSurroundings(database, context) { surroundings in
      try await Engine(surroundings, version: Omcops.version, tell: { _ in })
        .plan(runbook, inputs: given)
    }
    if let out { try write(plan, to: FilePath(out)) }
    switch output {
    case .json: context.output.write(plan.json.text(.pretty) + "\n")
    case .text:
      let style = Style(
        for: context.output, environment: context.environment, disabled: database.global.noColor)
      context.output.write(PlanText(style: style).of(plan))
    }
    if !plan.isRunnable { throw Ended(status: .blocked) }
  }

  private func write(_ plan: RunPlan, to path: FilePath) throws {
    do {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite])
      try file.closeAfter { _ = try file.writeAll((plan.json.text(.pretty) + "\n").utf8) }
    } catch let error as Errno {
      throw CannotWritePlan(path: path, reason: error)
    }
  }
}

private struct CannotWritePlan: Failure {
  var path: FilePath
  var reason: Errno
  var message: String { "cannot write the plan to \(path): \(reason)" }
}
