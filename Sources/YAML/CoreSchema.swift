/// What plain scalars mean: the core schema of YAML 1.2 (section 10.3.2 of the specification).
enum CoreSchema {
  /// The meaning of a plain scalar; nil when it is a number that no `Int64` can hold.
  static func resolve(_ text: String) -> YAMLScalar.Value? {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case "true", "True", "TRUE": return .bool(true)
    case "false", "False", "FALSE": return .bool(false)
    case ".nan", ".NaN", ".NAN": return .double(.nan)
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
    case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
    default: break
    }
    let bytes = Array(text.utf8)
    if text.hasPrefix("0x"), bytes.count > 2, bytes.dropFirst(2).allSatisfy(isHexDigit) {
      return integer(text.dropFirst(2), radix: 16)
    }
    if text.hasPrefix("0o"), bytes.count > 2, bytes.dropFirst(2).allSatisfy({ isOctalDigit($0) }) {
      return integer(text.dropFirst(2), radix: 8)
    }
    switch shape(of: bytes) {
    case .integer: return integer(text[...], radix: 10)
    case .float: return Double(text).map { .double($0) }
    case .none: return .string
    }
  }

  private enum NumberShape { case integer, float }

  /// `[-+]?[0-9]+` or `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
  private static func shape(of bytes: [UInt8]) -> NumberShape? {
    var position = 0
    func digits() -> Int {
      let start = position
      while position < bytes.count, isDigit(bytes[position]) { position += 1 }
      return position - start
    }
    func skip(_ characters: String) -> Bool {
      guard position < bytes.count, characters.utf8.contains(bytes[position]) else { return false }
      position += 1
      return true
    }
    _ = skip("+-")
    let whole = digits()
    if position == bytes.count { return whole > 0 ? .integer : nil }
    if skip(".") {
      let fraction = digits()
      guard whole + fraction > 0 else { return nil }
    } else if whole == 0 {
      return nil
    }
    if skip("eE") {
      _ = skip("+-")
      guard digits() > 0 else { return nil }
    }
    return position == bytes.count ? .float : nil
  }

  private static func integer(_ text: Substring, radix: Int) -> YAMLScalar.Value? {
    Int64(text, radix: radix).map { .int($0) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private static func isOctalDigit(_ byte: UInt8) -> Bool { (0x30...0x37).contains(byte) }
  private static func isHexDigit(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}
