extension Parser {
  /// A literal of a string token: where its content is and what its prefix means.
  private struct Literal {
    let content: Range<Int>
    let isRaw: Bool
    let isBytes: Bool
  }

  /// Adjacent string literals, f-strings among them.
  mutating func strings() throws(SyntaxFailure) -> Expression {
    let start = position
    let first = kind == .string ? literal(token) : nil
    if let first, first.isBytes { return try bytesLiterals(at: start) }
    var text = TextBuffer()
    var parts: [FormattedPart] = []
    var isFormatted = false
    while kind == .string || kind == .formattedStart {
      if kind == .formattedStart {
        isFormatted = true
        try formattedString(&text, &parts)
        continue
      }
      let literal = literal(token)
      guard !literal.isBytes else {
        throw failure("cannot mix bytes and nonbytes literals", at: start)
      }
      try decode(literal.content, isRaw: literal.isRaw, isFormatted: false, into: &text)
      advance()
    }
    if isFormatted {
      Self.flush(&text, into: &parts)
      return Expression(.formatted(parts), at: start)
    }
    switch text.content {
    case .string(let string): return Expression(.string(string), at: start)
    case .surrogates(let points): return Expression(.surrogates(points), at: start)
    }
  }

  /// Moves text that was read into `parts`.
  static func flush(_ text: inout TextBuffer, into parts: inout [FormattedPart]) {
    guard !text.isEmpty else { return }
    switch text.content {
    case .string(let string): parts.append(.text(string))
    case .surrogates(let points): parts.append(.surrogates(points))
    }
    text = TextBuffer()
  }

  private func literal(_ token: Token) -> Literal {
    var quotes = Int(token.start)
    var isRaw = false
    var isBytes = false
    while bytes[quotes] != UInt8(ascii: "\""), bytes[quotes] != UInt8(ascii: "'") {
      isRaw = isRaw || bytes[quotes] | 0x20 == UInt8(ascii: "r")
      isBytes = isBytes || bytes[quotes] | 0x20 == UInt8(ascii: "b")
      quotes += 1
    }
    let length = Int(token.end) - quotes
    let isTriple =
      length >= 6 && bytes[quotes + 1] == bytes[quotes] && bytes[quotes + 2] == bytes[quotes]
    let width = isTriple ? 3 : 1
    return Literal(
      content: (quotes + width)..<(Int(token.end) - width), isRaw: isRaw, isBytes: isBytes)
  }

  private mutating func bytesLiterals(at start: Position) throws(SyntaxFailure) -> Expression {
    var result: [UInt8] = []
    while kind == .string || kind == .formattedStart {
      let literal = kind == .string ? literal(token) : nil
      guard let literal, literal.isBytes else {
        throw failure("cannot mix bytes and nonbytes literals", at: start)
      }
      guard !bytes[literal.content].contains(where: { $0 >= 0x80 }) else {
        throw failure("bytes can only contain ASCII literal characters", at: position)
      }
      if literal.isRaw {
        result.append(contentsOf: bytes[literal.content])
      } else {
        try decodeBytes(literal.content, into: &result)
      }
      advance()
    }
    return Expression(.bytes(result), at: start)
  }

