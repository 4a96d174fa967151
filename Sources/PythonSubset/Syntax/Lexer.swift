internal import Diagnostics

/// Turns a source into tokens, as CPython 3.12's tokenizer does: indentation, brackets, line
/// continuation and f-strings with their nested expressions (PEP 701).
///
/// The first failure ends the list with a token of its own, so that the parser reports whichever of
/// its and the lexer's failures comes first.
struct Lexer {
  let bytes: [UInt8]
  var tokens: [Token] = []
  var failure: String?

  var offset = 0
  var line: UInt32 = 1
  /// Where the line begins, moved on by one for each byte that continues a character, so that
  /// `offset - lineStart` counts characters.
  var lineStart = 0
  var indents: [Indent] = []
  var brackets: [Bracket] = []
  var formatted: [FormattedMode] = []

  /// A level of indentation, counted with tabs to the next eighth column and with tabs as one.
  struct Indent: Equatable {
    var column = 0
    var tabAsOne = 0
  }

  /// An open bracket.
  struct Bracket {
    let byte: UInt8
    let position: Position
    /// Whether it opens a field of an f-string.
    var isField = false
    /// Whether the field's format specification has begun.
    var isInFormat = false
  }

  /// An f-string that is not yet closed.
  struct FormattedMode {
    let quote: UInt8
    let isTriple: Bool
    let isRaw: Bool
    /// The number of brackets that were open before it.
    let depth: Int
    let position: Position
  }

  init(_ source: SourceText) {
    bytes = source.bytes
    tokens.reserveCapacity(bytes.count / 3 + 8)
  }

  var position: Position { Position(line: line, column: UInt32(offset - lineStart) + 1) }

  /// The byte `ahead` of the current one; zero after the end.
  @inline(__always)
  func peek(_ ahead: Int = 0) -> UInt8 {
    let index = offset + ahead
    return index < bytes.count ? bytes[index] : 0
  }

  mutating func add(_ kind: TokenKind, length: Int) {
    tokens.append(
      Token(
        kind: kind, start: UInt32(offset), end: UInt32(offset + length), position: position))
    offset += length
  }

  mutating func fail(_ reason: String, at place: Position? = nil) {
    guard failure == nil else { return }
    failure = reason
    tokens.append(
      Token(
        kind: .failure, start: UInt32(offset), end: UInt32(offset), position: place ?? position))
  }

  /// Reads the whole source.
  mutating func run() {
    while failure == nil, offset < bytes.count {
      if brackets.isEmpty, formatted.isEmpty { readIndentation() }
      if failure == nil { readLine() }
    }
    guard failure == nil else { return }
    if let open = formatted.last {
      let kind = open.isTriple ? "triple-quoted f-string" : "f-string"
      return fail("unterminated \(kind) literal (detected at line \(line))", at: open.position)
    }
    if let open = brackets.last {
      return fail("'\(Character(Unicode.Scalar(open.byte)))' was never closed", at: open.position)
    }
    if let last = tokens.last?.kind, last != .newline { add(.newline, length: 0) }
    for _ in indents { add(.dedent, length: 0) }
    add(.endOfFile, length: 0)
  }

  mutating func endLine() {
    offset += 1
    line += 1
    lineStart = offset
  }

  /// Reads tokens until a line ends outside of brackets and f-strings.
  private mutating func readLine() {
    while failure == nil, offset < bytes.count {
      if let mode = formatted.last, isInText(mode) {
        readFormattedText(mode)
        continue
      }
      let byte = bytes[offset]
      switch Self.classes[Int(byte)] {
      case .blank: offset += 1
      case .word: readWord(byte)
      case .digit: readNumber()
      case .quote: readString(at: offset)
      case .newline:
        if brackets.isEmpty {
          if let last = tokens.last?.kind, last != .newline {
            add(.newline, length: 1)
            offset -= 1
          }
          return endLine()
        }
        endLine()
      case .comment: skipComment()
      case .backslash: readContinuation()
      case .other: readOperator(byte)
      }
    }
  }

  mutating func skipComment() {
    while peek() != UInt8(ascii: "\n"), offset < bytes.count { offset += 1 }
  }

  private mutating func readContinuation() {
    guard peek(1) == UInt8(ascii: "\n") else {
      return fail("unexpected character after line continuation character")
    }
    offset += 1
    endLine()
    if offset >= bytes.count { fail("unexpected end of file after line continuation character") }
  }

  /// Compares a line's blanks with the open blocks. Blank lines and comments count for nothing.
  private mutating func readIndentation() {
    var indent = Indent()
    var carried: Indent?
    scan: while true {
      switch peek() {
      case UInt8(ascii: " "):
        indent.column += 1
        indent.tabAsOne += 1
      case UInt8(ascii: "\t"):
        indent.column = (indent.column / 8 + 1) * 8
        indent.tabAsOne += 1
      case 12: indent = Indent()
      case UInt8(ascii: "\\") where peek(1) == UInt8(ascii: "\n"):
        carried = carried ?? indent
        offset += 1
        endLine()
        continue scan
      default: break scan
      }
      offset += 1
    }
    let byte = peek()
    if byte == UInt8(ascii: "#") { skipComment() }
    if offset >= bytes.count || peek() == UInt8(ascii: "\n") { return }
    compare(carried ?? indent)
  }

  private mutating func compare(_ indent: Indent) {
    let current = indents.last ?? Indent()
    if indent.column == current.column {
      guard indent.tabAsOne == current.tabAsOne else { return failTabs() }
    } else if indent.column > current.column {
      guard indent.tabAsOne > current.tabAsOne else { return failTabs() }
      guard indents.count + 1 < SyntaxLimits.indentation else {
        return fail("too many levels of indentation")
      }
      indents.append(indent)
      add(.indent, length: 0)
    } else {
      while let last = indents.last, indent.column < last.column {
        indents.removeLast()
        add(.dedent, length: 0)
      }
      let outer = indents.last ?? Indent()
      guard indent.column == outer.column else {
        return fail("unindent does not match any outer indentation level")
      }
      guard indent.tabAsOne == outer.tabAsOne else { return failTabs() }
    }
  }

  private mutating func failTabs() {
    fail("inconsistent use of tabs and spaces in indentation")
  }

  enum ByteClass: UInt8 { case other, blank, word, digit, quote, newline, comment, backslash }

  static let classes: [ByteClass] = (0...255).map { (byte: UInt8) -> ByteClass in
    switch byte {
    case 32, 9, 12: .blank
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "_"), 0x80...0xFF:
      .word
    case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
    case UInt8(ascii: "\""), UInt8(ascii: "'"): .quote
    case 10: .newline
    case UInt8(ascii: "#"): .comment
    case UInt8(ascii: "\\"): .backslash
    default: .other
    }
  }
}
