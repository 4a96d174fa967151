/// Secrets that are known by their own form.
enum KnownSecret {
  /// `scheme://user:secret@host`: between the first colon of the user's part and its last `@`.
  @inline(__always)
  static func userInfo(in text: Bytes, before place: Int) -> Range<Int>? {
    var start = place
    while start > 0, place - start < 512 {
      let byte = text[start - 1]
      if byte <= 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") { return nil }
      if byte == UInt8(ascii: "/") {
        guard start >= 3, text.has("://", at: start - 3) else { return nil }
        return password(text, start, place)
      }
      start -= 1
    }
    return nil
  }

  private static func password(_ text: Bytes, _ start: Int, _ at: Int) -> Range<Int>? {
    guard let colon = text.part(0..<at).find(UInt8(ascii: ":"), from: start) else { return nil }
    // A password may hold an `@` that nobody escaped.
    var end = at
    var place = at + 1
    while place < text.count {
      let byte = text[place]
      if byte <= 0x20 || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?")
        || byte == UInt8(ascii: "\"")
      {
        break
      }
      if byte == UInt8(ascii: "@") { end = place }
      place += 1
    }
    return colon + 1..<end
  }

  /// `AKIA` or `ASIA` and 16 capitals and digits; the mark is its second letter.
  @inline(__always)
  static func accessKey(in text: Bytes, around place: Int) -> Range<Int>? {
    guard place > 0, text[place - 1] == UInt8(ascii: "A"), text.has("IA", at: place + 1) else {
      return nil
    }
    let start = place + 3
    var end = start
    while end < text.count, text[end].isUpper || text[end].isDigit { end += 1 }
    guard end - start == 16 || end == text.count, place < 2 || !text[place - 2].isWord else {
      return nil
    }
    return start..<end
  }

  /// A JSON Web Token: `eyJ`, then base64url and points; the mark is its third letter.
  @inline(__always)
  static func webToken(in text: Bytes, around place: Int) -> Range<Int>? {
    guard place > 1, text.has("ey", at: place - 2), place < 3 || !text[place - 3].isWord else {
      return nil
    }
    var end = place + 1
    var points = 0
    while end < text.count {
      let byte = text[end]
      if byte == UInt8(ascii: ".") {
        points += 1
      } else if !byte.isWord, byte != UInt8(ascii: "-"), byte != UInt8(ascii: "=") {
        break
      }
      end += 1
    }
    return points > 0 && end - place > 20 || end == text.count && end - place > 20
      ? place + 1..<end : nil
  }

  /// `Bearer` and what follows it.
  @inline(__always)
  static func bearer(in text: Bytes, at place: Int) -> Range<Int>? {
    guard text.hasAnyCase("bearer ", at: place), place == 0 || !text[place - 1].isWord else {
      return nil
    }
    let start = place + 7
    var end = start
    while end < text.count {
      let byte = text[end]
      guard
        byte.isWord || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
          || byte == UInt8(ascii: "~") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
          || byte == UInt8(ascii: "=")
      else { break }
      end += 1
    }
    // "bearer of bad news" is no credential.
    let value = text.part(start..<end)
    return value.count >= 8 && value.contains { !$0.isLetter }
      || end == text.count && !value.isEmpty
      ? start..<end : nil
  }

  /// Tokens that begin with their maker's mark: GitHub, GitLab, Slack, Stripe; the mark ends with the
  /// `_` or `-` at a place.
  @inline(__always)
  static func vendorToken(in text: Bytes, around place: Int) -> Range<Int>? {
    guard place >= 2, place + 1 < text.count, let length = vendorMark(in: text, endingAt: place)
    else { return nil }
    let start = place + 1 - length
    guard start == 0 || !text[start - 1].isWord else { return nil }
    var end = place + 1
    while end < text.count, text[end].isWord || text[end] == UInt8(ascii: "-") { end += 1 }
    return end - place > 16 || end == text.count ? place + 1..<end : nil
  }

  /// How long the mark is that ends at a place; nil where there is none.
  @inline(__always)
  private static func vendorMark(in text: Bytes, endingAt place: Int) -> Int? {
    func has(_ mark: StaticString) -> Int? {
      let length = mark.utf8CodeUnitCount
      return text.has(mark, at: place + 1 - length) ? length : nil
    }
    let isDash = text[place] == UInt8(ascii: "-")
    switch (text[place - 1], isDash) {
    case (UInt8(ascii: "p"), false), (UInt8(ascii: "o"), false), (UInt8(ascii: "u"), false),
      (UInt8(ascii: "s"), false), (UInt8(ascii: "r"), false):
      return text.has("gh", at: place - 3) ? 4 : nil
    case (UInt8(ascii: "t"), false): return has("github_pat_")
    case (UInt8(ascii: "e"), false): return has("sk_live_") ?? has("rk_live_")
    case (UInt8(ascii: "b"), true), (UInt8(ascii: "p"), true), (UInt8(ascii: "a"), true),
      (UInt8(ascii: "r"), true), (UInt8(ascii: "s"), true):
      return text.has("xox", at: place - 4) ? 5 : nil
    case (UInt8(ascii: "t"), true): return has("glpat-")
    case (UInt8(ascii: "k"), true): return has("sk-")
    default: return nil
    }
  }

  /// What stands between `-----BEGIN ... PRIVATE KEY-----` and its end.
  static func privateKey(in text: Bytes, at place: Int) -> Range<Int>? {
    guard text.has("-----BEGIN ", at: place) else { return nil }
    var header = place + 11
    while header < text.count, header < place + 60, text[header] != UInt8(ascii: "-") {
      header += 1
    }
    guard text.has("PRIVATE KEY", at: header - 11) else { return nil }
    let start = min(header + 5, text.count)
    var end = start
    while end < text.count, !text.has("-----END ", at: end) { end += 1 }
    return start..<end
  }
}
