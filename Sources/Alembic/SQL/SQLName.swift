/// A name in SQL as a script gave it, before it is quoted.
public struct SQLName: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// How much may still happen to a name.
  public enum Origin: Hashable, Sendable {
    /// Written by a person: too long a name is an error, a naming convention may still wrap it.
    case given
    /// Made by a naming convention or marked with `op.f()`: final, and shortened when too long.
    case final
  }

  /// The name without quotes.
  public var text: String
  /// Whether to quote: nil leaves it to the rules.
  public var quote: Bool?
  /// Who made it.
  public var origin: Origin

  /// Takes a name as it was given.
  public init(_ text: String, quote: Bool? = nil, origin: Origin = .given) {
    self.text = text
    self.quote = quote
    self.origin = origin
  }

  /// Takes a name as it was given.
  public init(stringLiteral value: String) { self.init(value) }

  /// The name without quotes.
  public var description: String { text }

  /// A name that no naming convention touches, as `op.f()` makes it.
  public static func final(_ text: String) -> SQLName { SQLName(text, origin: .final) }
}
