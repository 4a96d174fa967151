internal import CCurl
internal import Glibc
internal import Text

/// One of libcurl's easy handles, and the memory that it looks at.
///
/// @unchecked: it is made by the task that starts a request, given to the client's thread by the inbox
/// of that thread, which locks, and used by that thread alone from then on.
final class EasyHandle: @unchecked Sendable {
  let raw: UnsafeMutableRawPointer
  let address: HTTPAddress
  /// `host:port` of the proxy, without its user and password.
  let proxy: String?
  private let words = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var route: UnsafeMutablePointer<curl_slist>?
  // Certificates are not copied for each of hundreds of handles.
  private let credentials: Credentials

  /// A handle for one request, with all that the configuration says.
  init(
    _ address: HTTPAddress, _ configuration: HTTPConfiguration, _ credentials: Credentials
  ) throws {
    guard let raw = omc_easy_init() else { throw HTTPError(.library, "libcurl has no memory") }
    self.raw = raw
    self.address = address
    self.credentials = credentials
    let proxy = configuration.proxies.proxy(for: address)
    self.proxy = proxy.map { EasyHandle.endpoint(ofProxy: $0) }
    words.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try set(CURLOPT_ERRORBUFFER, pointer: words)
    try set(CURLOPT_NOSIGNAL, 1)
    // A transfer that is cancelled does not wait for the name server.
    try set(CURLOPT_QUICK_EXIT, 1)
    try set(CURLOPT_PROTOCOLS_STR, "http,https")
    try set(CURLOPT_PATH_AS_IS, 1)
    try set(CURLOPT_USERAGENT, configuration.userAgent)
    try set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.curlMilliseconds)
    // Also without one: otherwise libcurl would ask the environment.
    try set(CURLOPT_PROXY, proxy ?? "")
    try set(CURLOPT_NOPROXY, "")
    // What the proxy says about the tunnel is not the answer.
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    try keepAlive(silence: configuration.silence.curlMilliseconds)
    if address.isSecure { try apply(configuration.tls) }
    try route(configuration)
  }

  deinit {
    omc_easy_cleanup(raw)
    omc_list_free(fields)
    omc_list_free(route)
    words.deallocate()
  }

  private func apply(_ tls: HTTPTLS) throws {
    if !tls.isVerified {
      try set(CURLOPT_SSL_VERIFYPEER, 0)
      try set(CURLOPT_SSL_VERIFYHOST, 0)
    }
    if let authorities = credentials.authorities {
      try set(CURLOPT_CAINFO_BLOB, authorities)
      // Otherwise the system's authorities would be believed as well.
      try check(omc_easy_set_text(raw, CURLOPT_CAPATH, nil), "CAPATH")
    }
    if let certificate = credentials.certificate {
      try set(CURLOPT_SSLCERTTYPE, "PEM")
      try set(CURLOPT_SSLCERT_BLOB, certificate)
    }
    if let key = credentials.key {
      try set(CURLOPT_SSLKEYTYPE, "PEM")
      try set(CURLOPT_SSLKEY_BLOB, key)
    }
  }

  /// libcurl verifies the name that the URL has: where another one is to be verified, the URL gets it
  /// and the connection is led to the right place.
  private func route(_ configuration: HTTPConfiguration) throws {
    guard address.isSecure, let name = configuration.tls.serverName else {
      return try set(CURLOPT_URL, address.url())
    }
    try set(CURLOPT_URL, address.url(named: name))
    let way = "\(address.bracketed(name)):\(address.port):\(address.endpoint)"
    route = try append(way, to: nil)
    try set(CURLOPT_CONNECT_TO, pointer: route)
  }

  /// Sets the fields of the request, in their order.
  func setFields(_ lines: [String]) throws {
    for line in lines { fields = try append(line, to: fields) }
    try set(CURLOPT_HTTPHEADER, pointer: fields)
  }

  private func append(
    _ text: String, to list: UnsafeMutablePointer<curl_slist>?
  ) throws -> UnsafeMutablePointer<curl_slist> {
    guard let longer = omc_list_append(list, text) else {
      throw HTTPError(.library, "libcurl has no memory")
    }
    return longer
  }

  /// How the connection is seen to be dead: by probes while it is idle, and when nothing that was sent
  /// is acknowledged for `silence` milliseconds; 0: for as long as the system has it.
  func keepAlive(silence: Int) throws {
    try check(omc_easy_keep_alive(raw, 30, 10, silence), "keep-alive")
  }

  func set(_ option: CURLoption, _ value: Int) throws {
    try check(omc_easy_set_long(raw, option, value), "\(option.rawValue)")
  }

  func set(_ option: CURLoption, _ text: String) throws {
    try check(omc_easy_set_text(raw, option, text), "\(option.rawValue)")
  }

  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws {
    try check(omc_easy_set_pointer(raw, option, pointer), "\(option.rawValue)")
  }

  func set(_ option: CURLoption, _ bytes: Credentials.Blob) throws {
    let code = bytes.memory.baseAddress.map {
      omc_easy_set_blob(raw, option, $0, bytes.memory.count)
    }
    try check(code ?? CURLE_OK, "\(option.rawValue)")
  }

  /// An option that this libcurl does not have, or a value that it does not take, must not pass in
  /// silence: it may be the one that verifies the server.
  func check(_ code: CURLcode, _ option: String) throws {
    guard code != CURLE_OK else { return }
    throw HTTPError(
      .library,
      "libcurl \(String(cString: omc_curl_version())) does not take option \(option): "
        + String(cString: omc_easy_error(code)))
  }

  /// The error for a transfer that ended with `code`.
  func error(_ code: CURLcode) -> HTTPError {
    let usedProxy = proxy
    return HTTPError(
      CurlOutcome(
        code: code, words: String(cString: words).trimmingBlanks.description,
        systemError: Int32(omc_easy_long(raw, CURLINFO_OS_ERRNO)),
        proxyStatus: omc_easy_long(raw, CURLINFO_HTTP_CONNECTCODE),
        wasSent: omc_easy_long(raw, CURLINFO_REQUEST_SIZE) > 0,
        received: omc_easy_size(raw, CURLINFO_SIZE_DOWNLOAD_T),
        endpoint: address.endpoint, proxy: usedProxy))
  }

  private static func endpoint(ofProxy url: String) -> String {
    var rest = url[...]
    if let scheme = rest.firstRange(ofText: "://") { rest = rest[scheme.upperBound...] }
    if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
    if let slash = rest.firstIndex(of: "/") { rest = rest[..<slash] }
    return rest.escapedForErrors
  }
}

/// Certificates and keys where libcurl can look at them as long as a client lives; wiped at its end.
final class Credentials: Sendable {
  /// Bytes at a fixed place.
  final class Blob: @unchecked Sendable {
    // @unchecked: written before it is shared, only read from then on.
    let memory: UnsafeMutableRawBufferPointer

    init(_ bytes: [UInt8]) {
      memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
      memory.copyBytes(from: bytes)
    }

    deinit {
      if let base = memory.baseAddress { explicit_bzero(base, memory.count) }
      memory.deallocate()
    }
  }

  let authorities: Blob?
  let certificate: Blob?
  let key: Blob?

  init(_ tls: HTTPTLS) {
    authorities = tls.authorities.map(Blob.init)
    certificate = tls.certificate.map(Blob.init)
    key = tls.key.map(Blob.init)
  }
}

extension Duration {
  /// At least one: for libcurl 0 means no limit.
  var curlMilliseconds: Int {
    let (seconds, attoseconds) = components
    return max(1, Int(min(seconds, 1 << 31)) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }
}
