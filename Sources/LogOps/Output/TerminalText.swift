/// Shows bytes of a log on a terminal so that they cannot speak to it.
///
/// Colours (SGR sequences) are left out: they are no content. Every other control character, every
/// byte that is not UTF-8 and every mark that turns the line's direction is spelt out: `\x1b`, `\xff`,
/// `\u202e`. Tabs and the newlines within a record stay.
enum TerminalText {
  /// Adds the harmless form of bytes to a buffer.
  static func append(_ bytes: Bytes, to output: ByteBuffer) {
    var clean = 0
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      if byte &- 0x20 < 0x5F || byte == 0x09 || byte == 0x0A {
        place += 1
        continue
      }
      output.append(bytes.part(clean..<place))
      place += special(bytes, place, output)
      clean = place
    }
    output.append(bytes.part(clean..<bytes.count))
  }

  /// Adds one character that is not plain ASCII and gives its length.
  private static func special(_ bytes: Bytes, _ place: Int, _ output: ByteBuffer) -> Int {
    let byte = bytes[place]
    if byte == 0x1B {
      let end = endOfEscape(in: bytes, at: place)
      if end > place + 1, bytes[end - 1] == UInt8(ascii: "m") { return end - place }
    }
    guard byte >= 0x80 else {
      spell(byte, output)
      return 1
    }
    guard let (scalar, length) = scalar(bytes, place) else {
      spell(byte, output)
      return 1
    }
    if isHarmful(scalar) {
      output.append("\\u" + hex(scalar, width: 4))
    } else {
      output.append(bytes.part(place..<place + length))
    }
    return length
  }

  private static func spell(_ byte: UInt8, _ output: ByteBuffer) {
    if byte == 0x0D {
      output.append("\\r")
    } else {
      output.append("\\x" + hex(UInt32(byte), width: 2))
    }
  }

  private static func hex(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Control characters, marks that reorder a line, and fillers that nobody sees.
  private static func isHarmful(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x80..<0xA0, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF,
      0xFFF9...0xFFFB, 0xE0000...0xE007F:
      true
    default: false
    }
  }

  /// The well-formed character (RFC 3629) at a place; nil where there is none.
  static func scalar(_ bytes: Bytes, _ place: Int) -> (value: UInt32, length: Int)? {
    let first = bytes[place]
    let length: Int
    var value: UInt32
    switch first {
    case 0xC2...0xDF: (length, value) = (2, UInt32(first & 0x1F))
    case 0xE0...0xEF: (length, value) = (3, UInt32(first & 0x0F))
    case 0xF0...0xF4: (length, value) = (4, UInt32(first & 0x07))
    default: return nil
    }
    guard place + length <= bytes.count else { return nil }
    for index in place + 1..<place + length {
      guard bytes[index] & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(bytes[index] & 0x3F)
    }
    let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
    guard value >= least, value <= 0x10FFFF, !(0xD800..<0xE000).contains(value) else { return nil }
    return (value, length)
  }

  /// The place behind a control sequence (`ESC [ ... final byte`) that begins at `start`; behind its
  /// first byte where it is none.
  static func endOfEscape(in bytes: Bytes, at start: Int) -> Int {
    guard start + 1 < bytes.count, bytes[start + 1] == UInt8(ascii: "[") else { return start + 1 }
    var place = start + 2
    while place < bytes.count, place < start + 64 {
      let byte = bytes[place]
      if (0x40...0x7E).contains(byte) { return place + 1 }
      guard (0x20...0x3F).contains(byte) else { return start + 1 }
      place += 1
    }
    return start + 1
  }
}
