internal import CCurl
internal import Synchronization

/// Makes a connection, TLS and the proxy's tunnel included, on which libcurl then sends nothing itself.
///
/// @unchecked: the continuation is set before the engine gets the dial, and resumed once, by whom
/// `Operation` says.
final class Dial: Operation, @unchecked Sendable {
  let easy: EasyHandle
  private let cancelled = Atomic(false)
  private var continuation: CheckedContinuation<ChannelState, any Error>?

  init(on easy: EasyHandle) throws {
    self.easy = easy
    // The handle must be one for HTTP/1.1: with HTTP/2 agreed on, sending crashes libcurl 7.88.
    try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try easy.set(CURLOPT_CONNECT_ONLY, 1)
    try easy.set(CURLOPT_FRESH_CONNECT, 1)
    // A server may leave what it was sent unread for as long as it likes. A window that stays shut is
    // silence to TCP_USER_TIMEOUT, though each probe of it is answered.
    try easy.keepAlive(silence: 0)
    // Through a proxy too the bytes go to the server itself, also without TLS.
    if easy.proxy != nil { try easy.set(CURLOPT_HTTPPROXYTUNNEL, 1) }
  }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
  func cancel() { cancelled.store(true, ordering: .releasing) }

  /// To be called before the engine gets it.
  func resume(_ continuation: CheckedContinuation<ChannelState, any Error>) {
    self.continuation = continuation
  }

  func finish(_ code: CURLcode, in engine: Engine) {
    guard code == CURLE_OK else { return abort(easy.error(code)) }
    let channel = ChannelState(easy, omc_easy_socket(easy.raw))
    engine.post(.open(channel))
    continuation?.resume(returning: channel)
    continuation = nil
  }

  func abort(_ error: any Error) {
    continuation?.resume(throwing: error)
    continuation = nil
  }
}
