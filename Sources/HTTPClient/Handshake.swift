internal import CCurl
internal import Synchronization

/// A certificate that a server has shown.
public struct ServedCertificate: Sendable, Hashable {
  /// What libcurl says of it, in its order and words: `Subject`, `Issuer`, `Start date`,
  /// `Expire date`, `X509v3 Subject Alternative Name`, `Cert` (as PEM) and more.
  public let fields: [HTTPHeaders.Field]

  /// The first value of a name.
  public subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

extension HTTPClient {
  /// Makes a TLS connection and gives the certificates that the server shows, its own first; nothing
  /// is sent on it.
  ///
  /// - Parameter url: an `https` URL of the server; its path does not matter.
  /// - Throws: `HTTPError`, of kind `tls` where the client's configuration does not believe the
  ///   server, or `CancellationError`.
  public func certificates(of url: String, timeout: Duration) async throws -> [ServedCertificate] {
    try Task.checkCancellation()
    let (engine, easy) = try ready(for: url)
    let handshake = try Handshake(on: easy, timeout)
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        handshake.resume(continuation)
        engine.post(.start(handshake))
      }
    } onCancel: {
      handshake.cancel()
      engine.post(.cancel(handshake))
    }
  }
}

/// A TLS handshake, and nothing behind it.
///
/// @unchecked: as `Dial`: the continuation is set before the engine gets it, and resumed once.
final class Handshake: Operation, @unchecked Sendable {
  let easy: EasyHandle
  private let cancelled = Atomic(false)
  private var continuation: CheckedContinuation<[ServedCertificate], any Error>?

  init(on easy: EasyHandle, _ timeout: Duration) throws {
    self.easy = easy
    try easy.set(CURLOPT_CERTINFO, 1)
    try easy.set(CURLOPT_CONNECT_ONLY, 1)
    try easy.set(CURLOPT_FRESH_CONNECT, 1)
    try easy.set(CURLOPT_FORBID_REUSE, 1)
    try easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    try easy.set(CURLOPT_TIMEOUT_MS, timeout.curlMilliseconds)
  }

  var isCancelled: Bool { cancelled.load(ordering: .acquiring) }
  func cancel() { cancelled.store(true, ordering: .releasing) }

  /// To be called before the engine gets it.
  func resume(_ continuation: CheckedContinuation<[ServedCertificate], any Error>) {
    self.continuation = continuation
  }

  func finish(_ code: CURLcode, in engine: Engine) {
    guard code == CURLE_OK else { return abort(easy.error(code)) }
    continuation?.resume(returning: certificates)
    continuation = nil
  }

  func abort(_ error: any Error) {
    continuation?.resume(throwing: error)
    continuation = nil
  }

  private var certificates: [ServedCertificate] {
    (0..<omc_easy_certificate_count(easy.raw)).map { index in
      var fields: [HTTPHeaders.Field] = []
      var next = omc_easy_certificate(easy.raw, index)
      while let entry = next {
        if let data = entry.pointee.data {
          let text = String(cString: data)
          let colon = text.firstIndex(of: ":") ?? text.endIndex
          fields.append(
            HTTPHeaders.Field(
              name: String(text[..<colon]), value: String(text[colon...].dropFirst())))
        }
        next = UnsafePointer(entry.pointee.next)
      }
      return ServedCertificate(fields: fields)
    }
  }
}
