internal import Glibc
internal import SystemPackage

/// Cuts a script into what psql would see in it: statements, its own commands, and the rows that
/// follow a `COPY ... FROM stdin`. Memory does not grow with the file, only with the longest
/// statement.
struct ScriptReader: Sendable {
  /// What stands in a script.
  enum Piece: Sendable {
    case statement(ScriptStatement)
    /// A backslash and a word, with the rest of its line.
    case command(ScriptCommand)
    /// A comment of one line between statements, without its dashes.
    case comment(String)
  }

  /// The server takes no longer text.
  private static let longestStatement = (1 << 30) - 1

  private let file: String
  private var bytes: ScriptBytes
  private var text: [UInt8] = []
  /// The first four words, and whether they begin the making of a function or procedure.
  private var words: [String] = []
  private var isRoutine = false
  private var depth = 0
  private var bodyDepth = 0
  /// Whether a backslash in plain quotes is one, as `standard_conforming_strings` says.
  var hasPlainBackslashes = true
  /// What `\set` has set.
  var variables: [String: String] = [:]

  /// Opens a script.
  init(_ path: FilePath) throws {
    file = path.string
    bytes = try ScriptBytes(path)
    try bytes.ensure(3)
    // A byte order mark means nothing to the server.
    if bytes.stands([0xEF, 0xBB, 0xBF]) { bytes.advance(3) }
  }

  /// How many bytes of the file have been read.
  var bytesRead: Int64 { bytes.bytesRead }

  /// The line that is read next.
  var line: Int { bytes.line }

  func error(_ message: String, line: Int? = nil, hint: String? = nil) -> ScriptError {
    ScriptError(file: file, line: line ?? bytes.line, reason: message, hint: hint)
  }

  // MARK: Pieces

  /// The next piece; nil at the end. What follows the last semicolon is a statement as well.
  mutating func next() throws -> Piece? {
    (text, words, isRoutine, depth, bodyDepth) = ([], [], false, 0, 0)
    var start: Int?
    while true {
      try bytes.ensure(2)
      if bytes.isEmpty { return start.map { .statement(statement($0, isEnded: false)) } }
      switch (bytes.peek(0), bytes.peek(1)) {
      case (0x20, _), (0x09, _), (0x0A, _), (0x0D, _), (0x0C, _), (0x0B, _): take()
      case (UInt8(ascii: "-"), UInt8(ascii: "-")):
        let comment = try lineComment()
        if start == nil { return .comment(comment) }
      case (UInt8(ascii: "/"), UInt8(ascii: "*")): try takeComment()
      case (UInt8(ascii: "\\"), _):
        if start != nil { throw error("a command of psql's stands in the middle of a statement") }
        return .command(try command())
      case (UInt8(ascii: ";"), _) where depth == 0 && bodyDepth == 0:
        bytes.advance()
        if let start { return .statement(statement(start)) }
        text = []
      default:
        if start == nil { (start, text) = (bytes.line, []) }
        try takeToken()
      }
      guard text.count <= ScriptReader.longestStatement else {
        throw error("the statement is longer than a server takes", line: start)
      }
    }
  }

  private func statement(_ line: Int, isEnded: Bool = true) -> ScriptStatement {
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    let end = text.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? 0
    return ScriptStatement(bytes: Array(text[..<end]), line: line, isEnded: isEnded)
  }

  /// Goes to the start of the next line; throws where anything but blanks is in the way.
  mutating func endLine() throws {
    while true {
      try bytes.ensure(1)
      if bytes.isEmpty { return }
      let byte = bytes.peek(0)
      guard [0x20, 0x09, 0x0D, 0x0A].contains(byte) else {
        throw error("something stands between a COPY and its rows")
      }
      bytes.advance()
      if byte == 0x0A { return }
    }
  }

