extension Array: PostgresDecodable where Element: PostgresDecodable {
  /// An array, or for `[UInt8]` a `bytea`.
  public static func decode(_ field: Field) throws -> [Element] {
    if Element.self == UInt8.self, let bytes = try ByteArray.decode(field) as? [Element] {
      return bytes
    }
    var reader = ArrayReader(
      try field.present(), delimiter: field.typeOID == TypeOID.boxArray ? ";" : ",")
    return try reader.array(of: Element.self)
  }
}

extension UInt8: PostgresDecodable {
  /// A small number, as an element of an array. A `bytea` is decoded as `[UInt8]`.
  public static func decode(_ field: Field) throws -> UInt8 {
    let value = try Int64.decode(field)
    guard let byte = UInt8(exactly: value) else { throw Mismatch.unreadable("\(value)") }
    return byte
  }
}

/// The text forms of `bytea`.
enum ByteArray {
  static func decode(_ field: Field) throws -> [UInt8] {
    let text = try field.present()
    if text.starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "x")]) {
      return try hexadecimal(text.dropFirst(2))
    }
    return try escaped(text)
  }

  private static func hexadecimal(_ digits: Slice<UnsafeRawBufferPointer>) throws -> [UInt8] {
    guard digits.count.isMultiple(of: 2) else { throw Mismatch("its hexadecimal form is cut") }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    var index = digits.startIndex
    while index < digits.endIndex {
      guard let high = Hexadecimal.value(of: digits[index]),
        let low = Hexadecimal.value(of: digits[index + 1])
      else { throw Mismatch("it is no bytea") }
      bytes.append(high << 4 | low)
      index += 2
    }
    return bytes
  }

  /// The old form, for sessions with `bytea_output = escape`.
  private static func escaped(_ text: UnsafeRawBufferPointer) throws -> [UInt8] {
    let backslash = UInt8(ascii: "\\")
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] != backslash {
        bytes.append(text[index])
        index += 1
      } else if index + 1 < text.count, text[index + 1] == backslash {
        bytes.append(backslash)
        index += 2
      } else {
        let digits = text[index...].dropFirst().prefix(3)
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x37).contains($0) }) else {
          throw Mismatch("it is no bytea")
        }
        bytes.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 0x30) })
        index += 4
      }
    }
    return bytes
  }
}

/// Reads the text form of arrays: `{1,NULL,"a \"b\""}`, nested, with or without bounds.
struct ArrayReader {
  private let bytes: UnsafeRawBufferPointer
  private let delimiter: UInt8
  private var index = 0

  init(_ bytes: UnsafeRawBufferPointer, delimiter: Unicode.Scalar) {
    self.bytes = bytes
    self.delimiter = UInt8(ascii: delimiter)
    // Bounds that do not begin with 1 stand before the array, as `[0:2]={...}`.
    if bytes.first == UInt8(ascii: "["), let equals = bytes.firstIndex(of: UInt8(ascii: "=")) {
      index = equals + 1
    }
  }

  private var current: UInt8 { index < bytes.count ? bytes[index] : 0 }

  mutating func array<Element: PostgresDecodable>(of type: Element.Type) throws -> [Element] {
    guard current == UInt8(ascii: "{") else { throw Mismatch("it is no array") }
    index += 1
    var elements: [Element] = []
    if current == UInt8(ascii: "}") {
      index += 1
      return elements
    }
    while true {
      elements.append(try element(of: type))
      switch current {
      case delimiter: index += 1
      case UInt8(ascii: "}"):
        index += 1
        return elements
      default: throw Mismatch("its array is cut")
      }
    }
  }

  private mutating func element<Element: PostgresDecodable>(of type: Element.Type) throws -> Element
  {
    switch current {
    case UInt8(ascii: "{"):
      let start = index
      try skipNested()
      return try Element.decode(
        Field(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<index]), typeOID: 0))
    case UInt8(ascii: "\""):
      return try quoted().withUnsafeBytes { try Element.decode(Field(bytes: $0, typeOID: 0)) }
    default:
      let start = index
      while index < bytes.count, bytes[index] != delimiter, bytes[index] != UInt8(ascii: "}") {
        index += 1
      }
      let text = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
      let isNull = text.elementsEqual("NULL".utf8)
      return try Element.decode(Field(bytes: isNull ? nil : text, typeOID: 0))
    }
  }

  private mutating func quoted() throws -> [UInt8] {
    index += 1
    var text: [UInt8] = []
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == UInt8(ascii: "\\") { index += 1 }
      text.append(current)
      index += 1
    }
    guard index < bytes.count else { throw Mismatch("its array is cut") }
    index += 1
    return text
  }

  private mutating func skipNested() throws {
    var depth = 0
    repeat {
      guard index < bytes.count else { throw Mismatch("its array is cut") }
      switch bytes[index] {
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "\""):
        _ = try quoted()
        continue
      default: break
      }
      index += 1
    } while depth > 0
  }
}
