extension DefinitionDifference {
  /// Kinds whose definitions may hold passwords.
  static let secretKinds: Set<String> = ["USER MAPPING", "SUBSCRIPTION"]

  /// The difference as it may be shown: where a definition may hold passwords, its constants are
  /// numbered instead, equal ones with equal numbers.
  var withoutSecrets: DefinitionDifference {
    guard Self.secretKinds.contains(object.kind), change != .owner else { return self }
    var numbers: [Substring: Int] = [:]
    var shown = self
    shown.expected = expected.map { Self.hiding(in: $0, &numbers) }
    shown.actual = actual.map { Self.hiding(in: $0, &numbers) }
    return shown
  }

  private static func hiding(in sql: String, _ numbers: inout [Substring: Int]) -> String {
    var result = ""
    var copied = sql.startIndex
    for token in SQLTokens.tokens(of: sql) where token.kind == .text {
      let number = numbers[token.spelling, default: numbers.count + 1]
      numbers[token.spelling] = number
      result += sql[copied..<token.range.lowerBound] + "'(hidden \(number))'"
      copied = token.range.upperBound
    }
    return result + sql[copied...]
  }
}
