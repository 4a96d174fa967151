/// A piece of an SQL text.
struct SQLToken: Hashable {
  enum Kind: Hashable {
    /// A bare word, as it stands.
    case word
    /// A name in double quotes.
    case quotedName
    /// A constant in quotes or dollars.
    case text
    /// One character of punctuation, or a part of a number.
    case symbol
  }

  let kind: Kind
  let range: Range<String.Index>
  let source: String

  /// The characters as they stand in the text.
  var spelling: Substring { source[range] }

  /// Whether it is this keyword, in any case.
  func isKeyword(_ keyword: String) -> Bool {
    kind == .word && spelling.lowercased() == keyword.lowercased()
  }

  /// The name that it stands for, by SQL's rules of case and quotes; nil where it is none.
  var name: String? {
    switch kind {
    case .word: return spelling.lowercased()
    case .quotedName:
      var name = ""
      var previousWasQuote = false
      for character in spelling.dropFirst().dropLast() {
        previousWasQuote = character == "\"" && !previousWasQuote
        if !previousWasQuote { name.append(character) }
      }
      return name
    case .text, .symbol: return nil
    }
  }
}

/// Splits SQL as the server does, far enough to find names and the ends of statements.
struct SQLTokens {
  private let source: String
  private var position: String.Index

  /// The tokens of a text; white space and comments are left out.
  static func tokens(of source: String) -> [SQLToken] {
    var reader = SQLTokens(source)
    var tokens: [SQLToken] = []
    while let token = reader.next() { tokens.append(token) }
    return tokens
  }

  private init(_ source: String) {
    self.source = source
    position = source.startIndex
  }

  private func character(_ offset: Int = 0) -> Character? {
    guard let index = source.index(position, offsetBy: offset, limitedBy: source.endIndex),
      index < source.endIndex
    else { return nil }
    return source[index]
  }

  private mutating func advance(_ count: Int = 1) {
    position =
      source.index(position, offsetBy: count, limitedBy: source.endIndex) ?? source.endIndex
  }

  private mutating func next() -> SQLToken? {
    skipBlanks()
    guard let first = character() else { return nil }
    let start = position
    let kind = take(first)
    return SQLToken(kind: kind, range: start..<position, source: source)
  }

  private mutating func take(_ first: Character) -> SQLToken.Kind {
    switch first {
    case "'":
      skipQuoted("'", escapes: false)
      return .text
    case "\"":
      skipQuoted("\"", escapes: false)
      return .quotedName
    case "E", "e":
      guard character(1) == "'" else { return takeWord() }
      advance()
      skipQuoted("'", escapes: true)
      return .text
    case "$":
      return takeDollar()
    default:
      if first.isLetter || first == "_" { return takeWord() }
      advance()
      return .symbol
    }
  }

  private mutating func takeWord() -> SQLToken.Kind {
    while let next = character(), next.isLetter || next.isNumber || next == "_" || next == "$" {
      advance()
    }
    return .word
  }

  private mutating func skipQuoted(_ quote: Character, escapes: Bool) {
    advance()
    while let next = character() {
      advance()
      if escapes, next == "\\" {
        advance()
      } else if next == quote {
        guard character() == quote else { return }
        advance()
      }
    }
  }

  /// `$tag$ ... $tag$`, or a lone dollar sign.
  private mutating func takeDollar() -> SQLToken.Kind {
    let start = position
    advance()
    while let next = character(), next.isLetter || next.isNumber || next == "_" { advance() }
    guard character() == "$" else {
      position = source.index(after: start)
      return .symbol
    }
    advance()
    let tag = source[start..<position]
    while position < source.endIndex {
      if source[position...].hasPrefix(tag) {
        advance(tag.count)
        return .text
      }
      advance()
    }
    return .text
  }

  private mutating func skipBlanks() {
    while let next = character() {
      if next.isWhitespace {
        advance()
      } else if next == "-", character(1) == "-" {
        while let next = character(), !next.isNewline { advance() }
      } else if next == "/", character(1) == "*" {
        skipComment()
      } else {
        return
      }
    }
  }

  private mutating func skipComment() {
    var depth = 0
    repeat {
      if character() == "/", character(1) == "*" {
        depth += 1
        advance(2)
      } else if character() == "*", character(1) == "/" {
        depth -= 1
        advance(2)
      } else {
        advance()
      }
    } while depth > 0 && position < source.endIndex
  }
}
