internal import JSON
internal import OrderedCollections
internal import Postgres
internal import Quantities
internal import Runbooks

extension Value {
  /// A row as an object; of columns of one name the first counts.
  init(_ row: Row) {
    var members: OrderedDictionary<String, Value> = [:]
    for (index, column) in row.columns.enumerated() where members[column.name] == nil {
      members[column.name] = Value(row, index, typeOID: column.typeOID)
    }
    self = .object(members)
  }

  /// A value of a row by its PostgreSQL type. What has no counterpart in the runbook language, and
  /// what does not fit (`infinity`, `NaN`), stays the text that PostgreSQL prints.
  private init(_ row: Row, _ column: Int, typeOID: UInt32) {
    guard let text = row[column] else {
      self = .null
      return
    }
    self = Value.typed(row, column, typeOID) ?? .string(text)
  }

  // The object ids of built-in types never change.
  private static func typed(_ row: Row, _ column: Int, _ typeOID: UInt32) -> Value? {
    switch typeOID {
    case 16: decoded(row, column, Bool.self).map(Value.bool)
    case 20, 21, 23, 26: decoded(row, column, Int64.self).map(Value.int)
    case 700, 701: finite(decoded(row, column, Double.self))
    case 1700: row[column].flatMap(number)
    case 1114, 1184: decoded(row, column, Timestamp.self).map(Value.timestamp)
    case 1186: row[column].flatMap(interval)
    case 114, 3802:
      row[column].flatMap { try? JSON(parsing: $0) }.map { Value($0) }
    case 1000: list(decoded(row, column, [Bool?].self)) { .bool($0) }
    case 1005, 1007, 1016, 1028: list(decoded(row, column, [Int64?].self)) { .int($0) }
    case 1002, 1003, 1009, 1015: list(decoded(row, column, [String?].self)) { .string($0) }
    default: nil
    }
  }

  private static func decoded<T: PostgresDecodable>(_ row: Row, _ column: Int, _ type: T.Type) -> T?
  {
    // What cannot be decoded is shown as its text.
    try? row.decode(column, as: type)
  }

  private static func list<T>(_ items: [T?]?, _ element: (T) -> Value) -> Value? {
    items.map { .array($0.map { $0.map(element) ?? .null }) }
  }

  private static func finite(_ number: Double?) -> Value? {
    number.flatMap { $0.isFinite ? .double($0) : nil }
  }

  /// `sum(bigint)` is numeric: a whole number stays one.
  private static func number(_ digits: String) -> Value? {
    if let whole = Int64(digits) { return .int(whole) }
    return finite(Double(digits))
  }

  /// Intervals without months, which have no fixed length: `3 days 04:05:06.5`.
  private static func interval(_ text: String) -> Value? {
    var microseconds: Int64 = 0
    var words = text.split(separator: " ")[...]
    while let word = words.popFirst() {
      if word.contains(":") {
        guard let clock = clock(word), words.isEmpty else { return nil }
        microseconds += clock
      } else {
        guard let count = Int64(word), let unit = words.popFirst(), unit.hasPrefix("day") else {
          return nil
        }
        microseconds += count * 86_400_000_000
      }
    }
    return .duration(.microseconds(microseconds))
  }

  private static func clock(_ word: Substring) -> Int64? {
    let isNegative = word.hasPrefix("-")
    let parts = word.drop { $0 == "-" || $0 == "+" }.split(separator: ":")
    guard parts.count == 3, let hours = Int64(parts[0]), let minutes = Int64(parts[1]),
      let seconds = Double(parts[2])
    else { return nil }
    let total =
      (hours * 3600 + minutes * 60) * 1_000_000 + Int64((seconds * 1_000_000).rounded())
    return isNegative ? -total : total
  }
}
