/// How good a piece of news is.
package enum Tone: String, Sendable {
  case good, bad, warn, calm
}

// Pieces that reports have.
extension HTML {
  /// A figure with its name.
  package static func card(
    _ name: String, _ value: String, note: String, tone: Tone = .calm
  ) -> HTML {
    .element(
      "div", ["class": "card \(tone.rawValue)"],
      .element("p", ["class": "name"], HTML(name)), .element("p", ["class": "value"], HTML(value)),
      note.isEmpty ? HTML() : .element("p", ["class": "note"], HTML(note)))
  }

  /// A sign that can be told apart without its colour.
  package static func mark(_ sign: String, _ tone: Tone) -> HTML {
    .element("span", ["class": "mark \(tone.rawValue)", "aria-hidden": "true"], HTML(sign))
  }

  /// A table whose first column names the rows.
  package static func table(_ caption: String, _ header: [String], _ rows: [[HTML]]) -> HTML {
    let head =
      header.allSatisfy(\.isEmpty)
      ? HTML()
      : HTML.element(
        "thead", [:],
        .element("tr", [:], header.map { .element("th", ["scope": "col"], HTML($0)) }))
    let body = rows.map { row in
      HTML.element(
        "tr", [:],
        row.enumerated().map { index, cell in
          index == 0 ? .element("th", ["scope": "row"], cell) : .element("td", [:], cell)
        })
    }
    return .element(
      "div", ["class": "wide"],
      .element(
        "table", [:], .element("caption", [:], HTML(caption)), head,
        .element("tbody", [:], body)))
  }
}
