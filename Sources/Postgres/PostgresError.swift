public import Diagnostics
internal import Text

/// What went wrong between this process and a PostgreSQL server.
///
/// Every text is fit to be shown: passwords are in none of them.
public struct PostgresError: Failure, Hashable {
  /// The sort of error, for callers that decide by it.
  public struct Kind: Hashable, Sendable {
    let raw: String

    /// The settings are malformed: a URL that cannot be read, an option that libpq does not have.
    public static let invalidSettings = Kind(raw: "invalid-settings")
    /// No session came to be; `sqlState` tells a refusing server from one that is not there.
    public static let connectionFailed = Kind(raw: "connection-failed")
    /// The session ended while it was needed: the server died, or the network did.
    public static let connectionLost = Kind(raw: "connection-lost")
    /// The server refused a statement; `sqlState` says why.
    public static let server = Kind(raw: "server")
    /// A value that came is not one of the type that was asked for.
    public static let decoding = Kind(raw: "decoding")
    /// The caller used the connection in a way that it does not have.
    public static let misuse = Kind(raw: "misuse")
  }

  /// The sort of error.
  public let kind: Kind
  /// What happened, in one line.
  public var message: String
  /// The five characters of the SQL standard, where the server gave them.
  public var sqlState: String?
  /// `ERROR`, `FATAL` or `PANIC`, never translated.
  public var severity: String?
  /// The server's detail.
  public var detail: String?
  /// What to do next.
  public var hint: String?
  /// Where in the server it happened: functions, triggers, lines of a COPY.
  public var context: String?
  /// The line of the statement and a caret under the place, when the server named one.
  public var excerpt: [String] = []
  /// The character of the statement, from 1, that the server means; nil where it named none.
  var position: Int?
  /// Which of several statements failed, from 0; nil when there was one.
  public var statementIndex: Int?
  /// The schema of the object concerned, where the server gave it.
  public var schemaName: String?
  /// The table concerned, where the server gave it.
  public var tableName: String?
  /// The constraint concerned, where the server gave it.
  public var constraintName: String?

  init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }

  /// The excerpt, the detail and the context, a line each.
  public var details: [String] {
    var lines = excerpt
    if let detail { lines += PostgresError.lines(of: detail, labelled: "detail: ") }
    if let context { lines += PostgresError.lines(of: context, labelled: "context: ") }
    return lines
  }

  /// Wrong input for settings that cannot be read, failed for everything else.
  public var status: ExitStatus { kind == .invalidSettings ? .usage : .failed }

  /// Where the error is in a file of which `sql` begins at a line, with the excerpt in that file's
  /// lines; nil where the server named no place in the statement.
  public func place(
    in sql: String, startingAtLine first: Int
  ) -> (line: Int, excerpt: [String])? {
    guard let position else { return nil }
    let before = sql.unicodeScalars.prefix(max(0, position - 1))
    return (
      first + before.count { $0 == "\n" },
      StatementExcerpt.lines(of: sql, at: position, firstLine: first)
    )
  }

  /// The row of a COPY's data, from 1, in which the error is, as the context says it; nil where it
  /// says nothing of the kind.
  public var copyLine: Int? {
    guard let line = context?.split(separator: "\n").last, line.hasPrefix("COPY ") else {
      return nil
    }
    let parts = line.split(around: ", line ", maxSplits: 1)
    return parts.count == 2 ? Int(parts[1].prefix { $0.isNumber }) : nil
  }

  private static func lines(of text: String, labelled label: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: true).enumerated()
      .map { $0.offset == 0 ? label + $0.element : "  " + $0.element }
  }
}
