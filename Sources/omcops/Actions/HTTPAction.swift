internal import HTTPClient
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `http`: what a service answers to a question that changes nothing; with `through` a pod of a workload,
/// by a port that is carried there.
struct HTTPAction: Action {
  let proxies: HTTPProxies
  let cluster: RunCluster

  let name = "http"
  let effect = Effect.read
  let parameters = [
    ActionParameter("url", .string, isRequired: true), ActionParameter("method", .string),
    ActionParameter("headers", .map(.string)), ActionParameter("status", .any),
    ActionParameter("through", .string),
  ]
  let result = Shape.object([
    "status": .number, "headers": .map(.any), "json": .any, "text": .string, "ms": .number,
  ])

  /// The result is for expressions, and stands in the journal.
  private static let greatestBody = 1 << 20

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let wanted = try statuses(call)
    guard let word = call.with["through"]?.string else {
      return try await ask(try request(call), wanted, call)
    }
    let place = try PlainURL(call.with["url"]?.string ?? "")
    let session = try cluster.session(for: call)
    return try await kubeErrors {
      try await ForwardedPort(session: session, word: word, port: place.port).open { port in
        var request = try request(call, url: "http://127.0.0.1:\(port)\(place.target)")
        request.headers.set("Host", place.authority)
        return try await ask(request, wanted, call, by: HTTPProxies(environment: [:]))
      }
    }
  }

  private func ask(
    _ request: HTTPRequest, _ wanted: [Int64], _ call: ActionCall, by way: HTTPProxies? = nil
  ) async throws -> ActionOutcome {
    var configuration = HTTPConfiguration()
    configuration.proxies = way ?? proxies
    let clock = ContinuousClock()
    let start = clock.now
    let response: HTTPResponse
    do {
      response = try await HTTPClient(configuration).send(request)
    } catch let error as HTTPError {
      throw ActionError(
        error.kind == .timeout ? .timeout : .connection, error.message, hint: error.hint)
    }
    let time = clock.now - start
    try check(response, wanted, call)
    return ActionOutcome(result: value(response, after: time))
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let isHead = with["method"]?.string == "HEAD"
    let fields = (with["headers"]?.object ?? [:]).map { name, value in
      " -H \(shellQuoted("\(name): \(value.text ?? "")"))"
    }
    let url = with["url"]?.text ?? ""
    let curl = "curl -sS\(isHead ? "I" : "i")\(fields.joined()) \(shellQuoted(url))"
    guard let word = with["through"]?.text, let place = try? PlainURL(url) else { return curl }
    let forward = "omcops kube forward \(shellQuoted(word)) \(place.port)"
    return "\(forward) & \(curl) --connect-to ::127.0.0.1:\(place.port)"
  }

  private func request(_ call: ActionCall, url given: String? = nil) throws -> HTTPRequest {
    let url = given ?? call.with["url"]?.string ?? ""
    let word = call.with["method"]?.string ?? "GET"
    guard ["GET", "HEAD"].contains(word) else {
      throw ActionError(
        .other, "method is \"\(word)\"; http only asks: it must be GET or HEAD")
    }
    var headers: HTTPHeaders = ["Accept": "application/json, */*;q=0.5"]
    for (name, value) in call.with["headers"]?.object ?? [:] {
      headers.set(name, value.text ?? "")
    }
    // The check around it tries again, and says for how long.
    return HTTPRequest(
      HTTPMethod(word), url, headers: headers, timeout: .seconds(10),
      maximumBody: HTTPAction.greatestBody, acceptsCompression: true, retry: .none)
  }

  private func check(
    _ response: HTTPResponse, _ wanted: [Int64], _ call: ActionCall
  ) throws {
    let isWanted =
      wanted.isEmpty ? response.isSuccess : wanted.contains(Int64(response.status))
    guard !isWanted else { return }
    let expected =
      wanted.isEmpty ? "a status of 2xx" : wanted.map { "\($0)" }.joined(separator: " or ")
    let start =
      String(decoding: response.body.prefix(200), as: UTF8.self)
      .split(whereSeparator: \.isNewline).first ?? ""
    throw ActionError(
      .http,
      "\(call.with["url"]?.string ?? "") answers \(response.status), not \(expected)"
        + (start.isEmpty ? "" : ": \(start)"))
  }

  /// The statuses that are good; none: every 2xx.
  private func statuses(_ call: ActionCall) throws -> [Int64] {
    guard let given = call.with["status"] else { return [] }
    return try (given.array ?? [given]).map { value in
      guard let status = value.int else {
        throw ActionError(.other, "status must be a number or a list of numbers")
      }
      return status
    }
  }

  private func value(_ response: HTTPResponse, after time: Duration) -> Value {
    var headers: OrderedDictionary<String, Value> = [:]
    for field in response.headers.fields {
      let name = field.name.lowercased()
      headers[name] = .string(
        headers[name]?.string.map { "\($0), \(field.value)" } ?? field.value)
    }
    let (seconds, attoseconds) = time.components
    return [
      "status": .int(Int64(response.status)), "headers": .object(headers),
      "json": (try? JSON(parsing: response.body)).map { Value($0) } ?? .null,
      "text": .string(String(decoding: response.body, as: UTF8.self)),
      "ms": .int(seconds * 1000 + attoseconds / 1_000_000_000_000_000),
    ]
  }
}

/// An `http` URL whose host is only a name for the service: the way to it is another.
private struct PlainURL {
  /// Host and port, as the `Host` field has them.
  let authority: String
  let port: Int
  /// Path and query.
  let target: String

  init(_ url: String) throws {
    guard url.hasPrefix("http://") else {
      throw ActionError(
        .other, "through carries http only, but the url is \(url)",
        hint: "pods answer behind what ends TLS; leave through out to ask that")
    }
    let rest = url.dropFirst("http://".count)
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    authority = String(rest[..<end])
    let path = String(rest[end...])
    target = path.hasPrefix("/") ? path : "/" + path
    let text = authority.split(separator: ":").last.map(String.init) ?? ""
    guard !authority.isEmpty, !authority.contains("@"),
      let port = authority.contains(":") ? Int(text) : 80, (1...65_535).contains(port)
    else {
      throw ActionError(.other, "\(url) names no host and port")
    }
    self.port = port
  }
}
