internal import HTTPClient
internal import Quantities

/// Whom a client certificate (X.509, RFC 5280) names: Kubernetes takes the common name for the
/// user and each organisation for a group.
struct CertificateSubject {
  private(set) var user: String?
  private(set) var groups: [String] = []
  private(set) var expires: Timestamp?

  /// Reads the first certificate of a PEM text; nil where there is none that can be read.
  init?(pem: [UInt8]) {
    guard let der = CertificateSubject.firstCertificate(pem) else { return nil }
    var outer = DERReader(der[...])
    guard var certificate = outer.open(0x30), var body = certificate.open(0x30) else { return nil }
    _ = body.open(0xA0)  // the version, which is optional
    guard body.open(0x02) != nil, body.open(0x30) != nil, body.open(0x30) != nil,
      var validity = body.open(0x30), var subject = body.open(0x30)
    else { return nil }
    _ = validity.next()
    expires = validity.next().flatMap(CertificateSubject.time)
    while var set = subject.open(0x31) {
      while var pair = set.open(0x30) {
        guard let name = pair.open(0x06), let value = pair.next() else { return nil }
        let text = String(decoding: value.body, as: UTF8.self)
        if name.rest.elementsEqual([0x55, 0x04, 0x03]) { user = text }
        if name.rest.elementsEqual([0x55, 0x04, 0x0A]) { groups.append(text) }
      }
    }
  }

  private static func firstCertificate(_ pem: [UInt8]) -> [UInt8]? {
    let lines = pem.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
    guard let start = lines.firstIndex(where: { $0.hasPrefix("-----BEGIN CERTIFICATE-----") })
    else { return nil }
    let text = lines[(start + 1)...].prefix { !$0.hasPrefix("-----") }.joined()
    return Base64.decode(text)
  }

  /// `UTCTime`, whose year has two digits, or `GeneralizedTime`.
  private static func time(_ element: (tag: UInt8, body: ArraySlice<UInt8>)) -> Timestamp? {
    let text = String(decoding: element.body, as: UTF8.self)
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard text.dropFirst(digits.count) == "Z" else { return nil }
    var full = String(digits)
    if element.tag == 0x17 { full = (full < "50" ? "20" : "19") + full }
    guard full.utf8.count == 14 else { return nil }
    func field(_ start: Int, _ count: Int) -> Int { Int(full.dropFirst(start).prefix(count)) ?? 0 }
    return Timestamp(
      year: field(0, 4), month: field(4, 2), day: field(6, 2), hour: field(8, 2),
      minute: field(10, 2), second: field(12, 2))
  }
}

/// Walks over elements of DER (X.690): a tag, a length, a body.
private struct DERReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// Goes into the next element if it has this tag; else stays before it.
  mutating func open(_ tag: UInt8) -> DERReader? {
    guard rest.first == tag else { return nil }
    return next().map { DERReader($0.body) }
  }

  mutating func next() -> (tag: UInt8, body: ArraySlice<UInt8>)? {
    guard let tag = rest.popFirst(), let first = rest.popFirst() else { return nil }
    var length = Int(first)
    if first & 0x80 != 0 {
      let count = Int(first & 0x7F)
      guard (1...4).contains(count), rest.count >= count else { return nil }
      length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(count)
    }
    guard rest.count >= length else { return nil }
    defer { rest = rest.dropFirst(length) }
    return (tag, rest.prefix(length))
  }
}
