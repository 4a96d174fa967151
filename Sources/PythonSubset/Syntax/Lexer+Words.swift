extension Lexer {
  @inline(__always)
  static func continuesWord(_ byte: UInt8) -> Bool {
    let kind = classes[Int(byte)]
    return kind == .word || kind == .digit
  }

  /// Reads a name, a reserved word, or the string whose prefix looks like a name.
  mutating func readWord(_ first: UInt8) {
    var end = offset
    var packed: UInt64 = 0
    var high: UInt8 = 0
    while end < bytes.count, Self.continuesWord(bytes[end]) {
      let byte = bytes[end]
      let index = end - offset
      if index < 8 { packed |= UInt64(byte) << UInt64(index * 8) }
      high |= byte
      end += 1
    }
    let length = end - offset
    if end < bytes.count, length <= 2, Self.classes[Int(bytes[end])] == .quote,
      isStringPrefix(length)
    {
      return readString(at: end)
    }
    if high >= 0x80 { return readUnicodeName(end) }
    if length <= 8, let keyword = TokenKind.keyword(packed: packed) {
      return add(keyword, length: length)
    }
    add(.name, length: length)
  }

  /// Whether the next `length` bytes are one of Python's string prefixes.
  private func isStringPrefix(_ length: Int) -> Bool {
    func letter(_ index: Int) -> UInt8 { peek(index) | 0x20 }
    let r = UInt8(ascii: "r")
    let b = UInt8(ascii: "b")
    let f = UInt8(ascii: "f")
    if length == 1 {
      return letter(0) == r || letter(0) == b || letter(0) == f || letter(0) == UInt8(ascii: "u")
    }
    return letter(0) == r && (letter(1) == b || letter(1) == f)
      || letter(1) == r && (letter(0) == b || letter(0) == f)
  }

  /// A name beyond ASCII must, once normalised, consist of identifier characters.
  private mutating func readUnicodeName(_ end: Int) {
    let text = String(decoding: bytes[offset..<end], as: UTF8.self)
    var isFirst = true
    for scalar in text.unicodeScalars {
      let fits = isFirst ? Identifiers.canStart(scalar) : Identifiers.canContinue(scalar)
      guard fits else {
        return fail(
          "invalid character '\(scalar)' (U+\(String(scalar.value, radix: 16, uppercase: true)))")
      }
      isFirst = false
    }
    let shift = bytes[offset..<end].count { $0 & 0xC0 == 0x80 }
    add(.name, length: end - offset)
    lineStart += shift
  }

  /// Reads an operator or bracket.
  mutating func readOperator(_ byte: UInt8) {
    if byte == UInt8(ascii: "."), Self.classes[Int(peek(1))] == .digit { return readNumber() }
    if let bracket = brackets.last, bracket.isField {
      if byte == UInt8(ascii: ":") {
        brackets[brackets.count - 1].isInFormat = true
        return add(.colon, length: 1)
      }
      if byte == UInt8(ascii: "!"), peek(1) != UInt8(ascii: "=") {
        return add(.exclamation, length: 1)
      }
    }
    guard let (kind, length) = operatorToken(byte) else {
      return fail("invalid syntax")
    }
    switch kind {
    case .leftParen, .leftBracket, .leftBrace: open(byte, as: kind)
    case .rightParen, .rightBracket, .rightBrace: close(byte, as: kind)
    default: add(kind, length: length)
    }
  }

  private mutating func open(_ byte: UInt8, as kind: TokenKind) {
    guard brackets.count < SyntaxLimits.brackets else {
      return fail("too many nested parentheses")
    }
    brackets.append(Bracket(byte: byte, position: position))
    add(kind, length: 1)
  }

  private mutating func close(_ byte: UInt8, as kind: TokenKind) {
    let name = Character(Unicode.Scalar(byte))
    guard let opening = brackets.last, brackets.count > (formatted.last?.depth ?? 0) else {
      return fail("unmatched '\(name)'")
    }
    let wanted: UInt8 =
      switch opening.byte {
      case UInt8(ascii: "("): UInt8(ascii: ")")
      case UInt8(ascii: "["): UInt8(ascii: "]")
      default: UInt8(ascii: "}")
      }
    guard byte == wanted else {
      let other = Character(Unicode.Scalar(opening.byte))
      let place = opening.position.line == line ? "" : " on line \(opening.position.line)"
      return fail(
        "closing parenthesis '\(name)' does not match opening parenthesis '\(other)'\(place)")
    }
    brackets.removeLast()
    add(kind, length: 1)
  }

  /// The longest operator that begins with `byte`.
  private func operatorToken(_ byte: UInt8) -> (TokenKind, Int)? {
    let next = peek(1)
    let assigns = next == UInt8(ascii: "=")
    let doubled = next == byte
    let doubledAssigns = doubled && peek(2) == UInt8(ascii: "=")
    switch byte {
    case UInt8(ascii: "("): return (.leftParen, 1)
    case UInt8(ascii: ")"): return (.rightParen, 1)
    case UInt8(ascii: "["): return (.leftBracket, 1)
    case UInt8(ascii: "]"): return (.rightBracket, 1)
    case UInt8(ascii: "{"): return (.leftBrace, 1)
    case UInt8(ascii: "}"): return (.rightBrace, 1)
    case UInt8(ascii: ","): return (.comma, 1)
    case UInt8(ascii: ";"): return (.semicolon, 1)
    case UInt8(ascii: "~"): return (.tilde, 1)
    case UInt8(ascii: ":"): return assigns ? (.walrus, 2) : (.colon, 1)
    case UInt8(ascii: "."):
      return doubled && peek(2) == byte ? (.ellipsis, 3) : (.dot, 1)
    case UInt8(ascii: "="): return assigns ? (.equal, 2) : (.assign, 1)
    case UInt8(ascii: "!"): return assigns ? (.notEqual, 2) : nil
    case UInt8(ascii: "+"): return assigns ? (.plusAssign, 2) : (.plus, 1)
    case UInt8(ascii: "-"):
      if next == UInt8(ascii: ">") { return (.arrow, 2) }
      return assigns ? (.minusAssign, 2) : (.minus, 1)
    case UInt8(ascii: "*"):
      if doubledAssigns { return (.doubleStarAssign, 3) }
      return doubled ? (.doubleStar, 2) : assigns ? (.starAssign, 2) : (.star, 1)
    case UInt8(ascii: "/"):
      if doubledAssigns { return (.doubleSlashAssign, 3) }
      return doubled ? (.doubleSlash, 2) : assigns ? (.slashAssign, 2) : (.slash, 1)
    case UInt8(ascii: "%"): return assigns ? (.percentAssign, 2) : (.percent, 1)
    case UInt8(ascii: "@"): return assigns ? (.atAssign, 2) : (.at, 1)
    case UInt8(ascii: "&"): return assigns ? (.ampersandAssign, 2) : (.ampersand, 1)
    case UInt8(ascii: "|"): return assigns ? (.pipeAssign, 2) : (.pipe, 1)
    case UInt8(ascii: "^"): return assigns ? (.caretAssign, 2) : (.caret, 1)
    case UInt8(ascii: "<"):
      if doubledAssigns { return (.leftShiftAssign, 3) }
      if next == UInt8(ascii: ">") { return nil }
      return doubled ? (.leftShift, 2) : assigns ? (.lessOrEqual, 2) : (.less, 1)
    case UInt8(ascii: ">"):
      if doubledAssigns { return (.rightShiftAssign, 3) }
      return doubled ? (.rightShift, 2) : assigns ? (.greaterOrEqual, 2) : (.greater, 1)
    default: return nil
    }
  }
}
