extension Lexer {
  /// Reads a string whose prefix begins at the current byte and whose quotes begin at `quotes`.
  mutating func readString(at quotes: Int) {
    let quote = bytes[quotes]
    let isTriple =
      quotes + 2 < bytes.count && bytes[quotes + 1] == quote && bytes[quotes + 2] == quote
    var isFormatted = false
    var isRaw = false
    for byte in bytes[offset..<quotes] {
      isFormatted = isFormatted || byte | 0x20 == UInt8(ascii: "f")
      isRaw = isRaw || byte | 0x20 == UInt8(ascii: "r")
    }
    guard isFormatted else { return readPlainString(from: quotes, quote, isTriple: isTriple) }
    guard formatted.count < SyntaxLimits.formattedStrings else {
      return fail("too many nested f-strings")
    }
    formatted.append(
      FormattedMode(
        quote: quote, isTriple: isTriple, isRaw: isRaw, depth: brackets.count, position: position))
    add(.formattedStart, length: quotes - offset + (isTriple ? 3 : 1))
  }

  private mutating func readPlainString(from quotes: Int, _ quote: UInt8, isTriple: Bool) {
    let began = position
    let start = offset
    var end = quotes + (isTriple ? 3 : 1)
    while end < bytes.count {
      let byte = bytes[end]
      if byte == quote {
        if !isTriple {
          return finishString(start, end + 1, began)
        }
        if end + 2 < bytes.count, bytes[end + 1] == quote, bytes[end + 2] == quote {
          return finishString(start, end + 3, began)
        }
      } else if byte == UInt8(ascii: "\\") {
        end += 1
        if end < bytes.count, bytes[end] == 10 { beginLine(end + 1) }
        if end < bytes.count, bytes[end] & 0xC0 == 0x80 { lineStart += 1 }
      } else if byte == 10 {
        guard isTriple else { break }
        beginLine(end + 1)
      } else if byte & 0xC0 == 0x80 {
        lineStart += 1
      }
      end += 1
    }
    let kind = isTriple ? "triple-quoted string" : "string"
    // The newline that ends the source is no line of its own.
    let last = isTriple ? max(began.line, line - 1) : line
    fail("unterminated \(kind) literal (detected at line \(last))", at: began)
  }

  private mutating func beginLine(_ start: Int) {
    line += 1
    lineStart = start
  }

  private mutating func finishString(_ start: Int, _ end: Int, _ began: Position) {
    tokens.append(
      Token(kind: .string, start: UInt32(start), end: UInt32(end), position: began))
    offset = end
  }

  /// Whether the f-string's text, not an expression of it, comes next.
  func isInText(_ mode: FormattedMode) -> Bool {
    if brackets.count == mode.depth { return true }
    guard let bracket = brackets.last else { return true }
    return bracket.isField && bracket.isInFormat
  }

  /// Reads the text up to a field, the end of a field or the end of the f-string, and that sign.
  mutating func readFormattedText(_ mode: FormattedMode) {
    let isInFormat = brackets.count > mode.depth
    let began = position
    let start = offset
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case mode.quote where !mode.isTriple || peek(1) == byte && peek(2) == byte:
        endText(start, began)
        return endFormatted(mode)
      case 10:
        guard mode.isTriple else { return failUnterminated(mode) }
        endLine()
      case UInt8(ascii: "{"):
        if !isInFormat, peek(1) == byte {
          offset += 2
        } else {
          endText(start, began)
          return openField()
        }
      case UInt8(ascii: "}"):
        if isInFormat {
          endText(start, began)
          brackets.removeLast()
          return add(.rightBrace, length: 1)
        }
        guard peek(1) == byte else { return fail("f-string: single '}' is not allowed") }
        offset += 2
      case UInt8(ascii: "\\"): skipEscape(mode)
      default:
        if byte & 0xC0 == 0x80 { lineStart += 1 }
        offset += 1
      }
    }
    failUnterminated(mode)
  }

  private mutating func failUnterminated(_ mode: FormattedMode) {
    let kind = mode.isTriple ? "triple-quoted f-string" : "f-string"
    let last = mode.isTriple ? max(mode.position.line, line - 1) : line
    fail("unterminated \(kind) literal (detected at line \(last))", at: mode.position)
  }

  private mutating func endText(_ start: Int, _ began: Position) {
    guard offset > start else { return }
    tokens.append(
      Token(
        kind: .formattedText, start: UInt32(start), end: UInt32(offset), position: began))
  }

  private mutating func endFormatted(_ mode: FormattedMode) {
    while brackets.count > mode.depth { brackets.removeLast() }
    formatted.removeLast()
    add(.formattedEnd, length: mode.isTriple ? 3 : 1)
  }

  private mutating func openField() {
    guard brackets.count < SyntaxLimits.brackets else {
      return fail("too many nested parentheses")
    }
    brackets.append(Bracket(byte: UInt8(ascii: "{"), position: position, isField: true))
    add(.leftBrace, length: 1)
  }

  /// A backslash hides the next character, braces excepted; `\N{...}` is one escape.
  private mutating func skipEscape(_ mode: FormattedMode) {
    offset += 1
    let next = peek()
    if next == UInt8(ascii: "{") || next == UInt8(ascii: "}") { return }
    if next == 10 { return endLine() }
    offset += 1
    guard !mode.isRaw, next == UInt8(ascii: "N"), peek() == UInt8(ascii: "{") else { return }
    while offset < bytes.count, peek() != UInt8(ascii: "}"), peek() != 10, peek() != mode.quote {
      offset += 1
    }
    if peek() == UInt8(ascii: "}") { offset += 1 }
  }
}
