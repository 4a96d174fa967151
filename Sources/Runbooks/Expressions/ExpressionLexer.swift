/// A word of an expression.
struct ExpressionToken: Sendable {
  enum Kind: Hashable, Sendable {
    case name(String)
    case number(Value)
    case text(String)
    case symbol(String)
    /// `}}`, or the end of the text.
    case end
  }

  var kind: Kind
  var range: Range<Int>
}

/// Cuts an expression into words.
struct ExpressionLexer {
  private let characters: ArraySlice<Unicode.Scalar>
  private var position: Int

  /// - Parameter characters: from the first character of the expression; what follows `}}` is
  ///   not looked at. Offsets count from the start of the whole array.
  init(_ characters: ArraySlice<Unicode.Scalar>) {
    self.characters = characters
    position = characters.startIndex
  }

  /// All words, the last one being the end.
  mutating func tokens() throws(ExpressionFault) -> [ExpressionToken] {
    var tokens: [ExpressionToken] = []
    while true {
      let token = try next()
      tokens.append(token)
      if token.kind == .end { return tokens }
      if tokens.count > 2000 {
        throw ExpressionFault(kind: .syntax, reason: "the expression is too long", offset: position)
      }
    }
  }

  private var current: Unicode.Scalar? { peek(0) }

  private func peek(_ ahead: Int) -> Unicode.Scalar? {
    let index = position + ahead
    return characters.indices.contains(index) ? characters[index] : nil
  }

  private mutating func next() throws(ExpressionFault) -> ExpressionToken {
    while let character = current, character.properties.isWhitespace { position += 1 }
    let start = position
    guard let character = current else {
      return ExpressionToken(kind: .end, range: start..<start)
    }
    switch character {
    case "a"..."z", "A"..."Z", "_": return name()
    case "0"..."9": return try number()
    case "'": return try text()
    case "\"":
      throw fault("texts stand in single quotes here", hint: "Write '...' instead of \"...\".")
    default: break
    }
    for symbol in ["==", "!=", "<=", ">=", "&&", "||", "}}"] where matches(symbol) {
      position += 2
      return ExpressionToken(
        kind: symbol == "}}" ? .end : .symbol(symbol), range: start..<position)
    }
    guard "!<>+-*/().,[]".unicodeScalars.contains(character) else {
      throw unknown(character)
    }
    position += 1
    return ExpressionToken(kind: .symbol(String(character)), range: start..<position)
  }

  private func matches(_ symbol: String) -> Bool {
    var ahead = 0
    for scalar in symbol.unicodeScalars {
      guard peek(ahead) == scalar else { return false }
      ahead += 1
    }
    return true
  }

  private func unknown(_ character: Unicode.Scalar) -> ExpressionFault {
    switch character {
    case "=": fault("one \"=\" compares nothing", hint: "Write == for a comparison.")
    case "&": fault("one \"&\" means nothing", hint: "Write && for \"and\".")
    case "|": fault("one \"|\" means nothing", hint: "Write || for \"or\".")
    case "$", "{": fault("an expression cannot hold \"${{\" itself")
    default: fault("\"\(character)\" has no meaning in an expression")
    }
  }

  private func fault(_ reason: String, hint: String? = nil) -> ExpressionFault {
    ExpressionFault(kind: .syntax, reason: reason, offset: position, hint: hint)
  }

  /// Names hold hyphens, as the ids of steps do; so a minus needs a space before it.
  private mutating func name() -> ExpressionToken {
    let start = position
    while let character = current {
      let isHyphen = character == "-"
      if isHyphen, !(peek(1).map(isNamePart) ?? false) { break }
      guard isNamePart(character) || isHyphen else { break }
      position += 1
    }
    return ExpressionToken(kind: .name(spelling(start..<position)), range: start..<position)
  }

  private func isNamePart(_ character: Unicode.Scalar) -> Bool {
    switch character {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  private mutating func number() throws(ExpressionFault) -> ExpressionToken {
    let start = position
    skipDigits()
    var isWhole = true
    if current == ".", let after = peek(1), ("0"..."9").contains(after) {
      isWhole = false
      position += 1
      skipDigits()
    }
    if let character = current, isNamePart(character) {
      throw fault(
        "a number with \"\(character)\" behind it",
        hint: "Durations are written duration('5m'), sizes bytes('64MiB').")
    }
    let spelling = spelling(start..<position)
    if isWhole, let value = Int64(spelling) {
      return ExpressionToken(kind: .number(.int(value)), range: start..<position)
    }
    guard !isWhole, let value = Double(spelling), value.isFinite else {
      position = start
      throw fault("the number is out of range")
    }
    return ExpressionToken(kind: .number(.double(value)), range: start..<position)
  }

  private mutating func skipDigits() {
    while let character = current, ("0"..."9").contains(character) { position += 1 }
  }

  /// `'it''s'`: two quotes stand for one.
  private mutating func text() throws(ExpressionFault) -> ExpressionToken {
    let start = position
    var content = String.UnicodeScalarView()
    position += 1
    while let character = current {
      position += 1
      if character != "'" {
        content.append(character)
      } else if current == "'" {
        content.append("'")
        position += 1
      } else {
        return ExpressionToken(kind: .text(String(content)), range: start..<position)
      }
    }
    position = start
    throw fault("a text does not end", hint: "Two single quotes inside of a text stand for one.")
  }

  private func spelling(_ range: Range<Int>) -> String {
    String(String.UnicodeScalarView(characters[range]))
  }
}
