internal import Text

/// Integers from text and from floats.
enum IntegerText {
  /// `int(text, radix)`; nil when the text is no integer. Radix 0 reads prefixes as literals do.
  static func parse(_ text: String, radix: Int, _ python: Interpreter) throws -> Value? {
    var rest = Substring(Whitespace.trimmed(text))
    var isNegative = false
    if let sign = rest.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      rest.removeFirst()
    }
    var radix = radix
    if rest.hasPrefix("0"), rest.utf8.count > 2,
      let prefixed = ["x": 16, "o": 8, "b": 2][rest.dropFirst().prefix(1).lowercased()],
      radix == 0 || radix == prefixed
    {
      radix = prefixed
      rest = rest.dropFirst(2)
      if rest.hasPrefix("_") { rest.removeFirst() }
    } else if radix == 0 {
      radix = 10
      if rest.hasPrefix("0"), rest.contains(where: { $0 != "0" && $0 != "_" }) { return nil }
    }
    if rest.hasPrefix("_") || rest.hasSuffix("_") || rest.contains(text: "__") { return nil }
    let digits = String(
      String.UnicodeScalarView(
        rest.unicodeScalars.filter { $0 != "_" }.map { scalar in
          // Digits of other scripts count by their value.
          if !scalar.isASCII, scalar.properties.numericType == .decimal,
            let value = scalar.properties.numericValue
          {
            return Unicode.Scalar(UInt8(value) + 48)
          }
          return scalar
        }))
    if radix & (radix - 1) != 0, digits.utf8.count > 4300 {
      throw PythonError(
        .valueError,
        "Exceeds the limit (4300 digits) for integer string conversion: value has "
          + "\(digits.utf8.count) digits; use sys.set_int_max_str_digits() to increase the limit")
    }
    try python.tick(digits.utf8.count)
    if digits.utf8.count > 1 << 16 {
      throw LimitExceeded(.size, "the script reads an integer of \(digits.utf8.count) digits")
    }
    guard let number = BigInteger(digits, radix: radix) else { return nil }
    return (isNegative ? number.negated : number).value
  }

  /// `int(number)`.
  static func truncated(_ number: Double) throws -> Value {
    if number.isNaN { throw PythonError(.valueError, "cannot convert float NaN to integer") }
    if number.isInfinite {
      throw PythonError(.overflowError, "cannot convert float infinity to integer")
    }
    if let word = Int(exactly: number.rounded(.towardZero)) { return .int(word) }
    return BigInteger(exactly: number.rounded(.towardZero)).value
  }
}

extension FloatText {
  /// `float(text)`; nil when the text is no number.
  static func parse(_ text: String) -> Double? {
    let trimmed = Whitespace.trimmed(text)
    if trimmed.hasPrefix("_") || trimmed.hasSuffix("_") || trimmed.contains(text: "__") {
      return nil
    }
    let plain = trimmed.filter { $0 != "_" }.lowercased()
    switch plain.drop(while: { $0 == "+" || $0 == "-" }) {
    case "inf", "infinity": return plain.hasPrefix("-") ? -.infinity : .infinity
    case "nan": return .nan
    default: break
    }
    guard plain.utf8.allSatisfy({ (48...57).contains($0) || "+-.e".utf8.contains($0) }) else {
      return nil
    }
    // Swift does not read "1." and ".5e3" alike in all versions: give it both sides of the point.
    var mantissa = plain
    if let point = mantissa.firstIndex(of: ".") {
      let after = mantissa.index(after: point)
      let lacksDigits = after == mantissa.endIndex || !mantissa[after].isNumber
      let before = mantissa[..<point].last.map(\.isNumber) ?? false
      if lacksDigits, !before { return nil }
      if lacksDigits { mantissa.insert("0", at: after) }
      if !before { mantissa.insert("0", at: point) }
    }
    return Double(mantissa)
  }

  /// `float(value)` of a value with `__float__`; nil when it has none.
  static func asFloat(_ value: Value, _ python: Interpreter) throws -> Double? {
    guard case .object(let object) = value else { return nil }
    if let method = try object.pythonClass.boundMember("__float__", of: value, python) {
      guard case .float(let number) = try python.call(method).unwrapped else {
        throw PythonError(
          .typeError, "\(value.typeName).__float__ returned non-float")
      }
      return number
    }
    return try python.optionalIndex(value)?.double
  }
}

/// What Python calls whitespace.
enum Whitespace {
  static func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 9...13, 28...32, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
      0x3000:
      true
    default: false
    }
  }

  static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !contains($0) }),
      let last = scalars.lastIndex(where: { !contains($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}
