/// An integer beyond the machine word: sign and magnitude. Arithmetic gives ``Value``s, so that a
/// result that fits is an `.int` again.
public final class BigInteger: Hashable, Sendable {
  let isNegative: Bool
  /// The magnitude in 32-bit digits, least significant first, without leading zeros.
  let digits: [UInt32]

  init(isNegative: Bool, digits: [UInt32]) {
    var digits = digits
    while digits.last == 0 { digits.removeLast() }
    self.digits = digits
    self.isNegative = isNegative && !digits.isEmpty
  }

  /// The same number as a machine word.
  public convenience init(_ number: Int) {
    let magnitude = number.magnitude
    self.init(
      isNegative: number < 0,
      digits: [UInt32(truncatingIfNeeded: magnitude), UInt32(magnitude >> 32)])
  }

  /// The number that digits in a radix from 2 to 36 write; nil for none or others. Quadratic, so
  /// the caller bounds their number.
  public convenience init?(_ text: some StringProtocol, radix: Int) {
    var magnitude: [UInt32] = []
    for byte in text.utf8 {
      guard let digit = Unicode.Scalar(byte).digit(radix: radix) else { return nil }
      Magnitude.multiply(&magnitude, by: UInt32(radix), adding: UInt32(digit))
    }
    if text.isEmpty { return nil }
    self.init(isNegative: false, digits: magnitude)
  }

  /// An integral, finite float.
  convenience init(exactly number: Double) {
    // Zero has no exponent.
    if number == 0 {
      self.init(isNegative: false, digits: [])
      return
    }
    let exponent = Int(number.exponent)
    let significand = number.significandBitPattern | (1 << 52)
    let base = [UInt32(truncatingIfNeeded: significand), UInt32(significand >> 32)]
    let shifted =
      exponent >= 52
      ? Magnitude.shiftLeft(base, exponent - 52) : Magnitude.shiftRight(base, 52 - exponent)
    self.init(isNegative: number < 0, digits: shifted)
  }

  /// The value: an `.int` where it fits.
  public var value: Value {
    if digits.count <= 2 {
      let magnitude = digits.enumerated().reduce(UInt(0)) {
        $0 | UInt($1.element) << (32 * $1.offset)
      }
      if !isNegative, magnitude <= UInt(Int.max) { return .int(Int(magnitude)) }
      if isNegative, magnitude <= UInt(Int.max) + 1 {
        return .int(Int(truncatingIfNeeded: 0 &- magnitude))
      }
    }
    return .big(self)
  }

  /// The nearest float, rounded half to even; infinite when it is too large.
  public var double: Double {
    let bits = bitWidth
    if bits <= 64 {
      let magnitude = digits.enumerated().reduce(UInt64(0)) {
        $0 | UInt64($1.element) << (32 * UInt64($1.offset))
      }
      return isNegative ? -Double(magnitude) : Double(magnitude)
    }
    if bits > 1024 { return isNegative ? -.infinity : .infinity }
    // The top 64 bits, with a sticky last bit for what lies below, round as the whole would.
    let shift = bits - 64
    let top = Magnitude.shiftRight(digits, shift)
    var magnitude = UInt64(top[0]) | UInt64(top[1]) << 32
    if !Magnitude.isZero(digits, below: shift) { magnitude |= 1 }
    let result = Double(sign: .plus, exponent: shift, significand: Double(magnitude))
    return isNegative ? -result : result
  }

  /// The number of bits of the magnitude.
  public var bitWidth: Int {
    guard let last = digits.last else { return 0 }
    return digits.count * 32 - last.leadingZeroBitCount
  }

  /// The magnitude in a radix from 2 to 36, lower case, with a sign where it is negative.
  public func text(radix: Int) -> String {
    if digits.isEmpty { return "0" }
    // As many digits at a time as fit 32 bits.
    var (chunk, width) = (radix, 1)
    while chunk * radix <= Int(UInt32.max) { (chunk, width) = (chunk * radix, width + 1) }
    var rest = digits
    var parts: [String] = []
    while !rest.isEmpty {
      let remainder = Magnitude.divide(&rest, by: UInt32(chunk))
      let part = String(remainder, radix: radix)
      parts.append(
        rest.isEmpty ? part : String(repeating: "0", count: width - part.utf8.count) + part)
    }
    return (isNegative ? "-" : "") + parts.reversed().joined()
  }

