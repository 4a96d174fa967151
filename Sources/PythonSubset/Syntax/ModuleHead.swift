internal import Diagnostics

extension Module {
  /// Parses what stands before the first function, class or decorator at a source's top level; what
  /// follows is only looked through.
  ///
  /// Where the source parses as a whole, these are the statements that the whole begins with, and
  /// nothing behind them says any of `names`. Whether the rest is Python is not known.
  ///
  /// - Parameter names: identifiers in ASCII.
  /// - Returns: nil where the beginning cannot be told from the rest, or the rest says a name, be it
  ///   in a comment or a text.
  public static func parse(
    headOf source: [UInt8], file: String, unlessRestSays names: [String]
  ) -> Module? {
    guard let end = headEnd(of: source), !says(names, source[end...]) else { return nil }
    // A line that only looks like a definition stands in a text or a bracket, which then has no end.
    return try? parse(source[..<end], file: file)
  }

  /// What a line begins with that ends the head.
  private static let definitions = ["def ", "async def ", "class ", "@"].map { Array($0.utf8) }

  private static func headEnd(of source: [UInt8]) -> Int? {
    var start = 0
    while let end = source[start...].firstIndex(of: 10) {
      start = end + 1
      let line = source[start...]
      if definitions.contains(where: line.starts(with:)) { return start }
    }
    return nil
  }

  /// Whether a source says one of the names as a word, be it in a comment or a text. A character beyond ASCII
  /// may be a letter in another form, so any is taken for one.
  ///
  /// - Parameter names: identifiers in ASCII.
  public static func says(_ names: [String], _ text: ArraySlice<UInt8>) -> Bool {
    text.withUnsafeBufferPointer { text in
      let names = names.map { Array($0.utf8) }
      var index = 0
      while index < text.count {
        if text[index] >= 0x80 { return true }
        guard Lexer.continuesWord(text[index]) else {
          index += 1
          continue
        }
        let start = index
        while index < text.count, Lexer.continuesWord(text[index]) { index += 1 }
        let word = text[start..<index]
        if names.contains(where: { $0.count == word.count && word.elementsEqual($0) }) {
          return true
        }
      }
      return false
    }
  }
}
