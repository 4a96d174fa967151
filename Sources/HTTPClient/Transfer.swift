internal import CCurl
internal import Glibc
internal import Synchronization

/// Something that an engine does with an easy handle.
protocol Operation: AnyObject, Sendable {
  var easy: EasyHandle { get }
  /// Set by any thread.
  var isCancelled: Bool { get }
  /// libcurl is done with it. Called once, on the engine's thread, unless `abort` is.
  func finish(_ code: CURLcode, in engine: Engine)
  /// It does not go on. Called once, on any thread, unless `finish` is.
  func abort(_ error: any Error)
}

/// One attempt of a request: its body goes out, its answer to a sink.
///
/// @unchecked: what changes is touched by the engine's thread only, which gets the transfer through its
/// inbox, which locks; the continuation is resumed once, by whom `Operation` says.
final class Transfer: Operation, @unchecked Sendable {
  let easy: EasyHandle
  private let sink: any HTTPSink
  private let source: (any HTTPSource)?
  /// Whether the answer is given on as it comes.
  let isStream: Bool
  private let cancelled = Atomic(false)
  private var continuation: CheckedContinuation<HTTPHead, any Error>?
  private var parser = HeadParser()
  private(set) var head: HTTPHead?
  private var failure: (any Error)?
  /// Counts what comes.
  var meter: Meter?
  /// When something of the answer came last; nil before, and where nobody looks at it.
  private var heard: ContinuousClock.Instant?
  private let isWatched: Bool
  private let pause: Duration

  init(
    _ request: HTTPRequest, on easy: EasyHandle, into sink: any HTTPSink, isStream: Bool,
    _ configuration: HTTPConfiguration
  ) throws {
    self.easy = easy
    self.isStream = isStream
    self.sink = sink
    isWatched = !isStream && request.method.isIdempotent && request.isRepeatable
    pause = configuration.pauseWithinAnswer
    switch request.body {
    case .none: source = nil
    case .bytes(let bytes): source = ByteSource(bytes)
    case .source(let source, _): self.source = source
    }
    try easy.setFields(RequestFields.lines(request, easy.address, configuration))
    try easy.setUp(request, configuration)
    // As large as what libcurl 7.88 reads from an HTTP/2 connection in one go: where the buffer takes less,
    // it puts the rest aside, and where the end of an answer is there already, waits for it without end.
    // There are hundreds of streams, which do not end; who reads one that does looks for its end.
    if !isStream { try easy.set(CURLOPT_BUFFERSIZE, 32 << 10) }
    let context = Unmanaged.passUnretained(self).toOpaque()
    try easy.check(
      omc_easy_set_sink(easy.raw, CURLOPT_HEADERFUNCTION, takeHeader, context), "header function")
    try easy.check(
      omc_easy_set_sink(easy.raw, CURLOPT_WRITEFUNCTION, takeBody, context), "write function")
    try easy.check(
      omc_easy_set_source(easy.raw, giveBody, rewindBody, context), "read function")
  }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
  func cancel() { cancelled.store(true, ordering: .releasing) }

  /// To be called before the engine gets it.
  func resume(_ continuation: CheckedContinuation<HTTPHead, any Error>) {
    self.continuation = continuation
  }

  func finish(_ code: CURLcode, in engine: Engine) {
    if let failure { return end(.failure(failure)) }
    guard code == CURLE_OK else { return end(.failure(easy.error(code))) }
    guard let head else {
      return end(
        .failure(HTTPError(.malformed, "\(easy.address.endpoint) answered without a status")))
    }
    end(.success(head))
  }

  func abort(_ error: any Error) { end(.failure(error)) }

  /// What is wrong with an answer that has begun and seems to have lost its end.
  func brokenOff(at now: ContinuousClock.Instant) -> HTTPError? {
    guard let heard, heard.duration(to: now) >= pause, head?.version == .http2 else { return nil }
    return HTTPError(
      .reset, "\(easy.address.endpoint) began an answer and gave no more of it for \(pause)")
  }

