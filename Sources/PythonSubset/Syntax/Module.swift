public import Diagnostics

/// A parsed Python source file.
public struct Module: Sendable {
  /// The file's name as the user knows it, for messages.
  public let file: String
  /// The statements.
  public let body: [Statement]

  /// Creates a module from statements.
  public init(file: String, body: [Statement]) {
    self.file = file
    self.body = body
  }

  /// Where `position` of this module is, for a message.
  public func location(of position: Position) -> SourceLocation {
    SourceLocation(file: file, line: Int(position.line), column: Int(position.column))
  }

  /// The module's documentation: its first statement, where that is a plain string.
  public var documentation: String? {
    guard case .expression(let first)? = body.first?.kind, case .string(let text) = first.kind
    else { return nil }
    return text
  }
}
