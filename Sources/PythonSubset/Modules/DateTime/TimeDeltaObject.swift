/// `datetime.timedelta`.
public final class TimeDeltaObject: PythonInstance {
  /// The days; seconds and microseconds add to them, never subtract.
  public let days: Int
  /// 0 to 86,399.
  public let seconds: Int
  /// 0 to 999,999.
  public let microseconds: Int

  static let microsecondsPerDay: Int128 = 86_400_000_000

  init(_ cls: PythonClass = DateTimeModule.timedelta, total: Int128) throws {
    let (days, rest) = Self.floorDivide(total, Self.microsecondsPerDay)
    guard days.magnitude <= 999_999_999 else {
      throw PythonError(
        .overflowError, "days=\(days); must have magnitude <= 999999999")
    }
    self.days = Int(days)
    seconds = Int(rest / 1_000_000)
    microseconds = Int(rest % 1_000_000)
    super.init(cls)
  }

  /// All of it in microseconds.
  public var total: Int128 {
    Int128(days) * Self.microsecondsPerDay + Int128(seconds * 1_000_000 + microseconds)
  }

  static func floorDivide(_ a: Int128, _ b: Int128) -> (quotient: Int128, remainder: Int128) {
    let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
    return remainder != 0 && (remainder < 0) != (b < 0)
      ? (quotient - 1, remainder + b) : (quotient, remainder)
  }

  /// Division to the nearest, halves to even.
  static func nearest(_ a: Int128, _ b: Int128) -> Int128 {
    let (quotient, remainder) = floorDivide(a, b)
    let twice = remainder.magnitude * 2
    if twice > b.magnitude || twice == b.magnitude && quotient % 2 != 0 { return quotient + 1 }
    return quotient
  }

  /// `self * factor` for a float, rounded once, as CPython does by the float's exact ratio.
  static func scaled(_ total: Int128, by factor: Double) throws -> Int128 {
    guard factor.isFinite else {
      throw factor.isNaN
        ? PythonError(.valueError, "cannot convert NaN to integer ratio")
        : PythonError(.overflowError, "cannot convert Infinity to integer ratio")
    }
    if factor == 0 || total == 0 { return 0 }
    var significand = factor.significand
    var exponent = Int(factor.exponent)
    while significand.rounded() != significand {
      significand *= 2
      exponent -= 1
    }
    let (product, overflows) = total.multipliedReportingOverflow(
      by: Int128(significand) * (factor < 0 ? -1 : 1))
    if overflows || exponent > 60 { throw PythonError(.overflowError, "timedelta out of range") }
    if exponent >= 0 { return product << Int128(exponent) }
    return exponent < -120 ? 0 : nearest(product, Int128(1) << Int128(-exponent))
  }

  static func delta(_ total: Int128) throws -> Value { .object(try TimeDeltaObject(total: total)) }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    if let result = try super.binary(op, other, reflected: reflected, python) { return result }
    if let other = other.object(as: TimeDeltaObject.self) {
      let (a, b) = reflected ? (other.total, total) : (total, other.total)
      return try combine(op, a, b)
    }
    switch (op, other.unwrapped) {
    case (.multiply, .int), (.multiply, .bool):
      let (product, overflows) = total.multipliedReportingOverflow(by: Int128(other.int ?? 0))
      if overflows { throw PythonError(.overflowError, "timedelta out of range") }
      return try Self.delta(product)
    case (.multiply, .float(let factor)): return try Self.delta(Self.scaled(total, by: factor))
    case (.floorDivide, .int) where !reflected, (.divide, .int) where !reflected:
      let divisor = Int128(other.int ?? 0)
      if divisor == 0 {
        throw PythonError(.zeroDivisionError, "integer division or modulo by zero")
      }
      return try Self.delta(
        op == .divide
          ? Self.nearest(total, divisor) : Self.floorDivide(total, divisor).quotient)
    case (.divide, .float(let divisor)) where !reflected:
      if divisor == 0 { throw PythonError(.zeroDivisionError, "division by zero") }
      return try Self.delta(Self.scaled(total, by: 1 / divisor))
    default: return nil
    }
  }

  private func combine(_ op: BinaryOperator, _ a: Int128, _ b: Int128) throws -> Value? {
    switch op {
    case .add: return try Self.delta(a + b)
    case .subtract: return try Self.delta(a - b)
    case .divide, .floorDivide, .modulo:
      if b == 0 { throw PythonError(.zeroDivisionError, "integer division or modulo by zero") }
      if op == .divide { return .float(Double(a) / Double(b)) }
      let (quotient, remainder) = Self.floorDivide(a, b)
      return op == .floorDivide ? .int(Int(clamping: quotient)) : try Self.delta(remainder)
    default: return nil
    }
  }

  public override func unary(_ op: UnaryOperator, _ python: Interpreter) throws -> Value? {
    switch op {
    case .negative: try Self.delta(-total)
    case .positive: try Self.delta(total)
    default: nil
    }
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = other.object(as: TimeDeltaObject.self) else { return nil }
    return .bool(Ordering(of: total, other.total).satisfies(op))
  }

  public override func hash(_ python: Interpreter) throws -> Int { total.hashValue }
  public override func truth(_ python: Interpreter) throws -> Bool { total != 0 }

  public override func text(_ python: Interpreter) throws -> String {
    let hours = seconds / 3600
    var text = "\(hours):\(DateFormat.padded(seconds / 60 % 60, 2)):"
    text += DateFormat.padded(seconds % 60, 2)
    if microseconds != 0 { text += "." + DateFormat.padded(microseconds, 6) }
    guard days != 0 else { return text }
    return "\(days) day\(abs(days) == 1 ? "" : "s"), \(text)"
  }

  public override func representation(_ python: Interpreter) throws -> String {
    var parts: [String] = []
    if days != 0 { parts.append("days=\(days)") }
    if seconds != 0 { parts.append("seconds=\(seconds)") }
    if microseconds != 0 { parts.append("microseconds=\(microseconds)") }
    return "\(pythonClass.qualifiedName)(\(parts.isEmpty ? "0" : parts.joined(separator: ", ")))"
  }
}

extension Ordering {
  init<Thing: Comparable>(of a: Thing, _ b: Thing) { self.init(a < b ? -1 : a == b ? 0 : 1) }
}
