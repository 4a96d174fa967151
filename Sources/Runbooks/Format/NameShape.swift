/// The shapes that names in runbooks have; all are of ASCII.
enum NameShape {
  /// Lower-case letters and digits in words joined by single hyphens, at most 64: `find-backup`.
  static func isIdentifier(_ text: String) -> Bool {
    let words = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return text.utf8.count <= 64 && startsWithLowercase(text[...])
      && words.allSatisfy { word in
        !word.isEmpty && word.allSatisfy { isLowercase($0) || isDigit($0) }
      }
  }

  /// The name of a runbook behind `runbook/`: lower-case letters, digits and hyphens.
  static func isRunbook(_ text: Substring) -> Bool {
    startsWithLowercase(text)
      && text.utf8.allSatisfy { isLowercase($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
  }

  /// The name of a program: underscores too.
  static func isTool(_ text: String) -> Bool {
    startsWithLowercase(text[...])
      && text.utf8.allSatisfy { isLowercase($0) || isDigit($0) || "-_".utf8.contains($0) }
  }

  /// What version of a program it takes: numbers with dots between, with `=` or `>=` before them.
  static func isVersion(_ text: String) -> Bool {
    let mark = [">=", "="].first { text.hasPrefix($0) } ?? ""
    let numbers = text.utf8.dropFirst(mark.utf8.count)
      .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return numbers.allSatisfy { !$0.isEmpty && $0.allSatisfy(isDigit) }
  }

  /// The name of a variable of a shell: letters, digits and underscores.
  static func isVariable(_ text: String) -> Bool {
    guard let first = text.utf8.first, !isDigit(first) else { return false }
    return text.utf8.allSatisfy {
      isLowercase($0 | 0x20) || isDigit($0) || $0 == UInt8(ascii: "_")
    }
  }

  private static func startsWithLowercase(_ text: Substring) -> Bool {
    text.utf8.first.map(isLowercase) ?? false
  }
  private static func isLowercase(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
