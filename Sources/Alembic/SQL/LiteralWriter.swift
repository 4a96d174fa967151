internal import Text

/// Writes values into SQL text.
public enum LiteralWriter {
  /// Whose manner of writing values.
  public enum Style: Hashable, Sendable {
    /// psycopg2's, for statements that are sent.
    case driver
    /// SQLAlchemy's `literal_binds`, for scripts that people read.
    case script
  }

  /// The text of a value; it stands for itself wherever an expression may stand.
  public static func text(_ value: SQLValue, style: Style = .driver) -> String {
    switch value {
    case .null: "NULL"
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): signed(String(number), style)
    case .decimal(let digits): decimal(digits, style)
    case .double(let number): double(number, style)
    case .string(let text): quoted(text)
    case .bytes(let bytes): "'\\x\(hex(bytes))'" + (style == .driver ? "::bytea" : "")
    case .date(let text): typed(text, "date", style)
    case .time(let text, let timezone): typed(text, timezone ? "timetz" : "time", style)
    case .timestamp(let text, let timezone):
      style == .driver
        ? typed(text, timezone ? "timestamptz" : "timestamp", style)
        : quoted(text.split(around: "T", maxSplits: 1).joined(separator: " "))
    case .interval(let days, let seconds, let microseconds):
      interval(days, seconds, microseconds, style)
    case .uuid(let text): typed(text, "uuid", style)
    case .array(let items): array(items, style)
    case .list(let items): "(" + items.map { text($0, style: style) }.joined(separator: ", ") + ")"
    case .cast(let text, let type): "\(quoted(text))::\(type)"
    }
  }

  /// A text between apostrophes, with those in it doubled, as in DDL.
  public static func quoted(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "'")) else { return "'\(text)'" }
    return "'" + text.replacing(text: "'", with: "''") + "'"
  }

  private static func typed(_ text: String, _ type: String, _ style: Style) -> String {
    quoted(text) + (style == .driver ? "::\(type)" : "")
  }

  /// The driver puts a space before a sign, so that `a -b` never becomes a comment.
  private static func signed(_ digits: String, _ style: Style) -> String {
    style == .driver && digits.hasPrefix("-") ? " \(digits)" : digits
  }

  private static func decimal(_ digits: String, _ style: Style) -> String {
    switch digits {
    case "NaN", "Infinity", "-Infinity": "'\(digits == "NaN" ? digits : "NaN")'::numeric"
    default: signed(digits, style)
    }
  }

  private static func double(_ number: Double, _ style: Style) -> String {
    if number.isNaN { return "'NaN'::float" }
    if number.isInfinite { return number < 0 ? "'-Infinity'::float" : "'Infinity'::float" }
    return signed(String(number), style)
  }

  private static func interval(
    _ days: Int64, _ seconds: Int64, _ microseconds: Int64, _ style: Style
  ) -> String {
    let fraction = padded(microseconds, 6)
    if style == .driver { return "'\(days) days \(seconds).\(fraction) seconds'::interval" }
    let total = Double(days) * 86_400 + Double(seconds) + Double(microseconds) / 1_000_000
    return "make_interval(secs=>\(total))"
  }

  private static func array(_ items: [SQLValue], _ style: Style) -> String {
    if items.isEmpty { return style == .driver ? "'{}'" : "ARRAY[]" }
    // An array of empty arrays is an empty array to the server.
    if items.allSatisfy({ $0 == .array([]) }), style == .driver { return "'{}'" }
    let separator = style == .driver ? "," : ", "
    return "ARRAY[" + items.map { text($0, style: style) }.joined(separator: separator) + "]"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
