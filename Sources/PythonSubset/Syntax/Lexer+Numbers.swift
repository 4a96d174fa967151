extension Lexer {
  /// Reads a number and checks its form; its value is the parser's business.
  mutating func readNumber() {
    let start = offset
    var end = offset
    var kind = "decimal"
    if peek() == UInt8(ascii: "0"), let radix = radix(of: peek(1)) {
      kind = radix.name
      end += 2
      guard let stop = digits(from: end, mayLeadWithUnderscore: true, radix.accepts) else {
        return fail("invalid \(kind) literal")
      }
      if stop < bytes.count, Self.classes[Int(bytes[stop])] == .digit {
        let digit = Character(Unicode.Scalar(bytes[stop]))
        return fail("invalid digit '\(digit)' in \(kind) literal")
      }
      end = stop
    } else {
      guard let stop = decimal(from: end, kind: &kind) else {
        return fail("invalid decimal literal")
      }
      end = stop
      if kind == "decimal", hasLeadingZero(start..<end) {
        return fail(
          "leading zeros in decimal integer literals are not permitted; "
            + "use an 0o prefix for octal integers")
      }
    }
    guard mayFollowNumber(end) else { return fail("invalid \(kind) literal") }
    add(.number, length: end - start)
  }

  private typealias Radix = (name: String, accepts: (UInt8) -> Bool)

  private func radix(of letter: UInt8) -> Radix? {
    switch letter | 0x20 {
    case UInt8(ascii: "x"): ("hexadecimal", Self.isHexDigit)
    case UInt8(ascii: "o"): ("octal", { (48...55).contains($0) })
    case UInt8(ascii: "b"): ("binary", { $0 == 48 || $0 == 49 })
    default: nil
    }
  }

  static func isHexDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (97...102).contains(byte | 0x20)
  }

  /// Digits with single underscores between them.
  private func digits(
    from start: Int, mayLeadWithUnderscore: Bool = false, _ accepts: (UInt8) -> Bool
  ) -> Int? {
    var end = start
    var needsDigit = true
    if mayLeadWithUnderscore, end < bytes.count, bytes[end] == UInt8(ascii: "_") { end += 1 }
    while end < bytes.count {
      if accepts(bytes[end]) {
        needsDigit = false
      } else if bytes[end] == UInt8(ascii: "_"), !needsDigit {
        needsDigit = true
      } else {
        break
      }
      end += 1
    }
    return needsDigit ? nil : end
  }

  private func isDigit(at index: Int) -> Bool {
    index < bytes.count && (48...57).contains(bytes[index])
  }

  private func decimal(from start: Int, kind: inout String) -> Int? {
    let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
    var end = start
    if self.isDigit(at: end) {
      guard let stop = digits(from: end, isDigit) else { return nil }
      end = stop
    }
    if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
      kind = "decimal float"
      end += 1
      if self.isDigit(at: end) {
        guard let stop = digits(from: end, isDigit) else { return nil }
        end = stop
      }
    }
    if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "e") {
      var exponent = end + 1
      let sign = exponent < bytes.count ? bytes[exponent] : 0
      if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { exponent += 1 }
      if self.isDigit(at: exponent) {
        kind = "decimal float"
        guard let stop = digits(from: exponent, isDigit) else { return nil }
        end = stop
      }
    }
    if end < bytes.count, bytes[end] | 0x20 == UInt8(ascii: "j") {
      kind = "imaginary"
      end += 1
    }
    return end
  }

  private func hasLeadingZero(_ range: Range<Int>) -> Bool {
    let text = bytes[range]
    return text.first == 48
      && text.contains { $0 != 48 && $0 != UInt8(ascii: "_") }
  }

  /// A number may touch the operators spelled as words (`1if x else 2`), and nothing else.
  private func mayFollowNumber(_ end: Int) -> Bool {
    guard end < bytes.count, Self.continuesWord(bytes[end]) else { return true }
    let words = ["and", "else", "for", "if", "in", "is", "or", "not"]
    return words.contains { bytes[end...].starts(with: $0.utf8) }
  }
}
