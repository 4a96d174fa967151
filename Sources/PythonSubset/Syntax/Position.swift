/// A place in a Python source: line and column, both from one, the column in characters. Which file
/// is meant, the module knows.
public struct Position: Hashable, Sendable, CustomStringConvertible {
  /// The line, from 1.
  public let line: UInt32
  /// The column in Unicode scalars, from 1.
  public let column: UInt32

  /// Creates a position; both numbers count from 1.
  public init(line: UInt32, column: UInt32) {
    self.line = line
    self.column = column
  }

  /// `line:column`.
  public var description: String { "\(line):\(column)" }
}
