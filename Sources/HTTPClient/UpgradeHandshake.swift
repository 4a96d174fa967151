/// The request for another protocol, and what came of it.
struct UpgradeHandshake {
  /// What is kept of an answer that is no agreement.
  private static let maximumBody = 64 << 10

  private let request: [UInt8]
  private let endpoint: String

  /// - Throws: `HTTPError` for fields that cannot be sent.
  init(_ request: HTTPRequest, _ address: HTTPAddress, _ configuration: HTTPConfiguration) throws {
    endpoint = address.endpoint
    guard case .none = request.body else {
      throw HTTPError(.invalidRequest, "a request for another protocol to \(endpoint) has a body")
    }
    var text = "\(request.method) \(address.target) HTTP/1.1\r\n"
    let fields = try RequestFields.checked(request, address)
    if fields["Host"] == nil { text += "Host: \(address.hostField)\r\n" }
    if fields["User-Agent"] == nil { text += "User-Agent: \(configuration.userAgent)\r\n" }
    for field in fields.fields { text += "\(field.name): \(field.value)\r\n" }
    self.request = Array((text + "\r\n").utf8)
  }

  /// Sends the request and reads the head of the answer.
  func run(
    on state: ChannelState, _ engine: Engine, until deadline: ContinuousClock.Instant?
  ) async throws -> ByteChannel {
    let link = ChannelLink(state: state, engine: engine)
    do {
      try await link.write(request)
      var (parser, pending): (HeadParser, [UInt8]) = (HeadParser(), [])
      while true {
        pending += try await next(from: link, until: deadline)
        guard let head = try head(&parser, &pending) else { continue }
        guard head.status == 101 else {
          throw try await refusal(head, pending, link, until: deadline)
        }
        // What came behind the head belongs to the new protocol.
        state.shared.withLock { $0.incoming.insert(contentsOf: pending, at: 0) }
        return ByteChannel(link, head: head)
      }
    } catch {
      link.close()
      throw error
    }
  }

  private func next(
    from link: ChannelLink, until deadline: ContinuousClock.Instant?
  ) async throws -> [UInt8] {
    switch try await link.read(until: deadline) {
    case .bytes(let bytes): return bytes
    case .end: throw HTTPError(.reset, "\(endpoint) closed the connection without an answer")
    case .timedOut: throw HTTPError(.timeout, "\(endpoint) did not answer in time")
    }
  }

  /// Takes whole lines off `pending`.
  private func head(_ parser: inout HeadParser, _ pending: inout [UInt8]) throws -> HTTPHead? {
    var start = 0
    defer { pending.removeFirst(start) }
    while let end = pending[start...].firstIndex(of: 0x0A) {
      let progress = pending.withUnsafeBytes {
        parser.add(UnsafeRawBufferPointer(rebasing: $0[start...end]))
      }
      start = end + 1
      switch progress {
      case .complete(let head): return head
      case .needsMore, .trailer: continue
      case .malformed(let reason):
        throw HTTPError(.malformed, "\(endpoint) answered with something else: \(reason)")
      }
    }
    guard pending.count - start <= HeadParser.maximumSize else {
      throw HTTPError(.malformed, "\(endpoint) answered with a line of more than 256 KiB")
    }
    return nil
  }

  /// The error for an answer that is none of agreement, with its body as far as it comes.
  private func refusal(
    _ head: HTTPHead, _ start: [UInt8], _ link: ChannelLink,
    until deadline: ContinuousClock.Instant?
  ) async throws -> HTTPError {
    var body = AnswerBody(head, limit: UpgradeHandshake.maximumBody)
    body.add(start)
    let latest = min(deadline ?? .now + .seconds(10), .now + .seconds(10))
    // An answer that breaks off says more than that it broke off.
    while !body.isComplete, case .bytes(let bytes) = try? await link.read(until: latest) {
      body.add(bytes)
    }
    try Task.checkCancellation()
    let response = HTTPResponse(head: head, body: body.bytes)
    return HTTPError(
      .notUpgraded, "\(endpoint) did not change the protocol: it answered \(head.status)",
      response: response)
  }
}

/// The body of an answer on a bare connection: by length, in chunks, or to the end.
struct AnswerBody {
  private(set) var bytes: [UInt8] = []
  private(set) var isComplete = false
  private let limit: Int
  private var pending: [UInt8] = []
  private let isChunked: Bool
  private let length: Int?

  init(_ head: HTTPHead, limit: Int) {
    self.limit = limit
    isChunked = head.headers.has("chunked", in: "Transfer-Encoding")
    length = head.headers["Content-Length"].flatMap { Int($0) }
    isComplete = head.status == 204 || head.status == 304 || (!isChunked && length == 0)
  }

  mutating func add(_ more: [UInt8]) {
    pending += more
    if isChunked {
      while takeChunk() {}
    } else {
      keep(pending[...])
      pending = []
    }
    if let length, !isChunked, bytes.count >= length { isComplete = true }
    if bytes.count >= limit || pending.count > 2 * limit { isComplete = true }
  }

  private mutating func keep(_ more: ArraySlice<UInt8>) {
    bytes += more.prefix(min(limit, length ?? limit) - bytes.count)
  }

  private mutating func takeChunk() -> Bool {
    guard !isComplete, let end = pending.firstIndex(of: 0x0A) else { return false }
    let line = String(decoding: pending[..<end], as: UTF8.self)
    let digits = line.prefix { $0.isHexDigit }
    guard let size = Int(digits, radix: 16), size > 0 else {
      isComplete = true
      return false
    }
    // The chunk and the line end behind it.
    guard size <= 2 * limit, pending.count >= end + 1 + size + 2 else {
      if size > 2 * limit { isComplete = true }
      return false
    }
    keep(pending[(end + 1)..<(end + 1 + size)])
    pending.removeFirst(end + 1 + size + 2)
    return true
  }
}
