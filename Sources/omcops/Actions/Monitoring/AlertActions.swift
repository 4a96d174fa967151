internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import Text

/// `alertmanager.alerts`: which alerts fire. That none does is an answer.
struct AlertmanagerAlertsAction: Action {
  let targets: RunTargets

  let name = "alertmanager.alerts"

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    var question = Alertmanager.Question()
    question.matchers = try call.matchers("filter")
    if let name = call.with["alertname"]?.string {
      question.matchers.append(AlertMatcher("alertname", name))
    }
    question.receiver = call.with["receiver"]?.string
    question.includesActive = call.with["active"]?.bool ?? true
    question.includesSilenced = call.with["silenced"]?.bool ?? true
    question.includesInhibited = call.with["inhibited"]?.bool ?? true
    let server = try await targets.server(.alertmanager)
    let alerts = try await serverErrors {
      try await Alertmanager(server: server).alerts(question)
    }
    return ActionOutcome(result: [
      "alerts": .array(alerts.map { Value($0) }), "count": .int(Int64(alerts.count)),
    ])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var words = "omcops alerts list"
    if let name = with["alertname"]?.text {
      words += " --filter " + shellQuoted("\(AlertMatcher("alertname", name))")
    }
    for matcher in with["filter"]?.array ?? [] {
      words += " --filter \(shellQuoted(matcher.text ?? ""))"
    }
    return words
  }
}

/// `alertmanager.silence`: keeps alerts quiet for a time.
///
/// Its comment carries the run's id, by which a resumed run finds its own silence again.
struct AlertmanagerSilenceAction: Action {
  let targets: RunTargets

  let name = "alertmanager.silence"

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let matchers = try matchers(call)
    guard let time = call.duration("duration"), time > .zero else {
      throw ActionError(.other, "a silence needs a duration of more than nothing")
    }
    let server = try await targets.server(.alertmanager)
    let comment = comment(call)
    let end = Timestamp.now() + time
    let id = try await serverErrors(writes: true) {
      try await Alertmanager(server: server).silence(
        matchers, until: end, by: "\(call.run.user)@\(call.run.host)", comment: comment)
    }
    return ActionOutcome(result: result(id: id, end, comment, matchers))
  }

  /// A silence of this run for the same alerts that is not over.
  func recall(_ call: ActionCall) async throws -> Recollection {
    let (wanted, comment) = (try matchers(call), comment(call))
    let server = try await targets.server(.alertmanager)
    let silences = try await serverErrors { try await Alertmanager(server: server).silences() }
    let own = silences.first {
      $0.state != "expired" && $0.comment == comment && Set($0.matchers) == Set(wanted)
    }
    guard let own else { return .absent }
    return .there(result(id: own.id, own.endsAt, comment, wanted))
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var words = "omcops alerts silence"
    for matcher in with["matchers"]?.array ?? [] { words += " \(shellQuoted(matcher.text ?? ""))" }
    words += " --for \(with["duration"]?.text ?? "1h")"
    return words + " --comment " + shellQuoted(with["comment"]?.text ?? "omcops")
  }

  /// A silence without matchers would keep everything quiet, as one whose matchers all take an empty
  /// value: Alertmanager refuses both, and so does this.
  private func matchers(_ call: ActionCall) throws -> [AlertMatcher] {
    let matchers = try call.matchers("matchers")
    guard !matchers.isEmpty else {
      throw ActionError(.refused, "a silence without matchers would keep every alert quiet")
    }
    return matchers
  }

  private func comment(_ call: ActionCall) -> String {
    let given = call.with["comment"]?.string ?? ""
    if given.contains(text: call.run.id) { return given }
    return given.isEmpty ? "omcops \(call.run.id)" : "\(given) (omcops \(call.run.id))"
  }

  private func result(
    id: String, _ end: Timestamp, _ comment: String, _ matchers: [AlertMatcher]
  ) -> Value {
    [
      "id": .string(id), "ends-at": .timestamp(end), "comment": .string(comment),
      "matchers": .array(matchers.map { .string("\($0)") }),
    ]
  }
}

/// `alertmanager.expire`: ends a silence; one that is over already is left as it is.
struct AlertmanagerExpireAction: Action {
  let targets: RunTargets

  let name = "alertmanager.expire"

  func observe(_ call: ActionCall) async throws -> Value {
    let silence = try await silence(call)
    return ["id": call.with["id"] ?? .null, "state": Value(silence?.state)]
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let id = call.with["id"]?.string ?? ""
    guard let silence = try await silence(call) else {
      throw ActionError(.assertion, "there is no silence \"\(id)\"")
    }
    if silence.state != "expired" {
      let server = try await targets.server(.alertmanager)
      try await serverErrors(writes: true) { try await Alertmanager(server: server).expire(id) }
    }
    return ActionOutcome(result: ["id": .string(id), "state": "expired"])
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    guard let silence = try await silence(call), silence.state == "expired" else { return .absent }
    return .there(["id": .string(silence.id), "state": "expired"])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops alerts expire \(shellQuoted(with["id"]?.text ?? "ID"))"
  }

  private func silence(_ call: ActionCall) async throws -> Silence? {
    let server = try await targets.server(.alertmanager)
    return try await serverErrors {
      try await Alertmanager(server: server).silence(call.with["id"]?.string ?? "")
    }
  }
}

extension ActionCall {
  /// The matchers of a field.
  fileprivate func matchers(_ key: String) throws -> [AlertMatcher] {
    try (with[key]?.array ?? []).map { value in
      guard let text = value.string, let matcher = AlertMatcher(parsing: text) else {
        throw ActionError(
          .other, "\"\(value.text ?? "")\" is no matcher",
          hint: "Write label=\"value\", !=, =~ or !~, as alertname=~\"Node.*\".")
      }
      return matcher
    }
  }
}

extension Value {
  /// An alert as expressions see it.
  init(_ alert: Alert) {
    func texts(_ items: [String]) -> Value { .array(items.map(Value.string)) }
    self = [
      "name": .string(alert.name), "state": .string(alert.state),
      "since": .timestamp(alert.since), "labels": .object(alert.labels.mapValues(Value.string)),
      "annotations": .object(alert.annotations.mapValues(Value.string)),
      "receivers": texts(alert.receivers), "silenced-by": texts(alert.silencedBy),
      "inhibited-by": texts(alert.inhibitedBy), "fingerprint": .string(alert.fingerprint),
    ]
  }
}
