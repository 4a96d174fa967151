internal import Diagnostics

/// A source's bytes made ready for the lexer: UTF-8 without a byte order mark, lines ended by
/// newlines alone, one newline at the end.
struct SourceText {
  let bytes: [UInt8]

  /// Follows the encoding declaration (PEP 263) of `source`.
  ///
  /// - Throws: SyntaxFailure for bytes that are not text in the declared encoding.
  init(_ source: some Collection<UInt8>, file: String) throws(SyntaxFailure) {
    guard source.count <= SyntaxLimits.sourceSize else {
      throw SyntaxFailure(
        location: SourceLocation(file: file, line: 1, column: 1),
        reason: "source has \(source.count) bytes, the limit is \(SyntaxLimits.sourceSize)")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.count + 2)
    // The general form asks the runtime about the collection's type first.
    if source.withContiguousStorageIfAvailable({ bytes.append(contentsOf: $0) }) == nil {
      bytes.append(contentsOf: source)
    }
    let hasMark = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    if hasMark { bytes.removeFirst(3) }
    let traits = Traits(of: bytes)
    if traits.hasReturn { Self.joinLineEnds(&bytes) }
    if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    if let offset = traits.firstNull {
      throw SyntaxFailure(
        location: Self.location(of: offset, in: bytes, file: file),
        reason: "source code cannot contain null bytes")
    }
    if traits.hasHighBytes { bytes = try Self.decoded(bytes, hasMark: hasMark, file: file) }
    self.bytes = bytes
  }

  private struct Traits {
    var hasReturn = false
    var hasHighBytes = false
    var firstNull: Int?

    init(of bytes: [UInt8]) {
      // Without a branch, many bytes are looked at in one step.
      var high: UInt8 = 0
      var returns: UInt8 = 0
      var nulls: UInt8 = 0
      for byte in bytes {
        high |= byte
        returns |= byte == 13 ? 1 : 0
        nulls |= byte == 0 ? 1 : 0
      }
      hasHighBytes = high >= 0x80
      hasReturn = returns != 0
      firstNull = nulls == 0 ? nil : bytes.firstIndex(of: 0)
    }
  }

  private static func joinLineEnds(_ bytes: inout [UInt8]) {
    var written = 0
    var read = 0
    while read < bytes.count {
      var byte = bytes[read]
      read += 1
      if byte == 13 {
        byte = 10
        if read < bytes.count, bytes[read] == 10 { read += 1 }
      }
      bytes[written] = byte
      written += 1
    }
    bytes.removeSubrange(written...)
  }

  private static func decoded(
    _ bytes: [UInt8], hasMark: Bool, file: String
  ) throws(SyntaxFailure) -> [UInt8] {
    let declared = hasMark ? nil : EncodingDeclaration(in: bytes)
    switch declared?.encoding ?? .utf8 {
    case .utf8:
      if let offset = firstInvalid(bytes) {
        throw SyntaxFailure(
          location: location(of: offset, in: bytes, file: file),
          reason: "byte \(hex(bytes[offset])) is not UTF-8 and no other encoding is declared")
      }
      return bytes
    case .ascii:
      let offset = bytes.firstIndex { $0 >= 0x80 } ?? 0
      throw SyntaxFailure(
        location: location(of: offset, in: bytes, file: file),
        reason: "byte \(hex(bytes[offset])) is not ASCII, which the file declares")
    case .latin1:
      var result: [UInt8] = []
      result.reserveCapacity(bytes.count * 2)
      for byte in bytes { result.append(contentsOf: String(Unicode.Scalar(byte)).utf8) }
      return result
    case nil:
      throw SyntaxFailure(
        location: SourceLocation(file: file, line: declared?.line ?? 1, column: 1),
        reason: "encoding \"\(declared?.name ?? "")\" is not supported; save the file as UTF-8")
    }
  }

  /// The offset of the first byte that is not UTF-8.
  private static func firstInvalid(_ bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch {
      return error.byteOffsets.lowerBound
    }
  }

  private static func location(of offset: Int, in bytes: [UInt8], file: String) -> SourceLocation {
    let before = bytes[..<min(offset, bytes.count)]
    let line = before.count { $0 == 10 }
    let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
    return SourceLocation(file: file, line: line + 1, column: before.count - start + 1)
  }

  private static func hex(_ byte: UInt8) -> String {
    "0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

/// The comment by which one of the first two lines declares the file's encoding (PEP 263).
private struct EncodingDeclaration {
  enum Encoding { case utf8, ascii, latin1 }
  let name: String
  let line: Int
  let encoding: Encoding??

  init?(in bytes: [UInt8]) {
    var start = 0
    for line in 1...2 {
      let end = bytes[start...].firstIndex(of: 10) ?? bytes.count
      let text = bytes[start..<end]
      let content = text.drop { $0 == 32 || $0 == 9 || $0 == 12 }
      // Only comments and, before the second line, nothing but comments or blanks.
      guard content.isEmpty || content.first == UInt8(ascii: "#") else { return nil }
      if let name = Self.name(in: content) {
        self.name = name
        self.line = line
        encoding = .some(Self.encoding(named: name))
        return
      }
      start = end + 1
      guard start <= bytes.count else { return nil }
    }
    return nil
  }

  /// What follows `coding:` or `coding=`.
  private static func name(in comment: ArraySlice<UInt8>) -> String? {
    let word = Array("coding".utf8)
    var index = comment.startIndex
    while index + word.count < comment.endIndex {
      defer { index += 1 }
      guard comment[index..<index + word.count].elementsEqual(word) else { continue }
      let sign = comment[index + word.count]
      guard sign == UInt8(ascii: ":") || sign == UInt8(ascii: "=") else { continue }
      let rest = comment[(index + word.count + 1)...].drop { $0 == 32 || $0 == 9 }
      let name = rest.prefix { byte in
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
          || Unicode.Scalar(byte).properties.isAlphabetic && byte < 0x80
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
      if !name.isEmpty { return String(decoding: name, as: UTF8.self) }
    }
    return nil
  }

  private static func encoding(named name: String) -> Encoding? {
    let plain = name.lowercased().replacing("_")
    switch plain {
    case "utf-8", "utf8", "u8", "utf", "utf-8-sig", "cp65001": return .utf8
    case "ascii", "us-ascii", "646": return .ascii
    case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1", "8859", "cp819": return .latin1
    default: return plain.hasPrefix("utf-8-") ? .utf8 : plain.hasPrefix("latin-1-") ? .latin1 : nil
    }
  }
}

extension String {
  /// The text with hyphens for underscores.
  fileprivate func replacing(_ underscore: Character) -> String {
    String(map { $0 == underscore ? "-" : $0 })
  }
}
