/// The encodings of text that scripts use: UTF-8, ASCII and Latin-1.
public enum TextEncoding: String, Sendable {
  case utf8 = "utf-8"
  case utf8WithMark = "utf-8-sig"
  case ascii
  case latin1 = "latin-1"

  /// The encoding of a name, in any of its spellings; throws `LookupError`, and refuses those that
  /// Python has and this does not.
  init(named name: String) throws {
    let plain = name.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
    switch plain {
    case "utf8", "u8": self = .utf8
    case "utf8sig": self = .utf8WithMark
    case "ascii", "usascii", "646": self = .ascii
    case "latin1", "iso88591", "l1", "latin", "88591": self = .latin1
    case _ where plain.hasPrefix("utf") || plain.hasPrefix("cp") || plain.hasPrefix("iso"):
      throw Unsupported("the encoding \(name)")
    default: throw PythonError(.lookupError, "unknown encoding: \(name)")
    }
  }

  /// `text.encode(name, errors)`.
  public static func encode(
    _ text: PythonString, _ name: String, errors: String
  ) throws -> [UInt8] {
    let encoding = try TextEncoding(named: name)
    let limit: UInt32
    switch encoding {
    case .utf8: return text.utf8
    case .utf8WithMark: return [0xEF, 0xBB, 0xBF] + text.utf8
    case .ascii: limit = 0x80
    case .latin1: limit = 0x100
    }
    var bytes: [UInt8] = []
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if scalar.value < limit {
        bytes.append(UInt8(scalar.value))
        continue
      }
      switch errors {
      case "ignore": break
      case "replace": bytes.append(UInt8(ascii: "?"))
      case "backslashreplace": bytes += Array(Quoting.escape(scalar).utf8)
      case "xmlcharrefreplace": bytes += Array("&#\(scalar.value);".utf8)
      default:
        throw PythonError(
          .unicodeEncodeError,
          "'\(encoding.rawValue)' codec can't encode character '\(Quoting.escape(scalar))' in "
            + "position \(index): ordinal not in range(\(limit))")
      }
    }
    return bytes
  }

  /// `bytes.decode(name, errors)`.
  public static func decode(_ bytes: [UInt8], _ name: String, errors: String) throws -> String {
    let encoding = try TextEncoding(named: name)
    switch encoding {
    case .latin1:
      return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    case .utf8WithMark where bytes.starts(with: [0xEF, 0xBB, 0xBF]):
      return try decodeUTF8(Array(bytes.dropFirst(3)), errors: errors)
    case .utf8, .utf8WithMark: return try decodeUTF8(bytes, errors: errors)
    case .ascii:
      var text = String.UnicodeScalarView()
      for (index, byte) in bytes.enumerated() {
        if byte < 0x80 {
          text.append(Unicode.Scalar(byte))
        } else if errors == "replace" {
          text.append("\u{FFFD}")
        } else if errors != "ignore" {
          throw PythonError(
            .unicodeDecodeError,
            "'ascii' codec can't decode byte 0x\(String(byte, radix: 16)) in position \(index): "
              + "ordinal not in range(128)")
        }
      }
      return String(text)
    }
  }

  private static func decodeUTF8(_ bytes: [UInt8], errors: String) throws -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let decoded = String(decoding: bytes, as: UTF8.self)
    switch errors {
    case "replace": return decoded
    case "ignore":
      return String(String.UnicodeScalarView(decoded.unicodeScalars.filter { $0 != "\u{FFFD}" }))
    case "strict":
      let (position, reason) = firstFault(in: bytes)
      throw PythonError(
        .unicodeDecodeError,
        "'utf-8' codec can't decode byte 0x\(String(bytes[position], radix: 16)) in position "
          + "\(position): \(reason)")
    default: throw Unsupported("decoding with errors=\"\(errors)\"")
    }
  }

  /// Where bytes stop being UTF-8, and why.
  private static func firstFault(in bytes: [UInt8]) -> (position: Int, reason: String) {
    var position = 0
    while position < bytes.count {
      let length =
        switch bytes[position] {
        case 0..<0x80: 1
        case 0xC2..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0..<0xF5: 4
        default: 0
        }
      if length == 0 { return (position, "invalid start byte") }
      let sequence = bytes[position..<min(position + length, bytes.count)]
      if String(validating: sequence, as: UTF8.self) == nil {
        let isCut = sequence.count < length && sequence.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
        return (position, isCut ? "unexpected end of data" : "invalid continuation byte")
      }
      position += length
    }
    return (0, "invalid start byte")
  }
}
