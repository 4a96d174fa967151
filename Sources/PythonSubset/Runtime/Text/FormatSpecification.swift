/// A format specification of the standard types: `[[fill]align][sign][z][#][0][width][,][.precision]
/// [type]` (Python's library reference, "Format Specification Mini-Language").
public struct FormatSpecification {
  /// What fills up to the width.
  public private(set) var fill: Unicode.Scalar = " "
  /// `<`, `>`, `=` or `^`; nil where it was not given.
  public private(set) var align: Unicode.Scalar?
  private var sign: Unicode.Scalar = "-"
  private var alternate = false
  private var normalizesZero = false
  /// The width in characters; nil where it was not given.
  public private(set) var width: Int?
  private var grouping: Unicode.Scalar?
  private var precision: Int?
  private var type: Unicode.Scalar?

  /// Reads a specification; throws CPython's `ValueError`s, which name the value's type.
  public init(_ text: String, for value: Value) throws {
    var rest = Array(text.unicodeScalars)[...]
    let aligns: Set<Unicode.Scalar> = ["<", ">", "=", "^"]
    if rest.count > 1, aligns.contains(rest[rest.startIndex + 1]) {
      fill = rest.removeFirst()
      align = rest.removeFirst()
    } else if let first = rest.first, aligns.contains(first) {
      align = rest.removeFirst()
    }
    func take(_ scalars: Unicode.Scalar...) -> Unicode.Scalar? {
      guard let first = rest.first, scalars.contains(first) else { return nil }
      return rest.removeFirst()
    }
    if let given = take("+", "-", " ") { sign = given }
    normalizesZero = take("z") != nil
    alternate = take("#") != nil
    if align == nil || fill == " ", rest.first == "0" {
      rest.removeFirst()
      if align == nil {
        fill = "0"
        align = value.pythonString == nil ? "=" : "<"
      } else {
        fill = "0"
      }
    }
    func number() throws -> Int? {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      if digits.isEmpty { return nil }
      rest = rest.dropFirst(digits.count)
      guard let number = Int(String(String.UnicodeScalarView(digits))) else {
        throw PythonError(.valueError, "Too many decimal digits in format string")
      }
      return number
    }
    width = try number()
    grouping = take(",", "_")
    if let grouping, let second = take(",", "_") {
      throw PythonError(
        .valueError,
        grouping == second
          ? "Cannot specify '\(grouping)' with '\(second)'." : "Cannot specify both ',' and '_'.")
    }
    if take(".") != nil {
      guard let given = try number() else {
        throw PythonError(.valueError, "Format specifier missing precision")
      }
      precision = given
    }
    if rest.count > 1 {
      throw PythonError(
        .valueError,
        "Invalid format specifier '\(text)' for object of type '\(value.typeName)'")
    }
    type = rest.first
  }

  /// Formats a string, integer, bool or float.
  func format(_ value: Value, _ python: Interpreter) throws -> String {
    switch value {
    case .str(let text): return try format(text, python)
    case .bool(let flag):
      if type == nil, precision == nil, grouping == nil {
        return try width == nil && align == nil
          ? python.str(value)
          : padded("", python.str(value), defaultAlign: ">", python)
      }
      return try format(.small(flag ? 1 : 0), value, python)
    default:
      guard let operand = Numbers.Operand(value) else { return try python.str(value) }
      return try format(operand, value, python)
    }
  }

  private func format(_ text: PythonString, _ python: Interpreter) throws -> String {
    if let type, type != "s" { throw unknownType("str") }
    if sign != "-" { throw PythonError(.valueError, "Sign not allowed in string format specifier") }
    if alternate {
      throw PythonError(
        .valueError, "Alternate form (#) not allowed in string format specifier")
    }
    if align == "=" {
      throw PythonError(
        .valueError, "'=' alignment not allowed in string format specifier")
    }
    if let grouping { throw PythonError(.valueError, "Cannot specify '\(grouping)' with 's'.") }
    let cut = precision.map { text[0..<min($0, text.count)] } ?? text
    return try padded("", cut.string, defaultAlign: "<", python)
  }

  private func unknownType(_ name: String) -> PythonError {
    PythonError(
      .valueError,
      "Unknown format code '\(type.map { String($0) } ?? "")' for object of type '\(name)'")
  }

