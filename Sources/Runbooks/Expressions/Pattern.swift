/// A regular expression that a runbook holds, bounded in what it can cost.
///
/// The standard library's engine goes back and forth on a text, so that `(a+)+` takes time that
/// doubles with every character. Such patterns are refused, and so are long texts.
struct Pattern: Sendable {
  /// Why a pattern is refused, or a text too long for it.
  struct Refusal: Error {
    var reason: String
  }

  static let maximumLength = 500
  static let maximumText = 65_536

  private let source: String

  init(_ source: String) throws(Refusal) {
    guard source.unicodeScalars.count <= Pattern.maximumLength else {
      throw Refusal(reason: "a regular expression has at most \(Pattern.maximumLength) characters")
    }
    guard !Pattern.repeatsRepetition(source) else {
      throw Refusal(
        reason: "a repeated group holds a repetition itself, which may take for ever: \(source)")
    }
    self.source = source
    _ = try compiled()
  }

  /// Whether a part of the text matches.
  func matches(anywhereIn text: String) throws(Refusal) -> Bool {
    try check(text)
    let regex = try compiled()
    return (try? regex.firstMatch(in: text)) != nil
  }

  /// Whether the text as a whole matches.
  func matches(whole text: String) throws(Refusal) -> Bool {
    try check(text)
    let regex = try compiled()
    return (try? regex.wholeMatch(in: text)) != nil
  }

  private func check(_ text: String) throws(Refusal) {
    guard text.utf8.count <= Pattern.maximumText else {
      throw Refusal(
        reason: "the text has \(text.utf8.count) bytes; at most \(Pattern.maximumText) are searched"
      )
    }
  }

  // Compiled each time, as the library's type cannot be sent between tasks.
  private func compiled() throws(Refusal) -> Regex<AnyRegexOutput> {
    do {
      return try Regex(source)
    } catch {
      throw Refusal(reason: "the regular expression cannot be read: \(source)")
    }
  }

  /// Whether a group with `*`, `+` or `{n,}` behind it holds one of these itself.
  private static func repeatsRepetition(_ source: String) -> Bool {
    let characters = Array(source.unicodeScalars)
    var open: [Bool] = [false]
    var inClass = false
    var index = 0
    func isUnbounded(at index: Int) -> Bool {
      guard characters.indices.contains(index) else { return false }
      switch characters[index] {
      case "*", "+": return true
      case "{":
        let body = characters[index...].prefix { $0 != "}" }.dropFirst()
        guard let comma = body.firstIndex(of: ",") else { return false }
        let upper = String(String.UnicodeScalarView(body[(comma + 1)...]))
        return Int(upper).map { $0 > 50 } ?? true
      default: return false
      }
    }
    while index < characters.count {
      let character = characters[index]
      switch character {
      case "\\": index += 1
      case "[" where !inClass: inClass = true
      case "]": inClass = false
      case "(" where !inClass: open.append(false)
      case ")" where !inClass && open.count > 1:
        let holdsRepetition = open.removeLast()
        let isRepeated = isUnbounded(at: index + 1)
        if holdsRepetition, isRepeated { return true }
        if holdsRepetition { open[open.count - 1] = true }
      case "*", "+", "{":
        if !inClass, isUnbounded(at: index) { open[open.count - 1] = true }
      default: break
      }
      index += 1
    }
    return false
  }
}
