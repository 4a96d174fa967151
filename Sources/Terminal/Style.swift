/// Colour and weight for a terminal; plain text everywhere else.
public struct Style: Sendable {
  /// Whether escape sequences are written.
  public let isColoured: Bool

  /// Plain text.
  public static let plain = Style(isColoured: false)

  /// Creates a style that colours or does not.
  public init(isColoured: Bool) { self.isColoured = isColoured }

  /// Colours only what a person sees on a capable terminal, unless `NO_COLOR` (no-color.org) or
  /// the operator says otherwise.
  public init(for stream: OutputStream, environment: [String: String], disabled: Bool = false) {
    let refused = disabled || !(environment["NO_COLOR"] ?? "").isEmpty
    isColoured = !refused && environment["TERM"] != "dumb" && stream.isTerminal
  }

  /// What stands out.
  public func bold(_ text: String) -> String { wrap(text, "1") }
  /// What matters less.
  public func faint(_ text: String) -> String { wrap(text, "2") }
  /// Failure and danger.
  public func red(_ text: String) -> String { wrap(text, "31") }
  /// Success.
  public func green(_ text: String) -> String { wrap(text, "32") }
  /// Doubt and warning.
  public func yellow(_ text: String) -> String { wrap(text, "33") }

  private func wrap(_ text: String, _ code: String) -> String {
    isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
