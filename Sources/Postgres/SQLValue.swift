public import Quantities

/// A parameter of a statement.
///
/// Values go in PostgreSQL's text form and the server infers their type from the statement, as it
/// does for a quoted constant; only `bytea` says its type and goes in binary.
public struct SQLValue: Hashable, Sendable {
  let bytes: [UInt8]
  let typeOID: UInt32
  let isBinary: Bool

  private init(text: some StringProtocol) {
    bytes = Array(text.utf8)
    typeOID = 0
    isBinary = false
  }

  /// A text, or any other type in its text form: a numeric, JSON, an interval.
  public init(_ text: some StringProtocol) { self.init(text: text) }

  /// An integer.
  public init(_ value: some BinaryInteger) { self.init(text: String(value)) }

  /// A number; infinities and NaN are PostgreSQL's.
  public init(_ value: Double) {
    self.init(text: value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : "\(value)")
  }

  /// A truth value.
  public init(_ value: Bool) { self.init(text: value ? "t" : "f") }

  /// A `bytea`.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    typeOID = TypeOID.bytea
    isBinary = true
  }

  /// A `uuid`.
  public init(_ value: UUID) { self.init(text: value.description) }

  /// A `timestamptz`, or a `timestamp` in UTC.
  public init(_ value: Timestamp) {
    // The calendar of Quantities has a year 0, which PostgreSQL calls 1 BC.
    let year = value.civil.year
    let text = value.rfc3339(fractionDigits: 6)
    guard year < 1 else {
      self.init(text: text)
      return
    }
    let digits = String(1 - year)
    let padded = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    self.init(text: padded + text.suffix("-01-01T00:00:00.000000Z".count) + " BC")
  }

  /// A one-dimensional array.
  public init(array elements: [SQLValue?]) {
    let items = elements.map { element -> String in
      guard let element else { return "NULL" }
      return SQLValue.quotedElement(element.arrayText)
    }
    self.init(text: "{" + items.joined(separator: ",") + "}")
  }

  private var arrayText: String {
    guard isBinary else { return String(decoding: bytes, as: UTF8.self) }
    let digits = Array("0123456789abcdef")
    return "\\x" + bytes.map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined()
  }

  private static func quotedElement(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
  /// A text.
  public init(stringLiteral value: String) { self.init(value) }
  /// An integer.
  public init(integerLiteral value: Int64) { self.init(value) }
  /// A number.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self.init(value) }
}

/// The object ids of built-in types, which never change.
enum TypeOID {
  static let bool: UInt32 = 16
  static let bytea: UInt32 = 17
  /// The only type whose arrays are not separated by commas.
  static let boxArray: UInt32 = 1020
}

/// One statement with its parameters.
public struct Statement: Hashable, Sendable {
  /// The text, with `$1`, `$2`... for the parameters.
  public var sql: String
  /// The parameters; nil is NULL.
  public var parameters: [SQLValue?]

  /// Creates a statement.
  public init(_ sql: String, _ parameters: [SQLValue?] = []) {
    self.sql = sql
    self.parameters = parameters
  }
}
