internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Text

/// A synthetic alert that is followed on its way: Alertmanager has it, and tells somebody.
struct AlertProbe: Sendable {
  let alertmanager: Alertmanager
  /// What tells it from every other alert.
  let id: String
  /// Its labels, the id among them.
  let labels: OrderedDictionary<String, String>
  let annotations: OrderedDictionary<String, String>
  /// What proves that somebody was told.
  let proof: Proof
  /// How long all of it may take.
  let limit: Duration

  /// The label that holds the id.
  static let label = "omcops_test"

  /// What proves that somebody was told of it.
  enum Proof: Sendable {
    /// A webhook of Alertmanager's that leads to a port of this machine.
    case listener(LocalListener)
    /// An address whose answer holds the id once it has come.
    case page(ServerClient)
    /// Alertmanager's own count of what it has sent.
    case counters
  }

  /// What was seen.
  struct Report: Sendable {
    var receivers: [String]
    /// From giving it in until Alertmanager listed it.
    var listedAfter: Duration
    /// From giving it in until the proof.
    var deliveredAfter: Duration
    /// What the proof was, as a sentence.
    var evidence: String
  }

  /// Gives the alert in, follows it, and takes it back, whatever happens.
  func run(_ tell: @escaping @Sendable (String) -> Void) async throws -> Report {
    let clock = ContinuousClock()
    let before = try await counters()
    let start = clock.now
    let began = Timestamp.now()
    try await alertmanager.give(
      labels, annotations: annotations, from: began, until: began + limit + .seconds(300))
    let outcome: Result<Report, any Error>
    do {
      let alert = try await listed(until: start + limit)
      let listedAfter = clock.now - start
      tell("Alertmanager has it; it tells \(alert.receivers.joined(separator: ", "))")
      let evidence = try await delivered(alert, until: start + limit, before)
      outcome = .success(
        Report(
          receivers: alert.receivers, listedAfter: listedAfter,
          deliveredAfter: clock.now - start, evidence: evidence))
    } catch {
      outcome = .failure(error)
    }
    // Also when this task was cancelled: nobody shall be woken by a test that is over.
    await Task { try? await takeBack(from: began) }.value
    return try outcome.get()
  }

  private func takeBack(from start: Timestamp) async throws {
    try await alertmanager.give(labels, annotations: annotations, from: start, until: .now())
  }

  private func listed(until end: ContinuousClock.Instant) async throws -> Alert {
    var question = Alertmanager.Question()
    question.matchers = [AlertMatcher(AlertProbe.label, id)]
    while true {
      if let alert = try await alertmanager.alerts(question).first {
        guard alert.state != "suppressed" else { throw AlertUntold(suppressed: alert) }
        if alert.state == "active" { return alert }
      }
      guard ContinuousClock().now < end else {
        throw AlertUntold("Alertmanager took the alert, and does not list it as active")
      }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// Waits for the proof; gives it as a sentence.
  private func delivered(
    _ alert: Alert, until end: ContinuousClock.Instant, _ before: Counters
  ) async throws -> String {
    try await withThrowingTaskGroup(of: String?.self) { group in
      group.addTask { try await proven(alert, before) }
      group.addTask {
        try await Task.sleep(until: end, clock: .continuous)
        return nil
      }
      defer { group.cancelAll() }
      if let first = try await group.next(), let evidence = first { return evidence }
      let failed = try await counters().failed - before.failed
      throw AlertUntold(
        "nothing reached \(destination) within \(limit.canonical); Alertmanager has the alert, and "
          + "tells \(alert.receivers.joined(separator: ", "))",
        hint: failed > 0
          ? "\(failed) attempts to tell somebody failed meanwhile: see Alertmanager's log"
          : "is the receiver's address right, and group_wait of its route shorter than that?")
    }
  }

  private var destination: String {
    switch proof {
    case .listener(let listener): listener.address
    case .page(let page): page.base
    case .counters: "a receiver"
    }
  }

  private func proven(_ alert: Alert, _ before: Counters) async throws -> String {
    switch proof {
    case .listener(let listener):
      try await WebhookListener(listener: listener).wait(for: id)
      return "it came to \(listener.address)"
    case .page(let page):
      while true {
        let answer = try await page.send(.get, "")
        if String(decoding: answer.body, as: UTF8.self).contains(text: id) {
          return "\(page.base) has it"
        }
        try await Task.sleep(for: .milliseconds(500))
      }
    case .counters:
      while true {
        let now = try await counters()
        if let integration = now.sent.first(where: { $1 > before.sent[$0] ?? 0 })?.key {
          return "Alertmanager counts one more notification by \(integration)"
        }
        try await Task.sleep(for: .milliseconds(500))
      }
    }
  }

  /// What Alertmanager says of itself, by kind of receiver.
  private struct Counters: Sendable {
    var sent: [String: Double] = [:]
    var failed = 0
  }

  private func counters() async throws -> Counters {
    let answer = try await alertmanager.server.send(.get, "/metrics")
    var counters = Counters()
    guard answer.status == 200 else { return counters }
    for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n") {
      guard let open = line.firstIndex(of: "{"), let space = line.lastIndex(of: " "),
        let value = Double(line[line.index(after: space)...])
      else { continue }
      let integration = line.firstRange(ofText: "integration=\"").map {
        String(line[$0.upperBound...].prefix { $0 != "\"" })
      }
      switch line[..<open] {
      case "alertmanager_notification_requests_total":
        counters.sent[integration ?? "", default: 0] += value
      case "alertmanager_notification_requests_failed_total":
        // Those that failed were counted as well.
        counters.sent[integration ?? "", default: 0] -= value
        counters.failed += Int(value)
      default: continue
      }
    }
    return counters
  }
}

/// Nobody was told of a test alert.
struct AlertUntold: Failure {
  var message: String
  var hint: String?
  var status: ExitStatus { .blocked }

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  /// It is kept quiet.
  init(suppressed alert: Alert) {
    if !alert.silencedBy.isEmpty {
      message = "a silence keeps the test alert quiet: \(alert.silencedBy.joined(separator: ", "))"
      hint = "choose other labels, or end it with `omcops alerts expire`"
    } else {
      message = "another alert keeps the test alert quiet, by an inhibition rule"
      hint = "choose other labels with --label"
    }
  }
}
