internal import Text

/// A database's address in SQLAlchemy's notation.
public enum DatabaseURL {
  /// The same in libpq's notation: the driver's name goes, and so do the options that only it
  /// knows.
  ///
  /// - Throws: `ProjectError` when it is no PostgreSQL database.
  public static func libpq(_ url: String) throws(ProjectError) -> String {
    guard let colon = url.firstRange(ofText: "://") else { return url }
    let scheme = url[..<colon.lowerBound]
    let dialect = scheme.prefix { $0 != "+" }
    guard ["postgresql", "postgres"].contains(dialect) else {
      throw ProjectError(
        "the database's address begins with \(scheme)://, and only PostgreSQL is migrated",
        status: .refused)
    }
    let rest = url[colon.upperBound...]
    guard let mark = rest.firstIndex(of: "?") else { return "postgresql://\(rest)" }
    let options = rest[rest.index(after: mark)...].split(separator: "&").compactMap(option)
    let query = options.isEmpty ? "" : "?" + options.joined(separator: "&")
    return "postgresql://\(rest[..<mark])\(query)"
  }

  private static func option(_ text: Substring) -> String? {
    let name = text.prefix { $0 != "=" }
    if driverOptions.contains(String(name)) { return nil }
    // asyncpg's name for what libpq calls sslmode.
    guard name == "ssl" else { return String(text) }
    let value = text.dropFirst(4)
    return value == "true" ? "sslmode=require" : "sslmode=\(value)"
  }

  private static let driverOptions: Set<String> = [
    "async_fallback", "prepared_statement_cache_size", "prepared_statement_name_func",
    "statement_cache_size", "timeout", "command_timeout", "server_settings", "plugin",
  ]
}
