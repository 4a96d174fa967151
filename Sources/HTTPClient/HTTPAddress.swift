/// An `http` or `https` URL, taken apart.
struct HTTPAddress: Hashable, Sendable {
  let isSecure: Bool
  /// Without the brackets of an IPv6 address.
  let host: String
  let port: Int
  /// Path and query, at least `/`.
  let target: String
  /// `user:password`, decoded; not part of anything that is shown.
  let credentials: String?

  /// Reads an absolute URL; a fragment is left out.
  init(_ url: String) throws {
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw HTTPAddress.malformed("a character in it has to be percent-encoded")
    }
    let lower = url.prefix(8).lowercased()
    isSecure = lower.hasPrefix("https://")
    guard isSecure || lower.hasPrefix("http://") else {
      throw HTTPAddress.malformed("it does not begin with http:// or https://")
    }
    var rest = url.dropFirst(isSecure ? 8 : 7)
    if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
    let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    var authority = rest[..<end]
    let target = String(rest[end...])
    self.target = target.hasPrefix("/") ? target : "/" + target
    if let at = authority.lastIndex(of: "@") {
      credentials = PercentEncoding.decode(String(authority[..<at]))
      authority = authority[authority.index(after: at)...]
    } else {
      credentials = nil
    }
    let bracket = authority.lastIndex(of: "]")
    if let colon = authority.lastIndex(of: ":"), bracket.map({ colon > $0 }) ?? true {
      guard let port = UInt16(authority[authority.index(after: colon)...]), port > 0 else {
        throw HTTPAddress.malformed("its port is not one")
      }
      self.port = Int(port)
      authority = authority[..<colon]
    } else {
      port = isSecure ? 443 : 80
    }
    if authority.first == "[", authority.last == "]" {
      authority = authority.dropFirst().dropLast()
    }
    guard !authority.isEmpty else { throw HTTPAddress.malformed("it names no host") }
    host = String(authority)
  }

  /// `host:port`, the way errors name a server.
  var endpoint: String { "\(bracketed(host)):\(port)" }

  /// The value of the `Host` field.
  var hostField: String { port == (isSecure ? 443 : 80) ? bracketed(host) : endpoint }

  /// The URL without credentials and fragment, perhaps with another name in the place of the host.
  func url(named name: String? = nil) -> String {
    "\(isSecure ? "https" : "http")://\(bracketed(name ?? host)):\(port)\(target)"
  }

  func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

  // The URL itself is not shown: it may hold a password or a token.
  private static func malformed(_ reason: String) -> HTTPError {
    HTTPError(.invalidRequest, "cannot use the URL of the request: \(reason)")
  }
}

/// Percent-encoding of parts of URLs (RFC 3986, 2).
public enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// The text with every byte encoded that is not unreserved: letters, digits and `-._~` stay. Right
  /// for one segment of a path and for a name or value in a query.
  public static func encode(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: result.append(byte)
      default: result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The text with `%41` as `A`; a percent sign that does not begin such a code stays.
  public static func decode(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var place = 0
    while place < bytes.count {
      if bytes[place] == 0x25, place + 2 < bytes.count,
        let code = UInt8(String(decoding: bytes[place + 1...place + 2], as: UTF8.self), radix: 16)
      {
        result.append(code)
        place += 3
      } else {
        result.append(bytes[place])
        place += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
