/// The URL of an API server, taken apart.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
  /// Whether the connection is encrypted.
  public var isSecure: Bool
  /// The name or address; IPv6 addresses in brackets.
  public var host: String
  /// The port.
  public var port: Int
  /// What stands before `/api` in every path; empty, or with a slash in front and none at the end.
  public var pathPrefix: String

  /// Reads `https://host:port/prefix`. Without a scheme it is https if `isSecureByDefault`; without
  /// a port that of the scheme. Nil for what is no such URL.
  public init?(_ text: String, isSecureByDefault: Bool = true) {
    var rest = text[...]
    isSecure = isSecureByDefault
    if let scheme = ServerAddress.scheme(of: text) {
      guard ["http", "https"].contains(scheme.lowercased()) else { return nil }
      isSecure = scheme.lowercased() == "https"
      rest = rest.dropFirst(scheme.count + 3)
    }
    let authority = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(authority.count)
    guard !rest.contains("?"), !rest.contains("#"), !authority.contains("@"),
      !authority.hasPrefix("[") || authority.contains("]"),
      authority.utf8.allSatisfy({ (0x21..<0x7F).contains($0) })
    else { return nil }
    let name =
      authority.hasPrefix("[")
      ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    let after = authority.dropFirst(name.count)
    guard !name.isEmpty, name != "[]", after.isEmpty || after.hasPrefix(":") else { return nil }
    host = String(name)
    let digits = after.dropFirst()
    guard let number = digits.isEmpty ? (isSecure ? 443 : 80) : Int(digits),
      (1...65_535).contains(number)
    else { return nil }
    port = number
    var prefix = path
    while prefix.hasSuffix("/") { prefix = prefix.dropLast() }
    pathPrefix = String(prefix)
  }

  private static func scheme(of text: String) -> Substring? {
    let letters = text.prefix { $0.isASCII && $0.isLetter }
    return text.dropFirst(letters.count).hasPrefix("://") ? letters : nil
  }

  /// The URL, with the port where it is not the scheme's own.
  public var description: String {
    let usual = isSecure ? 443 : 80
    return (isSecure ? "https://" : "http://") + host + (port == usual ? "" : ":\(port)")
      + pathPrefix
  }
}
