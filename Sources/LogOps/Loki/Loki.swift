public import Diagnostics
public import JSON

/// Asks a Loki by its HTTP API; how requests reach it is the caller's.
public struct Loki: Sendable {
  /// Sends a request: a path, and what stands in the query behind it. Throws `LokiTrouble` for what
  /// went wrong on the way and for answers that are none.
  public typealias Ask =
    @Sendable (_ path: String, _ query: [(name: String, value: String)]) async throws -> JSON

  /// Where lines and numbers over a time are asked for.
  public static let rangePath = "/loki/api/v1/query_range"
  /// Where a number at a moment is asked for.
  public static let momentPath = "/loki/api/v1/query"
  private static let seriesPath = "/loki/api/v1/series"

  /// What it is called in messages.
  public let title: String
  private let ask: Ask

  /// A server that `ask` speaks with.
  public init(_ title: String, ask: @escaping Ask) {
    self.title = title
    self.ask = ask
  }

  /// The lines of a range, the oldest first.
  func lines(_ range: LokiRange) async throws -> [LokiLine] {
    let answer = try await ask(Self.rangePath, range.parameters)
    guard let streams = answer["data"]?["result"]?.array,
      let lines = LokiLine.all(in: streams)
    else { throw LokiTrouble(.refused, "\(title) answers with something that is no list of lines") }
    return lines
  }

  /// The labels of the streams that have lines from one moment to another.
  func series(
    _ selector: String, from start: LogTime, to end: LogTime
  ) async throws -> [[String: String]] {
    let answer = try await ask(
      Self.seriesPath,
      [
        ("match[]", selector), ("start", "\(start.nanoseconds)"), ("end", "\(end.nanoseconds)"),
      ])
    // A Loki without any says so by leaving the list out, or by null.
    return (answer["data"]?.array ?? []).map { series in
      Dictionary(
        (series.object ?? [:]).map { ($0.key, $0.value.string ?? "") }, uniquingKeysWith: { $1 })
    }
  }
}

/// Which lines are asked for.
public struct LokiRange: Sendable {
  /// The query, in LogQL.
  public var query: String
  /// The first moment.
  public var start: LogTime
  /// The first moment behind it.
  public var end: LogTime
  /// So many lines at most.
  public var limit: Int
  /// Whether they are those at the end, where there are more.
  public var isBackward: Bool

  /// A range.
  public init(
    _ query: String, from start: LogTime, to end: LogTime, limit: Int, isBackward: Bool = false
  ) {
    self.query = query
    self.start = start
    self.end = end
    self.limit = limit
    self.isBackward = isBackward
  }

  /// The same in the API's words, which take a number of more than ten digits for nanoseconds.
  public var parameters: [(name: String, value: String)] {
    [
      ("query", query), ("start", "\(start.nanoseconds)"), ("end", "\(end.nanoseconds)"),
      ("limit", "\(limit)"), ("direction", isBackward ? "backward" : "forward"),
    ]
  }
}

/// Which streams are meant: labels, and the values that they have.
struct LokiSelector {
  private var parts: [String] = []

  /// The streams whose label has that value; nil: any.
  mutating func require(_ label: String, _ value: String?) {
    parts.append(value.map { "\(label)=\"\(Self.quoted($0))\"" } ?? "\(label)=~\".+\"")
  }

  /// The streams whose label has one of these values.
  mutating func require(_ label: String, among values: [String]) {
    let pattern = values.map(Self.literal).joined(separator: "|")
    parts.append("\(label)=~\"\(Self.quoted(pattern))\"")
  }

  /// In LogQL.
  var text: String { "{\(parts.joined(separator: ","))}" }

  /// A text between quotation marks, which may hold anything.
  private static func quoted(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { quoted, scalar in
      switch scalar {
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      default: quoted.unicodeScalars.append(scalar)
      }
    }
  }

  /// A regular expression (RE2) for one text.
  private static func literal(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { literal, scalar in
      if "\\.+*?()|[]{}^$".unicodeScalars.contains(scalar) { literal += "\\" }
      literal.unicodeScalars.append(scalar)
    }
  }
}

/// A Loki does not give what it was asked for.
public struct LokiTrouble: Failure {
  /// What sort of trouble it is.
  public enum Kind: Sendable {
    /// No answer came.
    case unreachable
    /// The answer is not a success.
    case refused
    /// It says that the question cannot be asked so (status 400): too many lines, too long a time.
    case badRequest
    /// The answer is greater than the caller takes.
    case tooLarge
  }

  /// What sort of trouble it is.
  public var kind: Kind
  /// What happened.
  public var message: String
  /// What to do.
  public var hint: String?

  /// Tells of it.
  public init(_ kind: Kind, _ message: String, hint: String? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
  }
}
