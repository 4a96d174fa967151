/// A text of SQL, cut into its statements as psql cuts it.
///
/// Semicolons in quotes, comments, dollar quotes, parentheses and `BEGIN ATOMIC` bodies end
/// nothing. `:name` becomes a parameter where the name is known, and so does `$1` where there is one that
/// is called `1`; they stay as they are elsewhere.
public struct SQLScript: Hashable, Sendable {
  /// One statement without its semicolon.
  public struct Statement: Hashable, Sendable {
    /// The text, with `$1`, `$2`... for the named parameters.
    public let sql: String
    /// The names of `$1`, `$2`...
    public let names: [String]
    /// The line of the script that it begins in, from 1.
    public let line: Int
  }

  /// The statements that a semicolon ends.
  public private(set) var statements: [Statement] = []
  /// What follows the last semicolon, nil when that is only blanks and comments.
  public private(set) var rest: Statement?
  /// What follows the last semicolon as it stands there, blanks and comments included.
  public private(set) var remainder = ""
  /// Whether the text ends inside a quote or a comment.
  public private(set) var isOpen = false
  /// What begins with the first backslash outside quotes and comments, which ends the SQL: an
  /// interactive session's own command. Only where commands are looked for.
  public private(set) var command: String?

  /// Cuts a text.
  ///
  /// - Parameter hasCommands: whether a backslash begins a `command`; SQL itself has no use for it.
  public init(_ text: String, parameters: Set<String> = [], hasCommands: Bool = false) {
    var scanner = SQLScanner(
      Array(text.utf8), parameters: parameters, hasCommands: hasCommands)
    while let statement = scanner.next() {
      if scanner.isTerminated { statements.append(statement) } else { rest = statement }
    }
    isOpen = scanner.isOpen
    command = scanner.command
    remainder = scanner.remainder
  }
}

/// Walks over the bytes of a script. Every byte that means something to it is ASCII.
private struct SQLScanner {
  private let bytes: [UInt8]
  private let parameters: Set<String>
  private let hasCommands: Bool
  private var index = 0
  private var line = 1
  private var text: [UInt8] = []
  private var names: [String] = []
  private var words: [String] = []
  private var depth = 0
  private var bodyDepth = 0
  private(set) var isOpen = false
  private(set) var isTerminated = false
  private var ended = 0
  private var commandStart: Int?

  /// What begins with the first backslash.
  var command: String? {
    commandStart.map { String(decoding: bytes[$0...], as: UTF8.self) }
  }

  /// What lies between the last semicolon and the end, or the first backslash.
  var remainder: String {
    String(decoding: bytes[ended..<(commandStart ?? bytes.count)], as: UTF8.self)
  }

  init(_ bytes: [UInt8], parameters: Set<String>, hasCommands: Bool) {
    self.bytes = bytes
    self.parameters = parameters
    self.hasCommands = hasCommands
  }

  private func byte(at offset: Int) -> UInt8 {
    index + offset < bytes.count ? bytes[index + offset] : 0
  }

  private mutating func take() {
    if bytes[index] == UInt8(ascii: "\n") { line += 1 }
    text.append(bytes[index])
    index += 1
  }

  /// The next statement that is more than blanks and comments.
  mutating func next() -> SQLScript.Statement? {
    (text, names, words, depth, bodyDepth, isTerminated) = ([], [], [], 0, 0, false)
    var start: Int?
    while index < bytes.count {
      let isGap = skipGap()
      if isGap { continue }
      if byte(at: 0) == UInt8(ascii: ";"), depth == 0, bodyDepth == 0 {
        index += 1
        ended = index
        guard let start else {
          text = []
          continue
        }
        isTerminated = true
        return statement(from: start)
      }
      if hasCommands, byte(at: 0) == UInt8(ascii: "\\") {
        commandStart = index
        index = bytes.count
        break
      }
      if start == nil { (start, text) = (line, []) }
      scanToken()
    }
    return start.map(statement)
  }

  private func statement(from line: Int) -> SQLScript.Statement {
    let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
    let end = text.lastIndex { !blanks.contains($0) }.map { $0 + 1 } ?? 0
    return SQLScript.Statement(
      sql: String(decoding: text[..<end], as: UTF8.self), names: names, line: line)
  }

