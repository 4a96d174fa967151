internal import Text

/// The comments of a file that silence rules.
///
/// `-- omcops-lint: ignore rule, other-rule` (in Python `# omcops-lint: ...`) silences the rules for
/// the statement that it stands in, beside or directly above; without a rule all of them.
/// `ignore-file` does so for the whole file. `squawk-ignore` and `squawk-ignore-file` mean the same.
public struct LintComments: Sendable {
  private var byLine: [Int: Set<String>] = [:]
  private var ofFile: Set<String> = []
  /// Lines with nothing but a comment.
  private var bare: Set<Int> = []
  /// Lines with nothing at all.
  private var empty: Set<Int> = []

  /// Reads the comments of an SQL file.
  public init(sql: String) {
    let lines = sql.split(separator: "\n", omittingEmptySubsequences: false)
    for comment in SQLTokens.scan(sql).comments {
      read(comment.text, at: comment.line)
      let line = comment.line <= lines.count ? lines[comment.line - 1] : ""
      let start = line.drop { $0.isWhitespace }
      if start.hasPrefix("--") || start.hasPrefix("/*") { bare.insert(comment.line) }
    }
  }

  /// Reads the comments of a Python file: what stands behind a `#`.
  public init(python: String) {
    for (index, line) in python.split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated()
    {
      if line.allSatisfy(\.isWhitespace) { empty.insert(index + 1) }
      guard let mark = line.firstIndex(of: "#") else { continue }
      read(String(line[mark...]), at: index + 1)
      if line[..<mark].allSatisfy(\.isWhitespace) { bare.insert(index + 1) }
    }
  }

  /// The rules that are silenced for what stands in these lines; `all` is every rule.
  public func rules(for lines: ClosedRange<Int>) -> Set<String> {
    var rules = ofFile
    for line in lines { rules.formUnion(byLine[line] ?? []) }
    var above = lines.lowerBound - 1
    while bare.contains(above) {
      rules.formUnion(byLine[above] ?? [])
      above -= 1
    }
    return rules
  }

  /// Whether a line has nothing but a comment, or nothing at all.
  func isBare(_ line: Int) -> Bool { bare.contains(line) || empty.contains(line) }

  /// The rules that are silenced anywhere in the file.
  var everywhere: Set<String> { byLine.values.reduce(ofFile) { $0.union($1) } }

  private mutating func read(_ comment: String, at line: Int) {
    for (mark, isFile) in [
      ("omcops-lint: ignore-file", true), ("squawk-ignore-file", true),
      ("omcops-lint: ignore", false), ("squawk-ignore", false),
    ] {
      guard let range = comment.firstRange(ofText: mark) else { continue }
      let rest = comment[range.upperBound...].prefix { $0 != "\n" && $0 != "*" }
      let words = rest.split { $0 == "," || $0.isWhitespace }.map(String.init)
      let names = words.prefix { $0.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber } }
      let rules = names.isEmpty ? ["all"] : Set(names)
      if isFile {
        ofFile.formUnion(rules)
      } else {
        byLine[line, default: []].formUnion(rules)
      }
      return
    }
  }
}
