internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import Runbooks
internal import SystemPackage

/// `omcops runbook report`: what a run did, for those who were not there.
struct RunbookReport: OmcCommand {
  /// What a report is written in.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case html, json, markdown
  }

  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Tell what a run did, as one page.",
    discussion: discussion(
      """
      Made of the run's folder alone: what happened when, every check with what it saw, evidence, \
      measured times, and whether the journal is what was written. The HTML page stands alone and \
      asks for nothing from anywhere; the JSON is described by schemas/report-v1.schema.json. A run \
      that goes on, was cut off, or whose journal was changed has a report too, which says so.
      """, exits: [.done, .failed, .usage]))

  @Argument(help: "A run's id, its short id, or a runbook's name; the default is the latest.")
  var id: String?

  @Option(help: "What to write: html, json or markdown.")
  var format = Format.html

  @Option(
    help: ArgumentHelp(
      "File to write, for its owner alone; the default is standard output.", valueName: "file"),
    completion: .file())
  var to: String?

  func run(_ context: Context) async throws {
    let record = try RunRecord(
      id, in: FilePath(runsFolder(context)), catalog: liveCatalog(context))
    let text =
      switch format {
      case .html: record.html
      case .json: record.json.text(.pretty) + "\n"
      case .markdown: record.markdown
      }
    guard let to else { return context.output.write(text) }
    do {
      try WholeFile.write(text, to: FilePath(to), isPrivate: true)
    } catch let error as Errno {
      throw CannotWriteReport(file: to, reason: error)
    }
    context.error.write("Report of run \(record.id): \(to)\n")
  }
}

private struct CannotWriteReport: Failure {
  var file: String
  var reason: Errno
  var message: String { "cannot write the report to \(file): \(reason)" }
}