  private func decodeBytes(
    _ range: Range<Int>, into result: inout [UInt8]
  ) throws(SyntaxFailure) {
    var index = range.lowerBound
    while index < range.upperBound {
      guard bytes[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
        result.append(bytes[index])
        index += 1
        continue
      }
      let letter = bytes[index + 1]
      if let value = Self.simpleEscape(letter) {
        if let value { result.append(value) }
        index += 2
      } else if letter == UInt8(ascii: "x") {
        guard let value = hex(at: index + 2, digits: 2, until: range.upperBound) else {
          throw failure(
            "(value error) invalid \\x escape at position \(index - range.lowerBound)", at: position
          )
        }
        result.append(UInt8(truncatingIfNeeded: value))
        index += 4
      } else if let (value, length) = octal(at: index + 1, until: range.upperBound) {
        result.append(UInt8(truncatingIfNeeded: value))
        index += 1 + length
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
  }

  /// What a backslash and `letter` stand for: a byte, nothing (before a line end), or no escape of
  /// one letter.
  private static func simpleEscape(_ letter: UInt8) -> UInt8?? {
    switch letter {
    case 10: .some(nil)
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): letter
    case UInt8(ascii: "a"): 7
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    case UInt8(ascii: "v"): 11
    default: nil
    }
  }

  private func hex(at index: Int, digits: Int, until end: Int) -> UInt32? {
    guard index + digits <= end else { return nil }
    var value: UInt32 = 0
    for byte in bytes[index..<(index + digits)] {
      guard Lexer.isHexDigit(byte) else { return nil }
      value = value << 4 | UInt32(byte < 58 ? byte - 48 : (byte | 0x20) - 87)
    }
    return value
  }

  private func octal(at index: Int, until end: Int) -> (value: UInt32, length: Int)? {
    var value: UInt32 = 0
    var length = 0
    while length < 3, index + length < end, (48...55).contains(bytes[index + length]) {
      value = value << 3 | UInt32(bytes[index + length] - 48)
      length += 1
    }
    return length == 0 ? nil : (value, length)
  }

  /// Appends what a literal's content stands for. In an f-string `{{` and `}}` are one brace each.
  func decode(
    _ range: Range<Int>, isRaw: Bool, isFormatted: Bool, into text: inout TextBuffer
  ) throws(SyntaxFailure) {
    var index = range.lowerBound
    var plain = index
    while index < range.upperBound {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\\"), !isRaw {
        text.append(bytes[plain..<index])
        index = try decodeEscape(at: index, in: range, isFormatted: isFormatted, into: &text)
        plain = index
      } else if isFormatted, byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}") {
        text.append(bytes[plain...index])
        index += 2
        plain = index
      } else {
        index += 1
      }
    }
    if plain < range.upperBound { text.append(bytes[plain..<range.upperBound]) }
  }

  /// Decodes the escape whose backslash is at `start` and gives the index after it. What is no
  /// escape keeps its backslash.
  private func decodeEscape(
    at start: Int, in range: Range<Int>, isFormatted: Bool, into text: inout TextBuffer
  ) throws(SyntaxFailure) -> Int {
    let end = range.upperBound
    guard start + 1 < end else {
      text.append(bytes[start])
      return start + 1
    }
    let letter = bytes[start + 1]
    if let value = Self.simpleEscape(letter) {
      if let value { text.append(value) }
      return start + 2
    }
    switch letter {
    case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
      let digits = letter == UInt8(ascii: "x") ? 2 : letter == UInt8(ascii: "u") ? 4 : 8
      guard let value = hex(at: start + 2, digits: digits, until: end) else {
        let form = "\\" + String(decoding: [letter], as: UTF8.self)
        throw unicodeError("truncated \(form)\(String(repeating: "X", count: digits)) escape")
      }
      guard value <= 0x10FFFF else { throw unicodeError("illegal Unicode character") }
      text.append(codePoint: value)
      return start + 2 + digits
    case UInt8(ascii: "N"):
      return try decodeNamed(at: start, until: end, into: &text)
    default:
      if let (value, length) = octal(at: start + 1, until: end) {
        text.append(codePoint: value)
        return start + 1 + length
      }
      text.append(bytes[start])
      return start + 1
    }
  }

  private func decodeNamed(
    at start: Int, until end: Int, into text: inout TextBuffer
  ) throws(SyntaxFailure) -> Int {
    guard start + 2 < end, bytes[start + 2] == UInt8(ascii: "{"),
      let close = bytes[(start + 3)..<end].firstIndex(of: UInt8(ascii: "}")), close > start + 3
    else { throw unicodeError("malformed \\N character escape") }
    let name = String(decoding: bytes[(start + 3)..<close], as: UTF8.self)
    guard let scalar = CharacterNames.scalar(named: name) else {
      throw unicodeError("unknown Unicode character name")
    }
    text.append(codePoint: scalar.value)
    return close + 1
  }

  private func unicodeError(_ reason: String) -> SyntaxFailure {
    failure("(unicode error) 'unicodeescape' codec can't decode bytes: \(reason)", at: position)
  }
}
