internal import Patterns

/// A regular expression that a runbook holds, bounded in what it can cost: the text that is searched
/// has an end, and so have the steps of the search.
struct BoundedPattern {
  /// Why a pattern is refused, or what came of a text.
  struct Refusal: Error {
    var reason: String
  }

  static let maximumLength = 500
  static let maximumText = 65_536

  private let pattern: Pattern

  init(_ source: String) throws(Refusal) {
    guard source.unicodeScalars.count <= BoundedPattern.maximumLength else {
      throw Refusal(
        reason: "a regular expression has at most \(BoundedPattern.maximumLength) characters")
    }
    do throws(PatternError) {
      pattern = try Pattern(source, for: .texts)
    } catch {
      throw Refusal(reason: error.message)
    }
  }

  /// Whether a part of the text matches.
  func matches(anywhereIn text: String) throws(Refusal) -> Bool {
    try found(text) { $0.search($1) }
  }

  /// Whether the text as a whole matches.
  func matches(whole text: String) throws(Refusal) -> Bool {
    try found(text) { $0.search(whole: $1) }
  }

  private func found(
    _ text: String, _ search: (Pattern, UnsafeRawBufferPointer) -> Pattern.Outcome
  ) throws(Refusal) -> Bool {
    var text = text
    guard text.utf8.count <= BoundedPattern.maximumText else {
      throw Refusal(
        reason:
          "the text has \(text.utf8.count) bytes; at most \(BoundedPattern.maximumText) are searched"
      )
    }
    switch text.withUTF8({ search(pattern, UnsafeRawBufferPointer($0)) }) {
    case .found: return true
    case .absent: return false
    case .gaveUp:
      throw Refusal(
        reason: "the regular expression takes too many steps on this text: \(pattern.text)")
    }
  }
}
