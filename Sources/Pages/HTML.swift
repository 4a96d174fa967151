/// A piece of HTML. Text becomes one only by being escaped, so that nothing from a run or a file can
/// ever be markup.
package struct HTML: Sendable {
  private(set) var source: String

  private init(source: String) { self.source = source }

  /// Nothing.
  package init() { source = "" }

  package var isEmpty: Bool { source.isEmpty }

  /// Text, taken for nothing but text. Control characters, which HTML forbids, are shown as the
  /// pictures that Unicode has for them.
  package init(_ text: some StringProtocol) {
    source = ""
    source.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": source += "&amp;"
      case "<": source += "&lt;"
      case ">": source += "&gt;"
      case "\"": source += "&quot;"
      case "'": source += "&#39;"
      case "\n", "\t": source.unicodeScalars.append(scalar)
      case "\u{7F}": source += "\u{2421}"
      case "\u{80}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
        // C1 controls, and those that turn the direction of what follows around.
        source += "\u{FFFD}"
      case "\0"..."\u{1F}":
        source.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "\u{FFFD}")
      default: source.unicodeScalars.append(scalar)
      }
    }
  }

  /// Markup that stands in this program's own source.
  package init(trusted markup: StaticString) { source = "\(markup)" }

  /// An element. Values of attributes are escaped; those that are nil are left out.
  package static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
    _ content: HTML...
  ) -> HTML {
    element(name, attributes, content)
  }

  /// An element with as much in it as there is.
  package static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:],
    _ content: [HTML]
  ) -> HTML {
    var source = opening(name, attributes)
    for piece in content { source += piece.source }
    return HTML(source: source + "</\(name)>")
  }

  /// An element that has no content and no end.
  package static func void(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?> = [:]
  ) -> HTML {
    HTML(source: HTML.opening(name, attributes))
  }

  private static func opening(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String?>
  ) -> String {
    var source = "<\(name)"
    for (attribute, value) in attributes {
      if let value { source += " \(attribute)=\"\(HTML(value).source)\"" }
    }
    return source + ">"
  }

  /// A line break in the source, for whoever reads that.
  package static let newline = HTML(source: "\n")

  package static func + (a: HTML, b: HTML) -> HTML { HTML(source: a.source + b.source) }
  package static func += (a: inout HTML, b: HTML) { a.source += b.source }
}

extension HTML: ExpressibleByStringLiteral {
  /// Text, which is escaped like all text.
  package init(stringLiteral value: String) { self.init(value) }
}

extension HTML {
  /// A whole page that asks for nothing from anywhere: its policy forbids what it does not have.
  ///
  /// - Parameter script: the one script that may run, behind all of the body.
  package static func page(
    title: String, origin: String = "", style: StaticString..., script: PageScript? = nil,
    body: HTML
  ) -> String {
    var policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    if let script { policy += "script-src 'sha256-\(script.digest)'; " }
    policy += "base-uri 'none'; form-action 'none'"
    let code =
      script.map { HTML.element("script", [:], HTML(trusted: $0.source)) + .newline } ?? HTML()
    let head = HTML.element(
      "head", [:],
      HTML(trusted: "\n<meta charset=\"utf-8\">\n"),
      HTML(source: "<meta http-equiv=\"Content-Security-Policy\" content=\"\(policy)\">\n"),
      HTML(trusted: "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"),
      HTML(trusted: "<meta name=\"color-scheme\" content=\"light dark\">\n"),
      HTML(trusted: "<meta name=\"referrer\" content=\"no-referrer\">\n"),
      HTML(trusted: "<link rel=\"icon\" href=\"data:,\">\n"),
      origin.isEmpty
        ? HTML() : .void("meta", ["name": "generator", "content": origin]) + .newline,
      .element("title", [:], HTML(title)), .newline,
      .element("style", [:], style.map { HTML(trusted: $0) }), .newline)
    return "<!DOCTYPE html>\n"
      + HTML.element("html", ["lang": "en"], .newline, head, .newline, body, .newline, code).source
      + "\n"
  }
}

/// A script of this program's own. The page's policy names it by its digest, so that no other one
/// can run, whatever a page quotes.
package struct PageScript: Sendable {
  let source: StaticString
  let digest: StaticString

  /// Creates a script.
  ///
  /// - Parameter digest: the SHA-256 of its source in base64: browsers do not run it with another.
  package init(_ source: StaticString, digest: StaticString) {
    self.source = source
    self.digest = digest
  }
}
