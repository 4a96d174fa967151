internal import Glibc

/// The texts of floats: the shortest that reads back (`repr`), and those of format types.
enum FloatText {
  /// `repr(number)`.
  static func shortest(_ number: Double) -> String {
    if number.isNaN { return "nan" }
    if number.isInfinite { return number < 0 ? "-inf" : "inf" }
    let (digits, exponent) = decimal(number)
    let sign = number.sign == .minus ? "-" : ""
    return sign + layout(digits, exponent: exponent, scientificFrom: 16, keepsPoint: true)
  }

  /// The shortest digits that read back, and the decimal exponent of the first one.
  private static func decimal(_ number: Double) -> (digits: String, exponent: Int) {
    if number == 0 { return ("0", 0) }
    // Swift's description has the shortest digits too, only in another layout.
    let text = number.magnitude.description
    let parts = text.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let whole = String(mantissa[0])
    let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
    var exponent = (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) + whole.count - 1
    var digits = whole + fraction
    let leading = digits.prefix { $0 == "0" }.count
    digits.removeFirst(leading)
    exponent -= leading
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    return (digits, exponent)
  }

  /// Writes digits plainly, or with an exponent where it is below -4 or not below a bound.
  private static func layout(
    _ digits: String, exponent: Int, scientificFrom bound: Int, keepsPoint: Bool
  ) -> String {
    if exponent < -4 || exponent >= bound {
      let rest = digits.dropFirst()
      let size = exponent.magnitude < 10 ? "0\(exponent.magnitude)" : "\(exponent.magnitude)"
      return
        "\(digits.prefix(1))\(rest.isEmpty ? "" : ".\(rest)")e\(exponent < 0 ? "-" : "+")\(size)"
    }
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
    if digits.count <= exponent + 1 {
      return digits + String(repeating: "0", count: exponent + 1 - digits.count)
        + (keepsPoint ? ".0" : "")
    }
    return "\(digits.prefix(exponent + 1)).\(digits.dropFirst(exponent + 1))"
  }

  /// A finite or other number by a format type (`e`, `f`, `g`, their capitals, `%`, or nil for the
  /// type that `format(x, '10.3')` means), without its sign.
  static func formatted(
    _ number: Double, type: Character?, precision: Int?, alternate: Bool
  ) -> String {
    let magnitude = number.magnitude
    let isUpper = type.map { $0.isUppercase } ?? false
    if !magnitude.isFinite {
      let text = (magnitude.isNaN ? "nan" : "inf") + (type == "%" ? "%" : "")
      return isUpper ? text.uppercased() : text
    }
    switch type {
    case "f", "F": return printed(magnitude, "f", precision ?? 6, alternate)
    case "e": return printed(magnitude, "e", precision ?? 6, alternate)
    case "E": return printed(magnitude, "E", precision ?? 6, alternate)
    case "g": return printed(magnitude, "g", precision ?? 6, alternate)
    case "G": return printed(magnitude, "G", precision ?? 6, alternate)
    case "%": return printed(magnitude * 100, "f", precision ?? 6, alternate) + "%"
    default:
      guard let precision else { return shortest(magnitude) }
      return general(magnitude, precision: max(1, precision))
    }
  }

  /// The format of a precision without a type: as `g`, but with a digit after the point, and an
  /// exponent already where the digits before the point are as many as the precision.
  private static func general(_ magnitude: Double, precision: Int) -> String {
    let scientific = printed(magnitude, "e", precision - 1, false)
    let parts = scientific.split(separator: "e")
    let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    var digits = parts[0].filter { $0 != "." }
    while digits.hasSuffix("0"), digits.count > 1 { digits.removeLast() }
    return layout(
      digits, exponent: exponent, scientificFrom: magnitude == 0 ? 1 : max(precision - 1, 1),
      keepsPoint: true)
  }

  /// What `printf` of the C library gives: correctly rounded, any precision.
  private static func printed(
    _ number: Double, _ type: Character, _ precision: Int, _ alternate: Bool
  ) -> String {
    let format = "%\(alternate ? "#" : "").\(precision)\(type)"
    let count = withVaList([number]) { vsnprintf(nil, 0, format, $0) }
    var buffer = [CChar](repeating: 0, count: Int(count) + 1)
    _ = withVaList([number]) { vsnprintf(&buffer, buffer.count, format, $0) }
    return String(decoding: buffer.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Rounds to a number of decimal places, half to even on the exact value: `round(x, n)`.
  static func rounded(_ number: Double, places: Int) -> Double {
    if !number.isFinite || places > 323 { return number }
    if places < -308 { return Double(signOf: number, magnitudeOf: 0) }
    if places >= 0 { return Double(printedSigned(number, places)) ?? number }
    let scale = pow(10, Double(-places))
    return (number / scale).rounded(.toNearestOrEven) * scale
  }

  private static func printedSigned(_ number: Double, _ places: Int) -> String {
    (number.sign == .minus ? "-" : "") + printed(number.magnitude, "f", places, false)
  }
}
