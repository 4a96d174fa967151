/// Reads the pieces of one statement from left to right.
struct SQLReader {
  private let tokens: ArraySlice<SQLToken>
  private(set) var index: Int

  init(_ tokens: ArraySlice<SQLToken>) {
    self.tokens = tokens
    index = tokens.startIndex
  }

  init(_ tokens: [SQLToken]) { self.init(tokens[...]) }

  var isAtEnd: Bool { index >= tokens.endIndex }
  var current: SQLToken? { isAtEnd ? nil : tokens[index] }
  var rest: ArraySlice<SQLToken> { tokens[min(index, tokens.endIndex)...] }

  /// The token some places on.
  func peek(_ offset: Int = 0) -> SQLToken? {
    index + offset < tokens.endIndex ? tokens[index + offset] : nil
  }

  /// The keyword that stands here, in lower case; nil for anything else.
  var keyword: String? {
    guard let current, current.kind == .word else { return nil }
    return current.spelling.lowercased()
  }

  func isAt(_ words: String...) -> Bool { isAt(words) }

  private func isAt(_ words: [String]) -> Bool {
    words.enumerated().allSatisfy { peek($0.offset)?.isKeyword($0.element) ?? false }
  }

  func isAtSymbol(_ symbol: String) -> Bool { current?.isSymbol(symbol) ?? false }

  mutating func advance(_ count: Int = 1) { index = min(index + count, tokens.endIndex) }

  /// Steps over the words when they stand here.
  @discardableResult
  mutating func accept(_ words: String...) -> Bool {
    guard isAt(words) else { return false }
    advance(words.count)
    return true
  }

  /// Steps over one of the words; gives which.
  mutating func acceptOne(of words: String...) -> String? {
    guard let word = keyword, words.contains(word) else { return nil }
    advance()
    return word
  }

  @discardableResult
  mutating func acceptSymbol(_ symbol: String) -> Bool {
    guard isAtSymbol(symbol) else { return false }
    advance()
    return true
  }

  /// `IF EXISTS`.
  mutating func acceptIfExists() -> Bool { accept("if", "exists") }

  /// `IF NOT EXISTS`.
  mutating func acceptIfNotExists() -> Bool { accept("if", "not", "exists") }

  /// A name without a schema.
  mutating func name() -> String? {
    guard let name = current?.name else { return nil }
    advance()
    return name
  }

  /// A name with or without its schema; a database before that is dropped.
  mutating func objectName() -> ObjectName? {
    guard let first = name() else { return nil }
    var parts = [first]
    while isAtSymbol("."), let next = peek(1)?.name {
      advance(2)
      parts.append(next)
    }
    return ObjectName(parts.count > 1 ? parts[parts.count - 2] : nil, parts[parts.count - 1])
  }

  /// A table in `ALTER TABLE` and its like: `[ONLY] name [*]`.
  mutating func relation() -> ObjectName? {
    accept("only")
    let parenthesised = acceptSymbol("(")
    let name = objectName()
    if parenthesised { acceptSymbol(")") }
    acceptSymbol("*")
    return name
  }

  /// Names between commas.
  mutating func relations() -> [ObjectName] {
    var names: [ObjectName] = []
    repeat {
      guard let name = relation() else { break }
      names.append(name)
    } while acceptSymbol(",")
    return names
  }

  /// Steps over a whole `( .. )`; gives what stands in it.
  mutating func parenthesised() -> ArraySlice<SQLToken>? {
    guard isAtSymbol("(") else { return nil }
    let start = index + 1
    var depth = 0
    repeat {
      if isAtSymbol("(") { depth += 1 }
      if isAtSymbol(")") { depth -= 1 }
      advance()
    } while depth > 0 && !isAtEnd
    return tokens[start..<max(start, depth == 0 ? index - 1 : index)]
  }

  /// Names in parentheses, as the columns of a key; expressions among them are left out.
  mutating func names() -> [String] {
    guard let content = parenthesised() else { return [] }
    return SQLReader(content).parts().compactMap { $0.first?.name }
  }

  /// What stands between the commas that are in no parentheses.
  func parts() -> [ArraySlice<SQLToken>] {
    var parts: [ArraySlice<SQLToken>] = []
    var start = index
    var depth = 0
    for place in index..<max(index, tokens.endIndex) {
      let token = tokens[place]
      if token.isSymbol("(") || token.isSymbol("[") { depth += 1 }
      if token.isSymbol(")") || token.isSymbol("]") { depth -= 1 }
      if token.isSymbol(","), depth == 0 {
        parts.append(tokens[start..<place])
        start = place + 1
      }
    }
    if start < tokens.endIndex || !parts.isEmpty { parts.append(tokens[start..<tokens.endIndex]) }
    return parts
  }

  /// Steps to the first of the keywords that is in no parentheses, or to the end; gives what was
  /// stepped over.
  mutating func skip(to words: Set<String>) -> ArraySlice<SQLToken> {
    let start = index
    while let current {
      if let keyword, words.contains(keyword) { break }
      if current.isSymbol("(") { _ = parenthesised() } else { advance() }
    }
    return tokens[start..<index]
  }

  /// Whether a keyword stands anywhere from here on, in no parentheses.
  func hasAhead(_ word: String) -> Bool {
    var copy = self
    _ = copy.skip(to: [word])
    return !copy.isAtEnd
  }

  /// Whether keywords stand one behind the other anywhere from here on.
  func hasAhead(_ first: String, _ second: String) -> Bool {
    zip(rest, rest.dropFirst()).contains { $0.isKeyword(first) && $1.isKeyword(second) }
  }
}