  /// The negated number.
  public var negated: BigInteger { BigInteger(isNegative: !isNegative, digits: digits) }

  /// Whether two numbers are equal.
  public static func == (a: BigInteger, b: BigInteger) -> Bool {
    a.isNegative == b.isNegative && a.digits == b.digits
  }

  /// Feeds the number to a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(isNegative)
    hasher.combine(digits)
  }

  static func < (a: BigInteger, b: BigInteger) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    let order = Magnitude.compare(a.digits, b.digits)
    return a.isNegative ? order > 0 : order < 0
  }

  static func + (a: BigInteger, b: BigInteger) -> BigInteger {
    if a.isNegative == b.isNegative {
      return BigInteger(isNegative: a.isNegative, digits: Magnitude.add(a.digits, b.digits))
    }
    return Magnitude.compare(a.digits, b.digits) >= 0
      ? BigInteger(isNegative: a.isNegative, digits: Magnitude.subtract(a.digits, b.digits))
      : BigInteger(isNegative: b.isNegative, digits: Magnitude.subtract(b.digits, a.digits))
  }

  static func - (a: BigInteger, b: BigInteger) -> BigInteger { a + b.negated }

  static func * (a: BigInteger, b: BigInteger) -> BigInteger {
    BigInteger(
      isNegative: a.isNegative != b.isNegative, digits: Magnitude.multiply(a.digits, b.digits))
  }

  /// The quotient rounded down and the remainder with the divisor's sign; the divisor is not zero.
  func floorDivided(by divisor: BigInteger) -> (quotient: BigInteger, remainder: BigInteger) {
    let (q, r) = Magnitude.divide(digits, by: divisor.digits)
    let quotient = BigInteger(isNegative: isNegative != divisor.isNegative, digits: q)
    let remainder = BigInteger(isNegative: isNegative, digits: r)
    if !r.isEmpty, isNegative != divisor.isNegative {
      return (quotient - BigInteger(1), remainder + divisor)
    }
    return (quotient, remainder)
  }

  static func << (a: BigInteger, count: Int) -> BigInteger {
    BigInteger(isNegative: a.isNegative, digits: Magnitude.shiftLeft(a.digits, count))
  }

  /// Shifts right, rounding down as Python does.
  static func >> (a: BigInteger, count: Int) -> BigInteger {
    let shifted = BigInteger(
      isNegative: a.isNegative, digits: Magnitude.shiftRight(a.digits, count))
    return a.isNegative && !Magnitude.isZero(a.digits, below: count)
      ? shifted - BigInteger(1) : shifted
  }

  /// A bitwise operation on the two's complements.
  static func bitwise(
    _ a: BigInteger, _ b: BigInteger, _ operation: (UInt32, UInt32) -> UInt32
  ) -> BigInteger {
    let width = max(a.digits.count, b.digits.count) + 1
    let (x, y) = (a.complement(width), b.complement(width))
    return BigInteger(complement: zip(x, y).map(operation))
  }

  /// The two's complement in a number of digits.
  private func complement(_ width: Int) -> [UInt32] {
    var result = digits + Array(repeating: 0, count: width - digits.count)
    if isNegative { BigInteger.negate(&result) }
    return result
  }

  private convenience init(complement: [UInt32]) {
    var digits = complement
    let isNegative = digits.last.map { $0 >> 31 == 1 } ?? false
    if isNegative { BigInteger.negate(&digits) }
    self.init(isNegative: isNegative, digits: digits)
  }

  private static func negate(_ digits: inout [UInt32]) {
    var carry: UInt32 = 1
    for index in digits.indices {
      let (sum, overflow) = (~digits[index]).addingReportingOverflow(carry)
      digits[index] = sum
      carry = overflow ? 1 : 0
    }
  }
}

extension Unicode.Scalar {
  /// The value of a digit in a radix up to 36.
  func digit(radix: Int) -> Int? {
    let value: Int
    switch self {
    case "0"..."9": value = Int(self.value) - 48
    case "a"..."z": value = Int(self.value) - 87
    case "A"..."Z": value = Int(self.value) - 55
    default: return nil
    }
    return value < radix ? value : nil
  }
}
