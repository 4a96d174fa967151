internal import Glibc

/// Arithmetic of `int`, `bool` and `float` as CPython does it.
enum Numbers {
  /// A number as the arithmetic sees it.
  enum Operand {
    case small(Int)
    case large(BigInteger)
    case float(Double)

    init?(_ value: Value) {
      switch value {
      case .int(let number): self = .small(number)
      case .bool(let flag): self = .small(flag ? 1 : 0)
      case .float(let number): self = .float(number)
      case .big(let number): self = .large(number)
      default: return nil
      }
    }

    /// The integer; nil for floats.
    var big: BigInteger? {
      switch self {
      case .small(let number): BigInteger(number)
      case .large(let number): number
      case .float: nil
      }
    }

    func double() throws -> Double {
      switch self {
      case .small(let number): return Double(number)
      case .float(let number): return number
      case .large(let number):
        let result = number.double
        if result.isInfinite {
          throw PythonError(.overflowError, "int too large to convert to float")
        }
        return result
      }
    }
  }

  // MARK: Order and hash

  /// The order of two numbers, exactly; nil when one is no number or not a number.
  static func order(_ a: Value, _ b: Value) -> Ordering? {
    if case .int(let a) = a, case .int(let b) = b { return Ordering(a < b ? -1 : a > b ? 1 : 0) }
    guard let a = Operand(a), let b = Operand(b) else { return nil }
    switch (a, b) {
    case (.float(let a), .float(let b)):
      return a.isNaN || b.isNaN ? nil : Ordering(a < b ? -1 : a > b ? 1 : 0)
    case (.float(let a), _): return b.big.flatMap { order(a, $0) }
    case (_, .float(let b)):
      guard let a = a.big, !b.isNaN else { return nil }
      return order(b, a).map { Ordering($0.satisfies(.less) ? 1 : $0.satisfies(.equal) ? 0 : -1) }
    default:
      guard let a = a.big, let b = b.big else { return nil }
      return Ordering(a < b ? -1 : a == b ? 0 : 1)
    }
  }

  private static func order(_ a: Double, _ b: BigInteger) -> Ordering? {
    if a.isNaN { return nil }
    if a.isInfinite { return Ordering(a > 0 ? 1 : -1) }
    let whole = BigInteger(exactly: a.rounded(.down))
    if whole < b { return Ordering(-1) }
    return Ordering(whole == b && a == a.rounded(.down) ? 0 : 1)
  }

  /// Whether both are numbers and one of them is not a number.
  static func isNaN(_ a: Value, _ b: Value) -> Bool {
    guard let a = Operand(a), let b = Operand(b) else { return false }
    if case .float(let number) = a, number.isNaN { return true }
    if case .float(let number) = b, number.isNaN { return true }
    return false
  }

  /// CPython's modulus for the hashes of numbers, so that equal numbers have equal hashes.
  private static let modulus = (1 << 61) - 1

  static func hash(_ number: Int) -> Int {
    let hash = Int(number.magnitude % UInt(modulus)) * number.signum()
    return hash == -1 ? -2 : hash
  }

  static func hash(_ number: BigInteger) -> Int {
    var rest: UInt = 0
    for digit in number.digits.reversed() {
      let (high, low) = rest.multipliedFullWidth(by: 1 << 32)
      rest = UInt(modulus).dividingFullWidth((high, low)).remainder
      rest = (rest + UInt(digit)) % UInt(modulus)
    }
    let hash = number.isNegative ? -Int(rest) : Int(rest)
    return hash == -1 ? -2 : hash
  }

  static func hash(_ number: Double) -> Int {
    if number.isNaN { return 0x6E61_6E }
    if number.isInfinite { return number > 0 ? 314_159 : -314_159 }
    if number == number.rounded(.towardZero) {
      if let whole = Int(exactly: number) { return hash(whole) }
      return hash(BigInteger(exactly: number))
    }
    return number.hashValue
  }

  // MARK: Operators

