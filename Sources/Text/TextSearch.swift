internal import Glibc

// The standard library does these with its engine for regular expressions, which is a megabyte of a
// static binary. It also compares characters: to it the quote in "'\u{301}" is none, though
// a server, a shell and a reader of CSV all see one. These compare bytes.
extension StringProtocol where SubSequence == Substring {
  /// Whether a text occurs in it; the empty one always does.
  public func contains(text part: String) -> Bool { firstRange(ofText: part) != nil }

  /// Where a text first occurs in it; nil where it does not. The empty one stands at the start.
  public func firstRange(ofText part: String) -> Range<Index>? {
    range(ofText: part) { bytes, part in bytes.offset(of: part) }
  }

  /// Where a text last occurs in it; nil where it does not. The empty one stands at the end.
  public func lastRange(ofText part: String) -> Range<Index>? {
    range(ofText: part) { bytes, part in bytes.lastOffset(of: part) }
  }

  /// The pieces between the occurrences of a text, from the left: one more than there are
  /// occurrences, empty ones too.
  ///
  /// - Parameter maxSplits: how many occurrences divide at most; the last piece is all the rest.
  public func split(around separator: String, maxSplits: Int = .max) -> [Substring] {
    var pieces: [Substring] = []
    var rest = self[...]
    // The empty text would divide for ever.
    while !separator.isEmpty, pieces.count < maxSplits,
      let range = rest.firstRange(ofText: separator)
    {
      pieces.append(rest[..<range.lowerBound])
      rest = rest[range.upperBound...]
    }
    return pieces + [rest]
  }

  /// The text with another one in the place of each occurrence of one, from the left.
  public func replacing(text old: String, with new: String) -> String {
    guard contains(text: old) else { return String(self) }
    return split(around: old).joined(separator: new)
  }

  /// The text as it stands between double quotes where a backslash escapes: it, double quotes and line
  /// feeds have one before them.
  public var escapedForQuotes: String {
    replacing(text: "\\", with: "\\\\").replacing(text: "\"", with: "\\\"")
      .replacing(text: "\n", with: "\\n")
  }

  /// The places in the storage that `find` names by how many bytes stand before them.
  private func range(
    ofText part: String, _ find: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Int?
  ) -> Range<Index>? {
    var whole = self[...]
    var part = part
    let offset = whole.withUTF8 { bytes in
      part.withUTF8 { find(UnsafeRawBufferPointer(bytes), UnsafeRawBufferPointer($0)) }
    }
    guard let offset else { return nil }
    let lower = utf8.index(utf8.startIndex, offsetBy: offset)
    return lower..<utf8.index(lower, offsetBy: part.utf8.count)
  }
}

extension UnsafeRawBufferPointer {
  /// How many bytes stand before the first occurrence of others.
  fileprivate func offset(of part: UnsafeRawBufferPointer) -> Int? {
    guard let first = part.first else { return 0 }
    guard let base = baseAddress else { return nil }
    var start = 0
    while start + part.count <= count,
      let place = memchr(base + start, Int32(first), count - part.count + 1 - start)
    {
      let offset = UnsafeRawPointer(place) - base
      if has(part, at: offset) { return offset }
      start = offset + 1
    }
    return nil
  }

  /// How many bytes stand before the last occurrence of others.
  fileprivate func lastOffset(of part: UnsafeRawBufferPointer) -> Int? {
    guard part.count <= count else { return nil }
    return (0...(count - part.count)).last { has(part, at: $0) }
  }

  private func has(_ part: UnsafeRawBufferPointer, at offset: Int) -> Bool {
    self[offset..<(offset + part.count)].elementsEqual(part)
  }
}