  /// Takes a blank or a comment.
  private mutating func skipGap() -> Bool {
    switch (byte(at: 0), byte(at: 1)) {
    case (0x20, _), (0x09, _), (0x0A, _), (0x0D, _), (0x0C, _): take()
    case (UInt8(ascii: "-"), UInt8(ascii: "-")):
      while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { take() }
    case (UInt8(ascii: "/"), UInt8(ascii: "*")): scanComment()
    default: return false
    }
    return true
  }

  private mutating func scanComment() {
    var nesting = 0
    repeat {
      if byte(at: 0) == UInt8(ascii: "/"), byte(at: 1) == UInt8(ascii: "*") {
        nesting += 1
        take()
      } else if byte(at: 0) == UInt8(ascii: "*"), byte(at: 1) == UInt8(ascii: "/") {
        nesting -= 1
        take()
      }
      if index < bytes.count { take() }
    } while nesting > 0 && index < bytes.count
    if nesting > 0 { isOpen = true }
  }

  private mutating func scanToken() {
    switch byte(at: 0) {
    case UInt8(ascii: "'"): scanQuoted(escapes: false)
    case UInt8(ascii: "\""): scanQuoted(escapes: false)
    case UInt8(ascii: "e"), UInt8(ascii: "E"):
      guard byte(at: 1) == UInt8(ascii: "'") else { return scanWord() }
      take()
      scanQuoted(escapes: true)
    case UInt8(ascii: "$"): scanDollar()
    case UInt8(ascii: "("):
      depth += 1
      take()
    case UInt8(ascii: ")"):
      depth = max(0, depth - 1)
      take()
    case UInt8(ascii: ":"): scanColon()
    case let byte where SQLScanner.isWordStart(byte): scanWord()
    default: take()
    }
  }

  private mutating func scanQuoted(escapes: Bool) {
    let quote = byte(at: 0)
    take()
    while index < bytes.count {
      if escapes, byte(at: 0) == UInt8(ascii: "\\"), index + 1 < bytes.count {
        take()
      } else if byte(at: 0) == quote {
        take()
        return
      }
      take()
    }
    isOpen = true
  }

  private mutating func scanDollar() {
    var end = index + 1
    while end < bytes.count, SQLScanner.isWord(bytes[end]), bytes[end] != UInt8(ascii: "$") {
      end += 1
    }
    let isTag =
      end < bytes.count && bytes[end] == UInt8(ascii: "$")
      && !(0x30...0x39).contains(byte(at: 1))
    guard isTag else {
      let number = bytes[(index + 1)...].prefix { (0x30...0x39).contains($0) }
      return takeParameter(number)
    }
    let tag = bytes[index...end]
    for _ in tag { take() }
    while index < bytes.count {
      if bytes[index...].starts(with: tag) {
        for _ in tag { take() }
        return
      }
      take()
    }
    isOpen = true
  }

  private mutating func scanColon() {
    guard byte(at: 1) != UInt8(ascii: ":") else {
      take()
      return take()
    }
    takeParameter(bytes[(index + 1)...].prefix { SQLScanner.isWord($0) })
  }

  /// Takes a sign and the name behind it.
  private mutating func takeParameter(_ word: ArraySlice<UInt8>) {
    let name = String(decoding: word, as: UTF8.self)
    guard parameters.contains(name) else { return take() }
    if !names.contains(name) { names.append(name) }
    text += Array("$\((names.firstIndex(of: name) ?? 0) + 1)".utf8)
    index += 1 + word.count
  }

  /// A keyword or a name; follows `BEGIN ATOMIC ... END` in the bodies of functions.
  private mutating func scanWord() {
    let start = index
    while index < bytes.count, SQLScanner.isWord(bytes[index]) { take() }
    let word = String(decoding: bytes[start..<index], as: UTF8.self).lowercased()
    if words.count < 4 { words.append(word) }
    let isRoutine =
      words.first == "create" && words.contains { $0 == "function" || $0 == "procedure" }
    guard isRoutine else { return }
    if word == "begin" || (word == "case" && bodyDepth > 0) { bodyDepth += 1 }
    if word == "end" { bodyDepth = max(0, bodyDepth - 1) }
  }

  private static func isWordStart(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F || byte >= 0x80
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    isWordStart(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "$")
  }
}
