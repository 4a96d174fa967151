/// `json.dumps`, to the letter.
struct JSONEncoding {
  var skipsKeys = false
  var escapesUnicode = true
  var allowsNaN = true
  var indent: String?
  var itemSeparator = ", "
  var keySeparator = ": "
  var sortsKeys = false
  /// Called for values that JSON does not have.
  var fallback: Value?
  let python: Interpreter
  private var open: [ObjectIdentifier] = []
  private var text = ""

  init(_ python: Interpreter) { self.python = python }

  /// The text of a value.
  mutating func encode(_ value: Value) throws -> String {
    text = ""
    try write(value, level: 0)
    try python.charge(text.utf8.count)
    return text
  }

  private mutating func write(_ value: Value, level: Int) throws {
    if level > 900 { throw PythonError(.recursionError, "maximum recursion depth exceeded") }
    try python.tick()
    switch value.unwrapped {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .int(let number): text += String(number)
    case .big(let number): text += try python.decimal(number)
    case .float(let number): text += try float(number)
    case .str(let string): quote(string.string)
    case .list(let list): try write(list.items, of: list, level: level)
    case .tuple(let items): try write(items, of: nil, level: level)
    case .dict(let dict): try write(dict, level: level)
    default: try writeOther(value, level: level)
    }
  }

  private mutating func writeOther(_ value: Value, level: Int) throws {
    guard let fallback, !fallback.isNone else {
      throw PythonError(
        .typeError, "Object of type \(value.typeName) is not JSON serializable")
    }
    try write(python.call(fallback, [value]), level: level + 1)
  }

  private func float(_ number: Double) throws -> String {
    if number.isFinite { return FloatText.shortest(number) }
    let name = number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity"
    guard allowsNaN else {
      throw PythonError(
        .valueError,
        "Out of range float values are not JSON compliant: \(FloatText.shortest(number))")
    }
    return name
  }

  private mutating func entering(
    _ object: AnyObject?, _ body: (inout JSONEncoding) throws -> Void
  ) throws {
    guard let object else { return try body(&self) }
    let identity = ObjectIdentifier(object)
    if open.contains(identity) {
      throw PythonError(.valueError, "Circular reference detected")
    }
    open.append(identity)
    try body(&self)
    open.removeLast()
  }

  private mutating func breakLine(_ level: Int) {
    guard let indent else { return }
    text += "\n" + String(repeating: indent, count: level)
  }

  private mutating func write(_ items: [Value], of object: AnyObject?, level: Int) throws {
    if items.isEmpty {
      text += "[]"
      return
    }
    try entering(object) { encoding in
      encoding.text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { encoding.text += encoding.itemSeparator }
        encoding.breakLine(level + 1)
        try encoding.write(item, level: level + 1)
      }
      encoding.breakLine(level)
      encoding.text += "]"
    }
  }

  private mutating func write(_ dict: PythonDict, level: Int) throws {
    var entries: [(key: Value, value: Value)] = dict.items
    if sortsKeys {
      let order = try python.ordered(entries.map(\.key))
      entries = try order.map { ($0, try dict.value(for: $0, python) ?? .null) }
    }
    var named: [(String, Value)] = []
    for (key, value) in entries {
      if let name = try keyText(key) { named.append((name, value)) }
    }
    if dict.isEmpty {
      text += "{}"
      return
    }
    try entering(dict) { encoding in
      encoding.text += "{"
      for (index, (name, value)) in named.enumerated() {
        if index > 0 { encoding.text += encoding.itemSeparator }
        encoding.breakLine(level + 1)
        encoding.quote(name)
        encoding.text += encoding.keySeparator
        try encoding.write(value, level: level + 1)
      }
      if !named.isEmpty { encoding.breakLine(level) }
      encoding.text += "}"
    }
  }

  private func keyText(_ key: Value) throws -> String? {
    switch key.unwrapped {
    case .str(let text): return text.string
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int(let number): return String(number)
    case .big(let number): return try python.decimal(number)
    case .float(let number): return try float(number)
    default:
      if skipsKeys { return nil }
      throw PythonError(
        .typeError,
        "keys must be str, int, float, bool or None, not \(key.typeName)")
    }
  }

  private mutating func quote(_ string: String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{08}": text += "\\b"
      case "\u{0C}": text += "\\f"
      default:
        if scalar.value < 0x20 || escapesUnicode && scalar.value > 0x7E {
          for unit in String(scalar).utf16 {
            let hex = String(unit, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
          }
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    text += "\""
  }
}
