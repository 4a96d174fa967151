internal import Glibc
internal import Synchronization

/// Makes HTTP requests with libcurl, all transfers on one thread of its own.
///
/// Connections are kept and shared: hundreds of streams take a few HTTP/2 connections. libcurl is
/// loaded, and the thread started, by the first request. Redirects are not followed, and the
/// environment is not asked for proxies. When the client is let go, what runs goes on to its end.
public final class HTTPClient: Sendable {
  /// What is the same for all requests.
  public let configuration: HTTPConfiguration
  private let credentials: Credentials
  private let engines = Mutex(Engines())

  private struct Engines {
    var transfers: Engine?
    // Those that share no connection: a limit of connections is not theirs.
    var lonely: Engine?
    // Apart from transfers, so that a sink that waits does not hold up those who use a channel.
    var channels: Engine?
    var rule: HostConnections.Rule?
  }

  /// A client, which does nothing yet.
  public init(_ configuration: HTTPConfiguration = HTTPConfiguration()) {
    self.configuration = configuration
    credentials = Credentials(configuration.tls)
  }

  deinit {
    engines.withLock {
      $0.transfers?.stop()
      $0.lonely?.stop()
      $0.channels?.stop()
    }
  }

  /// Sends a request and gives the whole answer, whatever its status is. Tries again as the
  /// request's policy says; cancelling the task ends the transfer.
  ///
  /// - Throws: `HTTPError` or `CancellationError`.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    var attempt = 1
    var wasSent = false
    while true {
      let collector = Collector(request)
      let pause: Duration
      do {
        let head = try await transfer(request, into: collector, isStream: false)
        let next = request.retry.pause(
          after: attempt, method: request.method, head: head, now: Int64(time(nil)),
          lot: { .random(in: $0) })
        guard let next, request.isRepeatable else {
          return HTTPResponse(head: head, body: collector.bytes, isRepeat: wasSent)
        }
        pause = next
        // What is refused with 429 was not begun; a gateway may have lost the answer to what was done.
        if head.status != 429 { wasSent = true }
      } catch let error as HTTPError {
        let next = request.retry.pause(
          after: attempt, method: request.method, error: error, lot: { .random(in: $0) })
        guard let next, request.isRepeatable else { throw error }
        pause = next
        if error.kind == .reset { wasSent = true }
      }
      try await Task.sleep(for: pause)
      attempt += 1
    }
  }

  /// Sends a request and gives the body of the answer to a sink as it comes, whatever the status is.
  /// Comes back at the end of the body. There is one attempt: only the caller knows how to go on
  /// from the middle. Where a server resets a stream, bytes that it sent just before may be missing.
  /// Ends when the sink throws, with that error, when it is stopped, or when the task is cancelled.
  ///
  /// - Throws: `HTTPError`, `CancellationError`, what it is stopped with, or what the sink or the source
  ///   throws.
  @discardableResult
  public func stream(
    _ request: HTTPRequest, into sink: any HTTPSink, stop: StreamStop? = nil
  ) async throws -> HTTPHead {
    try await transfer(request, into: sink, isStream: true, stop)
  }

  private func transfer(
    _ request: HTTPRequest, into sink: any HTTPSink, isStream: Bool, _ stop: StreamStop? = nil
  ) async throws -> HTTPHead {
    try Task.checkCancellation()
    let engine = try engine(
      for: request.hasOwnConnection ? \.lonely : \.transfers,
      sharesConnections: !request.hasOwnConnection)
    let easy = try EasyHandle(HTTPAddress(request.url), configuration, credentials)
    let transfer = try Transfer(
      request, on: easy, into: sink, isStream: isStream, configuration)
    defer { stop?.ended() }
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        transfer.resume(continuation)
        engine.post(.start(transfer))
        stop?.began(transfer, on: engine)
      }
    } onCancel: {
      transfer.cancel()
      engine.post(.cancel(transfer))
    }
  }

  /// Asks for another protocol by HTTP/1.1 (the request's `Upgrade` field) and gives the connection
  /// once the server has agreed (101). `timeout` is the time until then.
  ///
  /// - Throws: `HTTPError`, of kind `notUpgraded` with the answer if there is another one, or
  ///   `CancellationError`.
  public func upgrade(_ request: HTTPRequest) async throws -> ByteChannel {
    try Task.checkCancellation()
    let deadline = request.timeout.map { ContinuousClock.now + $0 }
    let engine = try engine(for: \.channels, sharesConnections: false)
    let address = try HTTPAddress(request.url)
    let handshake = try UpgradeHandshake(request, address, configuration)
    let dial = try Dial(on: EasyHandle(address, configuration, credentials))
    let state = try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        dial.resume(continuation)
        engine.post(.start(dial))
      }
    } onCancel: {
      dial.cancel()
      engine.post(.cancel(dial))
    }
    return try await handshake.run(on: state, engine, until: deadline)
  }

  /// Ends every `stream` that runs, with an error of kind `reset`: for who has found that the
  /// connections give nothing any more, although nobody has ended them. Whoever wants to go on makes
  /// another client, whose connections are new.
  public func endStreams(because reason: String) {
    let running = engines.withLock { [$0.transfers, $0.lonely] }
    for engine in running { engine?.post(.endStreams(HTTPError(.reset, reason))) }
  }

  /// An engine for transfers, and a handle for one.
  func ready(for url: String) throws -> (Engine, EasyHandle) {
    let engine = try engine(for: \.transfers, sharesConnections: true)
    return (engine, try EasyHandle(HTTPAddress(url), configuration, credentials))
  }

  /// Sets how many connections there may be to one host, in the place of what the configuration
  /// says; nil: as many as the running transfers need. Holds for transfers that begin after it, and
  /// for those that wait for a connection.
  public func setMaximumHostConnections(_ count: Int?) {
    let rule = count.map { HostConnections.Rule.atMost(max(1, $0)) } ?? .automatic
    let engine = engines.withLock { engines in
      engines.rule = rule
      return engines.transfers
    }
    engine?.post(.limit(rule))
  }

  private func engine(
    for kind: WritableKeyPath<Engines, Engine?>, sharesConnections: Bool
  ) throws -> Engine {
    try engines.withLock { engines in
      if let engine = engines[keyPath: kind] { return engine }
      let engine = try Engine(configuration, sharesConnections: sharesConnections)
      if let rule = engines.rule { engine.post(.limit(rule)) }
      engines[keyPath: kind] = engine
      return engine
    }
  }
}

extension HTTPRequest {
  /// Whether the body can be sent once more.
  var isRepeatable: Bool {
    if case .source(let source, _) = body { return source.rewind() }
    return true
  }
}

/// Keeps a body that is not to be greater than the request says.
private final class Collector: HTTPSink, @unchecked Sendable {
  // @unchecked: filled by the engine's thread, read when the transfer is over.
  private(set) var bytes: [UInt8] = []
  private let limit: Int
  private let method: HTTPMethod

  init(_ request: HTTPRequest) {
    limit = request.maximumBody
    method = request.method
  }

  func head(_ head: HTTPHead) throws {
    guard method != .head, let length = head.headers["Content-Length"].flatMap({ Int($0) }) else {
      return
    }
    try check(length)
    bytes.reserveCapacity(length)
  }

  func body(_ bytes: UnsafeRawBufferPointer) throws {
    try check(self.bytes.count + bytes.count)
    self.bytes.append(contentsOf: bytes)
  }

  private func check(_ size: Int) throws {
    guard size > limit else { return }
    throw HTTPError(.tooLarge, "the answer is greater than \(limit) bytes")
  }
}