  private func format(
    _ operand: Numbers.Operand, _ value: Value, _ python: Interpreter
  ) throws -> String {
    switch type {
    case nil where operand.big != nil, "d", "b", "o", "x", "X", "c", "n":
      guard let integer = operand.big else {
        if type == "n" { return try float(operand, python) }
        throw unknownType(value.typeName)
      }
      return try self.integer(integer, python)
    case nil, "e", "E", "f", "F", "g", "G", "%": return try float(operand, python)
    default: throw unknownType(value.typeName)
    }
  }

  private func integer(_ number: BigInteger, _ python: Interpreter) throws -> String {
    if precision != nil {
      throw PythonError(
        .valueError, "Precision not allowed in integer format specifier")
    }
    if type == "c" {
      guard case .int(let code) = number.value,
        let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init)
      else { throw PythonError(.overflowError, "%c arg not in range(0x110000)") }
      return try padded("", String(scalar), defaultAlign: "<", python)
    }
    let radix =
      switch type {
      case "b": 2
      case "o": 8
      case "x", "X": 16
      default: 10
      }
    if let grouping, grouping == ",", radix != 10 {
      throw PythonError(
        .valueError, "Cannot specify ',' with '\(type.map { String($0) } ?? "")'.")
    }
    var digits =
      radix == 10
      ? try python.decimal(number.isNegative ? number.negated : number)
      : BigInteger(isNegative: false, digits: number.digits).text(radix: radix)
    var prefix = alternate && radix != 10 ? "0\(type.map { String($0) } ?? "")" : ""
    if type == "X" {
      digits = digits.uppercased()
      prefix = prefix.uppercased()
    }
    let lead = signText(isNegative: number.isNegative) + prefix
    return try padded(
      lead, grouped(digits, lead: lead, every: radix == 10 ? 3 : 4), defaultAlign: ">", python)
  }

  private func float(_ operand: Numbers.Operand, _ python: Interpreter) throws -> String {
    let number = try operand.double()
    try python.charge(precision ?? 0)
    let text = FloatText.formatted(
      number, type: type.map { $0 == "n" ? "g" : Character($0) }, precision: precision,
      alternate: alternate)
    var isNegative = number.sign == .minus && !number.isNaN
    if normalizesZero, !text.contains(where: { ("1"..."9").contains($0) }), number.isFinite {
      isNegative = false
    }
    let lead = signText(isNegative: isNegative)
    let whole = text.prefix { $0.isNumber }
    guard grouping != nil, number.isFinite else {
      return try padded(lead, text, defaultAlign: ">", python)
    }
    let rest = String(text.dropFirst(whole.count))
    let groupedWhole = grouped(String(whole), lead: lead, every: 3, trailing: rest.count)
    return try padded(lead, groupedWhole + rest, defaultAlign: ">", python)
  }

  private func signText(isNegative: Bool) -> String {
    isNegative ? "-" : sign == "-" ? "" : String(sign)
  }

  /// Puts separators between groups; zeros that fill a width take part.
  private func grouped(_ digits: String, lead: String, every size: Int, trailing: Int = 0) -> String
  {
    guard let grouping else { return digits }
    var digits = digits
    if fill == "0", align == "=", let width {
      while true {
        let length = digits.count + (digits.count - 1) / size + lead.count + trailing
        if length >= width || width > 1 << 16 { break }
        digits = "0" + digits
      }
    }
    var result = ""
    for (offset, digit) in digits.enumerated() {
      if offset > 0, (digits.count - offset) % size == 0 { result.unicodeScalars.append(grouping) }
      result.append(digit)
    }
    return result
  }

  /// Fills up to the width; `=` fills between the sign and the digits.
  func padded(
    _ lead: String, _ text: String, defaultAlign: Unicode.Scalar, _ python: Interpreter
  ) throws -> String {
    let length = lead.unicodeScalars.count + text.unicodeScalars.count
    guard let width, width > length else { return lead + text }
    try python.charge(width)
    let missing = width - length
    func filling(_ count: Int) -> String { String(repeating: String(fill), count: count) }
    switch align ?? defaultAlign {
    case "<": return lead + text + filling(missing)
    case "=": return lead + filling(missing) + text
    case "^": return filling(missing / 2) + lead + text + filling(missing - missing / 2)
    default: return filling(missing) + lead + text
    }
  }

  /// Pads a text as a string is padded: for hosts whose `__format__` is that of `str`.
  public func pad(_ text: String, _ python: Interpreter) throws -> String {
    try padded("", text, defaultAlign: "<", python)
  }
}
