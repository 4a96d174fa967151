internal import Diagnostics

/// Builds the syntax tree from tokens by recursive descent.
///
/// Where the grammar needs to look far ahead (`match`, parenthesised `with`) it tries one reading of
/// a statement's head and goes back; nothing nests in such a head, so parsing stays linear.
struct Parser {
  let file: String
  let bytes: [UInt8]
  let tokens: [Token]
  let lexerFailure: String?
  var index = 0
  /// The kind of the current token.
  var kind: TokenKind
  /// How deep the parser is within the current expression.
  var depth = 0
  /// How deep the expression that is being read goes so far, counted like ``depth``.
  var deepest = 0
  /// Whether only the documentation and other `from __future__` imports came before.
  var mayImportFuture = true
  var scopes: [Scope] = [Scope(form: .module)]

  /// A body that `return`, `yield`, `await`, `break` and `continue` belong to.
  struct Scope {
    enum Form { case module, `class`, function, asyncFunction, lambda }
    let form: Form
    var loops = 0
    var yields = false
    /// Where a `return` gives a value.
    var returnsValue: Position?
  }

  init(_ source: SourceText, file: String) {
    var lexer = Lexer(source)
    lexer.run()
    self.file = file
    bytes = lexer.bytes
    tokens = lexer.tokens
    lexerFailure = lexer.failure
    kind = tokens.first?.kind ?? .endOfFile
  }

  var token: Token { tokens[index] }
  var position: Position { tokens[index].position }

  /// The kind of the token `ahead` of the current one.
  func kind(ahead: Int) -> TokenKind {
    index + ahead < tokens.count ? tokens[index + ahead].kind : .endOfFile
  }

  mutating func advance() {
    if index + 1 < tokens.count { index += 1 }
    kind = tokens[index].kind
  }

  /// Takes the current token when it is of `wanted` kind.
  mutating func take(_ wanted: TokenKind) -> Bool {
    guard kind == wanted else { return false }
    advance()
    return true
  }

  /// Takes a token that must be there.
  mutating func expect(_ wanted: TokenKind) throws(SyntaxFailure) {
    guard take(wanted) else { throw unexpected("expected '\(wanted.text)'") }
  }

  /// Takes a name and gives it normalised (NFKC), as Python compares names.
  mutating func name() throws(SyntaxFailure) -> String {
    guard kind == .name else { throw unexpected() }
    let result = text(of: token)
    advance()
    return result
  }

  func text(of token: Token) -> String {
    let range = Int(token.start)..<Int(token.end)
    let text = String(decoding: bytes[range], as: UTF8.self)
    var high: UInt8 = 0
    for byte in bytes[range] { high |= byte }
    return high < 0x80 ? text : Identifiers.normalized(text)
  }

  /// Whether the current token is the name `word`: for words that are reserved only in places.
  func isName(_ word: StaticString, ahead: Int = 0) -> Bool {
    guard index + ahead < tokens.count, tokens[index + ahead].kind == .name else { return false }
    let token = tokens[index + ahead]
    guard Int(token.end - token.start) == word.utf8CodeUnitCount else { return false }
    let range = Int(token.start)..<Int(token.end)
    return bytes[range].elementsEqual(
      UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }

  // MARK: Depth

  /// Runs `body` one level deeper.
  mutating func deeper<Result>(
    _ body: (inout Parser) throws(SyntaxFailure) -> Result
  ) throws(SyntaxFailure) -> Result {
    depth += 1
    defer { depth -= 1 }
    if depth > deepest { deepest = depth }
    if depth > SyntaxLimits.depth { throw tooDeep() }
    return try body(&self)
  }

  /// Notes that what was read becomes the operand of one more expression.
  mutating func wrap() throws(SyntaxFailure) {
    deepest += 1
    if deepest > SyntaxLimits.depth { throw tooDeep() }
  }

  private func tooDeep() -> SyntaxFailure {
    failure("expression nests deeper than \(SyntaxLimits.depth) levels", at: position)
  }

  /// Reads what `body` reads, or goes back to where it began.
  mutating func attempt<Result>(
    _ body: (inout Parser) throws(SyntaxFailure) -> Result?
  ) -> Result? {
    let saved = (index, kind, depth, deepest, scopes)
    if let result = try? body(&self) { return result }
    (index, kind, depth, deepest, scopes) = saved
    return nil
  }

  // MARK: Failures

  func failure(_ reason: String, at place: Position) -> SyntaxFailure {
    let location = SourceLocation(
      file: file, line: Int(place.line), column: Int(place.column))
    return SyntaxFailure(location: location, reason: reason)
  }

  /// The failure for the current token: the lexer's own where the lexer stopped here, or where a
  /// bracket before this place was never closed.
  func unexpected(_ reason: String = "invalid syntax") -> SyntaxFailure {
    if let lexerFailure, let last = tokens.last {
      let isBefore =
        (last.position.line, last.position.column) < (position.line, position.column)
      if kind == .failure || isBefore { return failure(lexerFailure, at: last.position) }
    }
    if reason == "invalid syntax", kind == .indent {
      return failure("unexpected indent", at: position)
    }
    return failure(reason, at: position)
  }
}

extension Module {
  /// Parses a source as CPython 3.12 does.
  ///
  /// - Parameters:
  ///   - source: The file's bytes, in UTF-8 or the encoding that the file declares.
  ///   - file: The file's name as the user knows it, for messages.
  /// - Throws: SyntaxFailure where the source is not Python 3.12.
  public static func parse(
    _ source: some Collection<UInt8>, file: String
  ) throws(SyntaxFailure) -> Module {
    var parser = Parser(try SourceText(source, file: file), file: file)
    return Module(file: file, body: try parser.moduleBody())
  }
}
