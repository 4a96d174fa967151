internal import Glibc

/// Which requests go through which proxy.
public struct HTTPProxies: Sendable, Hashable {
  /// The proxy of `http` URLs: `http://`, `https://`, `socks5://`, `socks5h://`, `socks4://` or
  /// `socks4a://`, perhaps with a user and password, which are never shown.
  public var http: String?
  /// That of `https` URLs.
  public var https: String?
  /// Hosts that are reached without one: names (with all below them), addresses, blocks of addresses
  /// as `10.0.0.0/8`, each perhaps with a port; `*` for all.
  public var exceptions: [String]

  /// No proxy.
  public init() { self.init(http: nil, https: nil) }

  /// One for each scheme.
  public init(http: String?, https: String?, exceptions: [String] = []) {
    self.http = http
    self.https = https
    self.exceptions = exceptions
  }

  /// One proxy for everything, as a kubeconfig's `proxy-url` says it.
  public init(all url: String) { self.init(http: url, https: url) }

  /// Those that the environment names, as curl reads it: `http_proxy` only in small letters, since a
  /// web server sets HTTP_PROXY from what its client sends; `https_proxy`, `all_proxy` and `no_proxy`
  /// also in capitals.
  public init(environment: [String: String]) {
    func value(_ name: String) -> String? {
      let value = environment[name] ?? (name == "http_proxy" ? nil : environment[name.uppercased()])
      return value?.isEmpty == false ? value : nil
    }
    let all = value("all_proxy")
    self.init(
      http: value("http_proxy") ?? all, https: value("https_proxy") ?? all,
      exceptions: (value("no_proxy") ?? "").split { $0 == "," || $0 == " " }.map(String.init))
  }

  /// The proxy of an address; nil: none.
  func proxy(for address: HTTPAddress) -> String? {
    guard let proxy = address.isSecure ? https : http else { return nil }
    return exceptions.contains { matches($0, address) } ? nil : proxy
  }

  private func matches(_ exception: String, _ address: HTTPAddress) -> Bool {
    if exception == "*" { return true }
    var pattern = exception.lowercased()[...]
    let host = address.host.lowercased()
    if let slash = pattern.firstIndex(of: "/") {
      guard let bits = Int(pattern[pattern.index(after: slash)...]) else { return false }
      return HTTPProxies.isSame(host, String(pattern[..<slash]), bits: bits)
    }
    // A port, but not the last group of an IPv6 address without brackets.
    if let colon = pattern.lastIndex(of: ":"),
      pattern.hasPrefix("[") || pattern.firstIndex(of: ":") == colon,
      let port = Int(pattern[pattern.index(after: colon)...])
    {
      if port != address.port { return false }
      pattern = pattern[..<colon]
    }
    if pattern.first == "[" { pattern.removeFirst() }
    if pattern.last == "]" { pattern.removeLast() }
    if HTTPProxies.isSame(host, String(pattern), bits: nil) { return true }
    if pattern.first == "*" { pattern.removeFirst() }
    if pattern.first == "." { pattern.removeFirst() }
    return !pattern.isEmpty && (host == pattern || host.hasSuffix("." + pattern))
  }

  /// Whether two texts are addresses of one family that agree in their first bits, or in all.
  private static func isSame(_ a: String, _ b: String, bits: Int?) -> Bool {
    guard let a = octets(a), let b = octets(b), a.count == b.count else { return false }
    let bits = bits ?? a.count * 8
    guard (0...a.count * 8).contains(bits) else { return false }
    return (0..<bits).allSatisfy { bit in
      (a[bit / 8] ^ b[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
    }
  }

  private static func octets(_ text: String) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 16)
    if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
    return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
  }
}
