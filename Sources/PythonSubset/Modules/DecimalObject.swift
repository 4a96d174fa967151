internal import OrderedCollections

/// `decimal.Decimal`: a sign, a coefficient and an exponent of ten.
public final class DecimalObject: PythonInstance {
  /// NaN and the infinities.
  public enum Special: Sendable { case infinity, notANumber }

  let isNegative: Bool
  /// Not negative.
  let coefficient: BigInteger
  let exponent: Int
  /// What it is when it is no number.
  public let special: Special?

  init(
    isNegative: Bool, _ coefficient: BigInteger, exponent: Int, special: Special? = nil,
    of cls: PythonClass = DecimalModule.decimal
  ) {
    self.isNegative = isNegative
    self.coefficient = coefficient
    self.exponent = exponent
    self.special = special
    super.init(cls)
  }

  convenience init(_ number: BigInteger) {
    self.init(
      isNegative: number.isNegative, number.isNegative ? number.negated : number, exponent: 0)
  }

  var isZero: Bool { special == nil && coefficient.digits.isEmpty }
  var digits: String { coefficient.text(radix: 10) }

  /// `str()`, as PostgreSQL reads it.
  public var text: String {
    let sign = isNegative ? "-" : ""
    switch special {
    case .infinity: return sign + "Infinity"
    case .notANumber: return "NaN"
    case nil: break
    }
    let digits = digits
    let leftDigits = exponent + digits.utf8.count
    let point: Int
    if exponent <= 0, leftDigits > -6 { point = leftDigits } else { point = 1 }
    var whole: String
    var fraction = ""
    if point <= 0 {
      whole = "0"
      fraction = "." + String(repeating: "0", count: -point) + digits
    } else if point >= digits.utf8.count {
      whole = digits + String(repeating: "0", count: point - digits.utf8.count)
    } else {
      whole = String(digits.prefix(point))
      fraction = "." + digits.dropFirst(point)
    }
    if leftDigits != point {
      let power = leftDigits - point
      whole = whole + fraction
      fraction = "E" + (power < 0 ? "" : "+") + String(power)
    }
    return sign + whole + fraction
  }

  public override func text(_ python: Interpreter) throws -> String { text }

  public override func representation(_ python: Interpreter) throws -> String {
    "Decimal('\(text)')"
  }

  public override func truth(_ python: Interpreter) throws -> Bool { !isZero }

  public override func hash(_ python: Interpreter) throws -> Int {
    guard special == nil else { return isNegative ? -314_159 : 314_159 }
    if exponent >= 0, exponent < 400 {
      return try python.hash(DecimalModule.signed(self, scaledTo: 0).value)
    }
    let reduced = DecimalModule.normalized(self)
    if reduced.exponent >= 0, reduced.exponent < 400 {
      return try python.hash(DecimalModule.signed(reduced, scaledTo: 0).value)
    }
    return try python.hash(.float(Double(text) ?? 0))
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = try DecimalModule.operand(other, allowsFloat: true) else { return nil }
    if special == .notANumber || other.special == .notANumber {
      return .bool(op == .notEqual)
    }
    return .bool(Ordering(DecimalModule.order(self, other)).satisfies(op))
  }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    guard let other = try DecimalModule.operand(other, allowsFloat: false) else { return nil }
    let (a, b) = reflected ? (other, self) : (self, other)
    return try DecimalModule.combine(op, a, b).map { .object($0) }
  }

  public override func unary(_ op: UnaryOperator, _ python: Interpreter) throws -> Value? {
    switch op {
    case .negative:
      .object(
        DecimalModule.rounded(
          DecimalObject(
            isNegative: !isNegative && !isZero, coefficient, exponent: exponent, special: special)))
    case .positive: .object(DecimalModule.rounded(self))
    default: nil
    }
  }

  public override func format(_ specification: String, _ python: Interpreter) throws -> String {
    if specification.isEmpty { return text }
    guard specification.last == "f", let dot = specification.lastIndex(of: "."),
      let places = Int(specification[specification.index(after: dot)...].dropLast())
    else {
      throw Unsupported("format() of a Decimal with '\(specification)'")
    }
    let fixed = try DecimalModule.quantized(self, exponent: -places, "ROUND_HALF_EVEN")
    let rest = String(specification[..<dot])
    guard rest.isEmpty || rest == "," else {
      throw Unsupported("format() of a Decimal with '\(specification)'")
    }
    return rest.isEmpty ? fixed.text : DecimalModule.grouped(fixed.text)
  }
}
