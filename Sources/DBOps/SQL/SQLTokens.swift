/// A piece of an SQL text.
struct SQLToken: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    /// A bare word, as it stands.
    case word
    /// A name in double quotes.
    case quotedName
    /// A constant in quotes or dollars.
    case text
    /// A number.
    case number
    /// A parameter as `$1`, one character of punctuation, or a whole operator as `::` and `||`.
    case symbol
  }

  let kind: Kind
  let range: Range<String.Index>
  let source: String
  /// The line that it begins in, from 1.
  let line: Int

  /// The characters as they stand in the text.
  var spelling: Substring { source[range] }

  /// Whether it is this keyword, in any case.
  func isKeyword(_ keyword: String) -> Bool {
    kind == .word && spelling.lowercased() == keyword.lowercased()
  }

  /// Whether it is this punctuation or operator.
  func isSymbol(_ symbol: String) -> Bool { kind == .symbol && spelling == symbol }

  /// The name that it stands for, by SQL's rules of case and quotes; nil where it is none.
  var name: String? {
    switch kind {
    case .word: return spelling.lowercased()
    case .quotedName: return unquoted("\"")
    case .text, .symbol, .number: return nil
    }
  }

  /// What a constant in plain or in dollar quotes holds; nil for other pieces. Escapes of an `E`
  /// constant stay as they are.
  var text: String? {
    guard kind == .text else { return nil }
    if spelling.first == "$", let end = spelling.dropFirst().firstIndex(of: "$") {
      let tag = spelling.distance(from: spelling.startIndex, to: end) + 1
      return String(spelling.dropFirst(tag).dropLast(tag))
    }
    return unquoted("'")
  }

  private func unquoted(_ quote: Character) -> String {
    var content = ""
    var previousWasQuote = false
    let opening = spelling.firstIndex(of: quote) ?? spelling.startIndex
    for character in spelling[opening...].dropFirst().dropLast() {
      previousWasQuote = character == quote && !previousWasQuote
      if !previousWasQuote { content.append(character) }
    }
    return content
  }
}

/// A comment of an SQL text.
struct SQLComment: Hashable, Sendable {
  /// The line that it begins in, from 1.
  let line: Int
  /// What stands in it, with its marks.
  let text: String
}

/// Splits SQL as the server does, far enough to know names, constants and the ends of statements.
struct SQLTokens {
  private let source: String
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var comments: [SQLComment] = []
  private var isOpen = false

  /// The tokens of a text; white space and comments are left out.
  static func tokens(of source: String) -> [SQLToken] { scan(source).tokens }

  /// The tokens and the comments of a text, and whether it ends inside a quote or a comment.
  static func scan(
    _ source: String
  ) -> (tokens: [SQLToken], comments: [SQLComment], isOpen: Bool) {
    var reader = SQLTokens(source)
    var tokens: [SQLToken] = []
    while let token = reader.next() { tokens.append(token) }
    return (tokens, reader.comments, reader.isOpen)
  }

