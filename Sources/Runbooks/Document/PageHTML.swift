internal import Pages

/// A page as HTML that stands alone.
enum PageHTML {
  static func text(_ page: Page) -> String {
    let main = HTML.element("main", [:], html(page.blocks))
    return HTML.page(
      title: page.title, origin: page.origin, style: PageStyle.base, PageStyle.document,
      body: .element("body", [:], main))
  }

  /// Some blocks.
  static func html(_ blocks: [Page.Block]) -> [HTML] { blocks.map { html($0) + .newline } }

  private static func html(_ block: Page.Block) -> HTML {
    switch block {
    case .heading(let level, let title):
      let content = html(title)
      let anchor = Page.anchor(title)
      return switch level {
      case 1: HTML.element("h1", ["id": anchor], content)
      case 2: HTML.element("h2", ["id": anchor], content)
      default: HTML.element("h3", ["id": anchor], content)
      }
    case .paragraph(let pieces): return .element("p", [:], html(pieces))
    case .bullets(let items):
      return .element("ul", [:], items.map { .element("li", [:], item($0)) })
    case .tasks(let items):
      // A box to tick on paper; a page without scripts keeps nothing.
      return .element(
        "ul", ["class": "tasks"], items.map { .element("li", [:], item($0)) })
    case .code(let text, _):
      return .element("pre", ["tabindex": "0"], .element("code", [:], HTML(text)))
    case .table(let caption, let header, let rows): return table(caption, header, rows)
    }
  }

  /// A lone paragraph is the item itself.
  private static func item(_ blocks: [Page.Block]) -> [HTML] {
    if blocks.count == 1, case .paragraph(let pieces) = blocks[0] { return html(pieces) }
    return html(blocks)
  }

  private static func table(
    _ caption: String, _ header: [String], _ rows: [[[Page.Inline]]]
  ) -> HTML {
    .table(caption, header, rows.map { $0.map { html($0).reduce(HTML(), +) } })
  }

  private static func html(_ pieces: [Page.Inline]) -> [HTML] {
    pieces.map { piece in
      switch piece {
      case .text(let text): HTML(text)
      case .code(let text): .element("code", [:], HTML(text))
      case .strong(let inner): .element("strong", [:], html(inner))
      case .link(let inner, let address): .element("a", ["href": address], html(inner))
      }
    }
  }
}
