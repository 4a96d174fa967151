internal import OrderedCollections

/// Why a text is not JSON, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, lower case.
  public let message: String
  /// The byte at which it was noticed, from 0.
  public let offset: Int

  /// The message with its place.
  public var description: String { "\(message) at byte \(offset)" }
}

extension JSON {
  /// Reads one JSON value that fills the whole text.
  ///
  /// Strict: no comments, no trailing commas, no duplicate keys, no lone surrogates, at most 512
  /// levels deep. Integers that do not fit 64 bits become doubles.
  public init(parsing bytes: some Collection<UInt8>) throws(JSONError) {
    var parser = JSONParser(bytes: Array(bytes))
    self = try parser.document()
  }

  /// Reads one JSON value from text; the rules are those of `init(parsing:)` for bytes.
  public init(parsing text: String) throws(JSONError) {
    try self.init(parsing: Array(text.utf8))
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw fail("text after the value") }
    return value
  }

  private func fail(_ message: String) -> JSONError {
    JSONError(message: message, offset: position)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value() throws(JSONError) -> JSON {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw fail("the text ends where a value should be")
    default: return try number()
    }
  }

  private mutating func nested(
    _ read: (inout JSONParser) throws(JSONError) -> JSON
  ) throws(JSONError) -> JSON {
    guard depth < 512 else { throw fail("nested more than 512 levels deep") }
    depth += 1
    position += 1
    defer { depth -= 1 }
    return try read(&self)
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let end = position + text.utf8CodeUnitCount
    guard end <= bytes.count, bytes[position..<end].elementsEqual("\(text)".utf8) else {
      throw fail("an unknown word")
    }
    position = end
    return value
  }

  private mutating func object() throws(JSONError) -> JSON {
    var members: OrderedDictionary<String, JSON> = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw fail("a key must be a string") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw fail("\":\" is missing after a key") }
      let member = try value()
      guard members.updateValue(member, forKey: key) == nil else {
        throw fail("the key \"\(key)\" stands twice")
      }
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw fail("\",\" or \"}\" is missing") }
    }
  }

  private mutating func array() throws(JSONError) -> JSON {
    var items: [JSON] = []
    skipSpace()
    if take("]") { return .array(items) }
    while true {
      items.append(try value())
      skipSpace()
      if take("]") { return .array(items) }
      guard take(",") else { throw fail("\",\" or \"]\" is missing") }
    }
  }

  private mutating func number() throws(JSONError) -> JSON {
    let start = position
    _ = take("-")
    let whole = try digits()
    if whole > 1, bytes[position - whole] == UInt8(ascii: "0") {
      throw fail("a number has a leading zero")
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      _ = try digits()
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      _ = try digits()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int64(text) { return .int(value) }
    guard let value = Double(text), value.isFinite else { throw fail("a number is out of range") }
    return .double(value)
  }

  private mutating func digits() throws(JSONError) -> Int {
    let start = position
    while let byte = next, (0x30...0x39).contains(byte) { position += 1 }
    guard position > start else { throw fail("a value or a digit is missing") }
    return position - start
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    var run = position
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        text += bytes[run..<position]
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw fail("a string is not valid UTF-8")
        }
        return string
      case UInt8(ascii: "\\"):
        text += bytes[run..<position]
        position += 1
        text += try escape().utf8
        run = position
      case 0..<0x20: throw fail("a control character stands in a string")
      default: position += 1
      }
    }
    throw fail("a string does not end")
  }

  private mutating func escape() throws(JSONError) -> String {
    guard let byte = next else { throw fail("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicode()
    default: throw fail("an unknown escape")
    }
  }

  private mutating func unicode() throws(JSONError) -> String {
    var units = [try hex4()]
    if UTF16.isLeadSurrogate(units[0]) {
      guard take("\\"), take("u") else { throw fail("half of a surrogate pair is missing") }
      units.append(try hex4())
    }
    guard let text = String(validating: units, as: UTF16.self) else {
      throw fail("half of a surrogate pair is missing")
    }
    return text
  }

  private mutating func hex4() throws(JSONError) -> UInt16 {
    guard position + 4 <= bytes.count,
      let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
      bytes[position] != UInt8(ascii: "+")
    else { throw fail("\\u needs four hexadecimal digits") }
    position += 4
    return unit
  }
}
