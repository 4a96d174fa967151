internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import Quantities
internal import Runbooks
internal import Terminal

/// `omcops alerts list`.
struct AlertsList: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the alerts that fire, and the runbooks that answer them.",
    discussion: discussion(
      """
      The latest come first. An alert is active, or suppressed: by a silence, or by another alert \
      that says the same. The runbooks are those whose 'alerts' name it. --filter takes matchers as \
      Alertmanager does: 'severity="critical"', 'alertname=~"Node.*"'.

      That alerts fire is no failure: with --check the command ends with status 3 when one is active.
      """, exits: [.done, .failed, .usage, .blocked]))

  @Option(help: ArgumentHelp("Only alerts with this; may be given again.", valueName: "matcher"))
  var filter: [MatcherArgument] = []

  @Flag(help: "Only those that somebody is told of: no silenced and no inhibited ones.")
  var active = false

  @Flag(help: "End with status 3 when an alert is active.")
  var check = false

  @Option(help: "Folder of the runbooks.", completion: .directory)
  var dir: String?

  @OptionGroup var server: AlertmanagerOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let alertmanager = try await server.choose(context).alertmanager
    var question = Alertmanager.Question()
    question.matchers = filter.map(\.matcher)
    question.includesSilenced = !active
    question.includesInhibited = !active
    let alerts = try await alertmanager.alerts(question)
    let answers = AlertAnswers(RunbookPlace(dir: dir, config: server.global.config), context)
    for problem in answers.problems { context.error.write("omcops: \(problem)\n") }
    if alerts.isEmpty { context.error.write("no alert fires\n") }
    let isJSON = output.output == .json
    if isJSON || !alerts.isEmpty {
      output.emit(
        RowSet(columns, rows: alerts.map { row($0, answers.runbooks(for: $0), isJSON) }),
        to: context)
    }
    if check, alerts.contains(where: { $0.state != "suppressed" }) {
      throw Ended(status: .blocked)
    }
  }

  private var columns: [RowSet.Column] {
    [
      "alert", "severity", "state", "since", "labels", "summary", "silenced-by", "inhibited-by",
      "runbooks",
    ]
  }

  private func row(_ alert: Alert, _ runbooks: [String], _ isJSON: Bool) -> [Cell] {
    let others = alert.labels.filter { !["alertname", "severity"].contains($0.key) }
    let summary = alert.annotations["summary"] ?? alert.annotations["description"]
    func list(_ items: [String]) -> Cell {
      if isJSON { return .json(JSON.array(items.map(JSON.string)).text()) }
      return items.isEmpty ? .null : .text(items.joined(separator: ", "))
    }
    return [
      .text(alert.name), Cell(alert.severity), .text(alert.state),
      .text(isJSON ? alert.since.rfc3339() : age(alert.since)),
      isJSON
        ? .json(JSON.object(alert.labels.mapValues(JSON.string)).text())
        : .text(others.map { "\($0.key)=\($0.value)" }.joined(separator: " ")),
      Cell(summary), list(alert.silencedBy), list(alert.inhibitedBy), list(runbooks),
    ]
  }

  /// `2h5m`: at night nobody counts back from a time of day.
  private func age(_ since: Timestamp) -> String {
    let seconds = max(0, (Timestamp.now() - since).milliseconds / 1000)
    let whole = seconds >= 3600 ? seconds / 60 * 60 : seconds
    return Duration.seconds(whole).canonical
  }
}

/// Which runbooks answer which alerts.
struct AlertAnswers {
  private var names: [String: [String]] = [:]
  /// What keeps runbooks from being read.
  private(set) var problems: [String] = []

  /// Reads the runbooks; a folder that is not there has none.
  init(_ place: RunbookPlace, _ context: Context) {
    do {
      let catalog = liveCatalog(context)
      for file in try place.folder(context).files() {
        do throws(RunbookError) {
          let runbook = try Runbook.load(file, catalog: catalog)
          for alert in runbook.alerts { names[alert, default: []].append(runbook.name) }
        } catch {
          problems.append(error.message)
        }
      }
    } catch let failure as any Failure {
      if place.dir != nil { problems.append(failure.message) }
    } catch {
      problems.append("\(error)")
    }
  }

  /// The names of the runbooks that answer an alert.
  func runbooks(for alert: Alert) -> [String] { names[alert.name] ?? [] }
}

/// A matcher on the command line.
struct MatcherArgument: ExpressibleByArgument, Sendable {
  var matcher: AlertMatcher

  init?(argument: String) {
    guard let matcher = AlertMatcher(parsing: argument) else { return nil }
    self.matcher = matcher
  }
}
