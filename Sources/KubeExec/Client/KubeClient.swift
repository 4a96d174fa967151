internal import HTTPClient
internal import JSON
internal import Synchronization

/// Speaks with one API server as one user.
public final class KubeClient: Sendable {
  /// Where the server is and who we are to it.
  public let access: ClusterAccess
  /// The kinds of objects that the server has.
  let catalog: ResourceCatalog
  private let credentials: CredentialSource
  private let connections: Connections
  private let requestTimeout: Duration
  private let warn: @Sendable (String) -> Void
  private let shown = Mutex<Set<String>>([])

  /// Connects to nothing yet.
  ///
  /// - Parameters:
  ///   - requestTimeout: how long the server may take for an ordinary answer.
  ///   - warn: gets each warning once, from the kubeconfig and from the server.
  public init(
    _ access: ClusterAccess, in surroundings: AccessSurroundings, userAgent: String,
    requestTimeout: Duration = .seconds(60), warn: @escaping @Sendable (String) -> Void
  ) {
    self.access = access
    credentials = CredentialSource(access.credentials, in: surroundings)
    connections = Connections(access, variables: surroundings.variables, userAgent: userAgent)
    catalog = ResourceCatalog()
    self.requestTimeout = requestTimeout
    self.warn = warn
    for warning in access.warnings { warn(warning) }
  }

  /// Sends a request and reads the JSON of its answer.
  func json(_ request: APIRequest) async throws -> JSON {
    let response = try await response(to: request)
    do throws(JSONError) {
      return try JSON(parsing: response.body)
    } catch {
      throw KubeError(
        .serverFailed,
        "\(request.subject): the answer of \(access.server) is no JSON: \(error.message)",
        hint: "is it an API server of Kubernetes?")
    }
  }

  /// Sends a request; an answer that is no success is thrown as an error.
  func response(to request: APIRequest) async throws -> HTTPResponse {
    var isRepeat = false
    let (response, credential) = try await authorized { credential in
      let (client, prepared) = self.prepare(request, credential)
      let response = try await self.translating(request) { try await client.send(prepared) }
      isRepeat = isRepeat || response.isRepeat
      return (response, response.status)
    }
    note(response.head)
    guard response.isSuccess else {
      var error = error(response.status, response.body, request, credential)
      error.followsBreak = isRepeat
      throw error
    }
    return response
  }

  /// Sends a request whose answer has no end; an answer that is no success is thrown as an error.
  func stream(
    _ request: APIRequest, into sink: any HTTPSink, stop: StreamStop? = nil
  ) async throws {
    let gate = StatusGate(sink)
    let (_, credential) = try await authorized { credential in
      var (client, prepared) = self.prepare(request, credential)
      prepared.timeout = request.timeout
      prepared.acceptsCompression = false
      prepared.hasOwnConnection = request.hasOwnConnection
      let ready = prepared
      _ = try await self.translating(request) {
        try await client.stream(ready, into: gate, stop: stop)
      }
      return ((), gate.refusal?.head.status ?? 200)
    }
    if let refusal = gate.refusal {
      throw error(refusal.head.status, refusal.body, request, credential)
    }
  }

  /// What requests prove who they are with.
  func currentCredential() async throws -> Credential { try await credentials.current() }

  /// Another credential after this one was refused; nil where there is none.
  func replacement(for refused: Credential) async throws -> Credential? {
    try await credentials.replacement(for: refused)
  }

  /// Makes the request, and once more with another credential when the first one was refused.
  private func authorized<Result>(
    _ attempt: (Credential) async throws -> (Result, status: Int)
  ) async throws -> (Result, Credential) {
    let credential = try await credentials.current()
    let first = try await attempt(credential)
    guard first.status == 401, let other = try await replacement(for: credential)
    else { return (first.0, credential) }
    return (try await attempt(other).0, other)
  }

  /// The connections and the request with all that is the same for every request.
  func prepare(
    _ request: APIRequest, _ credential: Credential
  ) -> (HTTPClient, HTTPRequest) {
    var headers = HTTPHeaders()
    headers.add("Accept", request.accept)
    if request.body != nil { headers.add("Content-Type", request.contentType) }
    if let authorization = credential.authorization {
      headers.add("Authorization", authorization.text)
    }
    access.impersonation?.add(to: &headers)
    let prepared = HTTPRequest(
      request.method, access.server.description + request.target, headers: headers,
      body: request.body.map { .bytes($0) } ?? .none, timeout: requestTimeout,
      maximumBody: 512 << 20, acceptsCompression: access.allowsCompression,
      retry: request.isIdempotent ? .idempotent : .standard)
    return (connections.client(for: credential.certificate), prepared)
  }

