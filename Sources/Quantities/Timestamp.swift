internal import Glibc

/// A moment in UTC with microseconds, which is what PostgreSQL keeps.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
  public var microseconds: Int64

  /// Creates a moment from microseconds since the epoch.
  public init(microseconds: Int64) { self.microseconds = microseconds }

  /// The system's clock.
  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }

  /// The date and time in UTC: month 1...12, day 1...31.
  public var civil: (year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
    let days = microseconds.flooredQuotient(86_400_000_000)
    let seconds = Int((microseconds - days * 86_400_000_000) / 1_000_000)
    let date = Timestamp.civil(fromDays: Int(days))
    return (date.year, date.month, date.day, seconds / 3600, seconds / 60 % 60, seconds % 60)
  }

  /// Creates a moment from a civil date and time; nil when a field is out of range.
  public init?(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0, offsetSeconds: Int = 0
  ) {
    guard (-4712...294276).contains(year), (1...12).contains(month),
      (1...Timestamp.daysIn(month, of: year)).contains(day), (0...24).contains(hour),
      (0...59).contains(minute), (0...60).contains(second), (0..<1_000_000).contains(microsecond),
      abs(offsetSeconds) < 86400
    else { return nil }
    let days = Timestamp.days(year: year, month: month, day: day)
    let clock = hour * 3600 + minute * 60 + second - offsetSeconds
    microseconds = (Int64(days) * 86400 + Int64(clock)) * 1_000_000 + Int64(microsecond)
  }

  /// Reads RFC 3339 (`2026-11-23T08:15:02.5Z`, `2026-11-23 08:15:02+11:00`): the offset is needed,
  /// digits past microseconds are cut.
  public init?(parsing text: String) {
    var reader = DigitReader(text[...].utf8)
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2),
      reader.skip("-"), let day = reader.number(2),
      reader.skip("T") || reader.skip("t") || reader.skip(" "),
      let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2),
      reader.skip(":"), let second = reader.number(2)
    else { return nil }
    var microsecond = 0
    if reader.skip(".") {
      guard let fraction = reader.fraction() else { return nil }
      microsecond = fraction
    }
    guard let offset = reader.offset(), reader.isAtEnd else { return nil }
    self.init(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second,
      microsecond: microsecond, offsetSeconds: offset)
  }

  /// RFC 3339 in UTC; milliseconds unless told otherwise, as `2026-11-23T08:15:02.114Z`.
  public func rfc3339(fractionDigits: Int = 3) -> String {
    let c = civil
    func pad(_ value: Int, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    var text = "\(pad(c.year, 4))-\(pad(c.month, 2))-\(pad(c.day, 2))"
    text += "T\(pad(c.hour, 2)):\(pad(c.minute, 2)):\(pad(c.second, 2))"
    if fractionDigits > 0 {
      let fraction = Int(microseconds - microseconds.flooredQuotient(1_000_000) * 1_000_000)
      text += "." + pad(fraction, 6).prefix(fractionDigits)
    }
    return text + "Z"
  }

  /// `20261123T081502Z`, for file names that sort by time.
  public var compact: String {
    rfc3339(fractionDigits: 0).filter { $0 != "-" && $0 != ":" }
  }

  /// The time from `b` to `a`.
  public static func - (a: Timestamp, b: Timestamp) -> Duration {
    .microseconds(a.microseconds - b.microseconds)
  }

  /// The moment `b` after `a`.
  public static func + (a: Timestamp, b: Duration) -> Timestamp {
    let part = b.components
    return Timestamp(
      microseconds: a.microseconds + part.seconds * 1_000_000 + part.attoseconds
        / 1_000_000_000_000)
  }

  /// Orders by time.
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }
}

// The proleptic Gregorian calendar, counted from March so that the leap day comes last.
extension Timestamp {
  private static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = Int(Int64(year).flooredQuotient(400))
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
  }

  private static func civil(fromDays days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719468
    let era = Int(Int64(shifted).flooredQuotient(146097))
    let dayOfEra = shifted - era * 146097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let fromMarch = (5 * dayOfYear + 2) / 153
    let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (year, month, dayOfYear - (153 * fromMarch + 2) / 5 + 1)
  }

  private static func daysIn(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

extension Int64 {
  fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

/// Reads the fields of a time from ASCII text.
private struct DigitReader {
  var rest: Substring.UTF8View

  init(_ text: Substring.UTF8View) { rest = text }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skip(_ character: Character) -> Bool {
    guard let byte = rest.first, byte == character.asciiValue else { return false }
    rest = rest.dropFirst()
    return true
  }

  mutating func number(_ width: Int) -> Int? {
    let digits = rest.prefix(width)
    guard digits.count == width, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    rest = rest.dropFirst(width)
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// The digits after the point as microseconds.
  mutating func fraction() -> Int? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty else { return nil }
    rest = rest.dropFirst(digits.count)
    let six = Array(digits.prefix(6)) + repeatElement(0x30, count: max(0, 6 - digits.count))
    return six.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  /// `Z`, `+11:00`, `-0330` or `+11`, in seconds east of UTC.
  mutating func offset() -> Int? {
    if skip("Z") || skip("z") { return 0 }
    let sign = skip("+") ? 1 : skip("-") ? -1 : 0
    guard sign != 0, let hours = number(2) else { return nil }
    if rest.isEmpty { return sign * hours * 3600 }
    _ = skip(":")
    guard let minutes = number(2) else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}
