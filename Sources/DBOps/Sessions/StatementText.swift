internal import Text

/// Statements without the values in them, which may be anybody's.
enum StatementText {
  /// A statement with `?` in the place of its texts and numbers, on one line, shortened.
  static func withoutValues(_ text: String, limit: Int = 300) -> String {
    var result = ""
    var rest = text[...]
    while let character = rest.first, result.count < limit {
      switch character {
      case "'":
        // E'...' has backslashes; to take them for escapes everywhere hides too much at worst.
        rest = afterQuote(rest.dropFirst())
        result += "?"
      case "\"":
        let end = rest.dropFirst().firstIndex(of: "\"").map { rest.index(after: $0) }
        result += rest[..<(end ?? rest.endIndex)]
        rest = rest[(end ?? rest.endIndex)...]
      case "$":
        let tag = dollarTag(rest)
        if let tag {
          let body = rest.dropFirst(tag.count)
          rest = body.firstRange(ofText: tag).map { body[$0.upperBound...] } ?? ""
          result += "?"
        } else {
          // A parameter, $1.
          result.append(character)
          rest = rest.dropFirst().drop { digit in
            guard digit.isASCII, digit.isNumber else { return false }
            result.append(digit)
            return true
          }
        }
      case _ where character.isASCII && character.isNumber && !endsInName(result):
        rest = rest.drop { $0.isASCII && ($0.isNumber || $0 == ".") }
        result += "?"
      case _ where character.isWhitespace:
        rest = rest.drop(while: \.isWhitespace)
        if !result.isEmpty { result += " " }
      default:
        result.append(character)
        rest = rest.dropFirst()
      }
    }
    return rest.isEmpty ? result : result + "..."
  }

  private static func endsInName(_ text: String) -> Bool {
    guard let last = text.last else { return false }
    return last.isLetter || last == "_" || last == "$" || (last.isASCII && last.isNumber)
  }

  private static func afterQuote(_ text: Substring) -> Substring {
    var rest = text
    while let character = rest.popFirst() {
      if character == "\\" {
        rest = rest.dropFirst()
      } else if character == "'" {
        guard rest.first == "'" else { return rest }
        rest = rest.dropFirst()
      }
    }
    return rest
  }

  /// `$$` or `$tag$`.
  private static func dollarTag(_ text: Substring) -> String? {
    let name = text.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard !(name.first?.isNumber ?? false), text[name.endIndex...].first == "$" else { return nil }
    return "$\(name)$"
  }
}
