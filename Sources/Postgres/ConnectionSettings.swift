internal import CPostgres

/// Where a database is and who asks: libpq's keywords and their values.
///
/// What is not set here comes, when the connection is opened, from where libpq takes it: a service
/// file, the PG* environment, the password file, its defaults.
public struct ConnectionSettings: Hashable, Sendable {
  private var values: [String: String] = [:]
  /// The way to the server where it is not reached directly; then `host` and `port` have to be set, and
  /// are still those of the server.
  public var detour: Detour?

  /// Creates settings from keywords as `host`, `port`, `dbname`, `user`, `password`, `service`.
  public init(parameters: [String: String]) { values = parameters }

  /// Reads a `postgres://` URL, a string of `key=value` pairs, or the bare name of a database.
  ///
  /// - Throws: `PostgresError` of kind `invalidSettings`, whose text holds nothing secret.
  public init(url: String) throws {
    let isURL = url.hasPrefix("postgres://") || url.hasPrefix("postgresql://")
    if !isURL, !url.contains("=") {
      guard !url.isEmpty, !url.contains(":"), !url.contains("/") else {
        throw ConnectionSettings.malformed("it begins with neither postgres:// nor postgresql://")
      }
      values["dbname"] = url
      return
    }
    var reason: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &reason) else {
      defer { PQfreemem(reason) }
      throw ConnectionSettings.malformed(reason.map { String(cString: $0) } ?? "no memory")
    }
    defer { PQconninfoFree(options) }
    values = ConnectionSettings.values(in: options)
  }

  /// The value of a libpq keyword; nil leaves it to the environment and the defaults.
  public subscript(keyword: String) -> String? {
    get { values[keyword] }
    set { values[keyword] = newValue }
  }

  /// The same server and user, another database.
  public func with(database: String) -> ConnectionSettings { with(["dbname": database]) }

  /// The same settings with some values replaced.
  public func with(_ overrides: [String: String]) -> ConnectionSettings {
    var copy = self
    copy.values.merge(overrides) { $1 }
    return copy
  }

  /// Every keyword that is set.
  public var parameters: [String: String] { values }

  /// Every keyword as libpq, or another program of this machine, has to get it in order to come to
  /// the server.
  public var dialled: [String: String] {
    guard let detour else { return values }
    var dialled = values
    // The name stays beside the address: certificates are for the name.
    dialled["hostaddr"] = "127.0.0.1"
    dialled["port"] = String(detour.port)
    dialled["password"] = values["password"] ?? PasswordFile.password(for: self)
    return dialled
  }

  /// The values that must never be shown.
  public var secrets: [String] {
    ["password", "sslpassword"].compactMap { values[$0] }.filter { !$0.isEmpty }
  }

  /// A URL for messages: who, where, which database, and nothing secret.
  public var redacted: String {
    if let service = values["service"], values["host"] == nil { return "service=\(service)" }
    let user = values["user"].map { "\($0)@" } ?? ""
    let port = values["port"].map { ":\($0)" } ?? ""
    let database = values["dbname"] ?? ""
    let host = values["host"] ?? values["hostaddr"] ?? ""
    if host.hasPrefix("/") {
      return "postgres://\(user)/\(database)?host=\(host)"
        + (port.isEmpty ? "" : "&port=\(port.dropFirst())")
    }
    return "postgres://\(user)\(host)\(port)/\(database)"
  }

  static func values(
    in options: UnsafeMutablePointer<PQconninfoOption>
  ) -> [String: String] {
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val {
        values[String(cString: keyword)] = String(cString: value)
      }
      option += 1
    }
    return values
  }

  /// libpq quotes parts of its input in its reasons, which may hold the password: only names of
  /// options are repeated.
  private static func malformed(_ reason: String) -> PostgresError {
    let line = reason.prefix { $0 != "\n" }
    let parts = line.split(separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
    var shown = String(line)
    if parts.count > 1 {
      let isOption = parts[0].hasSuffix("option ") || parts[0].hasSuffix("parameter: ")
      let isName = parts[1].utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
      if !(isOption && isName) {
        shown = String(parts[0])
        while let last = shown.last, " :,".contains(last) { shown.removeLast() }
      }
    }
    return PostgresError(
      .invalidSettings, "the database URL cannot be read: \(shown)",
      hint: "write it as postgres://user@host:port/database, or as key=value pairs")
  }
}

extension ConnectionSettings: CustomStringConvertible {
  /// The same as `redacted`, so that no interpolation shows a password.
  public var description: String { redacted }
}

extension ConnectionSettings: CustomReflectable {
  /// Nothing for `dump` and test failures to look into.
  public var customMirror: Mirror { Mirror(self, children: ["url": redacted]) }
}
