/// `format % values`.
enum PercentFormat {
  static func format(_ format: String, _ values: Value, _ python: Interpreter) throws -> String {
    var formatter = Formatter(values: values, python: python)
    return try formatter.format(Array(format.unicodeScalars))
  }

  private struct Conversion {
    var key: String?
    var isLeft = false, isSigned = false, isSpaced = false, isAlternate = false, isZero = false
    var width = 0
    var precision: Int?
    var type: Unicode.Scalar = "s"
  }

  private struct Formatter {
    let values: Value
    let python: Interpreter
    var position = 0
    var usesMapping = false

    init(values: Value, python: Interpreter) {
      self.values = values
      self.python = python
    }

    /// The values to be taken in turn.
    private var sequence: [Value] {
      if case .tuple(let items) = values.unwrapped { items } else { [values] }
    }

    private var isMapping: Bool {
      switch values.unwrapped {
      case .dict: true
      case .object(let object): !(object is PythonClass) && object is PythonInstance
      default: false
      }
    }

    mutating func format(_ scalars: [Unicode.Scalar]) throws -> String {
      var result = String.UnicodeScalarView()
      var index = 0
      while index < scalars.count {
        let scalar = scalars[index]
        index += 1
        guard scalar == "%" else {
          result.append(scalar)
          continue
        }
        let conversion = try read(scalars, &index)
        if conversion.type == "%" {
          result.append("%")
          continue
        }
        try python.charge(conversion.width + (conversion.precision ?? 0))
        let text = try convert(conversion)
        try python.charge(text.utf8.count)
        result.append(contentsOf: text.unicodeScalars)
      }
      if !usesMapping, position < sequence.count, !isMapping {
        throw PythonError(
          .typeError, "not all arguments converted during string formatting")
      }
      return String(result)
    }

    private mutating func read(
      _ scalars: [Unicode.Scalar], _ index: inout Int
    ) throws -> Conversion {
      var conversion = Conversion()
      func next() throws -> Unicode.Scalar {
        guard index < scalars.count else { throw PythonError(.valueError, "incomplete format") }
        return scalars[index]
      }
      if try next() == "(" {
        conversion.key = try key(scalars, &index)
      }
      flags: while true {
        switch try next() {
        case "-": conversion.isLeft = true
        case "+": conversion.isSigned = true
        case " ": conversion.isSpaced = true
        case "#": conversion.isAlternate = true
        case "0": conversion.isZero = true
        default: break flags
        }
        index += 1
      }
      if let width = try number(scalars, &index) {
        conversion.width = abs(width)
        if width < 0 { conversion.isLeft = true }
      }
      if try next() == "." {
        index += 1
        conversion.precision = max(0, try number(scalars, &index) ?? 0)
      }
      while ["h", "l", "L"].contains(try next()) { index += 1 }
      conversion.type = try next()
      index += 1
      return conversion
    }

    private func key(_ scalars: [Unicode.Scalar], _ index: inout Int) throws -> String {
      var depth = 0
      let start = index + 1
      while index < scalars.count {
        if scalars[index] == "(" { depth += 1 }
        if scalars[index] == ")" { depth -= 1 }
        index += 1
        if depth == 0 {
          return String(String.UnicodeScalarView(scalars[start..<index - 1]))
        }
      }
      throw PythonError(.valueError, "incomplete format key")
    }

    /// A literal number, or `*` for the next value.
    private mutating func number(_ scalars: [Unicode.Scalar], _ index: inout Int) throws -> Int? {
      if index < scalars.count, scalars[index] == "*" {
        index += 1
        guard let number = try nextValue().int else {
          throw PythonError(.typeError, "* wants int")
        }
        guard number.magnitude < 1 << 31 else {
          throw PythonError(.overflowError, "Python int too large to convert to C int")
        }
        return number
      }
      let digits = scalars[index...].prefix { ("0"..."9").contains($0) }
      if digits.isEmpty { return nil }
      index += digits.count
      guard let number = Int(String(String.UnicodeScalarView(digits))), number < 1 << 31 else {
        throw PythonError(.valueError, "width too big")
      }
      return number
    }

