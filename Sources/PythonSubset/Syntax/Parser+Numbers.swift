extension Parser {
  /// CPython's limit on digits of decimal integers (`sys.get_int_max_str_digits()`).
  private static let decimalDigits = 4300

  /// A number literal, whose form the lexer has checked.
  mutating func number() throws(SyntaxFailure) -> Expression {
    let start = position
    let range = Int(token.start)..<Int(token.end)
    advance()
    let first = bytes[range.lowerBound]
    if range.count > 2, first == UInt8(ascii: "0") {
      switch bytes[range.lowerBound + 1] | 0x20 {
      case UInt8(ascii: "x"): return integer(range.dropFirst(2), radix: 16, at: start)
      case UInt8(ascii: "o"): return integer(range.dropFirst(2), radix: 8, at: start)
      case UInt8(ascii: "b"): return integer(range.dropFirst(2), radix: 2, at: start)
      default: break
      }
    }
    let isInteger = !bytes[range].contains { byte in
      byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e")
        || byte | 0x20 == UInt8(ascii: "j")
    }
    if isInteger {
      guard range.count <= Self.decimalDigits else {
        throw failure(
          "Exceeds the limit (\(Self.decimalDigits) digits) for integer string conversion",
          at: start)
      }
      return integer(range, radix: 10, at: start)
    }
    let isImaginary = bytes[range.upperBound - 1] | 0x20 == UInt8(ascii: "j")
    let value = float(isImaginary ? range.dropLast() : range)
    return Expression(isImaginary ? .imaginary(value) : .float(value), at: start)
  }

  private func integer(_ range: Range<Int>, radix: Int, at start: Position) -> Expression {
    var value = 0
    for byte in bytes[range] where byte != UInt8(ascii: "_") {
      let digit = Int(byte < 58 ? byte - 48 : (byte | 0x20) - 87)
      let (product, overflows) = value.multipliedReportingOverflow(by: radix)
      let (sum, carries) = product.addingReportingOverflow(digit)
      if overflows || carries {
        return Expression(.bigInteger(digits: digits(range), radix: radix), at: start)
      }
      value = sum
    }
    return Expression(.integer(value), at: start)
  }

  private func digits(_ range: Range<Int>) -> String {
    String(decoding: bytes[range].filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
  }

  /// The value of digits with a point or an exponent. Swift wants digits on both sides of a point.
  private func float(_ range: Range<Int>) -> Double {
    var text = ""
    for byte in bytes[range] where byte != UInt8(ascii: "_") {
      if byte == UInt8(ascii: "."), text.isEmpty { text = "0" }
      if byte | 0x20 == UInt8(ascii: "e"), text.last == "." { text += "0" }
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
    if text.last == "." { text += "0" }
    return Double(text) ?? .infinity
  }
}
