/// Finds the level that a record states about itself.
enum LevelReader {
  /// How far into a line its level is looked for.
  private static let reach = 160

  /// The level of a record; nil where it states none.
  static func level(of record: Bytes, shape: Shape) -> Level? {
    switch shape {
    case .json(let start): json(record.part(start..<record.count))
    case .logfmt: logfmt(record.firstLine) ?? plain(record)
    case .plain: plain(record)
    }
  }

  /// The keys of structured logs, the likely ones first.
  static let keys: [StaticString] = [
    "level", "severity", "lvl", "levelname", "log.level", "loglevel", "log_level", "levelno",
    "SeverityText",
  ]

  static func isKey(_ key: Bytes) -> Bool {
    keys.contains { key.count == $0.utf8CodeUnitCount && key.has($0) }
  }

  private static func json(_ object: Bytes) -> Level? {
    var found: Level?
    JSONScan.members(of: object) { key, value in
      if isKey(key) {
        found = level(value)
      } else if key.equals(logKey), value.first == UInt8(ascii: "{") {
        JSONScan.members(of: value) { inner, value in
          if inner.has("level"), inner.count == 5 { found = level(value) }
          return found == nil
        }
      }
      return found == nil
    }
    return found
  }

  private static let logKey = Array("log".utf8)

  /// A level as the value of a field: a word or a number.
  static func level(_ value: Bytes) -> Level? {
    let inner = JSONScan.unquoted(value)
    if let level = Level(word: inner) { return level }
    guard let number = Int(inner.text) else { return nil }
    return Level(number: number)
  }

  private static func logfmt(_ line: Bytes) -> Level? {
    var found: Level?
    LogfmtScan.pairs(of: line) { key, value in
      if isKey(key) { found = level(value) }
      return found == nil
    }
    return found
  }

  /// klog's first letter, a syslog priority, or a word that is written as levels are.
  private static func plain(_ record: Bytes) -> Level? {
    if let level = klog(record) ?? priority(record) { return level }
    let end = min(record.count, reach)
    var place = 0
    var wordStart = 0
    while place < end {
      let byte = record[place]
      if byte == 0x0A { return nil }
      if byte == 0x1B {
        place = TerminalText.endOfEscape(in: record, at: place)
        wordStart = place
        continue
      }
      guard byte.isLetter, place == wordStart || !isGlue(record[place - 1]) else {
        place += 1
        continue
      }
      var wordEnd = place + 1
      while wordEnd < record.count, record[wordEnd].isWord { wordEnd += 1 }
      if let level = word(record, place..<wordEnd) { return level }
      place = wordEnd
    }
    return nil
  }

  /// What makes letters behind it a part of something else.
  private static func isGlue(_ byte: UInt8) -> Bool {
    byte.isWord || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
  }

  /// Capitals are a level wherever they stand; other letters where brackets or a colon mark them.
  private static func word(_ record: Bytes, _ range: Range<Int>) -> Level? {
    guard range.count >= 3, let level = Level(word: record.part(range)) else { return nil }
    let before = range.lowerBound > 0 ? record[range.lowerBound - 1] : 0
    let after = range.upperBound < record.count ? record[range.upperBound] : 0
    if after == UInt8(ascii: "/") || after == UInt8(ascii: "=") || after == UInt8(ascii: ".") {
      return nil
    }
    let isCapital = record.part(range).allSatisfy { !$0.isLower }
    // "LOG" alone is PostgreSQL's, and always has a colon.
    if record[range.lowerBound].lowercased == UInt8(ascii: "l") {
      return isCapital && after == UInt8(ascii: ":") ? level : nil
    }
    if isCapital { return level }
    switch after {
    case UInt8(ascii: "]"), UInt8(ascii: ">"), UInt8(ascii: ")"): return level
    case UInt8(ascii: ":"): return level
    case UInt8(ascii: "|"): return level
    default: break
    }
    // "Warn  main.go:12", and a level between tabs as zap's console writes it.
    return before == 0x09 && after == 0x09 ? level : nil
  }

  /// `I0102 15:04:05.678901`: the letter, month and day.
  private static func klog(_ record: Bytes) -> Level? {
    guard record.count > 6, record[5] == 0x20, (1...4).allSatisfy({ record[$0].isDigit }) else {
      return nil
    }
    switch record[0] {
    case UInt8(ascii: "I"): return .info
    case UInt8(ascii: "W"): return .warn
    case UInt8(ascii: "E"): return .error
    case UInt8(ascii: "F"): return .fatal
    default: return nil
    }
  }

  private static func priority(_ record: Bytes) -> Level? {
    guard record.first == UInt8(ascii: "<") else { return nil }
    var value = 0
    var place = 1
    while place < min(record.count, 5), record[place].isDigit {
      value = value * 10 + Int(record[place] - 0x30)
      place += 1
    }
    guard place > 1, place < record.count, record[place] == UInt8(ascii: ">"), value < 192 else {
      return nil
    }
    return Level(syslogPriority: value)
  }
}
