internal import CCurl
internal import Glibc
internal import Text

/// What libcurl knows about the end of a transfer.
struct CurlOutcome {
  let code: CURLcode
  /// libcurl's own words; may be empty.
  let words: String
  /// The number of the system call that failed, or 0.
  let systemError: Int32
  /// What the proxy answered to CONNECT, or 0.
  let proxyStatus: Int
  /// Whether the request, or some of it, went out.
  let wasSent: Bool
  /// Bytes of the body that came.
  let received: Int
  /// `host:port` of the server, and of the proxy where there is one.
  let endpoint: String
  let proxy: String?
}

extension HTTPError {
  /// The error for a transfer that libcurl ended.
  init(_ outcome: CurlOutcome) {
    let endpoint = outcome.endpoint
    let reason = HTTPError.reason(outcome)
    if let refusal = HTTPError.proxyRefusal(outcome) {
      self = refusal
      return
    }
    switch outcome.code {
    case CURLE_COULDNT_RESOLVE_HOST:
      self.init(
        .resolve, "cannot connect to \(endpoint): its name has no address",
        hint: "check the name, and whether the name server can be reached from here")
    case CURLE_COULDNT_CONNECT:
      self.init(.connect, "cannot connect to \(endpoint): \(reason)")
    case CURLE_OPERATION_TIMEDOUT where !outcome.wasSent:
      self.init(.connect, "cannot connect to \(endpoint): it did not answer in time")
    case CURLE_OPERATION_TIMEDOUT:
      self.init(.timeout, "\(endpoint) did not answer in time: \(outcome.received) bytes came")
    // libcurl's way to say that no status line came.
    case CURLE_UNSUPPORTED_PROTOCOL where outcome.wasSent:
      self.init(.malformed, "\(endpoint) answered with something that is not HTTP: \(reason)")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_NOT_BUILT_IN,
      CURLE_UNKNOWN_OPTION, CURLE_BAD_FUNCTION_ARGUMENT:
      self.init(.invalidRequest, "cannot send a request to \(endpoint): \(reason)")
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
      self.init(.malformed, "\(endpoint) answered with something that is not HTTP: \(reason)")
    case let code where HTTPError.isTLS(code) || HTTPError.isAlert(outcome):
      self.init(
        .tls, "cannot speak TLS with \(endpoint): \(HTTPError.tlsReason(outcome) ?? reason)",
        hint: HTTPError.tlsHint(outcome))
    case CURLE_GOT_NOTHING:
      self.init(.reset, "\(endpoint) closed the connection without an answer")
    default:
      self.init(
        .reset,
        "the connection to \(endpoint) broke after \(outcome.received) bytes of the answer: \(reason)"
      )
    }
  }

  /// libcurl's words, or those of the system call that failed, which say more.
  private static func reason(_ outcome: CurlOutcome) -> String {
    if outcome.code == CURLE_COULDNT_CONNECT, outcome.systemError != 0 {
      return String(cString: strerror(outcome.systemError)).lowercased()
    }
    if outcome.words.isEmpty { return String(cString: omc_easy_error(outcome.code)) }
    return outcome.words[...].escapedForErrors
  }

  private static func proxyRefusal(_ outcome: CurlOutcome) -> HTTPError? {
    guard let proxy = outcome.proxy else { return nil }
    let start = "cannot connect to \(outcome.endpoint) through the proxy \(proxy): "
    if outcome.code == CURLE_COULDNT_RESOLVE_PROXY {
      return HTTPError(.proxy, start + "the proxy's name has no address")
    }
    if outcome.proxyStatus == 407 {
      return HTTPError(
        .proxy, start + "it wants a user and a password, or other ones (407)",
        hint: "write them into the proxy's URL: http://USER:PASSWORD@HOST:PORT")
    }
    if outcome.proxyStatus >= 300 {
      return HTTPError(.proxy, start + "it answered \(outcome.proxyStatus)")
    }
    switch outcome.code {
    case CURLE_PROXY, CURLE_COULDNT_CONNECT: return HTTPError(.proxy, start + reason(outcome))
    case CURLE_OPERATION_TIMEDOUT where !outcome.wasSent:
      return HTTPError(.proxy, start + "no answer in time")
    default: return nil
    }
  }

  private static func isTLS(_ code: CURLcode) -> Bool {
    [
      CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT,
      CURLE_SSL_ENGINE_NOTFOUND, CURLE_USE_SSL_FAILED,
    ].contains(code)
  }

  /// With TLS 1.3 a server refuses a certificate, or the lack of one, after the handshake: libcurl
  /// reports a failed read, and only OpenSSL's words say that an alert came.
  private static func isAlert(_ outcome: CurlOutcome) -> Bool {
    [CURLE_RECV_ERROR, CURLE_SEND_ERROR].contains(outcome.code)
      && outcome.words.contains(text: "SSL routines") && outcome.words.contains(text: " alert ")
  }

  /// OpenSSL's alerts as people say them; the number in front is what OpenSSL never translates.
  private static func tlsReason(_ outcome: CurlOutcome) -> String? {
    let words = outcome.words
    let known: [(sign: String, meaning: String)] = [
      ("alert certificate required", "the server demands a client certificate"),
      ("alert unknown ca", "the server does not know who issued the client certificate"),
      ("alert certificate expired", "the server says that the client certificate has expired"),
      ("alert bad certificate", "the server does not accept the client certificate"),
      ("alert certificate revoked", "the server says that the client certificate is revoked"),
      ("wrong version number", "the server does not speak TLS on this port"),
    ]
    return known.first { words.contains(text: $0.sign) }?.meaning
  }

  private static func tlsHint(_ outcome: CurlOutcome) -> String? {
    guard outcome.code == CURLE_PEER_FAILED_VERIFICATION else { return nil }
    if outcome.words.contains(text: "expired") {
      return "the server's certificate has to be renewed"
    }
    if outcome.words.contains(text: "subject name") {
      return "the certificate is for another name; where that is right, set the TLS server name"
    }
    return "check which authority issued the certificate, and that it is among those configured"
  }
}
