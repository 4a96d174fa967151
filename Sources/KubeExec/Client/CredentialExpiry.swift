internal import HTTPClient
internal import JSON
internal import Quantities

/// When credentials end, read from themselves: for the one line that says why a server does not
/// accept them.
enum CredentialExpiry {
  /// `the token expired at 2026-01-02T03:04:05Z`; nil where nothing has.
  static func sentence(_ credential: Credential, now: Timestamp = .now()) -> String? {
    if let token = credential.authorization?.text, token.hasPrefix("Bearer "),
      let claims = JSONWebToken.claims(String(token.dropFirst(7))),
      let seconds = claims["exp"]?.double
    {
      let end = Timestamp(microseconds: Int64(min(seconds, 4e12)) * 1_000_000)
      if end < now { return "the token expired at \(end.rfc3339(fractionDigits: 0))" }
    }
    if let pem = credential.certificate?.certificate, let subject = CertificateSubject(pem: pem),
      let end = subject.expires, end < now
    {
      return "the client certificate expired at \(end.rfc3339(fractionDigits: 0))"
    }
    return nil
  }
}

/// The claims of a token that is a JSON Web Token (RFC 7519); nothing is verified.
enum JSONWebToken {
  static func claims(_ token: String) -> JSON? {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3 else { return nil }
    // The alphabet for URLs, without padding.
    var text = String(parts[1].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    while text.utf8.count % 4 != 0 { text += "=" }
    return Base64.decode(text).flatMap { try? JSON(parsing: $0) }
  }
}
