internal import Glibc

/// A stretch of bytes that somebody else owns; valid only as long as the call that hands it out.
typealias Bytes = UnsafeRawBufferPointer

extension UnsafeRawBufferPointer {
  /// The place of a byte at or behind `start`; nil where there is none.
  @inline(__always)
  func find(_ byte: UInt8, from start: Int = 0) -> Int? {
    guard let base = baseAddress, start < count,
      let place = memchr(base + start, Int32(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(place) - base
  }

  /// A part of it.
  @inline(__always)
  func part(_ range: Range<Int>) -> Bytes {
    Bytes(start: baseAddress.map { $0 + range.lowerBound }, count: range.count)
  }

  /// Whether these ASCII characters stand at a place.
  @inline(__always)
  func has(_ text: StaticString, at place: Int = 0) -> Bool {
    let length = text.utf8CodeUnitCount
    guard let base = baseAddress, place >= 0, place + length <= count else { return false }
    return memcmp(base + place, text.utf8Start, length) == 0
  }

  /// Whether these lower-case ASCII letters stand at a place, in any case.
  func hasAnyCase(_ text: StaticString, at place: Int = 0) -> Bool {
    let length = text.utf8CodeUnitCount
    guard place >= 0, place + length <= count else { return false }
    for index in 0..<length
    where self[place + index].lowercased != text.utf8Start[index] { return false }
    return true
  }

  /// Whether the bytes are those of a text.
  func equals(_ text: [UInt8]) -> Bool {
    guard count == text.count else { return false }
    return text.withUnsafeBytes { other in
      guard let mine = baseAddress, let other = other.baseAddress else { return true }
      return memcmp(mine, other, count) == 0
    }
  }

  /// The text, with replacement characters where it is not UTF-8.
  var text: String { String(decoding: self, as: UTF8.self) }

  /// Without blanks at either end.
  var trimmed: Bytes {
    var start = 0
    var end = count
    while start < end, self[start].isBlank { start += 1 }
    while end > start, self[end - 1].isBlank { end -= 1 }
    return part(start..<end)
  }

  /// The first line.
  var firstLine: Bytes { part(0..<(find(0x0A) ?? count)) }
}

extension UInt8 {
  @inline(__always) var isDigit: Bool { self &- 0x30 < 10 }
  @inline(__always) var isUpper: Bool { self &- 0x41 < 26 }
  @inline(__always) var isLower: Bool { self &- 0x61 < 26 }
  @inline(__always) var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
  @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0D }
  /// A letter, a digit or `_`.
  @inline(__always) var isWord: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
  @inline(__always) var isHex: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
  @inline(__always) var lowercased: UInt8 { isUpper ? self | 0x20 : self }
}
