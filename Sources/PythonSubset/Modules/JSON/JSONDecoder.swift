/// `json.loads`, with CPython's errors.
struct JSONDecoding {
  struct Hooks {
    var object: Value?
    var pairs: Value?
    var float: Value?
    var int: Value?
    var constant: Value?
    var isStrict = true
  }

  private let scalars: [Unicode.Scalar]
  private let source: Value
  private let hooks: Hooks
  private let python: Interpreter
  private var index = 0
  private var depth = 0

  init(_ text: PythonString, _ hooks: Hooks, _ python: Interpreter) {
    scalars = text.unicodeScalars
    source = .str(text)
    self.hooks = hooks
    self.python = python
  }

  /// The value of the whole text.
  mutating func decode() throws -> Value {
    skipBlanks()
    let value = try value()
    skipBlanks()
    if index < scalars.count { throw failure("Extra data", at: index) }
    return value
  }

  private func failure(_ reason: String, at position: Int) -> PythonError {
    JSONModule.failure(reason, source, scalars, position)
  }

  private mutating func skipBlanks() {
    while index < scalars.count, [" ", "\t", "\n", "\r"].contains(scalars[index]) { index += 1 }
  }

  private mutating func take(_ word: String) -> Bool {
    let wanted = Array(word.unicodeScalars)
    guard scalars[index...].starts(with: wanted) else { return false }
    index += wanted.count
    return true
  }

  private mutating func value() throws -> Value {
    try python.tick()
    guard index < scalars.count else { throw failure("Expecting value", at: index) }
    switch scalars[index] {
    case "\"":
      index += 1
      return try string()
    case "{": return try nested { try $0.object() }
    case "[": return try nested { try $0.array() }
    case "n" where take("null"): return .null
    case "t" where take("true"): return true
    case "f" where take("false"): return false
    case "N" where take("NaN"): return try constant("NaN", .nan)
    case "I" where take("Infinity"): return try constant("Infinity", .infinity)
    case "-" where take("-Infinity"): return try constant("-Infinity", -.infinity)
    default:
      guard let number = try number() else { throw failure("Expecting value", at: index) }
      return number
    }
  }

  private func constant(_ name: String, _ number: Double) throws -> Value {
    if let hook = hooks.constant { return try python.call(hook, [.string(name)]) }
    return .float(number)
  }

  private mutating func nested(_ body: (inout JSONDecoding) throws -> Value) throws -> Value {
    depth += 1
    defer { depth -= 1 }
    if depth > 900 { throw PythonError(.recursionError, "maximum recursion depth exceeded") }
    return try body(&self)
  }

  private mutating func array() throws -> Value {
    index += 1
    var items: [Value] = []
    skipBlanks()
    if take("]") { return .list(items) }
    while true {
      items.append(try value())
      skipBlanks()
      if take("]") { return .list(items) }
      guard take(",") else { throw failure("Expecting ',' delimiter", at: index) }
      skipBlanks()
    }
  }

  private mutating func object() throws -> Value {
    index += 1
    var pairs: [(Value, Value)] = []
    skipBlanks()
    if !take("}") {
      while true {
        guard take("\"") else {
          throw failure("Expecting property name enclosed in double quotes", at: index)
        }
        let key = try string()
        skipBlanks()
        guard take(":") else { throw failure("Expecting ':' delimiter", at: index) }
        skipBlanks()
        pairs.append((key, try value()))
        skipBlanks()
        if take("}") { break }
        guard take(",") else { throw failure("Expecting ',' delimiter", at: index) }
        skipBlanks()
      }
    }
    if let hook = hooks.pairs {
      return try python.call(hook, [.list(pairs.map { .tuple([$0.0, $0.1]) })])
    }
    let dict = PythonDict()
    for (key, value) in pairs { try dict.set(key, to: value, python) }
    if let hook = hooks.object { return try python.call(hook, [.dict(dict)]) }
    return .dict(dict)
  }

  private mutating func string() throws -> Value {
    let start = index - 1
    var text = String.UnicodeScalarView()
    while true {
      guard index < scalars.count else {
        throw failure("Unterminated string starting at", at: start)
      }
      let scalar = scalars[index]
      index += 1
      switch scalar {
      case "\"": return .string(String(text))
      case "\\": text.append(try escape(start))
      default:
        if hooks.isStrict, scalar.value < 0x20 {
          throw failure("Invalid control character at", at: index - 1)
        }
        text.append(scalar)
      }
    }
  }

  private mutating func escape(_ start: Int) throws -> Unicode.Scalar {
    guard index < scalars.count else {
      throw failure("Unterminated string starting at", at: start)
    }
    let letter = scalars[index]
    index += 1
    switch letter {
    case "\"", "\\", "/": return letter
    case "b": return "\u{08}"
    case "f": return "\u{0C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      let high = try unit()
      if let scalar = Unicode.Scalar(high) { return scalar }
      if high < 0xDC00, index + 1 < scalars.count, scalars[index] == "\\",
        scalars[index + 1] == "u"
      {
        index += 2
        let low = try unit()
        if (0xDC00..<0xE000).contains(low),
          let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        {
          return scalar
        }
      }
      throw Unsupported("a JSON string with a surrogate that has no pair")
    default: throw failure("Invalid \\escape", at: index - 2)
    }
  }

  private mutating func unit() throws -> UInt32 {
    var value: UInt32 = 0
    for offset in 0..<4 {
      guard index + offset < scalars.count,
        let digit = Character(scalars[index + offset]).hexDigitValue
      else { throw failure("Invalid \\uXXXX escape", at: index - 1) }
      value = value << 4 | UInt32(digit)
    }
    index += 4
    return value
  }

  private mutating func number() throws -> Value? {
    var end = index
    func isDigit(_ place: Int) -> Bool {
      place < scalars.count && ("0"..."9").contains(scalars[place])
    }
    if end < scalars.count, scalars[end] == "-" { end += 1 }
    guard isDigit(end) else { return nil }
    if scalars[end] == "0" { end += 1 } else { while isDigit(end) { end += 1 } }
    var isFloat = false
    if end < scalars.count, scalars[end] == ".", isDigit(end + 1) {
      isFloat = true
      end += 1
      while isDigit(end) { end += 1 }
    }
    if end < scalars.count, scalars[end] == "e" || scalars[end] == "E" {
      var exponent = end + 1
      if exponent < scalars.count, scalars[exponent] == "+" || scalars[exponent] == "-" {
        exponent += 1
      }
      if isDigit(exponent) {
        isFloat = true
        end = exponent
        while isDigit(end) { end += 1 }
      }
    }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars[index..<end])
    let text = String(view)
    index = end
    if let hook = isFloat ? hooks.float : hooks.int {
      return try python.call(hook, [.string(text)])
    }
    if isFloat { return .float(Double(text) ?? .infinity) }
    if let word = Int(text) { return .int(word) }
    return try IntegerText.parse(text, radix: 10, python)
  }
}
