extension TextClause {
  /// Splits SQL text at its `:name` places by SQLAlchemy's rules.
  ///
  /// A colon begins a place when a word character, `$`, `:` or a backslash does not precede it and
  /// neither `:` nor more of the name follows the name. A backslash before a colon escapes it and
  /// is dropped. Quotes mean nothing: `':name'` is a place.
  public init(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    var pieces: [Piece] = []
    var sql = String.UnicodeScalarView()
    var index = 0
    while index < scalars.count {
      let scalar = scalars[index]
      if scalar == "\\", let end = TextClause.escapeEnd(scalars, index) {
        sql.append(contentsOf: scalars[(index + 1)..<end])
        index = end
      } else if scalar == ":", let end = TextClause.placeEnd(scalars, index) {
        if !sql.isEmpty { pieces.append(.sql(String(sql))) }
        sql = .init()
        var name = String.UnicodeScalarView()
        name.append(contentsOf: scalars[(index + 1)..<end])
        pieces.append(.bind(String(name)))
        index = end
      } else {
        sql.append(scalar)
        index += 1
      }
    }
    if !sql.isEmpty { pieces.append(.sql(String(sql))) }
    self.init(pieces: pieces, binds: [:], columns: [])
  }

  /// Where the place that begins with the colon at `start` ends; nil where it is none.
  private static func placeEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    if start > 0 {
      let before = scalars[start - 1]
      if before == ":" || before == "\\" || isWord(before) { return nil }
    }
    var end = start + 1
    while end < scalars.count, isWord(scalars[end]) { end += 1 }
    guard end > start + 1 else { return nil }
    return end < scalars.count && scalars[end] == ":" ? nil : end
  }

  /// Where the escaped colon and the word after it end; nil where the backslash is just one.
  private static func escapeEnd(_ scalars: [Unicode.Scalar], _ start: Int) -> Int? {
    guard start + 1 < scalars.count, scalars[start + 1] == ":" else { return nil }
    var end = start + 2
    while end < scalars.count, isWord(scalars[end]) { end += 1 }
    return end < scalars.count && scalars[end] == ":" ? nil : end
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == "_" || scalar == "$" { return true }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }
}