  /// Failures below the API, in the words of somebody who thinks of clusters.
  private func translating<Result>(
    _ request: APIRequest, _ work: () async throws -> Result
  ) async throws -> Result {
    let asked = ContinuousClock.now
    do {
      return try await work()
    } catch let error as HTTPError {
      // What changes something may take its time.
      if error.kind == .timeout, request.method == .get { connections.renew(askedAt: asked) }
      throw unreachable(request, error)
    }
  }

  /// A failure below the API, in the words of somebody who thinks of clusters.
  func unreachable(_ request: APIRequest, _ error: HTTPError) -> KubeError {
    KubeError(
      .unreachable,
      "\(request.subject): the API server of \(access.source) cannot be reached: "
        + error.message, hint: error.hint)
  }

  /// What an answer that is no success means.
  func error(
    _ code: Int, _ body: [UInt8], _ request: APIRequest, _ credential: Credential
  ) -> KubeError {
    var status =
      (try? JSON(parsing: body)).flatMap(APIStatus.init)
      ?? APIStatus(code: code, text: plainText(body))
    if status.code == 0 { status.code = code }
    return KubeError(
      status, asking: request.subject, access, expiry: CredentialExpiry.sentence(credential))
  }

  /// The first line of an answer that is no JSON, as proxies send them.
  private func plainText(_ body: [UInt8]) -> String {
    let text = String(decoding: body.prefix(300), as: UTF8.self)
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return line.hasPrefix("<")
      ? ""
      : String(
        String.UnicodeScalarView(
          line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }))
  }

  /// Shows what the server warns of, each text once.
  private func note(_ head: HTTPHead) {
    for value in head.headers.all("Warning") {
      for text in WarningHeader.texts(value) where shown.withLock({ $0.insert(text).inserted }) {
        warn(text)
      }
    }
  }
}

/// Lets the body of a success through, and keeps that of a failure.
private final class StatusGate: HTTPSink {
  private let sink: any HTTPSink
  private let state = Mutex<(head: HTTPHead, body: [UInt8])?>(nil)

  init(_ sink: any HTTPSink) { self.sink = sink }

  /// The answer, if it is none of success.
  var refusal: (head: HTTPHead, body: [UInt8])? { state.withLock { $0 } }

  func head(_ head: HTTPHead) throws {
    state.withLock { $0 = head.isSuccess ? nil : (head, []) }
    if head.isSuccess { try sink.head(head) }
  }

  func body(_ bytes: UnsafeRawBufferPointer) throws {
    let isRefused = state.withLock { state in
      guard state != nil else { return false }
      if (state?.body.count ?? 0) < 1 << 20 { state?.body += bytes }
      return true
    }
    if !isRefused { try sink.body(bytes) }
  }
}

extension Impersonation {
  fileprivate func add(to headers: inout HTTPHeaders) {
    headers.add("Impersonate-User", user)
    if let uid { headers.add("Impersonate-Uid", uid) }
    for group in groups { headers.add("Impersonate-Group", group) }
    for (key, values) in extra {
      let name = "Impersonate-Extra-" + PercentEncoding.encode(key.lowercased())
      for value in values { headers.add(name, value) }
    }
  }
}

/// The header `Warning` (RFC 7234, 5.5), as Kubernetes sends it: `299 - "text"`, several with
/// commas between.
enum WarningHeader {
  static func texts(_ value: String) -> [String] {
    var texts: [String] = []
    var text: String?
    var isEscaped = false
    for character in value {
      guard let sofar = text else {
        if character == "\"" { text = "" }
        continue
      }
      switch character {
      case _ where isEscaped:
        text = sofar + String(character)
        isEscaped = false
      case "\\": isEscaped = true
      case "\"":
        texts.append(sofar)
        text = nil
      default: text = sofar + String(character)
      }
    }
    return texts.filter { !$0.isEmpty }
  }
}
