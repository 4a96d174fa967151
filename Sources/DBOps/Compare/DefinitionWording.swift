extension DefinitionDifference {
  /// Whether both are the same but for casts and the parentheses around them.
  ///
  /// PostgreSQL writes a definition down from its parsed form, and reading that gives another form:
  /// `(ARRAY['a'::character varying])::text[]` becomes `ARRAY[('a'::character varying)::text]`, so
  /// that nearly every list of words in a check has two spellings.
  var isRewording: Bool {
    guard change == .changed, let expected, let actual else { return false }
    return DefinitionWording.words(expected) == DefinitionWording.words(actual)
  }
}

/// Reads a definition past its casts.
enum DefinitionWording {
  /// The tokens without casts, and without parentheses around what needs none then.
  static func words(_ sql: String) -> [Substring] {
    var words: [Substring] = []
    var tokens = SQLTokens.tokens(of: sql)[...]
    while let token = tokens.first {
      if token.isSymbol("::") {
        tokens = afterType(tokens.dropFirst())
      } else {
        tokens = tokens.dropFirst()
        words.append(token.spelling)
        if token.isSymbol(")") { unwrap(&words) }
      }
    }
    return words
  }

  /// Removes the parentheses that a list of words ends with, if there is only one thing in them and
  /// they are not a function's.
  private static func unwrap(_ words: inout [Substring]) {
    let end = words.count - 1
    guard let start = opening(of: end, in: words), isOne(words, in: (start + 1)..<end),
      start == 0 || !isName(words[start - 1])
    else { return }
    words.removeLast()
    words.remove(at: start)
  }

  /// Whether these are a constant, a name with dots, or an array.
  private static func isOne(_ words: [Substring], in range: Range<Int>) -> Bool {
    if range.isEmpty { return false }
    if words[range.lowerBound] == "ARRAY" {
      return opening(of: range.upperBound - 1, in: words) == range.lowerBound + 1
    }
    return range.count % 2 == 1
      && range.allSatisfy { place in
        (place - range.lowerBound) % 2 == 0 ? isAtom(words[place]) : words[place] == "."
      }
  }

  /// The place of the bracket that one at `end` closes.
  private static func opening(of end: Int, in words: [Substring]) -> Int? {
    var depth = 0
    for place in stride(from: end, through: 0, by: -1) {
      switch words[place] {
      case ")", "]": depth += 1
      case "(", "[": depth -= 1
      default: break
      }
      if depth == 0 { return place }
    }
    return nil
  }

  private static func isAtom(_ word: Substring) -> Bool {
    guard let first = word.utf8.first else { return false }
    return isName(word) || first == UInt8(ascii: "'") || (0x30...0x39).contains(first)
  }

  /// A word after which parentheses hold arguments; `ANY` and the like count with their own.
  private static func isName(_ word: Substring) -> Bool {
    guard let first = word.utf8.first else { return false }
    let isWord =
      (0x41...0x5A).contains(first) || (0x61...0x7A).contains(first) || first == 0x5F
      || first >= 0x80 || first == UInt8(ascii: "\"")
    return isWord && !operators.contains(word)
  }

  private static let operators: Set<Substring> = [
    "AND", "OR", "NOT", "IS", "WHEN", "THEN", "ELSE", "CASE", "WHERE", "SELECT", "ON", "RETURN",
    "DEFAULT", "LIKE", "BETWEEN",
  ]

  /// The tokens behind a type's name: `character varying(20)[]`, `public.mood`,
  /// `timestamp(3) with time zone`.
  private static func afterType(_ tokens: ArraySlice<SQLToken>) -> ArraySlice<SQLToken> {
    var tokens = tokens.dropFirst()
    while let token = tokens.first {
      if token.isSymbol("."), tokens.dropFirst().first?.name != nil {
        tokens = tokens.dropFirst(2)
      } else if token.isKeyword("varying") || token.isKeyword("precision") {
        tokens = tokens.dropFirst()
      } else if token.isKeyword("with") || token.isKeyword("without"),
        tokens.dropFirst().first?.isKeyword("time") == true
      {
        tokens = tokens.dropFirst(3)
      } else if let rest = afterModifier(tokens) {
        tokens = rest
      } else {
        return tokens
      }
    }
    return tokens
  }

  /// `(10,2)` or `[]`, with nothing but numbers in it.
  private static func afterModifier(_ tokens: ArraySlice<SQLToken>) -> ArraySlice<SQLToken>? {
    guard let open = tokens.first, open.isSymbol("(") || open.isSymbol("[") else { return nil }
    let close = open.isSymbol("(") ? ")" : "]"
    let inside = tokens.dropFirst().prefix { $0.kind == .number || $0.isSymbol(",") }
    let rest = tokens.dropFirst(1 + inside.count)
    guard rest.first?.isSymbol(close) == true else { return nil }
    return rest.dropFirst()
  }
}
