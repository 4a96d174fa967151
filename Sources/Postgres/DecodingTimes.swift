public import Quantities

/// A value of a type that has infinities: a moment or a date.
public enum Extended<Value: PostgresDecodable & Hashable>: Hashable, PostgresDecodable {
  /// An ordinary value.
  case finite(Value)
  /// Later than all others.
  case infinity
  /// Earlier than all others.
  case negativeInfinity

  /// The value, or an infinity.
  public static func decode(_ field: Field) throws -> Extended {
    let bytes = try field.present()
    if bytes.elementsEqual("infinity".utf8) { return .infinity }
    if bytes.elementsEqual("-infinity".utf8) { return .negativeInfinity }
    return .finite(try Value.decode(field))
  }
}

/// A day of the Gregorian calendar, without a time zone.
public struct CalendarDate: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The year; 0 is 1 BC.
  public let year: Int
  /// The month, from 1.
  public let month: Int
  /// The day of the month, from 1.
  public let day: Int

  /// `2026-11-23`, and `0044-03-15 BC` for years before 1.
  public var description: String {
    func pad(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let era = year < 1
    return "\(pad(era ? 1 - year : year, 4))-\(pad(month, 2))-\(pad(day, 2))" + (era ? " BC" : "")
  }

  /// Orders by time.
  public static func < (a: CalendarDate, b: CalendarDate) -> Bool {
    (a.year, a.month, a.day) < (b.year, b.month, b.day)
  }
}

extension CalendarDate: PostgresDecodable {
  /// A `date`; infinities need `Extended`.
  public static func decode(_ field: Field) throws -> CalendarDate {
    let text = try field.text()
    var reader = ISOReader(text)
    guard let date = reader.date(), reader.era(), reader.isAtEnd else {
      throw Mismatch.unreadable(text)
    }
    return CalendarDate(year: reader.year(date.year), month: date.month, day: date.day)
  }
}

extension Timestamp: PostgresDecodable {
  /// A `timestamptz`, or a `timestamp` taken as UTC; infinities need `Extended`.
  public static func decode(_ field: Field) throws -> Timestamp {
    let text = try field.text()
    var reader = ISOReader(text)
    guard let date = reader.date(), reader.skip(" "), let time = reader.time(),
      let offset = reader.offset(), reader.era(), reader.isAtEnd,
      let value = Timestamp(
        year: reader.year(date.year), month: date.month, day: date.day, hour: time.hour,
        minute: time.minute, second: time.second, microsecond: time.microsecond,
        offsetSeconds: offset)
    else { throw Mismatch.unreadable(text) }
    return value
  }
}

/// Reads what the server writes with `DateStyle = ISO`: `2026-11-23 08:15:02.5+05:30 BC`.
private struct ISOReader {
  private var rest: Substring.UTF8View
  private var isBeforeChrist = false

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  /// A number of `width` digits, or of any number when it is nil.
  private mutating func number(_ width: Int?) -> Int? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }.prefix(width ?? 7)
    guard !digits.isEmpty, width == nil || digits.count == width else { return nil }
    rest = rest.dropFirst(digits.count)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  mutating func date() -> (year: Int, month: Int, day: Int)? {
    guard let year = number(nil), skip("-"), let month = number(2), skip("-"),
      let day = number(2)
    else { return nil }
    return (year, month, day)
  }

  mutating func time() -> (hour: Int, minute: Int, second: Int, microsecond: Int)? {
    guard let hour = number(2), skip(":"), let minute = number(2), skip(":"),
      let second = number(2)
    else { return nil }
    var microsecond = 0
    if skip(".") {
      let width = rest.prefix { (0x30...0x39).contains($0) }.count
      guard (1...6).contains(width), let fraction = number(width) else { return nil }
      microsecond = (width..<6).reduce(fraction) { value, _ in value * 10 }
    }
    return (hour, minute, second, microsecond)
  }

  /// Seconds east of UTC; none means UTC. Old local times have seconds in their offset.
  mutating func offset() -> Int? {
    let sign = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0 else { return 0 }
    guard let hours = number(2) else { return nil }
    var seconds = hours * 3600
    for unit in [60, 1] where skip(":") {
      guard let value = number(2) else { return nil }
      seconds += value * unit
    }
    return sign * seconds
  }

  mutating func era() -> Bool {
    isBeforeChrist = skip(" BC")
    return true
  }

  func year(_ year: Int) -> Int { isBeforeChrist ? 1 - year : year }
}
