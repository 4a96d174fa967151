/// The texts of a runbook's author: paragraphs, lists with `*` or `-`, code in backquotes, words in
/// `**`. What is none of these stays as it is written.
enum Prose {
  /// The blocks of a longer text.
  static func blocks(_ text: String) -> [Page.Block] {
    var blocks: [Page.Block] = []
    var paragraph: [Substring] = []
    var items: [[Substring]] = []
    func end() {
      if !paragraph.isEmpty { blocks.append(.paragraph(inline(paragraph.joined(separator: " ")))) }
      if !items.isEmpty {
        blocks.append(.bullets(items.map { [.paragraph(inline($0.joined(separator: " ")))] }))
      }
      (paragraph, items) = ([], [])
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let content = line.drop { $0 == " " }
      if content.isEmpty {
        end()
      } else if content.hasPrefix("* ") || content.hasPrefix("- ") {
        if items.isEmpty { end() }
        items.append([content.dropFirst(2)])
      } else if !items.isEmpty {
        items[items.count - 1].append(content)
      } else {
        paragraph.append(content)
      }
    }
    end()
    return blocks
  }

  /// One line, with code and bold words.
  static func inline(_ text: String) -> [Page.Inline] {
    pieces(of: text.split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }

  private static func pieces(of text: String) -> [Page.Inline] {
    var pieces: [Page.Inline] = []
    var plain = ""
    var rest = text[...]
    func flush() {
      if !plain.isEmpty { pieces.append(.text(plain)) }
      plain = ""
    }
    while let first = rest.first {
      if first == "`", let code = span("`", of: rest) {
        flush()
        pieces.append(.code(String(code)))
        rest = rest[code.endIndex...].dropFirst()
      } else if rest.hasPrefix("**"), let bold = span("**", of: rest) {
        flush()
        pieces.append(.strong(self.pieces(of: String(bold))))
        rest = rest[bold.endIndex...].dropFirst(2)
      } else {
        plain.append(first)
        rest = rest.dropFirst()
      }
    }
    flush()
    return pieces
  }

  /// What stands between a mark that begins the text and the next such mark.
  private static func span(_ mark: String, of text: Substring) -> Substring? {
    let inner = text.dropFirst(mark.count)
    var end = inner.startIndex
    while end < inner.endIndex {
      if inner[end...].hasPrefix(mark) { return end == inner.startIndex ? nil : inner[..<end] }
      end = inner.index(after: end)
    }
    return nil
  }
}
