internal import HTTPClient
internal import JSON

/// A request to the API, in the API's own terms.
struct APIRequest: Sendable {
  var method = HTTPMethod.get
  /// The path without the server's prefix; its segments are percent-encoded already.
  var path: String
  var query: [(name: String, value: String)] = []
  var body: [UInt8]?
  var contentType = "application/json"
  var accept = "application/json"
  /// How long an answer that is streamed may take in all; nil for ever.
  var timeout: Duration?
  /// Whether doing it twice is doing it once though its method does not say so.
  var isIdempotent = false
  /// Whether its answer, which has no end, comes by a connection of its own.
  var hasOwnConnection = false
  /// What is done to what, for errors: `get pods "x"`.
  var subject: String

  init(_ method: HTTPMethod, _ path: String, subject: String) {
    self.method = method
    self.path = path
    self.subject = subject
  }

  /// A question.
  init(_ path: String, subject: String) { self.init(.get, path, subject: subject) }

  /// A request with a JSON body.
  init(
    _ method: HTTPMethod, _ path: String, _ body: JSON, type: String = "application/json",
    subject: String
  ) {
    self.init(method, path, subject: subject)
    self.body = Array(body.text().utf8)
    contentType = type
  }

  /// Path and query.
  var target: String {
    if query.isEmpty { return path }
    return path + "?"
      + query.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
  }
}
