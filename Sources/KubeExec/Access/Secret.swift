/// A text that must not be shown: whoever prints it by accident prints asterisks.
public struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// The text itself.
  public let text: String

  /// Guards a text.
  public init(_ text: String) { self.text = text }

  /// Asterisks.
  public var description: String { "********" }
  /// Asterisks.
  public var debugDescription: String { description }
}