  /// Gives the rows after a `COPY ... FROM stdin` to `put`, many at a time; false when the line `\.`
  /// has been read. Must be called until then.
  mutating func nextRows(_ put: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    try bytes.ensure(4)
    if bytes.isEmpty { throw error("the file ends within the rows of a COPY") }
    let (length, lines, isEnd) = rowBlock()
    if length > 0 {
      try bytes.buffer.withUnsafeBytes { buffer in
        let start = bytes.position
        try put(UnsafeRawBufferPointer(rebasing: buffer[start..<(start + length)]))
      }
      bytes.advance(length, lines: lines)
    }
    if isEnd {
      bytes.advance(bytes.peek(2) == 0x0D ? 4 : 3)
      return false
    }
    // Whole lines only, so that each is looked at from its start.
    if length == 0 {
      let known = bytes.buffer.count - bytes.position
      try bytes.ensure(known + 1)
      guard bytes.buffer.count - bytes.position > known else {
        throw error("the file ends within a row of a COPY")
      }
    }
    return true
  }

  /// The whole rows in the buffer: how many bytes and lines, and whether the end mark follows.
  private func rowBlock() -> (length: Int, lines: Int, isEnd: Bool) {
    bytes.buffer.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return (0, 0, false) }
      var (place, lines) = (bytes.position, 0)
      while place < buffer.count {
        if buffer[place] == UInt8(ascii: "\\"), isEndMark(buffer, place) {
          return (place - bytes.position, lines, true)
        }
        guard let newline = memchr(base + place, 0x0A, buffer.count - place) else { break }
        place = UnsafeRawPointer(newline) - base + 1
        lines += 1
      }
      return (place - bytes.position, lines, false)
    }
  }

  private func isEndMark(_ buffer: UnsafeRawBufferPointer, _ place: Int) -> Bool {
    let line = buffer[place...].prefix(4)
    return line.starts(with: "\\.\n".utf8) || line.starts(with: "\\.\r\n".utf8)
      || line.elementsEqual("\\.".utf8)
  }

  // MARK: Tokens

  private mutating func take(_ count: Int = 1) {
    for offset in 0..<count { text.append(bytes.peek(offset)) }
    bytes.advance(count)
  }

  private mutating func lineComment() throws -> String {
    var comment: [UInt8] = []
    while true {
      bytes.take(upTo: 0x0A, 0x0A, into: &comment)
      try bytes.ensure(1)
      if bytes.isEmpty || bytes.peek(0) == 0x0A { break }
    }
    text += comment
    return String(decoding: comment.dropFirst(2).drop { $0 == 0x20 }, as: UTF8.self)
  }

  private mutating func takeComment() throws {
    let line = bytes.line
    var nesting = 0
    repeat {
      try bytes.ensure(2)
      if bytes.isEmpty { throw error("a comment has no end", line: line) }
      if bytes.stands("/*".utf8) {
        nesting += 1
        take(2)
      } else if bytes.stands("*/".utf8) {
        nesting -= 1
        take(2)
      } else {
        take()
      }
    } while nesting > 0
  }

  private mutating func takeToken() throws {
    let first = bytes.peek(0)
    switch first {
    case UInt8(ascii: "'"): try takeQuoted(first, escapes: !hasPlainBackslashes)
    case UInt8(ascii: "\""): try takeQuoted(first, escapes: false)
    case UInt8(ascii: "$"): try takeDollar()
    case UInt8(ascii: "("):
      depth += 1
      take()
    case UInt8(ascii: ")"):
      depth = max(0, depth - 1)
      take()
    case UInt8(ascii: ":"): try takeColon()
    case UInt8(ascii: "e") where bytes.peek(1) == UInt8(ascii: "'"),
      UInt8(ascii: "E") where bytes.peek(1) == UInt8(ascii: "'"):
      take()
      try takeQuoted(UInt8(ascii: "'"), escapes: true)
    case _ where ScriptReader.isWordStart(first): try takeWord()
    default: take()
    }
  }

  private mutating func takeQuoted(_ quote: UInt8, escapes: Bool) throws {
    let line = bytes.line
    take()
    while true {
      bytes.take(upTo: quote, escapes ? UInt8(ascii: "\\") : quote, into: &text)
      try bytes.ensure(2)
      if bytes.isEmpty { throw error("a quote has no end", line: line) }
      let isDoubled = bytes.peek(0) == quote && bytes.peek(1) == quote
      if bytes.peek(0) == quote, !isDoubled { return take() }
      if isDoubled || (escapes && bytes.peek(0) == UInt8(ascii: "\\")) { take(2) }
    }
  }

  private mutating func takeDollar() throws {
    let line = bytes.line
    var length = 1
    try bytes.ensure(length + 1)
    while ScriptReader.isWord(bytes.peek(length)), bytes.peek(length) != UInt8(ascii: "$") {
      length += 1
      try bytes.ensure(length + 1)
    }
    let isTag =
      bytes.peek(length) == UInt8(ascii: "$") && !(0x30...0x39).contains(bytes.peek(1))
    guard isTag else { return take() }
    let tag = (0...length).map { bytes.peek($0) }
    take(tag.count)
    while true {
      bytes.take(upTo: UInt8(ascii: "$"), UInt8(ascii: "$"), into: &text)
      try bytes.ensure(tag.count)
      if bytes.isEmpty { throw error("a dollar quote has no end", line: line) }
      if bytes.stands(tag) { return take(tag.count) }
      if bytes.peek(0) == UInt8(ascii: "$") { take() }
    }
  }

  /// A keyword or a name; follows `BEGIN ATOMIC ... END` in the bodies of functions.
  private mutating func takeWord() throws {
    let start = text.count
    while ScriptReader.isWord(bytes.peek(0)) {
      take()
      try bytes.ensure(1)
    }
    guard words.count < 4 || isRoutine, text.count - start <= 20 else { return }
    let word = String(decoding: text[start...], as: UTF8.self).lowercased()
    if words.count < 4 {
      words.append(word)
      isRoutine =
        words.first == "create" && words.contains { $0 == "function" || $0 == "procedure" }
    }
    guard isRoutine, depth == 0 else { return }
    if word == "begin" || (word == "case" && bodyDepth > 0) { bodyDepth += 1 }
    if word == "end" { bodyDepth = max(0, bodyDepth - 1) }
  }

  /// `:name`, `:'name'` and `:"name"` stand for what `\set` has given the name, where it has.
  private mutating func takeColon() throws {
    try bytes.ensure(66)
    if bytes.peek(1) == UInt8(ascii: ":") { return take(2) }
    let quote = [UInt8(ascii: "'"), UInt8(ascii: "\"")].first { $0 == bytes.peek(1) }
    let start = quote == nil ? 1 : 2
    var end = start
    while ScriptReader.isWord(bytes.peek(end)) { end += 1 }
    let name = String(decoding: (start..<end).map { bytes.peek($0) }, as: UTF8.self)
    guard let value = variables[name], quote == nil || bytes.peek(end) == quote else {
      return take()
    }
    bytes.advance(quote == nil ? end : end + 1)
    text += ScriptCommand.quoted(value, by: quote).utf8
  }

  private static func isWordStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isWordStart(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "$")
  }

  // MARK: Commands

  private mutating func command() throws -> ScriptCommand {
    let line = bytes.line
    var text: [UInt8] = []
    while true {
      bytes.take(upTo: 0x0A, 0x0A, into: &text)
      try bytes.ensure(1)
      if bytes.isEmpty || bytes.peek(0) == 0x0A { break }
    }
    let words = String(decoding: text.dropFirst(), as: UTF8.self)
    let name = words.prefix { $0 != " " && $0 != "\t" && $0 != "\r" }
    return ScriptCommand(
      name: String(name), arguments: String(words.dropFirst(name.count)), line: line)
  }
}
