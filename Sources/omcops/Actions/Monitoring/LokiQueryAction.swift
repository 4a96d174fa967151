internal import JSON
internal import LogOps
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `loki.query`: lines of logs, or numbers made of them.
///
/// A query that begins with a selector asks for lines; they come with secrets hidden.
struct LokiQueryAction: Action {
  let targets: RunTargets

  let name = "loki.query"

  private static let usualLimit: Int64 = 100

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let query = call.with["query"]?.string ?? ""
    let takesNothing = try call.takesNothing()
    let limit = call.with["limit"]?.int ?? Self.usualLimit
    let (path, parameters) = try request(query, limit, call)
    let server = try await targets.server(.loki)
    let answer = try await serverErrors {
      try await server.json(
        .get, path, parameters, timeout: call.duration("timeout") ?? .seconds(60))
    }
    guard var result = MonitoringAnswer(answer["data"]) else {
      throw ActionError(.http, "\(server.title) answers a query with something else than a result")
    }
    if result.isEmpty, !takesNothing {
      throw ActionError(
        .assertion, "the query gives nothing: \(query)",
        hint: "Are there such labels? \"empty: ok\" takes nothing for an answer.")
    }
    result.lines = result.lines.map(masked)
    let count = result.type == "streams" ? result.lines.count : result.samples.count
    return ActionOutcome(result: [
      "type": .string(result.type), "lines": .array(result.lines),
      "samples": .array(result.samples), "value": result.value, "count": .int(Int64(count)),
      "truncated": .bool(result.lines.count >= limit),
    ])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var words = "logcli --addr=\(targets.spelling(of: .loki)) query"
    if let since = with["since"]?.text { words += " --since=\(shellQuoted(since))" }
    if let limit = with["limit"]?.text { words += " --limit=\(limit)" }
    return words + " " + shellQuoted(with["query"]?.text ?? "")
  }

  private func request(
    _ query: String, _ limit: Int64, _ call: ActionCall
  ) throws -> (path: String, parameters: ServerClient.Query) {
    guard (1...5000).contains(limit) else {
      throw ActionError(.other, "limit is \(limit); it must be 1 to 5000")
    }
    let isSelector = query.drop(while: \.isWhitespace).first == "{"
    let isRange = isSelector || call.with["since"] != nil || call.with["step"] != nil
    guard isRange else {
      var parameters: ServerClient.Query = [("query", query)]
      if let moment = call.moment("at") { parameters.append(("time", moment.secondsText)) }
      return (Loki.momentPath, parameters)
    }
    let end = call.moment("until") ?? call.moment("at") ?? .now()
    let start = try call.since() ?? (end - .seconds(3600))
    guard start < end else { throw ActionError(.other, "since is not before the end of the time") }
    let direction = call.with["direction"]?.string ?? "backward"
    guard ["forward", "backward"].contains(direction) else {
      throw ActionError(.other, "direction is \"\(direction)\"; it can be forward or backward")
    }
    var parameters = LokiRange(
      query, from: LogTime(start), to: LogTime(end), limit: Int(limit),
      isBackward: direction == "backward"
    ).parameters
    if let step = call.duration("step") {
      parameters.append(("step", "\(Double(step.milliseconds) / 1000)"))
    }
    return (Loki.rangePath, parameters)
  }

  private func masked(_ line: Value) -> Value {
    guard case .object(var members) = line, let text = members["line"]?.string else { return line }
    members["line"] = .string(LogSecrets.masked(text))
    return .object(members)
  }
}
