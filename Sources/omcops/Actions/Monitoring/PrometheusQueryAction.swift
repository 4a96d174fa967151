internal import JSON
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `prometheus.query`: what an expression gives, now or over a range of time.
///
/// A metric that does not exist gives an empty answer, which proves nothing: it is an error unless
/// the step says that nothing is an answer as well.
struct PrometheusQueryAction: Action {
  let targets: RunTargets

  let name = "prometheus.query"

  /// Prometheus gives no more points of a series at once.
  private static let mostPoints = 11_000

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let query = call.with["query"]?.string ?? ""
    let takesNothing = try call.takesNothing()
    let (path, parameters) = try request(query, call)
    let server = try await targets.server(.prometheus)
    let answer = try await serverErrors {
      try await server.json(
        .get, path, parameters, timeout: (call.duration("timeout") ?? .seconds(30)) + .seconds(5))
    }
    guard let result = MonitoringAnswer(answer["data"]) else {
      throw ActionError(.http, "\(server.title) answers a query with something else than a result")
    }
    if result.isEmpty, !takesNothing {
      throw ActionError(
        .assertion, "the query gives nothing: \(query)",
        hint: "Is there such a metric with such labels? \"empty: ok\" takes nothing for an answer.")
    }
    let warnings = ["warnings", "infos"].flatMap { answer[$0]?.array ?? [] }
    return ActionOutcome(result: [
      "type": .string(result.type), "samples": .array(result.samples), "value": result.value,
      "count": .int(Int64(result.samples.count)), "warnings": .array(warnings.map { Value($0) }),
    ])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let kind = with["range"] == nil ? "query" : "query_range"
    var words = "curl -fsS -G \(targets.spelling(of: .prometheus))/api/v1/\(kind)"
    words += " --data-urlencode " + shellQuoted("query=\(with["query"]?.text ?? "")")
    if let moment = with["at"]?.text { words += " -d time=\(moment)" }
    if let range = with["range"]?.text {
      words += " -d start=$(date -d \"now - \(range)\" +%s) -d end=$(date +%s)"
      words += " -d step=\(with["step"]?.text ?? "15s")"
    }
    return words
  }

  private func request(
    _ query: String, _ call: ActionCall
  ) throws -> (path: String, parameters: ServerClient.Query) {
    var parameters: ServerClient.Query = [("query", query)]
    if let timeout = call.duration("timeout") {
      parameters.append(("timeout", "\(timeout.milliseconds)ms"))
    }
    guard let range = call.duration("range") else {
      guard call.with["step"] == nil else {
        throw ActionError(.other, "step means nothing without range")
      }
      if let moment = call.moment("at") { parameters.append(("time", moment.secondsText)) }
      return ("/api/v1/query", parameters)
    }
    let end = call.moment("at") ?? .now()
    let step = call.duration("step") ?? max(.seconds(1), .milliseconds(range.milliseconds / 100))
    guard step > .zero, range.milliseconds / step.milliseconds < Self.mostPoints else {
      throw ActionError(
        .other, "a step of \(step.canonical) gives too many points in \(range.canonical)")
    }
    parameters += [
      ("start", (end - range).secondsText), ("end", end.secondsText),
      ("step", "\(Double(step.milliseconds) / 1000)"),
    ]
    return ("/api/v1/query_range", parameters)
  }
}

extension Timestamp {
  /// The moment `span` before `moment`.
  static func - (moment: Timestamp, span: Duration) -> Timestamp {
    moment + .milliseconds(-span.milliseconds)
  }
}
