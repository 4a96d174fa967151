/// Text being put together from literals: UTF-8, and surrogates that form no pair, which UTF-8 and
/// Swift's strings cannot hold.
struct TextBuffer {
  private var bytes: [UInt8] = []
  private var hasSurrogates = false

  var isEmpty: Bool { bytes.isEmpty }

  /// The text, or the code points where there are surrogates among them.
  enum Content {
    case string(String)
    case surrogates([UInt32])
  }

  var content: Content {
    hasSurrogates
      ? .surrogates(codePoints) : .string(String(decoding: bytes, as: UTF8.self))
  }

  mutating func append(_ slice: ArraySlice<UInt8>) { bytes.append(contentsOf: slice) }

  mutating func append(_ byte: UInt8) { bytes.append(byte) }

  /// Appends a code point up to U+10FFFF; surrogates in the three bytes that UTF-8 would give them.
  mutating func append(codePoint value: UInt32) {
    switch value {
    case ..<0x80: bytes.append(UInt8(value))
    case ..<0x800:
      bytes.append(UInt8(0xC0 | value >> 6))
      bytes.append(UInt8(0x80 | value & 0x3F))
    case ..<0x10000:
      if (0xD800..<0xE000).contains(value) { hasSurrogates = true }
      bytes.append(UInt8(0xE0 | value >> 12))
      bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | value & 0x3F))
    default:
      bytes.append(UInt8(0xF0 | value >> 18 & 7))
      bytes.append(UInt8(0x80 | value >> 12 & 0x3F))
      bytes.append(UInt8(0x80 | value >> 6 & 0x3F))
      bytes.append(UInt8(0x80 | value & 0x3F))
    }
  }

  private var codePoints: [UInt32] {
    var result: [UInt32] = []
    var index = 0
    while index < bytes.count {
      let lead = bytes[index]
      let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
      var value = length == 1 ? UInt32(lead) : UInt32(lead) & (0x7F >> UInt32(length))
      for byte in bytes[(index + 1)..<(index + length)] { value = value << 6 | UInt32(byte & 0x3F) }
      result.append(value)
      index += length
    }
    return result
  }
}
