/// `base64` and `binascii`: bytes written as text.
enum BinaryTextModules {
  // Immutable once made (see PythonClass).
  nonisolated(unsafe) private static let error = PythonClass(
    host: "Error", module: "binascii", bases: [BuiltinException.valueError.pythonClass])

  static func base64() -> HostModule {
    .describing("base64") { table in
      table.function("b64encode", "s, altchars=None") { call in
        let text = Base64.encode(try SmallModules.bytes(call, 0))
        return .bytes(try alternatives(call).map { swapped(text, standard, $0) } ?? text)
      }
      table.function("b64decode", "s, altchars=None, validate=False") { call in
        var text = try text(call)
        if let other = try alternatives(call) { text = swapped(text, other, standard) }
        return .bytes(try decoded(text, isStrict: try call.truth("validate")))
      }
      table.function("standard_b64encode", "s") { call in
        .bytes(Base64.encode(try SmallModules.bytes(call, 0)))
      }
      table.function("standard_b64decode", "s") { call in
        .bytes(try decoded(try text(call), isStrict: false))
      }
      table.function("urlsafe_b64encode", "s") { call in
        .bytes(swapped(Base64.encode(try SmallModules.bytes(call, 0)), standard, urlSafe))
      }
      table.function("urlsafe_b64decode", "s") { call in
        .bytes(try decoded(swapped(try text(call), urlSafe, standard), isStrict: false))
      }
      table.function("b32encode", "s") { call in
        .bytes(base32(try SmallModules.bytes(call, 0)))
      }
      table.function("b16encode", "s") { call in
        .bytes(Array(UUIDModule.hex(try SmallModules.bytes(call, 0)).uppercased().utf8))
      }
    }
  }

  static func binascii() -> HostModule {
    .describing("binascii") { table in
      table.type(error, as: "Error")
      for name in ["hexlify", "b2a_hex"] {
        table.function(name, "data") { call in
          .bytes(Array(UUIDModule.hex(try SmallModules.bytes(call, 0)).utf8))
        }
      }
      for name in ["unhexlify", "a2b_hex"] {
        table.function(name, "hexstr, /") { .bytes(try fromHexadecimal(try text($0))) }
      }
      table.function("b2a_base64", "data, /, *, newline=True") { call in
        let text = Base64.encode(try SmallModules.bytes(call, 0))
        return .bytes(try call.truth("newline") ? text + [10] : text)
      }
      table.function("a2b_base64", "data, /, *, strict_mode=False") { call in
        .bytes(try decoded(try text(call), isStrict: try call.truth("strict_mode")))
      }
      table.function("crc32", "data, crc=0, /") { call in
        let data = try SmallModules.bytes(call, 0)
        try call.python.tick(bytes: data.count)
        return .int(Int(checksum(data, from: UInt32(truncatingIfNeeded: try call.int(1)))))
      }
    }
  }

  private static func base32(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 5) {
      let group = bytes[start..<min(start + 5, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (5 - group.count))
      let count = (group.count * 8 + 4) / 5
      for place in 0..<8 {
        result.append(place < count ? alphabet[bits >> (35 - 5 * place) & 31] : UInt8(ascii: "="))
      }
    }
    return result
  }

  private static let standard = Array("+/".utf8)
  private static let urlSafe = Array("-_".utf8)

  /// The two characters that stand for `+` and `/`.
  private static func alternatives(_ call: Call) throws -> [UInt8]? {
    guard let value = call["altchars"].orNil else { return nil }
    let characters = value.bytes ?? value.string.map { Array($0.utf8) } ?? []
    guard characters.count == 2 else {
      throw PythonError(.assertionError, try call.python.repr(value))
    }
    return characters
  }

  private static func swapped(_ text: [UInt8], _ from: [UInt8], _ to: [UInt8]) -> [UInt8] {
    text.map { byte in from.firstIndex(of: byte).map { to[$0] } ?? byte }
  }

  /// The first argument, bytes or text of ASCII.
  private static func text(_ call: Call) throws -> [UInt8] {
    guard let text = call[0].string else { return try SmallModules.bytes(call, 0) }
    guard text.utf8.allSatisfy({ $0 < 0x80 }) else {
      throw PythonError(.valueError, "string argument should contain only ASCII characters")
    }
    return Array(text.utf8)
  }

  private static func decoded(_ text: [UInt8], isStrict: Bool) throws -> [UInt8] {
    do throws(Base64.Fault) {
      return try Base64.decode(text, isStrict: isStrict)
    } catch {
      throw PythonError(BinaryTextModules.error, error.reason)
    }
  }

  private static func fromHexadecimal(_ text: [UInt8]) throws -> [UInt8] {
    guard text.count.isMultiple(of: 2) else { throw PythonError(error, "Odd-length string") }
    let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard digits.count == text.count else {
      throw PythonError(error, "Non-hexadecimal digit found")
    }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  /// CRC-32 as zip files have it (polynomial 0xEDB88320).
  private static func checksum(_ data: [UInt8], from start: UInt32) -> UInt32 {
    var crc = ~start
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xEDB8_8320 }
    }
    return ~crc
  }
}

/// Base 64 (RFC 4648), with what CPython's `binascii` makes of text that is none.
enum Base64 {
  struct Fault: Error {
    var reason: String
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let pad = UInt8(ascii: "=")

  static func encode(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        result.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : pad)
      }
    }
    return result
  }

  /// Decodes as far as the first padding that ends a group of four; other characters are skipped
  /// unless it is strict.
  static func decode(_ text: [UInt8], isStrict: Bool) throws(Fault) -> [UInt8] {
    if isStrict, text.first == pad { throw Fault(reason: "Leading padding not allowed") }
    var result: [UInt8] = []
    var place = 0
    var rest: UInt8 = 0
    var pads = 0
    var isPadded = false
    for (index, byte) in text.enumerated() {
      if byte == pad {
        isPadded = true
        guard place >= 2 else { continue }
        pads += 1
        guard place + pads >= 4 else { continue }
        if isStrict, index + 1 < text.count { throw Fault(reason: "Excess data after padding") }
        return result
      }
      guard let value = value(byte) else {
        if isStrict { throw Fault(reason: "Only base64 data is allowed") }
        continue
      }
      if isStrict, isPadded { throw Fault(reason: "Discontinuous padding not allowed") }
      pads = 0
      switch place {
      case 0: break
      case 1: result.append(rest << 2 | value >> 4)
      case 2: result.append(rest << 4 | value >> 2)
      default: result.append(rest << 6 | value)
      }
      rest = value
      place = (place + 1) % 4
    }
    switch place {
    case 0: return result
    case 1:
      throw Fault(
        reason: "Invalid base64-encoded string: number of data characters "
          + "(\(result.count / 3 * 4 + 1)) cannot be 1 more than a multiple of 4")
    default: throw Fault(reason: "Incorrect padding")
    }
  }

  private static func value(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte + 4
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
