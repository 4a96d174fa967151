internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import LogOps
internal import Terminal

/// `omcops logs`: reads logs, filters them and lays them out.
struct Logs: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Read, filter and follow logs.",
    discussion: discussion(
      """
      Reads files, plain or compressed (--file, repeatable), or standard input. Lines that belong \
      together, such as a traceback, are one record; filters, context and counts are about records. \
      Levels and times are found in JSON, logfmt, klog, syslog and what Python, Java, nginx and \
      PostgreSQL write; a record without either takes that of the one before it. Secrets are hidden, \
      and on a terminal nothing that a log holds can speak to it. While files are followed, the key s \
      or SIGUSR1 prints a summary.

      A check that did not hold (status 3) is a --fail-on that was found, or a --until-match or \
      --expect that was not.
      """, exits: [.done, .failed, .usage, .blocked, .interrupted]))

  @OptionGroup var input: LogInputOptions
  @OptionGroup var filter: LogFilterOptions
  @OptionGroup var layout: LogLayoutOptions
  @OptionGroup var watch: LogWatchOptions

  @Flag(help: "No colour, even on a terminal; NO_COLOR says the same.")
  var noColor = false

  func validate() throws {
    if input.follow, input.file.contains("-") {
      throw ValidationError("standard input ends by itself: --follow is for files")
    }
    if input.sort != nil, filter.hasContext {
      throw ValidationError("-A, -B and -C show neighbours in one source: leave --sort out")
    }
  }

  func run(_ context: Context) async throws {
    if input.file.isEmpty, context.input.isTerminal {
      throw NoLogs()
    }
    var options = LogOptions()
    options.filter = try filter.filter(now: .now())
    options.style = try layout.style(context, sources: input.file.count, noColor: noColor)
    options.style.highlights += options.filter.include
    options.watch = try watch.watch()
    options.tail = try input.tailLength()
    options.order = input.sort?.window
    options.prints = !input.summary
    options.summarizes = input.summary || input.follow && context.error.isTerminal
    options.zone = layout.zone?.seconds ?? 0
    let pipeline = try LogPipeline(options, descriptor: 1)
    let reading = try LogFiles(
      input.file.isEmpty ? ["-"] : input.file, follows: input.follow, into: pipeline)
    let ending = try await SummaryRequests(pipeline, context, zone: options.zone)
      .answering(when: options.summarizes) { try await reading.run() }
    if input.summary, let summary = pipeline.summary {
      context.output.write(
        layout.output == .json
          ? summary.json().text(.pretty) + "\n" : summary.text(zone: options.zone))
    }
    if pipeline.late > 0 {
      context.error.write(
        "\(pipeline.late) records came too late to stand in their place; --sort=1s waits longer\n")
    }
    try report(ending, await reading.failures)
  }

  private func report(_ ending: Ending, _ failures: [any Failure]) throws {
    switch ending {
    case .failed(let pattern, let source):
      throw LogCheckFailed(message: "\(source) says what --fail-on \"\(pattern)\" is about")
    case .missing(let pattern, let reason):
      throw LogCheckFailed(message: "no record matched \"\(pattern)\": \(reason)")
    case .ended, .enough, .matched, .timedOut: break
    }
    guard let first = failures.first else { return }
    throw LogsIncomplete(first: first, others: failures.dropFirst().map(\.message))
  }
}

/// What was waited for was not said, or what must not be said was.
private struct LogCheckFailed: Failure {
  var message: String
  var status: ExitStatus { .blocked }
}

/// Some of the logs could not be read; the rest was shown.
private struct LogsIncomplete: Failure {
  var first: any Failure
  var others: [String]
  var message: String { first.message }
  var details: [String] { first.details + others }
  var hint: String? { first.hint }
}

/// Nobody said which logs.
private struct NoLogs: Failure {
  var message: String { "nothing says which logs are meant" }
  var hint: String? { "name files with --file, or pipe a log into it" }
  var status: ExitStatus { .usage }
}
