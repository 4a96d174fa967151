internal import Text

/// A page as Markdown, in GitHub's dialect.
struct MarkdownWriter {
  /// The whole text, which ends in a newline.
  static func text(_ page: Page) -> String {
    let origin = page.origin.isEmpty ? "" : "<!-- \(page.origin) -->\n"
    return origin + text(page.blocks, indent: "").joined(separator: "\n") + "\n"
  }

  /// The lines of some blocks, an empty one between two.
  private static func text(_ blocks: [Page.Block], indent: String) -> [String] {
    var lines: [String] = []
    for (index, block) in blocks.enumerated() {
      if index > 0 { lines.append("") }
      lines += self.lines(block).map { $0.isEmpty ? "" : indent + $0 }
    }
    return lines
  }

  private static func lines(_ block: Page.Block) -> [String] {
    switch block {
    case .heading(let level, let title):
      return [String(repeating: "#", count: level) + " " + inline(title)]
    case .paragraph(let pieces): return wrapped(atStart(inline(pieces)))
    case .bullets(let items): return list(items, mark: "* ")
    case .tasks(let items): return list(items, mark: "- [ ] ")
    case .code(let text, let language):
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let fence = String(repeating: "`", count: max(3, longestRun(of: "`", in: text) + 1))
      return [fence + language] + (lines.last == "" ? lines.dropLast() : lines) + [fence]
    case .table(_, let header, let rows):
      let body = rows.map { row in row.map { cell(inline($0)) } }
      return ([header.map { cell(escaped($0)) }, header.map { _ in "---" }] + body).map {
        "| " + $0.joined(separator: " | ") + " |"
      }
    }
  }

  private static func list(_ items: [[Page.Block]], mark: String) -> [String] {
    // What belongs to an item of tasks stands under its text, as GitHub wants it: behind "- ".
    let hanging = "  "
    let isLoose = items.contains { $0.count > 1 }
    var lines: [String] = []
    for (index, item) in items.enumerated() {
      if isLoose, index > 0 { lines.append("") }
      let inner = text(item, indent: hanging)
      lines.append(mark + (inner.first ?? "").dropFirst(hanging.count))
      lines += inner.dropFirst()
    }
    return lines
  }

  // MARK: Lines

  private static func inline(_ pieces: [Page.Inline]) -> String {
    pieces.map { piece in
      switch piece {
      case .text(let text): return escaped(text)
      case .code(let text): return code(text)
      case .strong(let inner): return "**\(inline(inner))**"
      case .link(let inner, let address): return "[\(inline(inner))](\(address))"
      }
    }.joined()
  }

  private static func code(_ text: String) -> String {
    let fence = String(repeating: "`", count: longestRun(of: "`", in: text) + 1)
    let pad = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
    return fence + pad + text + pad + fence
  }

  /// What Markdown would take for a mark, taken for itself. A single underscore inside of a word is
  /// none.
  private static func escaped(_ text: String) -> String {
    var result = ""
    var before: Character = " "
    for (index, character) in zip(text.indices, text) {
      let after = text.index(after: index)
      let isInside =
        character == "_" && (before.isLetter || before.isNumber)
        && after < text.endIndex && (text[after].isLetter || text[after].isNumber)
      if "\\`*_[]<".contains(character), !isInside { result.append("\\") }
      result.append(character)
      before = character
    }
    return result
  }

  /// A line that would begin a list, a heading or a quotation.
  private static func atStart(_ line: String) -> String {
    let isNumber = line.prefix { $0.isNumber }
    if !isNumber.isEmpty, line.dropFirst(isNumber.count).hasPrefix(". ") {
      return "\(isNumber)\\\(line.dropFirst(isNumber.count))"
    }
    for mark in ["- ", "+ ", "# ", "## ", "> "] where line.hasPrefix(mark) { return "\\" + line }
    return line
  }

  private static func cell(_ text: String) -> String {
    text.replacing(text: "|", with: "\\|")
  }

  private static func longestRun(of character: Character, in text: String) -> Int {
    var (longest, run) = (0, 0)
    for found in text {
      run = found == character ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  /// Lines of at most a hundred columns, broken between words and never inside of code: differences
  /// are then read line by line.
  private static func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in words(of: text) {
      if !line.isEmpty, line.count + 1 + word.count > 100 {
        lines.append(line)
        line = ""
      }
      line = line.isEmpty ? word : line + " " + word
    }
    lines.append(line)
    // A line that a break has put at the beginning must not become a list.
    return lines.enumerated().map { $0.offset == 0 ? $0.element : atStart($0.element) }
  }

  private static func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var fence = 0
    var run = 0
    for character in text {
      if character == "`" {
        run += 1
      } else if run > 0 {
        fence = fence == 0 ? run : run == fence ? 0 : fence
        run = 0
      }
      if character == " ", fence == 0, run == 0 {
        words.append(word)
        word = ""
      } else {
        word.append(character)
      }
    }
    return words + [word]
  }
}