    private mutating func nextValue() throws -> Value {
      let sequence = sequence
      guard position < sequence.count else {
        throw PythonError(.typeError, "not enough arguments for format string")
      }
      position += 1
      return sequence[position - 1]
    }

    private mutating func convert(_ conversion: Conversion) throws -> String {
      let value: Value
      if let key = conversion.key {
        guard isMapping else { throw PythonError(.typeError, "format requires a mapping") }
        usesMapping = true
        value = try python.item(of: values, .string(key))
      } else {
        value = try nextValue()
      }
      switch conversion.type {
      case "s": return text(try python.str(value), conversion)
      case "r": return text(try python.repr(value), conversion)
      case "a": return text(try python.ascii(value), conversion)
      case "c": return text(try character(value), conversion)
      case "d", "i", "u", "o", "x", "X": return try integer(value, conversion)
      case "e", "E", "f", "F", "g", "G": return try float(value, conversion)
      default:
        throw PythonError(
          .valueError,
          "unsupported format character '\(conversion.type)' "
            + "(0x\(String(conversion.type.value, radix: 16)))")
      }
    }

    private func text(_ text: String, _ conversion: Conversion) -> String {
      var text = text
      if let precision = conversion.precision {
        text = String(String.UnicodeScalarView(text.unicodeScalars.prefix(precision)))
      }
      return pad("", text, conversion, zero: false)
    }

    private func character(_ value: Value) throws -> String {
      if let text = value.pythonString, text.count == 1 { return text.string }
      guard let code = value.int else { throw PythonError(.typeError, "%c requires int or char") }
      guard let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else {
        throw PythonError(.overflowError, "%c arg not in range(0x110000)")
      }
      return String(scalar)
    }

    private func integer(_ value: Value, _ conversion: Conversion) throws -> String {
      var number = value.unwrapped
      if case .float(let float) = number, "diu".unicodeScalars.contains(conversion.type) {
        number = try IntegerText.truncated(float)
      }
      let whole = try python.optionalIndex(number).flatMap { Numbers.Operand($0) }
      guard let big = whole?.big else {
        let wanted = "diu".unicodeScalars.contains(conversion.type) ? "a real number" : "an integer"
        throw PythonError(
          .typeError, "%\(conversion.type) format: \(wanted) is required, not \(value.typeName)")
      }
      let radix =
        switch conversion.type {
        case "o": 8
        case "x", "X": 16
        default: 10
        }
      var digits = BigInteger(isNegative: false, digits: big.digits).text(radix: radix)
      if let precision = conversion.precision, digits.utf8.count < precision {
        digits = String(repeating: "0", count: precision - digits.utf8.count) + digits
      }
      if conversion.type == "X" { digits = digits.uppercased() }
      let prefix = conversion.isAlternate && radix != 10 ? "0\(conversion.type)" : ""
      return pad(
        sign(big.isNegative, conversion) + prefix, digits, conversion, zero: conversion.isZero)
    }

    private func float(_ value: Value, _ conversion: Conversion) throws -> String {
      let plain = try Numbers.Operand(value.unwrapped)?.double()
      guard let number = try plain ?? FloatText.asFloat(value, python) else {
        throw PythonError(.typeError, "must be real number, not \(value.typeName)")
      }
      let text = FloatText.formatted(
        number, type: Character(conversion.type), precision: conversion.precision,
        alternate: conversion.isAlternate)
      return pad(
        sign(number.sign == .minus && !number.isNaN, conversion), text, conversion,
        zero: conversion.isZero && number.isFinite)
    }

    private func sign(_ isNegative: Bool, _ conversion: Conversion) -> String {
      isNegative ? "-" : conversion.isSigned ? "+" : conversion.isSpaced ? " " : ""
    }

    private func pad(
      _ lead: String, _ text: String, _ conversion: Conversion, zero: Bool
    ) -> String {
      let missing = conversion.width - lead.unicodeScalars.count - text.unicodeScalars.count
      if missing <= 0 { return lead + text }
      if conversion.isLeft { return lead + text + String(repeating: " ", count: missing) }
      return zero
        ? lead + String(repeating: "0", count: missing) + text
        : String(repeating: " ", count: missing) + lead + text
    }
  }
}
