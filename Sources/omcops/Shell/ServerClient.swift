internal import Configuration
internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import Quantities
internal import Synchronization

/// Asks a server of an environment by HTTP and JSON: Prometheus, Alertmanager, Loki, GitHub.
struct ServerClient: Sendable {
  /// What it is called in messages: `prometheus at http://127.0.0.1:9090`.
  let title: String
  /// Its address, without a slash at its end.
  let base: String
  /// Fields that go with each request.
  let headers: HTTPHeaders
  private let client: HTTPClient
  /// What went wrong behind a tunnel, which HTTP only sees as an end.
  private let troubles: TunnelTroubles?

  init(
    _ title: String, base: String, headers: HTTPHeaders = [:], _ configuration: HTTPConfiguration,
    troubles: TunnelTroubles? = nil
  ) {
    self.title = title
    self.base = base
    self.headers = headers
    self.troubles = troubles
    client = HTTPClient(configuration)
  }

  /// An answer, whatever its status is.
  struct Answer: Sendable {
    var status: Int
    /// The body.
    var body: [UInt8]
    /// The body, where it is JSON.
    var json: JSON? { try? JSON(parsing: body) }
    /// The body's first line, for messages.
    var text: String { body.firstLine }
  }

  /// What a query says, behind the path; nothing for none.
  typealias Query = [(name: String, value: String)]

  /// Sends a request and gives the answer, whatever its status is.
  ///
  /// - Throws: `ServerFailure` where there is none.
  func send(
    _ method: HTTPMethod = .get, _ path: String, _ query: Query = [], body: JSON? = nil,
    timeout: Duration = .seconds(30), retry: HTTPRetry = .standard
  ) async throws -> Answer {
    var headers = headers
    if headers["Accept"] == nil { headers.set("Accept", "application/json") }
    if body != nil { headers.set("Content-Type", "application/json") }
    let words = query.map {
      "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))"
    }
    let request = HTTPRequest(
      method, base + path + (words.isEmpty ? "" : "?" + words.joined(separator: "&")),
      headers: headers, body: body.map { .bytes(Array($0.text().utf8)) } ?? .none,
      timeout: timeout, maximumBody: ServerClient.greatestBody, acceptsCompression: true,
      retry: retry)
    do {
      let response = try await client.send(request)
      return Answer(status: response.status, body: response.body)
    } catch let error as HTTPError {
      let behind = troubles?.last.map { ": \($0)" } ?? ""
      throw ServerFailure(
        ServerFailure.Kind(error.kind), "\(title): \(error.message)\(behind)",
        hint: error.hint, wasSent: error.mayHaveBeenSent)
    }
  }

  /// Sends a request that must be answered with JSON and a status of success.
  func json(
    _ method: HTTPMethod = .get, _ path: String, _ query: Query = [], body: JSON? = nil,
    timeout: Duration = .seconds(30), retry: HTTPRetry = .standard
  ) async throws -> JSON {
    let answer = try await send(method, path, query, body: body, timeout: timeout, retry: retry)
    guard (200..<300).contains(answer.status) else { throw refusal(answer, path) }
    guard let json = answer.json else {
      throw ServerFailure(
        .http, "\(title) answers \(path) with something that is not JSON: \(answer.text)",
        status: answer.status, hint: "Is the address in omcops.yaml that of its API?")
    }
    return json
  }

  /// The error for an answer whose status is none of success, in the server's own words.
  func refusal(_ answer: Answer, _ path: String) -> ServerFailure {
    let said =
      answer.json?["error"]?.string ?? answer.json?["message"]?.string ?? answer.json?.string
      ?? answer.text
    let hint: String? =
      switch answer.status {
      case 401, 403: "It does not accept this token or these headers; see omcops.yaml."
      case 404: "Is the address in omcops.yaml that of its API?"
      default: nil
      }
    return ServerFailure(
      .http, "\(title) answers \(path) with \(answer.status)" + (said.isEmpty ? "" : ": \(said)"),
      status: answer.status, hint: hint)
  }

  /// Results stand in the memory at once; a query that gives more should ask for less.
  private static let greatestBody = 32 << 20
}

/// A server could not be asked, or did not do what it was asked for.
struct ServerFailure: Failure {
  /// The class of failure.
  enum Kind: Sendable {
    case connection, timeout, http, tooLarge
  }

  var kind: Kind
  var message: String
  /// The status of the answer, if there was one.
  var answerStatus: Int?
  var hint: String?
  /// Whether the request may have had its effect.
  var wasSent: Bool

  init(
    _ kind: Kind, _ message: String, status: Int? = nil, hint: String? = nil, wasSent: Bool = true
  ) {
    self.kind = kind
    self.message = message
    answerStatus = status
    self.hint = hint
    self.wasSent = wasSent
  }
}

/// The last thing that went wrong behind a tunnel.
final class TunnelTroubles: Sendable {
  private let words = Mutex<String?>(nil)

  var last: String? { words.withLock { $0 } }

  func note(_ text: String?) { words.withLock { $0 = text } }
}

extension ServerFailure.Kind {
  fileprivate init(_ kind: HTTPError.Kind) {
    self = kind == .timeout ? .timeout : kind == .tooLarge ? .tooLarge : .connection
  }
}

extension HTTPError {
  /// Whether the server may have got the request before it went wrong.
  fileprivate var mayHaveBeenSent: Bool {
    ![.invalidRequest, .library, .resolve, .connect, .tls, .proxy].contains(kind)
  }
}

extension [UInt8] {
  /// The beginning of a text, for messages.
  fileprivate var firstLine: String {
    let line = prefix(300).prefix { $0 != 0x0A && $0 != 0x0D }
    return String(decoding: line, as: UTF8.self)
  }
}