  /// `a op b`; nil when an operand is no number or the operator is not one of numbers.
  static func binary(
    _ op: BinaryOperator, _ a: Value, _ b: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let x = Operand(a), let y = Operand(b) else { return nil }
    if case .bool(let p) = a, case .bool(let q) = b {
      switch op {
      case .bitAnd: return .bool(p && q)
      case .bitOr: return .bool(p || q)
      case .bitXor: return .bool(p != q)
      default: break
      }
    }
    if case .small(let p) = x, case .small(let q) = y, let result = try small(op, p, q) {
      return result
    }
    if let p = x.big, let q = y.big { return try large(op, p, q, python) }
    return try floating(op, x.double(), y.double())
  }

  /// The machine-word case; nil where the result does not fit.
  private static func small(_ op: BinaryOperator, _ a: Int, _ b: Int) throws -> Value? {
    func fitting(_ result: (partialValue: Int, overflow: Bool)) -> Value? {
      result.overflow ? nil : .int(result.partialValue)
    }
    switch op {
    case .add: return fitting(a.addingReportingOverflow(b))
    case .subtract: return fitting(a.subtractingReportingOverflow(b))
    case .multiply: return fitting(a.multipliedReportingOverflow(by: b))
    case .floorDivide, .modulo:
      if b == 0 { throw divisionByZero(op) }
      if b == -1 { return op == .modulo ? .int(0) : a == .min ? nil : .int(-a) }
      let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
      let isOff = remainder != 0 && (remainder < 0) != (b < 0)
      return .int(
        op == .modulo ? (isOff ? remainder + b : remainder) : (isOff ? quotient - 1 : quotient))
    case .bitAnd: return .int(a & b)
    case .bitOr: return .int(a | b)
    case .bitXor: return .int(a ^ b)
    case .rightShift where b >= 0: return .int(a >> min(b, 63))
    case .leftShift where b >= 0 && b < 62 && a.magnitude >> (62 - b) == 0: return .int(a << b)
    default: return nil
    }
  }

  private static func divisionByZero(_ op: BinaryOperator) -> PythonError {
    PythonError(
      .zeroDivisionError,
      op == .modulo ? "integer modulo by zero" : "integer division or modulo by zero")
  }

  private static func large(
    _ op: BinaryOperator, _ a: BigInteger, _ b: BigInteger, _ python: Interpreter
  ) throws -> Value? {
    switch op {
    case .add: return (a + b).value
    case .subtract: return (a - b).value
    case .multiply:
      try python.tick(a.digits.count * b.digits.count / 16)
      try python.charge((a.digits.count + b.digits.count) * 4)
      return (a * b).value
    case .divide: return .float(try quotient(a, b))
    case .floorDivide, .modulo:
      if b.digits.isEmpty { throw divisionByZero(op) }
      try python.tick(a.digits.count * b.digits.count / 16)
      let (quotient, remainder) = a.floorDivided(by: b)
      return op == .modulo ? remainder.value : quotient.value
    case .power: return try power(a, b, python)
    case .leftShift, .rightShift:
      guard !b.isNegative else { throw PythonError(.valueError, "negative shift count") }
      guard case .int(let count) = b.value else {
        if op == .rightShift { return .int(a.isNegative ? -1 : 0) }
        throw PythonError(.overflowError, "too many digits in integer")
      }
      if op == .rightShift { return (a >> count).value }
      if a.digits.isEmpty { return .int(0) }
      try python.charge(count / 8)
      return (a << count).value
    case .bitAnd: return BigInteger.bitwise(a, b, &).value
    case .bitOr: return BigInteger.bitwise(a, b, |).value
    case .bitXor: return BigInteger.bitwise(a, b, ^).value
    case .matrixMultiply: return nil
    }
  }

  /// `a / b` of integers, rounded once.
  private static func quotient(_ a: BigInteger, _ b: BigInteger) throws -> Double {
    if b.digits.isEmpty { throw PythonError(.zeroDivisionError, "division by zero") }
    if a.bitWidth <= 53, b.bitWidth <= 53 { return a.double / b.double }
    // A quotient of 64 bits or more, with a sticky last bit, is rounded to 53 correctly.
    let shift = max(0, 66 - (a.bitWidth - b.bitWidth))
    let dividend = BigInteger(isNegative: false, digits: Magnitude.shiftLeft(a.digits, shift))
    let divisor = BigInteger(isNegative: false, digits: b.digits)
    var (whole, rest) = dividend.floorDivided(by: divisor)
    if !rest.digits.isEmpty { whole = BigInteger.bitwise(whole, BigInteger(1), |) }
    let exponent = whole.bitWidth - 64
    let top = Magnitude.shiftRight(whole.digits, max(0, exponent))
    var bits = UInt64(top[0]) | (top.count > 1 ? UInt64(top[1]) << 32 : 0)
    if exponent > 0, !Magnitude.isZero(whole.digits, below: exponent) { bits |= 1 }
    let result = Double(
      sign: .plus, exponent: max(0, exponent) - shift, significand: Double(bits))
    if result.isInfinite {
      throw PythonError(.overflowError, "integer division result too large for a float")
    }
    return a.isNegative != b.isNegative ? -result : result
  }

