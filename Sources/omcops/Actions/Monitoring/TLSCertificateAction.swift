internal import Digest
internal import Glibc
internal import HTTPClient
internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import SystemPackage

/// `tls.certificate`: what a server shows to clients that ask for a name, which is not always what
/// somebody has renewed.
struct TLSCertificateAction: Action {
  let proxies: HTTPProxies

  let name = "tls.certificate"

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let host = call.with["host"]?.string ?? ""
    let port = call.with["port"]?.int ?? 443
    guard !host.isEmpty, !host.contains(where: { "/?#@".contains($0) }),
      (1...65_535).contains(port)
    else {
      throw ActionError(
        .other, "tls.certificate needs a host without a scheme or a path, and a port")
    }
    let time = call.duration("timeout") ?? .seconds(15)
    let url = "https://\(host.contains(":") ? "[\(host)]" : host):\(port)/"
    var configuration = HTTPConfiguration()
    configuration.proxies = proxies
    configuration.connectTimeout = time
    configuration.tls.serverName = call.with["server-name"]?.string
    configuration.tls.authorities = try call.with["ca"]?.string.map(bytes)
    var problem: String?
    let shown: [ServedCertificate]
    do {
      do {
        shown = try await HTTPClient(configuration).certificates(of: url, timeout: time)
      } catch let error as HTTPError where error.kind == .tls {
        // What is wrong with it is to be said, and what it is all the same.
        problem = error.message
        configuration.tls.isVerified = false
        shown = try await HTTPClient(configuration).certificates(of: url, timeout: time)
      }
    } catch let error as HTTPError {
      throw ActionError(
        error.kind == .timeout ? .timeout : .connection, error.message, hint: error.hint)
    }
    let chain = shown.compactMap { X509Summary($0) }
    guard let own = chain.first else {
      throw ActionError(.connection, "\(host):\(port) shows no certificate that can be read")
    }
    return ActionOutcome(result: value(own, chain, problem))
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let host = with["host"]?.text ?? ""
    let server = with["server-name"]?.text ?? host
    let place = shellQuoted("\(host):\(with["port"]?.text ?? "443")")
    return "openssl s_client -connect \(place) -servername \(shellQuoted(server)) </dev/null | "
      + "openssl x509 -noout -subject -issuer -dates -ext subjectAltName"
  }

  private func value(
    _ own: X509Summary, _ chain: [X509Summary], _ problem: String?
  ) -> Value {
    [
      "subject": .string(own.subject), "issuer": .string(own.issuer),
      "names": .array(own.names.map(Value.string)), "not-before": .timestamp(own.notBefore),
      "not-after": .timestamp(own.notAfter), "days-left": .int(own.daysLeft),
      "fingerprint": .string(own.fingerprint), "verified": .bool(problem == nil),
      "problem": Value(problem),
      "chain": .array(
        chain.map { certificate in
          [
            "subject": .string(certificate.subject), "issuer": .string(certificate.issuer),
            "not-after": .timestamp(certificate.notAfter),
            "days-left": .int(certificate.daysLeft),
          ]
        }),
    ]
  }

  private func bytes(of path: String) throws -> [UInt8] {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly)
      return try file.closeAfter {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
        return Array(bytes.prefix(count))
      }
    } catch {
      throw ActionError(.other, "cannot read the authorities \(path): \(error)")
    }
  }
}

/// What matters of a certificate.
struct X509Summary {
  let subject: String
  let issuer: String
  /// The names and addresses that it is for.
  let names: [String]
  let notBefore: Timestamp
  let notAfter: Timestamp
  /// SHA-256 of the certificate, in hexadecimal; empty where it was not given.
  let fingerprint: String

  /// Whole days until it ends, negative ones since.
  var daysLeft: Int64 {
    let seconds = (notAfter - Timestamp.now()).seconds
    return Int64((seconds / 86_400).rounded(.down))
  }

  /// Nil where its dates cannot be read.
  init?(_ shown: ServedCertificate) {
    guard let start = shown["Start date"].flatMap(X509Summary.moment),
      let end = shown["Expire date"].flatMap(X509Summary.moment)
    else { return nil }
    (notBefore, notAfter) = (start, end)
    subject = shown["Subject"] ?? ""
    issuer = shown["Issuer"] ?? ""
    names = (shown["X509v3 Subject Alternative Name"] ?? "").split(separator: ",").map { part in
      let text = part.drop { $0 == " " }
      return String(text[(text.firstIndex(of: ":").map(text.index(after:)) ?? text.startIndex)...])
        .filter { !$0.isWhitespace }
    }
    let lines = (shown["Cert"] ?? "").split(whereSeparator: \.isNewline)
    let body = lines.filter { !$0.hasPrefix("-----") }.joined()
    fingerprint = Base64.decode(body).map { SHA256.hex(of: $0) } ?? ""
  }

  /// `Nov 29 11:05:10 2026 GMT`, as OpenSSL prints it.
  private static func moment(_ text: String) -> Timestamp? {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let words = text.split(separator: " ")
    guard words.count >= 4, let month = months.firstIndex(of: String(words[0])),
      let day = Int(words[1]), let year = Int(words[3])
    else { return nil }
    let clock = words[2].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3 else { return nil }
    return Timestamp(
      year: year, month: month + 1, day: day, hour: clock[0], minute: clock[1], second: clock[2])
  }
}
