public import Postgres

/// Under which names tests find their database.
///
/// `DATABASE_URL` and libpq's `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD` and `PGDATABASE` are there always.
public struct DatabaseVariables: Sendable {
  /// A part of the address.
  public enum Part: Hashable, Sendable {
    case host, port, name, user, password
    /// The whole, with the driver that SQLAlchemy shall use: `postgresql+asyncpg://`.
    case url(driver: String?)

    /// Reads `host`, `url` or `url+asyncpg`; nil for anything else.
    public init?(parsing text: String) {
      switch text {
      case "host": self = .host
      case "port": self = .port
      case "name": self = .name
      case "user": self = .user
      case "password": self = .password
      case "url": self = .url(driver: nil)
      default:
        let driver = text.dropFirst("url+".count)
        guard text.hasPrefix("url+"), !driver.isEmpty else { return nil }
        self = .url(driver: String(driver))
      }
    }
  }

  /// A piece of what a variable holds.
  public enum Piece: Hashable, Sendable {
    case text(String)
    case part(Part)
  }

  /// The suite's own names, and what they hold, piece by piece.
  public var names: [String: [Piece]]

  /// Names variables.
  public init(_ names: [String: [Piece]] = [:]) { self.names = names }

  /// The variables of a database.
  public func values(_ settings: ConnectionSettings) -> [String: String] {
    var values = [
      "DATABASE_URL": DatabaseVariables.url(settings, driver: nil),
      "PGHOST": settings["host"] ?? "localhost", "PGPORT": settings["port"] ?? "5432",
      "PGUSER": settings["user"] ?? "postgres", "PGDATABASE": settings["dbname"] ?? "",
    ]
    values["PGPASSWORD"] = settings["password"]
    for (name, pieces) in names {
      values[name] = pieces.map { piece in
        switch piece {
        case .text(let text): text
        case .part(let part): DatabaseVariables.value(part, settings)
        }
      }.joined()
    }
    return values
  }

  private static func value(_ part: Part, _ settings: ConnectionSettings) -> String {
    switch part {
    case .host: settings["host"] ?? "localhost"
    case .port: settings["port"] ?? "5432"
    case .name: settings["dbname"] ?? ""
    case .user: settings["user"] ?? "postgres"
    // Where none is asked for any will do, and many a service refuses to start with an empty one.
    case .password: settings["password"] ?? "unused"
    case .url(let driver): url(settings, driver: driver)
    }
  }

  /// A socket's folder stands among the parameters: so libpq, psycopg and asyncpg want it.
  private static func url(_ settings: ConnectionSettings, driver: String?) -> String {
    let user = encoded(settings["user"] ?? "postgres")
    let password = settings["password"].map { ":\(encoded($0))" } ?? ""
    let name = encoded(settings["dbname"] ?? "")
    let scheme = "postgresql" + (driver.map { "+\($0)" } ?? "")
    let (host, port) = (settings["host"] ?? "localhost", settings["port"] ?? "5432")
    var parameters = ["sslmode", "sslrootcert"].compactMap { key in
      settings[key].map { "\(key)=\(encoded($0))" }
    }
    guard host.hasPrefix("/") else {
      let query = parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&")
      return "\(scheme)://\(user)\(password)@\(host):\(port)/\(name)\(query)"
    }
    parameters.insert(contentsOf: ["host=\(host)", "port=\(port)"], at: 0)
    return "\(scheme)://\(user)\(password)@/\(name)?" + parameters.joined(separator: "&")
  }

  /// RFC 3986, 2.1: all but the unreserved characters. libpq looks for the `@` before the first slash.
  private static func encoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { result, byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte) || "-._~".utf8.contains(byte)
      if isPlain {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
  }
}
