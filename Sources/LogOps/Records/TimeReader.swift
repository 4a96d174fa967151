/// Reads the times that programs write into their lines.
struct TimeReader: Sendable {
  /// Seconds east of UTC that a time without a zone is taken to be in.
  var zone = 0
  /// The present: syslog's times have no year.
  var now = LogTime.now()

  /// How far into a line its time is looked for.
  private static let reach = 96

  /// The time that a record states; nil where it states none.
  func time(of record: Bytes, shape: Shape) -> LogTime? {
    switch shape {
    case .json(let start): return json(record.part(start..<record.count))
    case .logfmt:
      var found: LogTime?
      LogfmtScan.pairs(of: record.firstLine) { key, value in
        if TimeReader.isKey(key) { found = time(ofField: value) }
        return found == nil
      }
      return found ?? plain(record)
    case .plain: return plain(record)
    }
  }

  static func isKey(_ key: Bytes) -> Bool {
    let names: [StaticString] = [
      "time", "timestamp", "ts", "@timestamp", "t", "asctime", "datetime", "eventTime", "date",
    ]
    return names.contains { key.count == $0.utf8CodeUnitCount && key.has($0) }
  }

  private func json(_ object: Bytes) -> LogTime? {
    var found: LogTime?
    JSONScan.members(of: object) { key, value in
      if TimeReader.isKey(key) { found = time(ofField: value) }
      return found == nil
    }
    return found
  }

  /// A field's value: a text with a date, or a number of seconds, milli-, micro- or nanoseconds.
  func time(ofField value: Bytes) -> LogTime? {
    let inner = JSONScan.unquoted(value)
    if let time = date(inner, at: 0) { return time }
    guard let first = inner.first, first.isDigit, let number = Double(inner.text), number > 1e8
    else { return nil }
    switch number {
    case ..<1e11: return LogTime(nanoseconds: Int64(number * 1e6) * 1000)
    case ..<1e14: return LogTime(nanoseconds: Int64(number * 1e3) * 1000)
    case ..<1e17: return LogTime(nanoseconds: Int64(number) * 1000)
    case ..<9e18: return LogTime(nanoseconds: Int64(inner.text) ?? Int64(number))
    default: return nil
    }
  }

  private func plain(_ record: Bytes) -> LogTime? {
    let end = min(record.count, TimeReader.reach)
    var place = 0
    while place < end {
      let byte = record[place]
      if byte == 0x0A { return nil }
      if byte == 0x1B {
        place = TerminalText.endOfEscape(in: record, at: place)
        continue
      }
      let before = place > 0 ? record[place - 1] : 0x20
      if !before.isWord, byte.isDigit || byte.isUpper, let time = date(record, at: place) {
        return time
      }
      // A number is passed as a whole: no time begins within it.
      if byte.isDigit {
        while place < end, record[place].isDigit { place += 1 }
      } else {
        place += 1
      }
    }
    return nil
  }

  /// A date and time that begins at a place.
  func date(_ text: Bytes, at place: Int) -> LogTime? {
    guard place + 14 < text.count else { return nil }
    var reader = DateFields(text: text, place: place)
    let byte = text[place]
    if byte.isUpper {
      return text[place + 1].isDigit ? klog(&reader) : syslog(&reader)
    }
    guard byte.isDigit else { return nil }
    // 2026-11-29T10:00:00.123Z, 2026/11/29 10:00:00
    if text[place + 4] == UInt8(ascii: "-") || text[place + 4] == UInt8(ascii: "/") {
      guard let year = reader.number(4), reader.skipAny("-", "/"), let month = reader.number(2),
        reader.skipAny("-", "/"), let day = reader.number(2),
        reader.skipAny("T", " ") || reader.skipAny("t", "_")
      else { return nil }
      return clock(&reader, year, month, day)
    }
    // 29/Nov/2026:10:00:00 +0100
    if text[place + 2] == UInt8(ascii: "/") {
      guard let day = reader.number(2), reader.skipAny("/", "/"), let month = reader.month(),
        reader.skipAny("/", "/"), let year = reader.number(4), reader.skipAny(":", " ")
      else { return nil }
      return clock(&reader, year, month, day)
    }
    return nil
  }

  /// `Nov 29 10:00:00` and `Mon Nov 29 10:00:00.123 2026`.
  private func syslog(_ reader: inout DateFields) -> LogTime? {
    if let month = reader.month(), reader.skipAny(" ", " ") {
      _ = reader.skipAny(" ", " ")
      guard let day = reader.shortNumber(), reader.skipAny(" ", " ") else { return nil }
      return withoutYear(&reader, month, day)
    }
    return nil
  }

  /// `I1129 10:00:00.123456`.
  private func klog(_ reader: inout DateFields) -> LogTime? {
    reader.place += 1
    guard let month = reader.number(2), let day = reader.number(2), reader.skipAny(" ", " ") else {
      return nil
    }
    return withoutYear(&reader, month, day)
  }

  /// The year that puts the time nearest to now without being more than a day ahead.
  private func withoutYear(_ reader: inout DateFields, _ month: Int, _ day: Int) -> LogTime? {
    let year = now.timestamp.civil.year
    let start = reader
    guard let time = clock(&reader, year, month, day) else { return nil }
    if time.nanoseconds <= now.nanoseconds + 86_400_000_000_000 { return time }
    reader = start
    return clock(&reader, year - 1, month, day)
  }

  private func clock(_ reader: inout DateFields, _ year: Int, _ month: Int, _ day: Int) -> LogTime?
  {
    guard let hour = reader.number(2), reader.skipAny(":", ":"), let minute = reader.number(2),
      reader.skipAny(":", ":"), let second = reader.number(2)
    else { return nil }
    let fraction = reader.fraction()
    return LogTime(
      year: year, month: month, day: day, hour: hour, minute: minute, second: second,
      nanosecond: fraction, offset: reader.offset() ?? zone)
  }
}