  private func end(_ result: Result<HTTPHead, any Error>) {
    continuation?.resume(with: result)
    continuation = nil
  }

  // What follows is called by libcurl, on the engine's thread. False ends the transfer.

  fileprivate func header(_ line: UnsafeRawBufferPointer) -> Bool {
    switch parser.add(line) {
    case .needsMore, .trailer: return true
    case .malformed(let reason):
      failure = HTTPError(
        .malformed, "\(easy.address.endpoint) answered with something else: \(reason)")
      return false
    case .complete(let head):
      self.head = head
      if isWatched { heard = .now }
      return attempt { try sink.head(head) } != nil
    }
  }

  fileprivate func body(_ bytes: UnsafeRawBufferPointer) -> Bool {
    meter?.count(bytes.count)
    if isWatched { heard = .now }
    return attempt { try sink.body(bytes) } != nil
  }

  fileprivate func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let source else { return 0 }
    return attempt { try source.read(into: buffer) } ?? Int(CURL_READFUNC_ABORT)
  }

  fileprivate func rewind() -> Bool { source?.rewind() ?? true }

  private func attempt<Result>(_ body: () throws -> Result) -> Result? {
    do { return try body() } catch {
      failure = error
      return nil
    }
  }
}

/// The bytes of a body that is there.
private final class ByteSource: HTTPSource, @unchecked Sendable {
  // @unchecked: read by the engine's thread only.
  private let bytes: [UInt8]
  private var place = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, bytes.count - place)
    buffer.copyBytes(from: bytes[place..<place + count])
    place += count
    return count
  }

  func rewind() -> Bool {
    place = 0
    return true
  }
}

extension EasyHandle {
  /// What differs from request to request.
  fileprivate func setUp(_ request: HTTPRequest, _ configuration: HTTPConfiguration) throws {
    let sharesConnection = configuration.usesHTTP2 && !request.hasOwnConnection
    try set(
      CURLOPT_HTTP_VERSION,
      Int(
        sharesConnection && omc_curl_has_http2()
          ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
    // Nobody else takes up that one.
    if request.hasOwnConnection { try set(CURLOPT_FORBID_REUSE, 1) }
    if let timeout = request.timeout { try set(CURLOPT_TIMEOUT_MS, timeout.curlMilliseconds) }
    if request.acceptsCompression { try set(CURLOPT_ACCEPT_ENCODING, "gzip") }
    let length: Int?
    switch request.body {
    case .none:
      if request.method == .head { return try set(CURLOPT_NOBODY, 1) }
      // These say that they send nothing; the others do not speak of it.
      if ![.post, .put, .patch].contains(request.method) {
        return try set(CURLOPT_CUSTOMREQUEST, request.method.description)
      }
      length = 0
    case .bytes(let bytes): length = bytes.count
    case .source(_, let count): length = count
    }
    try set(CURLOPT_UPLOAD, 1)
    try set(CURLOPT_CUSTOMREQUEST, request.method.description)
    if let length {
      try check(
        omc_easy_set_size(raw, CURLOPT_INFILESIZE_LARGE, curl_off_t(length)), "length of the body")
    }
  }
}

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
  context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

/// Any other number than that of the bytes ends the transfer.
private let takeHeader: curl_write_callback = { bytes, size, count, context in
  let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return transfer(context)?.header(line) == true ? line.count : line.count &+ 1
}

private let takeBody: curl_write_callback = { bytes, size, count, context in
  let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
  return transfer(context)?.body(piece) == true ? piece.count : piece.count &+ 1
}

private let giveBody: curl_read_callback = { buffer, size, count, context in
  let space = UnsafeMutableRawBufferPointer(start: buffer, count: size * count)
  return transfer(context)?.fill(space) ?? Int(CURL_READFUNC_ABORT)
}

private let rewindBody: curl_seek_callback = { context, offset, origin in
  let isStart = offset == 0 && origin == SEEK_SET
  return isStart && transfer(context)?.rewind() == true ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK
}
