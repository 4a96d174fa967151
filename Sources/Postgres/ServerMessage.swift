internal import CPostgres

/// The fields of an error or a notice, as libpq took them from the wire.
struct ServerMessage {
  let result: OpaquePointer

  /// A field by its letter in the protocol (the macros of libpq are characters, which Swift
  /// does not import).
  private func field(_ letter: Unicode.Scalar) -> String? {
    PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) }
  }

  var severity: String? { field("V") ?? field("S") }
  var sqlState: String? { field("C") }
  var primary: String? { field("M") }
  var detail: String? { field("D") }
  var hint: String? { field("H") }
  var context: String? { field("W") }

  /// The error as callers see it, with the place marked in `sql`.
  func error(in sql: String?) -> PostgresError {
    let text = primary ?? String(cString: PQresultErrorMessage(result))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    // libpq makes results of its own, without a state, when the connection breaks.
    let kind: PostgresError.Kind = sqlState == nil ? .connectionLost : .server
    let first = lines.first ?? "the server gave no reason"
    var error = PostgresError(kind, sqlState.map { "\(first) (SQLSTATE \($0))" } ?? first)
    error.sqlState = sqlState
    error.severity = severity
    let rest = lines.dropFirst().joined(separator: "\n")
    error.detail = [rest, detail ?? ""].filter { !$0.isEmpty }.joined(separator: "\n")
    if error.detail?.isEmpty == true { error.detail = nil }
    error.hint = hint
    error.context = context
    error.schemaName = field("s")
    error.tableName = field("t")
    error.constraintName = field("n")
    error.position = field("P").flatMap(Int.init)
    error.excerpt = excerpt(in: sql)
    return error
  }

  private func excerpt(in sql: String?) -> [String] {
    if let sql, let position = field("P").flatMap(Int.init) {
      return StatementExcerpt.lines(of: sql, at: position)
    }
    if let inner = field("q"), let position = field("p").flatMap(Int.init) {
      return StatementExcerpt.lines(of: inner, at: position)
    }
    return []
  }
}

/// A message that is no error: NOTICE, WARNING, INFO, LOG or DEBUG.
public struct Notice: Hashable, Sendable {
  /// `NOTICE`, `WARNING` and so on, never translated.
  public var severity: String
  /// The five characters of the SQL standard.
  public var sqlState: String?
  /// What the server says.
  public var message: String
  /// The server's detail.
  public var detail: String?
  /// What to do about it.
  public var hint: String?
  /// Where in the server it arose.
  public var context: String?

  init(_ message: ServerMessage) {
    severity = message.severity ?? "NOTICE"
    sqlState = message.sqlState
    self.message = message.primary ?? ""
    detail = message.detail
    hint = message.hint
    context = message.context
  }
}
