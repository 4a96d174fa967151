/// A value behind a key that says that it is secret: `password=x`, `"api_key": "x"`, `token: x`.
enum AssignedSecret {
  /// The value behind the `=` or `:` at a place, where the key before it is a secret's.
  @inline(__always)
  static func value(in text: Bytes, behind place: Int) -> Range<Int>? {
    var end = place
    if end > 0, text[end - 1] == UInt8(ascii: "\"") || text[end - 1] == UInt8(ascii: "'") {
      end -= 1
      // `\"password\": \"x\"` within a string.
      if end > 0, text[end - 1] == UInt8(ascii: "\\") { end -= 1 }
    }
    guard end >= 3 else { return nil }
    return isSecretKey(text, endingAt: end) ? range(text, behind: place) : nil
  }

  /// Whether a key is a secret's, in any case, with `_` and `-` wherever they are. Keys are many, so
  /// its last letter says which words it may end with.
  @inline(__always)
  private static func isSecretKey(_ text: Bytes, endingAt end: Int) -> Bool {
    func has(_ word: StaticString) -> Bool { ends(text, end, with: word) }
    switch text[end - 1] | 0x20 {
    case UInt8(ascii: "d"): return has("password") || has("passwd") || has("pwd")
    case UInt8(ascii: "n"): return has("token") || has("authorization")
    case UInt8(ascii: "y"):
      return has("apikey") || has("secretkey") || has("accesskey") || has("privatekey")
    case UInt8(ascii: "t"): return has("secret")
    case UInt8(ascii: "e"): return has("passphrase")
    case UInt8(ascii: "s"): return has("credentials")
    case UInt8(ascii: "g"): return has("connectionstring")
    default: return false
    }
  }

  private static func ends(_ text: Bytes, _ end: Int, with word: StaticString) -> Bool {
    var place = end - 1
    var letter = word.utf8CodeUnitCount - 1
    while letter >= 0 {
      guard place >= 0 else { return false }
      let byte = text[place]
      place -= 1
      if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") { continue }
      guard byte.lowercased == word.utf8Start[letter] else { return false }
      letter -= 1
    }
    return true
  }

  private static func range(_ text: Bytes, behind place: Int) -> Range<Int>? {
    var start = place + 1
    // `:=`, `==`, `=>`
    while start < text.count, text[start] == UInt8(ascii: "=") || text[start] == UInt8(ascii: ">") {
      start += 1
    }
    let hasBlank = start < text.count && text[start] == 0x20
    while start < text.count, text[start] == 0x20 { start += 1 }
    guard start < text.count else { return nil }
    if let quoted = quoted(text, start) {
      return withoutScheme(text, quoted)
    }
    let scheme = withoutScheme(text, start..<start + 1)
    let hasScheme = scheme.lowerBound > start
    start = scheme.lowerBound
    var end = start
    while end < text.count, !isEnd(text[end]) { end += 1 }
    let value = text.part(start..<end)
    if value.isEmpty || isHarmless(value) { return nil }
    // Prose has colons too: "invalid token: unexpected end".
    if hasBlank, text[place] == UInt8(ascii: ":"), !hasScheme, !looksRandom(value) { return nil }
    return start..<end
  }

  /// The inside of a quoted value; one that does not end goes to the end of the text.
  private static func quoted(_ text: Bytes, _ start: Int) -> Range<Int>? {
    var start = start
    let isEscaped = text[start] == UInt8(ascii: "\\") && start + 1 < text.count
    if isEscaped { start += 1 }
    let quote = text[start]
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
    var end = start + 1
    while end < text.count, text[end] != 0x0A {
      if text[end] == UInt8(ascii: "\\") {
        if isEscaped, end + 1 < text.count, text[end + 1] == quote { break }
        end += 2
        continue
      }
      if text[end] == quote, !isEscaped { break }
      end += 1
    }
    end = min(end, text.count)
    return isHarmless(text.part(start + 1..<end)) ? end..<end : start + 1..<end
  }

  /// `Bearer x`: the word says only how.
  private static func withoutScheme(_ text: Bytes, _ range: Range<Int>) -> Range<Int> {
    for scheme in ["bearer ", "basic ", "token ", "digest "] as [StaticString]
    where text.hasAnyCase(scheme, at: range.lowerBound) {
      let start = range.lowerBound + scheme.utf8CodeUnitCount
      return start..<max(start, range.upperBound)
    }
    return range
  }

  /// Values that say that there is no secret, or that hide it already.
  private static func isHarmless(_ value: Bytes) -> Bool {
    if value.allSatisfy({ $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "x") }) { return true }
    let words: [StaticString] = ["null", "none", "nil", "true", "false", "undefined", "redacted"]
    return words.contains { value.count == $0.utf8CodeUnitCount && value.hasAnyCase($0) }
      || value[0] == UInt8(ascii: "<") || value[0] == UInt8(ascii: "[")
      || value[0] == UInt8(ascii: "{")
  }

  private static func looksRandom(_ value: Bytes) -> Bool {
    value.count >= 6 && value.contains { !$0.isLetter }
  }

  private static func isEnd(_ byte: UInt8) -> Bool {
    switch byte {
    case 0...0x20, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: "\""),
      UInt8(ascii: "'"), UInt8(ascii: ")"), UInt8(ascii: "}"), UInt8(ascii: "]"):
      true
    default: false
    }
  }
}