  private static func power(
    _ a: BigInteger, _ b: BigInteger, _ python: Interpreter
  ) throws -> Value {
    if b.isNegative {
      return try floating(.power, a.double, b.double) ?? .notImplemented
    }
    if a.digits.isEmpty || a.digits == [1] {
      return
        (a.digits.isEmpty
        ? BigInteger(b.digits.isEmpty ? 1 : 0)
        : BigInteger(a.isNegative && b.digits[0] & 1 == 1 ? -1 : 1)).value
    }
    guard case .int(var exponent) = b.value, exponent < 1 << 40 else {
      throw LimitExceeded(
        .size, "the script computes a power with the exponent \(b.text(radix: 10))")
    }
    try python.charge(a.bitWidth * exponent / 8)
    var (result, base) = (BigInteger(1), a)
    while true {
      if exponent & 1 == 1 {
        try python.tick(result.digits.count * base.digits.count / 16)
        result = result * base
      }
      exponent >>= 1
      if exponent == 0 { return result.value }
      try python.tick(base.digits.count * base.digits.count / 16)
      base = base * base
    }
  }

  private static func floating(_ op: BinaryOperator, _ a: Double, _ b: Double) throws -> Value? {
    switch op {
    case .add: return .float(a + b)
    case .subtract: return .float(a - b)
    case .multiply: return .float(a * b)
    case .divide:
      if b == 0 { throw PythonError(.zeroDivisionError, "float division by zero") }
      return .float(a / b)
    case .modulo:
      if b == 0 { throw PythonError(.zeroDivisionError, "float modulo") }
      return .float(divided(a, by: b).remainder)
    case .floorDivide:
      if b == 0 { throw PythonError(.zeroDivisionError, "float floor division by zero") }
      return .float(divided(a, by: b).quotient)
    case .power:
      if a == 0, b < 0 {
        throw PythonError(
          .zeroDivisionError, "0.0 cannot be raised to a negative power")
      }
      if a < 0, a.isFinite, b.isFinite, b != b.rounded(.towardZero) {
        throw Unsupported("a complex number (a negative number to the power of a fraction)")
      }
      let result = pow(a, b)
      if result.isInfinite, a.isFinite, b.isFinite {
        throw PythonError(.overflowError, arguments: [.int(34), "Numerical result out of range"])
      }
      return .float(result)
    default: return nil
    }
  }

  /// The floor quotient and the remainder, which has the divisor's sign.
  static func divided(_ a: Double, by b: Double) -> (quotient: Double, remainder: Double) {
    var remainder = fmod(a, b)
    var quotient = (a - remainder) / b
    if remainder != 0 {
      if (b < 0) != (remainder < 0) {
        remainder += b
        quotient -= 1
      }
    } else {
      remainder = Double(signOf: b, magnitudeOf: 0)
    }
    if quotient == 0 { return (Double(signOf: a / b, magnitudeOf: 0), remainder) }
    var floored = quotient.rounded(.down)
    if quotient - floored > 0.5 { floored += 1 }
    return (floored, remainder)
  }

  /// `op value`; nil when the value is no number.
  static func unary(_ op: UnaryOperator, _ value: Value) -> Value? {
    guard let operand = Operand(value) else { return nil }
    switch (op, operand) {
    case (.positive, .small(let number)): return .int(number)
    case (.positive, _): return value
    case (.negative, .float(let number)): return .float(-number)
    case (.negative, .small(let number)) where number != .min: return .int(-number)
    case (.negative, _): return operand.big?.negated.value
    case (.invert, .small(let number)): return .int(~number)
    case (.invert, .large(let number)): return (number.negated - BigInteger(1)).value
    default: return nil
    }
  }
}
