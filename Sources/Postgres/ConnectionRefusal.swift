/// Why no session came to be, read from libpq's verbose message: it has no other form.
///
/// A message is one or more attempts (a name may have several addresses), each of them
/// `connection to server at "h" (a), port p failed: FATAL:  28P01: text`, then lines of detail.
struct ConnectionRefusal {
  private(set) var sqlState: String?
  private(set) var reason = "the server gave no reason"
  private(set) var detail: [String] = []
  private var attempts: [String] = []

  init(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: true) {
      let trimmed = line.drop { $0 == "\t" || $0 == " " }
      if line.hasPrefix("LOCATION:") { continue }
      if line.hasPrefix("connection to server") || attempts.isEmpty {
        attempts.append(String(line))
        detail = []
        read(String(line))
      } else {
        detail.append(String(trimmed))
      }
    }
    if attempts.count > 1 { detail = attempts.map(ConnectionRefusal.withoutState) }
  }

  private mutating func read(_ line: String) {
    reason = line
    sqlState = nil
    if line.hasPrefix("connection to server"),
      let failed = ConnectionRefusal.range(of: " failed: ", in: line)
    {
      reason = String(line[failed.upperBound...])
    }
    if let state = ConnectionRefusal.state(in: reason) {
      sqlState = String(reason[state])
      reason = String(reason[state.upperBound...].dropFirst(2))
    }
  }

  /// The five characters between `SEVERITY:  ` and `: `, where the severity may be translated.
  private static func state(in text: String) -> Range<String.Index>? {
    guard let separator = range(of: ":  ", in: text) else { return nil }
    let rest = text[separator.upperBound...]
    let code = rest.prefix(5)
    guard code.count == 5, rest.dropFirst(5).hasPrefix(": "),
      code.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) })
    else { return nil }
    return code.startIndex..<code.endIndex
  }

  private static func withoutState(_ line: String) -> String {
    guard let state = state(in: line) else { return line }
    return String(line[..<state.lowerBound]) + line[state.upperBound...].dropFirst(2)
  }

  private static func range(of needle: String, in text: String) -> Range<String.Index>? {
    var start = text.startIndex
    while start < text.endIndex {
      if text[start...].hasPrefix(needle) {
        return start..<text.index(start, offsetBy: needle.count)
      }
      start = text.index(after: start)
    }
    return nil
  }

  /// Whether libpq refused the settings themselves: then it speaks neither of an attempt to connect
  /// nor of a name or file that it could not use.
  private var isAboutSettings: Bool {
    guard let first = attempts.first else { return false }
    return !first.hasPrefix("connection to server") && !first.hasPrefix("could not")
  }

  func error(_ settings: ConnectionSettings, needsPassword: Bool) -> PostgresError {
    var error = PostgresError(
      isAboutSettings ? .invalidSettings : .connectionFailed,
      "cannot connect to \(settings.redacted): \(reason)",
      hint: hint(settings, needsPassword: needsPassword))
    error.sqlState = sqlState
    if !detail.isEmpty { error.detail = detail.joined(separator: "\n") }
    return error
  }

  private func hint(_ settings: ConnectionSettings, needsPassword: Bool) -> String? {
    if needsPassword {
      return "no password was given: set PGPASSWORD or add a line to ~/.pgpass"
    }
    switch sqlState {
    case "28P01": return "check the password in the URL, in PGPASSWORD or in ~/.pgpass"
    case "28000": return "check the user, and what the server's pg_hba.conf allows it"
    case "3D000":
      return "check the database's name; `\\l` in `omcops db connect` lists those there are"
    case "53300": return "end idle sessions, or raise max_connections"
    case "57P03": return "the server is starting, stopping or recovering: try again shortly"
    case nil where !isAboutSettings:
      return "check that a server runs there: host, port, socket folder"
    default: return nil
    }
  }
}
