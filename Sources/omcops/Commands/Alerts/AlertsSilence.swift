internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import Quantities
internal import Terminal

/// `omcops alerts silence`.
struct AlertsSilence: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "silence", abstract: "Keep alerts quiet for a time.",
    discussion: discussion(
      """
      All matchers must hold: 'alertname="NodeDown"' 'instance=~"db.*"'. Prints the id of the \
      silence, which 'alerts expire' ends before its time. --plan only says which alerts would be \
      quiet now.
      """, exits: [.done, .failed, .usage, .refused]))

  @Argument(help: ArgumentHelp("Which alerts.", valueName: "matcher"))
  var matchers: [MatcherArgument]

  @Option(name: .customLong("for"), help: ArgumentHelp("For how long.", valueName: "duration"))
  var time: DurationArgument

  @Option(help: "Why; people see it in Alertmanager.")
  var comment: String

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var server: AlertmanagerOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if time.duration <= .zero { throw ValidationError("--for must be more than nothing") }
    if comment.allSatisfy(\.isWhitespace) { throw ValidationError("--comment says nothing") }
  }

  func run(_ context: Context) async throws {
    let chosen = try await server.choose(context)
    let matchers = matchers.map(\.matcher)
    var question = Alertmanager.Question()
    question.matchers = matchers
    let alerts = try await chosen.alertmanager.alerts(question)
    let words = matchers.map { "\($0)" }.joined(separator: ", ")
    if !plan, let environment = chosen.protected {
      try confirmation.given.require(
        environment, for: "silence \(words) in \(environment)", context)
    }
    let end = Timestamp.now() + time.duration
    var record = Record()
    if !plan {
      record.add(
        "id",
        .string(
          try await chosen.alertmanager.silence(
            matchers, until: end, by: "\(context.user)@\(context.host)", comment: comment)))
    }
    record.add("until", .string(end.rfc3339(fractionDigits: 0)))
    record.add("matchers", .array(matchers.map { .string("\($0)") }), text: words)
    record.add(
      "alerts", .array(alerts.map { .string($0.name) }),
      text: alerts.isEmpty
        ? "none that fires now" : alerts.map(\.name).joined(separator: ", "))
    output.emit(record, to: context)
  }
}

/// `omcops alerts expire`.
struct AlertsExpire: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "expire", abstract: "End silences before their time.",
    discussion: discussion(
      "A silence that is over already is left as it is.",
      exits: [.done, .failed, .usage, .refused]))

  @Argument(help: ArgumentHelp("Ids of silences.", valueName: "id"))
  var ids: [String]

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var server: AlertmanagerOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let chosen = try await server.choose(context)
    var silences: [Silence] = []
    // Nothing is changed when one of them is not there.
    for id in ids {
      guard let silence = try await chosen.alertmanager.silence(id) else {
        throw NoSilence(id: id)
      }
      silences.append(silence)
    }
    if let environment = chosen.protected {
      try confirmation.given.require(
        environment, for: "end \(ids.count == 1 ? "a silence" : "silences") in \(environment)",
        context)
    }
    var rows: [[Cell]] = []
    for silence in silences {
      let isOver = silence.state == "expired"
      if !isOver { try await chosen.alertmanager.expire(silence.id) }
      rows.append([
        .text(silence.id), .text(silence.matchers.map { "\($0)" }.joined(separator: ", ")),
        .text(isOver ? "was over" : "ended"), .text(silence.comment),
      ])
    }
    output.emit(RowSet(["id", "matchers", "state", "comment"], rows: rows), to: context)
  }
}

private struct NoSilence: Failure {
  var id: String
  var message: String { "there is no silence \"\(id)\"" }
  var hint: String? { "`omcops alerts list` shows the ids beside the alerts that they keep quiet" }
}
