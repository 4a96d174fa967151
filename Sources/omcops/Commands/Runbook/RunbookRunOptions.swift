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
    let log = RunLog(stream: context.error, style: database.global.style(context))
    let report: RunReport
    do {
      report = try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await log.tick() }
        defer { group.cancelAll() }
        return try await withLiveSurroundings(database, context) { surroundings in
          try await body(Engine(surroundings, version: Omcops.version, tell: log.show))
        }
      }
    } catch {
      log.clear()
      throw error
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
