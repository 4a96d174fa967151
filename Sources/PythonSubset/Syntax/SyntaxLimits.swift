/// How deep a source may nest. The parser, whoever walks the tree and its release all recurse as
/// deep as the tree is, so a bound here is what keeps hostile input from overflowing a stack.
/// Lengths (statements, elements, terms of a chain, `elif`s) are not bounded.
public enum SyntaxLimits {
  /// Levels of indentation, as in CPython.
  public static let indentation = 100
  /// Open parentheses, brackets and braces, as in CPython.
  public static let brackets = 200
  /// The depth of one expression or pattern. Brackets, operators before an operand, `**`,
  /// `if … else`, `lambda`, and each attribute, call or subscript of a chain count one.
  public static let depth = 500
  /// f-strings within f-strings, as in CPython.
  public static let formattedStrings = 149
  /// The size of a source in bytes.
  public static let sourceSize = 1 << 28
}