  private init(_ source: String) {
    self.source = source
    bytes = Array(source.utf8)
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private func isAt(_ character: Unicode.Scalar, _ offset: Int = 0) -> Bool {
    byte(offset) == UInt8(ascii: character)
  }

  private mutating func advance(_ count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] == 0x0A { line += 1 }
      position += 1
    }
  }

  private func range(from start: Int) -> Range<String.Index> {
    // Every token begins and ends at an ASCII byte or at the text's ends.
    let view = source.utf8
    return view.index(
      view.startIndex, offsetBy: start)..<view.index(
        view.startIndex, offsetBy: position)
  }

  private mutating func next() -> SQLToken? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    let (start, firstLine) = (position, line)
    let kind = take()
    return SQLToken(kind: kind, range: range(from: start), source: source, line: firstLine)
  }

  private mutating func take() -> SQLToken.Kind {
    switch byte() {
    case UInt8(ascii: "'"):
      skipQuoted(UInt8(ascii: "'"), escapes: false)
      return .text
    case UInt8(ascii: "\""):
      skipQuoted(UInt8(ascii: "\""), escapes: false)
      return .quotedName
    case UInt8(ascii: "$"):
      return takeDollar()
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      return takeNumber()
    case let first where SQLTokens.isWordStart(first):
      return takeWord()
    default:
      return takeSymbol()
    }
  }

  /// A word, or the prefix of a constant: `E'..'`, `B'..'`, `X'..'`, `N'..'`, `U&'..'`, `U&".."`.
  private mutating func takeWord() -> SQLToken.Kind {
    if isAt("'", 1), "eEbBxXnN".utf8.contains(byte()) {
      let escapes = isAt("e") || isAt("E")
      advance()
      skipQuoted(UInt8(ascii: "'"), escapes: escapes)
      return .text
    }
    if isAt("u") || isAt("U"), isAt("&", 1), isAt("'", 2) || isAt("\"", 2) {
      let quote = byte(2)
      advance(2)
      skipQuoted(quote, escapes: false)
      return quote == UInt8(ascii: "'") ? .text : .quotedName
    }
    while position < bytes.count, SQLTokens.isWord(byte()) { advance() }
    return .word
  }

  private mutating func takeNumber() -> SQLToken.Kind {
    while position < bytes.count, SQLTokens.isWord(byte()) || isAt(".") {
      let isExponent = isAt("e") || isAt("E")
      advance()
      if isExponent, isAt("+") || isAt("-") { advance() }
    }
    return .number
  }

  private static let operators = Set("+-*/<>=~!@#%^&|`?:".utf8)

  private mutating func takeSymbol() -> SQLToken.Kind {
    guard SQLTokens.operators.contains(byte()) else {
      advance()
      return .symbol
    }
    while position < bytes.count, SQLTokens.operators.contains(byte()) {
      if isAt("-"), isAt("-", 1) { break }
      if isAt("/"), isAt("*", 1) { break }
      advance()
    }
    return .symbol
  }

  private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
    advance()
    while position < bytes.count {
      let next = byte()
      advance()
      if escapes, next == UInt8(ascii: "\\") {
        advance()
      } else if next == quote {
        guard byte() == quote, position < bytes.count else { return }
        advance()
      }
    }
    isOpen = true
  }

  /// `$tag$ ... $tag$`, a parameter, or a lone dollar sign.
  private mutating func takeDollar() -> SQLToken.Kind {
    var end = position + 1
    while end < bytes.count, SQLTokens.isWord(bytes[end]), bytes[end] != UInt8(ascii: "$") {
      end += 1
    }
    let startsWithDigit = (0x30...0x39).contains(byte(1))
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$"), !startsWithDigit else {
      advance(startsWithDigit ? end - position : 1)
      return .symbol
    }
    let tag = Array(bytes[position...end])
    advance(tag.count)
    while position < bytes.count {
      if isAt("$"), bytes[position...].starts(with: tag) {
        advance(tag.count)
        return .text
      }
      advance()
    }
    isOpen = true
    return .text
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      if [0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D].contains(byte()) {
        advance()
      } else if isAt("-"), isAt("-", 1) {
        let (start, firstLine) = (position, line)
        while position < bytes.count, !isAt("\n") { advance() }
        note(start, firstLine)
      } else if isAt("/"), isAt("*", 1) {
        skipComment()
      } else {
        return
      }
    }
  }

  private mutating func note(_ start: Int, _ line: Int) {
    comments.append(
      SQLComment(line: line, text: String(decoding: bytes[start..<position], as: UTF8.self)))
  }

  private mutating func skipComment() {
    let (start, firstLine) = (position, line)
    var depth = 0
    repeat {
      if isAt("/"), isAt("*", 1) {
        depth += 1
        advance(2)
      } else if isAt("*"), isAt("/", 1) {
        depth -= 1
        advance(2)
      } else {
        advance()
      }
    } while depth > 0 && position < bytes.count
    if depth > 0 { isOpen = true }
    note(start, firstLine)
  }

  private static func isWordStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isWordStart(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "$")
  }
}
