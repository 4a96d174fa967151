internal import OrderedCollections

/// `decimal`, in the default context: 28 digits, halves to even.
enum DecimalModule {
  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let decimal = PythonClass(
    host: "Decimal", module: "decimal", members: members)
  nonisolated(unsafe) static let decimalException = PythonClass(
    host: "DecimalException", module: "decimal",
    bases: [BuiltinException.arithmeticError.pythonClass])
  nonisolated(unsafe) static let invalidOperation = PythonClass(
    host: "InvalidOperation", module: "decimal", bases: [decimalException])
  nonisolated(unsafe) static let divisionByZero = PythonClass(
    host: "DivisionByZero", module: "decimal",
    bases: [decimalException, BuiltinException.zeroDivisionError.pythonClass])

  static func make() -> HostModule {
    .describing("decimal") { table in
      table.type(decimal, as: "Decimal")
      table.type(decimalException, as: "DecimalException")
      table.type(invalidOperation, as: "InvalidOperation")
      table.type(divisionByZero, as: "DivisionByZero")
      for name in [
        "ROUND_UP", "ROUND_DOWN", "ROUND_CEILING", "ROUND_FLOOR", "ROUND_HALF_UP",
        "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_05UP",
      ] { table.value(name) { .string(name) } }
      table.refused(
        "getcontext", "setcontext", "localcontext", "Context", in: "decimal",
        hint: "decimals are computed with 28 digits, halves to even")
    }
  }

  /// The number that a text stands for; nil where it is none.
  static func parse(_ text: String) -> DecimalObject? {
    var rest = Whitespace.trimmed(text).filter { $0 != "_" }[...]
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest.removeFirst() }
    switch rest.lowercased() {
    case "inf", "infinity":
      return DecimalObject(
        isNegative: isNegative, BigInteger(0), exponent: 0, special: .infinity)
    case "nan", "snan":
      return DecimalObject(isNegative: false, BigInteger(0), exponent: 0, special: .notANumber)
    default: break
    }
    var exponent = 0
    if let mark = rest.firstIndex(where: { $0 == "e" || $0 == "E" }) {
      guard let power = Int(rest[rest.index(after: mark)...]), abs(power) < 100_000 else {
        return nil
      }
      exponent = power
      rest = rest[..<mark]
    }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count > 1 ? parts[1] : ""
    let digits = parts[0] + fraction
    guard !digits.isEmpty, digits.utf8.count <= 100_000,
      digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let coefficient = BigInteger(String(digits), radix: 10)
    else { return nil }
    return DecimalObject(
      isNegative: isNegative, coefficient, exponent: exponent - fraction.utf8.count)
  }

  private static func number(_ call: Call) throws -> DecimalObject { try call.receiver() }

  private static func converted(_ value: Value, _ python: Interpreter) throws -> DecimalObject {
    if let text = value.string {
      guard let number = parse(text) else {
        throw PythonError(invalidOperation, "[<class 'decimal.ConversionSyntax'>]")
      }
      return number
    }
    if let number = try operand(value, allowsFloat: true) { return number }
    if let parts = value.sequence, parts.count == 3, let sign = parts[0].int,
      let digits = parts[1].sequence?.compactMap(\.int), let exponent = parts[2].int,
      let coefficient = BigInteger(
        digits.isEmpty ? "0" : digits.map { String($0) }.joined(), radix: 10)
    {
      return DecimalObject(isNegative: sign == 1, coefficient, exponent: exponent)
    }
    throw PythonError(
      .typeError, "conversion from \(value.typeName) to Decimal is not supported")
  }

  private static var members: OrderedDictionary<String, Value> {
    reading.adding([
      "__new__": .new("cls, value='0', context=None") { call in
        let number = try converted(call[1], call.python)
        return .object(
          DecimalObject(
            isNegative: number.isNegative, number.coefficient, exponent: number.exponent,
            special: number.special, of: try call.cls()))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "from_float": .classMethod("cls, f, /") { .object(try converted($0[1], $0.python)) },
      "quantize": .method("self, exp, rounding=None, context=None") { call in
        guard let pattern = try operand(call[1], allowsFloat: false) else {
          throw call.mismatch(1, "Decimal")
        }
        return .object(
          try quantized(
            number(call), exponent: pattern.exponent,
            call.optionalString("rounding") ?? "ROUND_HALF_EVEN"))
      },
      "normalize": .method("self, context=None") { .object(normalized(try number($0))) },
      "__abs__": .method { call in
        let value = try number(call)
        return .object(
          rounded(
            DecimalObject(
              isNegative: false, value.coefficient, exponent: value.exponent,
              special: value.special)))
      },
      "__round__": .method("self, ndigits=None") { call in
        guard let places = try call.optionalInt("ndigits") else {
          return signed(
            try quantized(number(call), exponent: 0, "ROUND_HALF_EVEN"), scaledTo: 0
          ).value
        }
        return .object(try quantized(number(call), exponent: -places, "ROUND_HALF_EVEN"))
      },
      "to_integral_value": .method("self, rounding=None, context=None") { call in
        let value = try number(call)
        if value.exponent >= 0 { return .object(value) }
        return .object(
          try quantized(
            value, exponent: 0, call.optionalString("rounding") ?? "ROUND_HALF_EVEN"))
      },
    ])
  }

  private static func whole(_ call: Call, _ rounding: String) throws -> Value {
    let value = try number(call)
    switch value.special {
    case .infinity:
      throw PythonError(.overflowError, "cannot convert Infinity to integer")
    case .notANumber: throw PythonError(.valueError, "cannot convert NaN to integer")
    case nil: break
    }
    if value.exponent >= 0 { return signed(value, scaledTo: 0).value }
    let result = divided(
      value.coefficient, by: power(-value.exponent), rounding, value.isNegative)
    return (value.isNegative ? result.negated : result).value
  }

  private static var reading: OrderedDictionary<String, Value> {
    [
      "__int__": .method { try whole($0, "ROUND_DOWN") },
      "__trunc__": .method { try whole($0, "ROUND_DOWN") },
      "__floor__": .method { try whole($0, "ROUND_FLOOR") },
      "__ceil__": .method { try whole($0, "ROUND_CEILING") },
      "__float__": .method { .float(Double(try number($0).text.lowercased()) ?? .nan) },
      "is_nan": .method { .bool(try number($0).special == .notANumber) },
      "is_infinite": .method { .bool(try number($0).special == .infinity) },
      "is_finite": .method { .bool(try number($0).special == nil) },
      "is_zero": .method { .bool(try number($0).isZero) },
      "is_signed": .method { .bool(try number($0).isNegative) },
      "adjusted": .method { call in
        let value = try number(call)
        return .int(value.exponent + value.digits.utf8.count - 1)
      },
      "as_tuple": .method { call in
        let value = try number(call)
        return .tuple([
          .int(value.isNegative ? 1 : 0),
          .tuple(value.digits.compactMap { $0.wholeNumberValue.map { .int($0) } }),
          .int(value.exponent),
        ])
      },
      "compare": .method("self, other, context=None") { call in
        guard let other = try operand(call[1], allowsFloat: false) else {
          throw call.mismatch(1, "Decimal")
        }
        return .object(DecimalObject(BigInteger(order(try number(call), other))))
      },
    ]
  }
}
