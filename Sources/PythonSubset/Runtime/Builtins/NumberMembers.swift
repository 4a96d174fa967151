internal import Glibc
internal import OrderedCollections

enum NumberMembers {
  static var int: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .arithmetic, .sets]).adding([
      "__new__": .new("cls, x=..., /, base=...") { call in
        try SpecialMethods.instance(call, .int, integer(call))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "__int__": .method { call in wholeNumber(call[0]) },
      "__index__": .method { call in wholeNumber(call[0]) },
      "__float__": .method { call in .float(try Numbers.Operand(call[0].unwrapped)?.double() ?? 0)
      },
      "__bool__": .method { call in .bool(try call.python.truth(call[0].unwrapped)) },
      "__neg__": .method { call in try call.python.unary(.negative, call[0].unwrapped) },
      "__invert__": .method { call in try call.python.unary(.invert, call[0].unwrapped) },
      "__abs__": .method { call in try Builtins.absolute(call[0].unwrapped, call.python) },
      "bit_length": .method { call in .int(Numbers.Operand(call[0].unwrapped)?.big?.bitWidth ?? 0)
      },
      "bit_count": .method { call in
        .int(
          Numbers.Operand(call[0].unwrapped)?.big?.digits.reduce(0) { $0 + $1.nonzeroBitCount }
            ?? 0)
      },
      "conjugate": .method { call in wholeNumber(call[0]) },
      "real": .property { call in wholeNumber(call[0]) },
      "imag": .property { _ in .int(0) },
      "numerator": .property { call in wholeNumber(call[0]) },
      "denominator": .property { _ in .int(1) },
      "as_integer_ratio": .method { call in .tuple([wholeNumber(call[0]), .int(1)]) },
      "is_integer": .method { _ in .bool(true) },
      "to_bytes": .method("self, length=1, byteorder='big', *, signed=False", toBytes),
      "from_bytes": .classMethod("cls, bytes, byteorder='big', *, signed=False", fromBytes),
    ])
  }

  static var bool: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, x=False, /") { call in .bool(try call.python.truth(call[1])) },
      "__repr__": .method { call in .string(try call.python.repr(call[0])) },
    ]
  }

  static var float: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .arithmetic]).adding([
      "__new__": .new("cls, x=0, /") { call in
        try SpecialMethods.instance(call, .float, .float(floating(call[1], call.python)))
      },
      "__init__": .method("self, /, *args") { _ in .null },
      "__float__": .method { call in .float(call[0].double ?? 0) },
      "__int__": .method { call in try IntegerText.truncated(call[0].double ?? 0) },
      "__bool__": .method { call in .bool(try call.python.truth(call[0].unwrapped)) },
      "__neg__": .method { call in try call.python.unary(.negative, call[0].unwrapped) },
      "__abs__": .method { call in try Builtins.absolute(call[0].unwrapped, call.python) },
      "is_integer": .method { call in
        let number = call[0].double ?? .nan
        return .bool(number.isFinite && number == number.rounded(.towardZero))
      },
      "hex": .method { _ in throw Unsupported("float.hex()") },
      "real": .property { call in .float(call[0].double ?? 0) },
      "imag": .property { _ in .float(0) },
      "as_integer_ratio": .method { call in try ratio(call[0].double ?? 0) },
      "conjugate": .method { call in .float(call[0].double ?? 0) },
    ])
  }

  private static func wholeNumber(_ value: Value) -> Value {
    switch value.unwrapped {
    case .bool(let flag): .int(flag ? 1 : 0)
    case let number: number
    }
  }

  /// `int(x, base)`.
  private static func integer(_ call: Call) throws -> Value {
    let python = call.python
    guard call.isGiven(1) else { return .int(0) }
    let value = call[1].unwrapped
    if call.isGiven(2) {
      let base = try call.int(2)
      guard base == 0 || (2...36).contains(base) else {
        throw PythonError(.valueError, "int() base must be >= 2 and <= 36, or 0")
      }
      let text = value.string ?? value.bytes.map { String(decoding: $0, as: UTF8.self) }
      guard let text else {
        throw PythonError(.typeError, "int() can't convert non-string with explicit base")
      }
      return try parse(text, base, value, python)
    }
    switch value {
    case .int, .big: return value
    case .bool(let flag): return .int(flag ? 1 : 0)
    case .float(let number): return try IntegerText.truncated(number)
    case .str(let text): return try parse(text.string, 10, value, python)
    case .bytes(let bytes):
      return try parse(String(decoding: bytes, as: UTF8.self), 10, value, python)
    case .object(let object):
      for name in ["__int__", "__index__", "__trunc__"] {
        guard let method = try object.pythonClass.boundMember(name, of: value, python) else {
          continue
        }
        return wholeNumber(try python.call(method))
      }
      if let number = try object.index(python) { return number }
    default: break
    }
    throw PythonError(
      .typeError,
      "int() argument must be a string, a bytes-like object or a real number, "
        + "not '\(value.typeName)'")
  }

  private static func parse(
    _ text: String, _ base: Int, _ value: Value, _ python: Interpreter
  ) throws -> Value {
    if let number = try IntegerText.parse(text, radix: base, python) { return number }
    throw PythonError(
      .valueError, "invalid literal for int() with base \(base): \(try python.repr(value))")
  }

  /// `float(x)`.
  static func floating(_ value: Value, _ python: Interpreter) throws -> Double {
    switch value.unwrapped {
    case .str(let text):
      if let number = FloatText.parse(text.string) { return number }
      throw PythonError(
        .valueError, "could not convert string to float: \(try python.repr(value.unwrapped))")
    case .bytes(let bytes):
      if let number = FloatText.parse(String(decoding: bytes, as: UTF8.self)) { return number }
      throw PythonError(
        .valueError, "could not convert string to float: \(try python.repr(value.unwrapped))")
    default:
      if let number = try Numbers.Operand(value.unwrapped)?.double() { return number }
      if let number = try FloatText.asFloat(value, python) { return number }
    }
    throw PythonError(
      .typeError,
      "float() argument must be a string or a real number, not '\(value.typeName)'")
  }

  private static func ratio(_ number: Double) throws -> Value {
    guard number.isFinite else {
      throw number.isNaN
        ? PythonError(.valueError, "cannot convert NaN to integer ratio")
        : PythonError(.overflowError, "cannot convert Infinity to integer ratio")
    }
    var (numerator, shift) = (number, 0)
    while numerator != numerator.rounded(.towardZero) {
      numerator *= 2
      shift += 1
    }
    return .tuple([
      try IntegerText.truncated(numerator), (BigInteger(1) << shift).value,
    ])
  }

  private static func isBigEndian(_ call: Call) throws -> Bool {
    switch try call.string("byteorder") {
    case "big": true
    case "little": false
    default:
      throw PythonError(.valueError, "byteorder must be either 'little' or 'big'")
    }
  }

  private static func toBytes(_ call: Call) throws -> Value {
    let length = try call.int("length")
    let isSigned = try call.truth("signed")
    guard let number = Numbers.Operand(call[0].unwrapped)?.big else { return .null }
    if length < 0 { throw PythonError(.valueError, "length argument must be non-negative") }
    try call.python.charge(length)
    if number.isNegative, !isSigned {
      throw PythonError(.overflowError, "can't convert negative int to unsigned")
    }
    let limit = length * 8 - (isSigned ? 1 : 0)
    let magnitude = number.isNegative ? (number + BigInteger(1)) : number
    guard magnitude.bitWidth <= max(0, limit) else {
      throw PythonError(.overflowError, "int too big to convert")
    }
    let fill: UInt8 = number.isNegative ? 0xFF : 0
    var bytes = magnitude.digits.flatMap { digit in
      (0..<4).map { UInt8(truncatingIfNeeded: digit >> (8 * UInt32($0))) ^ fill }
    }
    bytes = Array(bytes.prefix(length))
    bytes += Array(repeating: fill, count: length - bytes.count)
    return .bytes(try isBigEndian(call) ? bytes.reversed() : bytes)
  }

  private static func fromBytes(_ call: Call) throws -> Value {
    let given =
      try call[1].bytes ?? call.python.items(call[1]).map { UInt8(truncatingIfNeeded: $0.int ?? 0) }
    let bytes = try isBigEndian(call) ? given.reversed() : given
    var digits = [UInt32](repeating: 0, count: (bytes.count + 3) / 4)
    for (index, byte) in bytes.enumerated() {
      digits[index / 4] |= UInt32(byte) << (8 * UInt32(index % 4))
    }
    let number = BigInteger(isNegative: false, digits: digits)
    if try call.truth("signed"), let top = bytes.last, top & 0x80 != 0 {
      return (number - (BigInteger(1) << (bytes.count * 8))).value
    }
    return number.value
  }
}
