/// Whether text that looks like JSON is (RFC 8259): only what is may stand in output as JSON. Builds
/// nothing.
struct JSONCheck {
  private let text: Bytes
  private var place = 0
  private var depth = 0

  private init(_ text: Bytes) { self.text = text }

  /// Whether the bytes are one JSON object.
  static func isObject(_ bytes: Bytes) -> Bool {
    var check = JSONCheck(bytes)
    check.skipSpace()
    guard check.next == UInt8(ascii: "{"), check.value() else { return false }
    check.skipSpace()
    return check.place == bytes.count
  }

  private var next: UInt8 { place < text.count ? text[place] : 0 }

  private mutating func skipSpace() {
    while place < text.count, text[place].isBlank || text[place] == 0x0A { place += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func value() -> Bool {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"):
      return list("}") { check in
        guard check.next == UInt8(ascii: "\""), check.string() else { return false }
        check.skipSpace()
        return check.take(":") && check.value()
      }
    case UInt8(ascii: "["): return list("]") { $0.value() }
    case UInt8(ascii: "\""): return string()
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private mutating func list(
    _ end: Unicode.Scalar, _ item: (inout JSONCheck) -> Bool
  ) -> Bool {
    guard depth < 200 else { return false }
    depth += 1
    defer { depth -= 1 }
    place += 1
    skipSpace()
    if take(end) { return true }
    while true {
      skipSpace()
      guard item(&self) else { return false }
      skipSpace()
      if take(end) { return true }
      guard take(",") else { return false }
    }
  }

  private mutating func word(_ word: StaticString) -> Bool {
    guard text.has(word, at: place) else { return false }
    place += word.utf8CodeUnitCount
    return true
  }

  private mutating func number() -> Bool {
    _ = take("-")
    if !take("0") { guard digits() else { return false } }
    if take(".") { guard digits() else { return false } }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() else { return false }
    }
    return true
  }

  private mutating func digits() -> Bool {
    let start = place
    while next.isDigit { place += 1 }
    return place > start
  }

  private mutating func string() -> Bool {
    place += 1
    while place < text.count {
      let byte = text[place]
      if byte == UInt8(ascii: "\"") {
        place += 1
        return true
      }
      if byte < 0x20 { return false }
      if byte == UInt8(ascii: "\\") {
        guard escape() else { return false }
      } else if byte < 0x80 {
        place += 1
      } else {
        guard let (_, length) = TerminalText.scalar(text, place) else { return false }
        place += length
      }
    }
    return false
  }

  private mutating func escape() -> Bool {
    place += 1
    switch next {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      place += 1
      return true
    case UInt8(ascii: "u"):
      guard place + 4 < text.count, (1...4).allSatisfy({ text[place + $0].isHex }) else {
        return false
      }
      place += 5
      return true
    default: return false
    }
  }
}
