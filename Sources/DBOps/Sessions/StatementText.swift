/// Statements without the values in them, which may be anybody's.
///
/// They are read as PostgreSQL reads them: byte by byte. A character can be a quote with an accent on it,
/// which is a quote to the server.
enum StatementText {
  /// A statement with `?` in the place of its texts and numbers, on one line, shortened.
  ///
  /// - Parameter limit: how many bytes are enough.
  static func withoutValues(_ text: String, limit: Int = 300) -> String {
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.first, result.count < limit {
      switch byte {
      case UInt8(ascii: "'"):
        rest = afterQuote(rest.dropFirst(), hasEscapes: endsWithEscapeMark(result))
        result.append(UInt8(ascii: "?"))
      case _ where rest.starts(with: lineComment):
        rest = rest.drop { $0 != UInt8(ascii: "\n") }
      case _ where rest.starts(with: commentStart):
        rest = afterComment(rest)
        if let last = result.last, last != UInt8(ascii: " ") { result.append(UInt8(ascii: " ")) }
      case UInt8(ascii: "\""):
        let end = rest.dropFirst().firstIndex(of: byte).map { $0 + 1 } ?? rest.endIndex
        result += rest[..<end]
        rest = rest[end...]
      case UInt8(ascii: "$"):
        if let tag = dollarTag(rest) {
          rest = after(tag, in: rest.dropFirst(tag.count))
          result.append(UInt8(ascii: "?"))
        } else {
          // A parameter, $1.
          let number = rest.dropFirst().prefix(while: isDigit)
          result += [byte] + number
          rest = rest.dropFirst(1 + number.count)
        }
      case _ where isDigit(byte) && !(result.last.map(isOfName) ?? false):
        rest = rest.drop { isDigit($0) || $0 == UInt8(ascii: ".") }
        result.append(UInt8(ascii: "?"))
      case _ where isBlank(byte):
        rest = rest.drop(while: isBlank)
        if let last = result.last, last != UInt8(ascii: " ") { result.append(UInt8(ascii: " ")) }
      default:
        result.append(byte)
        rest = rest.dropFirst()
        // A character stays whole.
        while let next = rest.first, next & 0xC0 == 0x80 {
          result.append(next)
          rest = rest.dropFirst()
        }
      }
    }
    return String(decoding: result, as: UTF8.self) + (rest.isEmpty ? "" : "...")
  }

  private static let lineComment = Array("--".utf8)
  private static let commentStart = Array("/*".utf8)
  private static let commentEnd = Array("*/".utf8)

  /// Whether a text that follows is one of those with backslashes, `E'...'`.
  private static func endsWithEscapeMark(_ text: [UInt8]) -> Bool {
    guard let mark = text.last, mark | 0x20 == UInt8(ascii: "e") else { return false }
    return !(text.dropLast().last.map(isOfName) ?? false)
  }

  /// What follows a text. Whether a backslash before a quote hides it in a plain text is the session's
  /// setting, which nobody knows here: then nothing follows that could be shown.
  private static func afterQuote(
    _ text: ArraySlice<UInt8>, hasEscapes: Bool
  ) -> ArraySlice<UInt8> {
    var rest = text
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\") {
        if !hasEscapes, rest.first == UInt8(ascii: "'") { return [] }
        if hasEscapes { rest = rest.dropFirst() }
      } else if byte == UInt8(ascii: "'") {
        guard rest.first == byte else { return rest }
        rest = rest.dropFirst()
      }
    }
    return rest
  }

  /// What follows a comment, which may hold others.
  private static func afterComment(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = text
    var depth = 0
    while !rest.isEmpty {
      if rest.starts(with: commentStart) {
        depth += 1
        rest = rest.dropFirst(2)
      } else if rest.starts(with: commentEnd) {
        depth -= 1
        rest = rest.dropFirst(2)
        if depth == 0 { return rest }
      } else {
        rest = rest.dropFirst()
      }
    }
    return rest
  }

  /// `$$` or `$tag$`.
  private static func dollarTag(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let name = text.dropFirst().prefix { isOfName($0) && $0 != UInt8(ascii: "$") }
    let isTag = !(name.first.map(isDigit) ?? false)
    guard isTag, text.dropFirst(1 + name.count).first == UInt8(ascii: "$") else { return nil }
    return text.prefix(name.count + 2)
  }

  private static func after(
    _ tag: ArraySlice<UInt8>, in text: ArraySlice<UInt8>
  ) -> ArraySlice<UInt8> {
    var rest = text
    while !rest.isEmpty {
      if rest.starts(with: tag) { return rest.dropFirst(tag.count) }
      rest = rest.dropFirst()
    }
    return rest
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  /// What can stand in a name without quotes; PostgreSQL takes every byte beyond ASCII for a letter.
  private static func isOfName(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (0x09...0x0D).contains(byte)
  }
}
