/// The words that are no names.
public enum ReservedWord {
  /// Whether the language reserves a word: `match` and its like are names.
  public static func contains(_ word: String) -> Bool {
    let bytes = word.utf8
    guard bytes.count <= 8 else { return false }
    let packed = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return TokenKind.keyword(packed: packed) != nil
  }
}
