/// `fromisoformat` of Python 3.11 and later: most of ISO 8601.
struct ISODateReader {
  private var bytes: ArraySlice<UInt8>

  private init(_ text: some Sequence<UInt8>) { bytes = Array(text)[...] }

  static func date(_ text: String) -> Moment? {
    var reader = ISODateReader(text.utf8)
    guard let moment = reader.readDate(), reader.bytes.isEmpty else { return nil }
    return moment
  }

  /// The date, the time and the offset in microseconds.
  static func dateTime(_ text: String) -> (Moment, Int?)? {
    let scalars = Array(text.unicodeScalars)
    guard scalars.count >= 7, let length = dateLength(Array(text.utf8)) else { return nil }
    guard length <= scalars.count else { return nil }
    var dateReader = ISODateReader(scalars[..<length].map { UInt8(truncatingIfNeeded: $0.value) })
    guard var moment = dateReader.readDate(), dateReader.bytes.isEmpty else { return nil }
    guard scalars.count > length else { return (moment, nil) }
    // Any one character stands between date and time.
    let rest = scalars[(length + 1)...]
    guard !rest.isEmpty, rest.allSatisfy(\.isASCII),
      let (clock, offset) = time(of: rest.map { UInt8($0.value) })
    else { return nil }
    (moment.hour, moment.minute) = (clock.hour, clock.minute)
    (moment.second, moment.microsecond) = (clock.second, clock.microsecond)
    return (moment, offset)
  }

  static func time(_ text: String) -> (Moment, Int?)? {
    var bytes = Array(text.utf8)
    if bytes.first == UInt8(ascii: "T") { bytes.removeFirst() }
    return time(of: bytes)
  }

  /// Where the date ends: the formats differ in length, and the separator may be a digit.
  private static func dateLength(_ bytes: [UInt8]) -> Int? {
    let dash = UInt8(ascii: "-")
    let week = UInt8(ascii: "W")
    if bytes[4] == dash {
      guard bytes.count > 5, bytes[5] == week else { return 10 }
      return bytes.count > 8 && bytes[8] == dash ? (bytes.count == 9 ? nil : 10) : 8
    }
    if bytes[4] == week {
      var end = 7
      while end < bytes.count, (48...57).contains(bytes[end]) { end += 1 }
      if end < 9 { return end }
      return end % 2 == 0 ? 7 : 8
    }
    return 8
  }

  private mutating func digits(_ count: Int) -> Int? {
    guard bytes.count >= count else { return nil }
    var value = 0
    for byte in bytes.prefix(count) {
      guard (48...57).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 48)
    }
    bytes.removeFirst(count)
    return value
  }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard bytes.first == UInt8(ascii: sign) else { return false }
    bytes.removeFirst()
    return true
  }

  private mutating func readDate() -> Moment? {
    guard let year = digits(4) else { return nil }
    let isExtended = take("-")
    if take("W") {
      guard let week = digits(2) else { return nil }
      var weekday = 1
      if !bytes.isEmpty {
        guard take("-") == isExtended, let day = digits(1) else { return nil }
        weekday = day
      }
      return Moment.ordinal(isoYear: year, week: week, weekday: weekday).flatMap {
        Moment(ordinal: $0)
      }
    }
    guard let month = digits(2), take("-") == isExtended, let day = digits(2) else { return nil }
    return Moment(year: year, month: month, day: day)
  }

  private static func time(of bytes: [UInt8]) -> (Moment, Int?)? {
    let mark = bytes.firstIndex {
      $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "Z")
    }
    var reader = ISODateReader(bytes[..<(mark ?? bytes.count)])
    guard let moment = reader.readClock(), reader.bytes.isEmpty else { return nil }
    guard let mark else { return (moment, nil) }
    if bytes[mark] == UInt8(ascii: "Z") {
      return mark == bytes.count - 1 ? (moment, 0) : nil
    }
    var zone = ISODateReader(bytes[(mark + 1)...])
    guard let offset = zone.readClock(), zone.bytes.isEmpty else { return nil }
    let sign = bytes[mark] == UInt8(ascii: "-") ? -1 : 1
    return (moment, sign * offset.microsecondOfDay)
  }

  private mutating func readClock() -> Moment? {
    var moment = Moment(year: 1, month: 1, day: 1)
    guard let hour = digits(2) else { return nil }
    moment.hour = hour
    if bytes.isEmpty { return moment }
    let isExtended = take(":")
    guard let minute = digits(2) else { return nil }
    moment.minute = minute
    if bytes.isEmpty { return moment }
    guard take(":") == isExtended, let second = digits(2) else { return nil }
    moment.second = second
    if bytes.isEmpty { return moment }
    guard take(".") || take(",") else { return nil }
    let fraction = bytes
    guard !fraction.isEmpty, fraction.allSatisfy({ (48...57).contains($0) }) else { return nil }
    bytes = []
    var value = 0
    for place in 0..<6 {
      let index = fraction.startIndex + place
      value = value * 10 + (index < fraction.endIndex ? Int(fraction[index] - 48) : 0)
    }
    moment.microsecond = value
    return moment
  }
}
