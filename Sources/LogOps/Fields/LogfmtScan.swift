/// Walks over `key=value key="a value"` lines.
enum LogfmtScan {
  /// Whether a line is made of pairs from its start: the first word is one, and there are two.
  static func isLogfmt(_ line: Bytes) -> Bool {
    var pairs = 0
    var place = 0
    while place < line.count, pairs < 2 {
      guard let equals = endOfKey(line, place) else { return false }
      pairs += 1
      place = skipBlanks(line, endOfValue(line, equals + 1))
    }
    return pairs == 2
  }

  /// Gives the pairs of a line, values as they are written, until `body` says no; words that are no
  /// pair are passed over.
  static func pairs(of line: Bytes, _ body: (_ key: Bytes, _ value: Bytes) -> Bool) {
    var place = skipBlanks(line, 0)
    while place < line.count {
      if let equals = endOfKey(line, place) {
        let end = endOfValue(line, equals + 1)
        guard body(line.part(place..<equals), line.part(equals + 1..<end)) else { return }
        place = end
      } else {
        while place < line.count, !line[place].isBlank { place += 1 }
      }
      place = skipBlanks(line, place)
    }
  }

  /// The place of the `=` behind a key that begins at `start`.
  private static func endOfKey(_ line: Bytes, _ start: Int) -> Int? {
    guard start < line.count,
      line[start].isLetter || line[start] == UInt8(ascii: "_")
        || line[start] == UInt8(ascii: "@")
    else { return nil }
    var place = start + 1
    while place < line.count {
      let byte = line[place]
      if byte == UInt8(ascii: "=") { return place }
      guard
        byte.isWord || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
          || byte == UInt8(ascii: "/")
      else { return nil }
      place += 1
    }
    return nil
  }

  private static func endOfValue(_ line: Bytes, _ start: Int) -> Int {
    if start < line.count, line[start] == UInt8(ascii: "\"") {
      return JSONScan.endOfString(line, start)
    }
    var place = start
    while place < line.count, !line[place].isBlank { place += 1 }
    return place
  }

  private static func skipBlanks(_ line: Bytes, _ start: Int) -> Int {
    var place = start
    while place < line.count, line[place].isBlank { place += 1 }
    return place
  }
}
