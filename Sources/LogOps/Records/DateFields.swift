/// Reads the fields of a date from ASCII text.
struct DateFields {
  let text: Bytes
  var place: Int

  @inline(__always)
  private func byte(_ offset: Int = 0) -> UInt8 {
    place + offset < text.count ? text[place + offset] : 0
  }

  mutating func skipAny(_ a: Unicode.Scalar, _ b: Unicode.Scalar) -> Bool {
    let byte = byte()
    guard byte == UInt8(ascii: a) || byte == UInt8(ascii: b) else { return false }
    place += 1
    return true
  }

  mutating func number(_ width: Int) -> Int? {
    guard place + width <= text.count else { return nil }
    var value = 0
    for index in place..<place + width {
      guard text[index].isDigit else { return nil }
      value = value * 10 + Int(text[index] - 0x30)
    }
    place += width
    return value
  }

  /// One digit or two.
  mutating func shortNumber() -> Int? { number(2) ?? number(1) }

  /// `Jan` ... `Dec`.
  mutating func month() -> Int? {
    guard place + 3 <= text.count else { return nil }
    let names: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
    for month in 0..<12 where (0..<3).allSatisfy({ names.utf8Start[month * 3 + $0] == byte($0) }) {
      place += 3
      return month + 1
    }
    return nil
  }

  /// The digits behind a point or a comma as nanoseconds; 0 where there are none.
  mutating func fraction() -> Int {
    guard byte() == UInt8(ascii: ".") || byte() == UInt8(ascii: ","), byte(1).isDigit else {
      return 0
    }
    place += 1
    var value = 0
    var digits = 0
    while byte().isDigit {
      if digits < 9 {
        value = value * 10 + Int(byte() - 0x30)
        digits += 1
      }
      place += 1
    }
    while digits < 9 {
      value *= 10
      digits += 1
    }
    return value
  }

  /// `Z`, ` UTC`, `+11:00`, ` -0330`, `+11`, in seconds east of UTC; nil where none follows.
  mutating func offset() -> Int? {
    var offset = 0
    if byte() == 0x20 { offset = 1 }
    let sign = byte(offset)
    if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") {
      return byte(offset + 1).isLetter ? nil : 0
    }
    if text.has("UTC", at: place + offset) || text.has("GMT", at: place + offset) { return 0 }
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
    let start = place
    place += offset + 1
    guard let hours = number(2), hours < 15 else {
      place = start
      return nil
    }
    _ = skipAny(":", ":")
    let minutes = number(2) ?? 0
    // ` - 12 ...` and ` -2026` are no zones.
    guard minutes < 60, !byte().isDigit else {
      place = start
      return nil
    }
    return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}
