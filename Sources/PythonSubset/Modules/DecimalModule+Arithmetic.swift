extension DecimalModule {
  /// The digits that results are rounded to, as in the default context.
  static let precision = 28

  static func power(_ exponent: Int) -> BigInteger {
    BigInteger("1" + String(repeating: "0", count: exponent), radix: 10) ?? BigInteger(1)
  }

  /// The coefficient with its sign, for an exponent that is not greater.
  static func signed(_ number: DecimalObject, scaledTo exponent: Int) -> BigInteger {
    let scaled =
      number.exponent > exponent
      ? number.coefficient * power(number.exponent - exponent) : number.coefficient
    return number.isNegative ? scaled.negated : scaled
  }

  static func make(_ number: BigInteger, exponent: Int) -> DecimalObject {
    DecimalObject(
      isNegative: number.isNegative, number.isNegative ? number.negated : number,
      exponent: exponent)
  }

  /// Python numbers as decimals; floats only where they are compared.
  static func operand(_ value: Value, allowsFloat: Bool) throws -> DecimalObject? {
    if let decimal = value.object(as: DecimalObject.self) { return decimal }
    switch value.unwrapped {
    case .int(let word): return DecimalObject(BigInteger(word))
    case .bool(let flag): return DecimalObject(BigInteger(flag ? 1 : 0))
    case .big(let number): return DecimalObject(number)
    case .float(let number) where allowsFloat: return try exact(number)
    default: return nil
    }
  }

  /// The decimal that a float is exactly.
  static func exact(_ number: Double) throws -> DecimalObject {
    if number.isNaN {
      return DecimalObject(isNegative: false, BigInteger(0), exponent: 0, special: .notANumber)
    }
    if number.isInfinite {
      return DecimalObject(isNegative: number < 0, BigInteger(0), exponent: 0, special: .infinity)
    }
    let isNegative = number.sign == .minus
    guard number != 0 else {
      return DecimalObject(isNegative: isNegative, BigInteger(0), exponent: 0)
    }
    let significand = BigInteger(
      Int(number.significandBitPattern | (number.isNormal ? 1 << 52 : 0)))
    let shift = Int(number.isNormal ? number.exponentBitPattern : 1) - 1075
    if shift >= 0 {
      return DecimalObject(isNegative: isNegative, significand << shift, exponent: 0)
    }
    let zeros = min(-shift, number.isNormal ? number.significandBitPattern.trailingZeroBitCount : 0)
    let places = -shift - min(zeros, 52)
    guard places > 0 else {
      return DecimalObject(isNegative: isNegative, significand >> -shift, exponent: 0)
    }
    // m / 2^p is m * 5^p / 10^p.
    var product = significand >> min(zeros, 52)
    for _ in 0..<places { product = product * BigInteger(5) }
    return DecimalObject(isNegative: isNegative, product, exponent: -places)
  }

  static func order(_ a: DecimalObject, _ b: DecimalObject) -> Int {
    func rank(_ number: DecimalObject) -> Int {
      number.special == .infinity ? (number.isNegative ? -1 : 1) : 0
    }
    if rank(a) != rank(b) || rank(a) != 0 { return rank(a) - rank(b) }
    let exponent = min(a.exponent, b.exponent)
    let (x, y) = (signed(a, scaledTo: exponent), signed(b, scaledTo: exponent))
    return x < y ? -1 : x == y ? 0 : 1
  }

  /// To the context's precision, halves to even.
  static func rounded(_ number: DecimalObject) -> DecimalObject {
    let excess = number.digits.utf8.count - precision
    guard number.special == nil, excess > 0 else { return number }
    let result = divided(
      number.coefficient, by: power(excess), "ROUND_HALF_EVEN", number.isNegative)
    return rounded(
      DecimalObject(
        isNegative: number.isNegative, result, exponent: number.exponent + excess))
  }

  /// The quotient of numbers that are not negative, rounded.
  static func divided(
    _ a: BigInteger, by b: BigInteger, _ rounding: String, _ isNegative: Bool
  ) -> BigInteger {
    let (quotient, remainder) = a.floorDivided(by: b)
    if remainder.digits.isEmpty { return quotient }
    let twice = remainder * BigInteger(2)
    let isOdd = (quotient.digits.first ?? 0) & 1 == 1
    let goesUp =
      switch rounding {
      case "ROUND_UP": true
      case "ROUND_DOWN": false
      case "ROUND_CEILING": !isNegative
      case "ROUND_FLOOR": isNegative
      case "ROUND_HALF_UP": !(twice < b)
      case "ROUND_HALF_DOWN": b < twice
      case "ROUND_05UP": (Int(quotient.text(radix: 10).suffix(1)) ?? 0) % 5 == 0
      default: b < twice || twice == b && isOdd
      }
    return goesUp ? quotient + BigInteger(1) : quotient
  }

  static func quantized(
    _ number: DecimalObject, exponent: Int, _ rounding: String
  ) throws -> DecimalObject {
    guard number.special == nil else { return number }
    let result: BigInteger
    if number.exponent >= exponent {
      guard number.exponent - exponent < 1000 else { throw invalid() }
      result = number.coefficient * power(number.exponent - exponent)
    } else {
      guard exponent - number.exponent < 10_000 else { throw invalid() }
      result = divided(
        number.coefficient, by: power(exponent - number.exponent), rounding, number.isNegative)
    }
    let quantized = DecimalObject(
      isNegative: number.isNegative, result, exponent: exponent, of: decimal)
    if !result.digits.isEmpty, quantized.digits.utf8.count > precision { throw invalid() }
    return quantized
  }

  static func invalid() -> PythonError {
    PythonError(invalidOperation, "[<class 'decimal.InvalidOperation'>]")
  }

  static func normalized(_ number: DecimalObject) -> DecimalObject {
    let number = rounded(number)
    guard number.special == nil else { return number }
    if number.isZero {
      return DecimalObject(isNegative: number.isNegative, BigInteger(0), exponent: 0)
    }
    let digits = number.digits
    let kept = digits.reversed().drop { $0 == "0" }
    let zeros = digits.utf8.count - kept.count
    let coefficient = BigInteger(String(kept.reversed()), radix: 10) ?? number.coefficient
    return DecimalObject(
      isNegative: number.isNegative, coefficient, exponent: number.exponent + zeros)
  }

  static func combine(
    _ op: BinaryOperator, _ a: DecimalObject, _ b: DecimalObject
  ) throws -> DecimalObject? {
    if a.special != nil || b.special != nil { throw Unsupported("arithmetic with NaN or Infinity") }
    guard abs(a.exponent - b.exponent) < 10_000 else { throw invalid() }
    switch op {
    case .add, .subtract:
      let exponent = min(a.exponent, b.exponent)
      let (x, y) = (signed(a, scaledTo: exponent), signed(b, scaledTo: exponent))
      return rounded(make(op == .add ? x + y : x - y, exponent: exponent))
    case .multiply:
      return rounded(
        DecimalObject(
          isNegative: a.isNegative != b.isNegative, a.coefficient * b.coefficient,
          exponent: a.exponent + b.exponent))
    case .divide: return try quotient(a, b)
    case .floorDivide, .modulo:
      if b.isZero { throw zeroDivision(a) }
      let exponent = min(a.exponent, b.exponent)
      let x = signed(a, scaledTo: exponent)
      let y = signed(b, scaledTo: exponent)
      // Towards zero; the remainder has the sign of the dividend.
      let (whole, rest) = (x.isNegative ? x.negated : x).floorDivided(
        by: y.isNegative ? y.negated : y)
      if op == .floorDivide {
        return DecimalObject(isNegative: a.isNegative != b.isNegative, whole, exponent: 0)
      }
      return rounded(DecimalObject(isNegative: a.isNegative, rest, exponent: exponent))
    case .power:
      guard b.exponent >= 0, let times = Int(signed(b, scaledTo: 0).text(radix: 10)),
        (0...1000).contains(times)
      else { throw Unsupported("a Decimal to the power of \(b.text)") }
      var result = BigInteger(1)
      for _ in 0..<times { result = result * a.coefficient }
      return rounded(
        DecimalObject(
          isNegative: a.isNegative && times % 2 == 1, result, exponent: a.exponent * times))
    default: return nil
    }
  }

  private static func zeroDivision(_ a: DecimalObject) -> PythonError {
    a.isZero ? invalid() : PythonError(divisionByZero, "[<class 'decimal.DivisionByZero'>]")
  }

  private static func quotient(_ a: DecimalObject, _ b: DecimalObject) throws -> DecimalObject {
    if b.isZero { throw zeroDivision(a) }
    let isNegative = a.isNegative != b.isNegative
    let ideal = a.exponent - b.exponent
    if a.isZero { return DecimalObject(isNegative: isNegative, BigInteger(0), exponent: ideal) }
    let shift = max(0, b.digits.utf8.count - a.digits.utf8.count + precision + 1)
    var (whole, rest) = (a.coefficient * power(shift)).floorDivided(by: b.coefficient)
    var exponent = ideal - shift
    if rest.digits.isEmpty {
      // An exact quotient keeps no zeros that the operands did not have.
      while exponent < ideal {
        let (shorter, last) = whole.floorDivided(by: BigInteger(10))
        if !last.digits.isEmpty { break }
        whole = shorter
        exponent += 1
      }
    } else if (whole.digits.first ?? 0) % 5 == 0 {
      // A digit that is not zero follows, so this is no half.
      whole = whole + BigInteger(1)
      rest = BigInteger(0)
    }
    return rounded(DecimalObject(isNegative: isNegative, whole, exponent: exponent))
  }

  static func grouped(_ text: String) -> String {
    let sign = text.hasPrefix("-") ? "-" : ""
    let parts = text.dropFirst(sign.count).split(separator: ".", maxSplits: 1)
    var whole = ""
    for (index, digit) in parts[0].reversed().enumerated() {
      if index > 0, index % 3 == 0 { whole.append(",") }
      whole.append(digit)
    }
    let fraction = parts.count > 1 ? "." + parts[1] : ""
    return sign + String(whole.reversed()) + fraction
  }
}
