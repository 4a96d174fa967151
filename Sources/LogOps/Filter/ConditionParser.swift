public import Diagnostics
internal import Patterns
internal import Quantities

extension Condition {
  /// Reads `status>=500 and (path~^/api or not user="health check")`.
  ///
  /// Names without a comparison ask whether the field is there. `level`, `time`, `message` and the
  /// source's names (`pod`, `container`, `namespace`, `file`) are the record's own; a point in front
  /// (`.level`) means the field of that name. Throws `ConditionError` or `PatternError`.
  public init(parsing text: String) throws {
    var parser = ConditionParser(text)
    self = try parser.whole()
    // A literal that does not fit is told now, not at the first record.
    _ = try ReadyCondition(self)
  }
}

/// A condition cannot be read.
public struct ConditionError: Failure {
  /// What is wrong.
  public let message: String
  /// How they are written.
  public var hint: String? {
    "write it like: --where 'status>=500 and path~^/api and not user=\"health check\"'"
  }
  /// Wrong usage.
  public var status: ExitStatus { .usage }

  init(_ message: String) { self.message = message }
}

private struct ConditionParser {
  private var rest: Substring
  private var depth = 0

  init(_ text: String) { rest = text[...] }

  mutating func whole() throws -> Condition {
    let condition = try alternatives()
    skipBlanks()
    guard rest.isEmpty else { throw fail("\"\(rest)\" follows a whole condition") }
    return condition
  }

  private func fail(_ reason: String) -> ConditionError {
    ConditionError("the condition of --where is wrong: \(reason)")
  }

  private mutating func alternatives() throws -> Condition {
    var parts = [try conjunction()]
    while takeWord("or") || take("||") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : .any(parts)
  }

  private mutating func conjunction() throws -> Condition {
    var parts = [try term()]
    while takeWord("and") || take("&&") { parts.append(try term()) }
    return parts.count == 1 ? parts[0] : .all(parts)
  }

  private mutating func term() throws -> Condition {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw fail("it is nested too deeply") }
    if takeWord("not") { return .not(try term()) }
    skipBlanks()
    if rest.first == "!", rest.dropFirst().first != "=", rest.dropFirst().first != "~" {
      rest = rest.dropFirst()
      return .not(try term())
    }
    if take("(") {
      let inner = try alternatives()
      guard take(")") else { throw fail("\")\" is missing") }
      return inner
    }
    return try comparison()
  }

  private mutating func comparison() throws -> Condition {
    let subject = try subject()
    skipBlanks()
    if take("!~") { return .not(.matches(subject, try pattern())) }
    if take("~") || take("=~") { return .matches(subject, try pattern()) }
    let signs: [(String, Condition.Comparison)] = [
      (">=", .atLeast), ("<=", .atMost), ("!=", .unequal), ("==", .equal), ("=", .equal),
      (">", .greater), ("<", .less),
    ]
    for (sign, comparison) in signs where take(sign) {
      return .compare(subject, comparison, try literal())
    }
    return .exists(subject)
  }

  private mutating func subject() throws -> Condition.Subject {
    skipBlanks()
    let name = rest.prefix {
      $0.isLetter || $0.isNumber || "_.-@[]/".contains($0)
    }
    guard !name.isEmpty else {
      throw fail(rest.isEmpty ? "it ends where a field should be" : "\"\(rest)\" is no field")
    }
    rest = rest.dropFirst(name.count)
    if name.first == "." { return .field(String(name.dropFirst())) }
    switch name {
    case "level": return .level
    case "time": return .time
    case "message": return .message
    case "pod", "container", "namespace", "file", "node": return .source(String(name))
    default: return .field(String(name))
    }
  }

  private mutating func pattern() throws -> Pattern {
    try Pattern(try value().text)
  }

  private mutating func literal() throws -> Condition.Literal {
    let (text, isQuoted) = try value()
    if isQuoted { return .text(text) }
    if let number = Double(text) { return .number(number) }
    if text.first?.isNumber == true, let duration = Duration(parsing: text) {
      return .duration(duration)
    }
    return .text(text)
  }

  /// A quoted text, or everything up to a blank; closing parentheses that were not opened inside end
  /// it too.
  private mutating func value() throws -> (text: String, isQuoted: Bool) {
    skipBlanks()
    if let quote = rest.first, quote == "\"" || quote == "'" {
      return (try quoted(quote), true)
    }
    var depth = 0
    var text = ""
    while let character = rest.first, character != " ", character != "\t" {
      if character == "(" { depth += 1 }
      if character == ")" {
        if depth == 0 { break }
        depth -= 1
      }
      text.append(character)
      rest = rest.dropFirst()
    }
    guard !text.isEmpty else { throw fail("a value is missing; empty text is written \"\"") }
    return (text, false)
  }

  private mutating func quoted(_ quote: Character) throws -> String {
    rest = rest.dropFirst()
    var text = ""
    while let character = rest.popFirst() {
      if character == quote { return text }
      if character == "\\", let next = rest.first, next == quote {
        text.append(next)
        rest = rest.dropFirst()
      } else {
        text.append(character)
      }
    }
    throw fail("a text does not end: \(quote) is missing")
  }

  private mutating func skipBlanks() {
    rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\n" }
  }

  private mutating func take(_ sign: String) -> Bool {
    skipBlanks()
    guard rest.hasPrefix(sign) else { return false }
    rest = rest.dropFirst(sign.count)
    return true
  }

  private mutating func takeWord(_ word: String) -> Bool {
    skipBlanks()
    let next = rest.prefix { $0.isLetter }
    let behind = rest.dropFirst(next.count).first
    guard next.lowercased() == word, behind == nil || behind == " " || behind == "(" else {
      return false
    }
    rest = rest.dropFirst(next.count)
    return true
  }
}
