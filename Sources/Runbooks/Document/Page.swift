/// A document as what it says, before it is Markdown or HTML.
struct Page: Sendable {
  /// A piece of a line.
  indirect enum Inline: Sendable, Equatable {
    case text(String)
    case code(String)
    case strong([Inline])
    case link([Inline], to: String)
  }

  /// A piece of a page.
  indirect enum Block: Sendable, Equatable {
    case heading(Int, [Inline])
    case paragraph([Inline])
    case bullets([[Block]])
    /// What is ticked off as it is found to be so.
    case tasks([[Block]])
    case code(String, language: String)
    case table(caption: String, header: [String], rows: [[[Inline]]])
  }

  /// The page's name, for a browser's tab.
  var title: String
  /// Where the page comes from and how it is made again: stands at the top, for whoever edits it.
  var origin: String
  var blocks: [Block] = []

  /// The name of a heading as part of an address, as GitHub makes it.
  static func anchor(_ heading: [Inline]) -> String {
    var anchor = ""
    for scalar in heading.plain.lowercased().unicodeScalars {
      if scalar == " " {
        anchor.append("-")
      } else if scalar == "-" || scalar == "_" || scalar.properties.isAlphabetic
        || scalar.properties.numericType != nil
      {
        anchor.unicodeScalars.append(scalar)
      }
    }
    return anchor
  }
}

extension [Page.Inline] {
  /// The text without what makes it bold or a link.
  var plain: String {
    map { piece in
      switch piece {
      case .text(let text), .code(let text): text
      case .strong(let inner), .link(let inner, _): inner.plain
      }
    }.joined()
  }
}

extension Page.Inline: ExpressibleByStringLiteral {
  /// Plain text.
  init(stringLiteral value: String) { self = .text(value) }
}
