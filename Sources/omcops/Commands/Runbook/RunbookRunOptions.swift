internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import Quantities
internal import Runbooks
internal import Terminal

/// What every command takes that runs steps.
struct RunbookRunOptions: ParsableArguments {
  @OptionGroup var database: DatabaseOptions

  @Option(
    name: .long, parsing: .singleValue,
    help: "Answer to the confirmation of a step, as STEP=PHRASE; may be given several times.")
  var approve: [String] = []

  @Flag(help: "Answer yes where a runbook of low risk asks.")
  var yes = false

  @Option(help: "Print the report: text (what happened, on standard error) or json.")
  var output = ReportFormat.text

  enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  func options() throws -> RunOptions {
    RunOptions(approvals: try pairs(approve, of: "--approve"), assumesYes: yes)
  }

  /// Runs `body` with an engine and ends with the exit status of what it did.
  func withEngine(
    _ context: Context, _ body: (Engine) async throws -> RunReport
  ) async throws {
    let log = RunLog(
      stream: context.error, style: database.global.style(context))
    let report = try await withLiveSurroundings(database, context) { surroundings in
      try await body(Engine(surroundings, version: Omcops.version, tell: log.show))
    }
    if output == .json { context.output.write(report.json.text(.pretty) + "\n") }
    if report.exit != .done { throw Ended(status: report.exit) }
  }
}

/// Splits `NAME=VALUE` words.
func pairs(_ words: [String], of option: String) throws -> [String: String] {
  var pairs: [String: String] = [:]
  for word in words {
    guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
      throw ValidationError("\(option) \(word) is not of the form NAME=VALUE")
    }
    pairs[String(word[..<equals])] = String(word[word.index(after: equals)...])
  }
  return pairs
}

/// Tells the operator, line by line, what a run does.
struct RunLog: Sendable {
  let stream: OutputStream
  let style: Style

  @Sendable func show(_ event: RunEvent) {
    switch event {
    case .begins(let run, let runbook, let resumed):
      stream.write("\(style.bold(runbook))\n\(resumed ? "Going on with run" : "Run") \(run)\n")
    case .stepBegins(let name): stream.write("\(style.bold("→")) \(name)\n")
    case .progress: break
    case .message(let text):
      for line in text.split(separator: "\n") { stream.write("    \(line)\n") }
    case .assertion(let name, let holds, let detail):
      let mark = holds ? style.green("✓") : style.red("✗")
      stream.write("    \(mark) \(name)\(holds ? "" : ": \(detail ?? "")")\n")
    case .stepEnds(let status, let time, let detail): stepEnds(status, time, detail)
    case .undoBegins(let name): stream.write("\(style.bold("↶")) \(name)\n")
    case .undoEnds(let failure):
      stream.write(failure.map { "  \(style.red("undo failed")): \($0)\n" } ?? "  undone\n")
    case .finished(let status, let exit):
      let word = exit == .done ? style.green(status) : style.red(status)
      stream.write("\(word)\n")
    }
  }

  private func stepEnds(_ status: String, _ time: Duration, _ detail: String?) {
    switch status {
    case "done", "satisfied", "recovered": stream.write("  \(status) (\(time.readable))\n")
    case "skipped": stream.write("  skipped: not needed here\n")
    default: stream.write("  \(style.red(status)): \(detail ?? "")\n")
    }
  }
}
