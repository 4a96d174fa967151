/// The header of a member, in a block.
struct TarHeader {
  private let block: [UInt8]

  init(_ block: [UInt8]) { self.block = block }

  /// The type's letter.
  var type: UInt8 { block[156] }

  /// Whether the checksum is right; very old writers added signed bytes.
  var isSound: Bool {
    guard let sum = number(148, 8) else { return false }
    var plain: Int64 = 0
    var signed: Int64 = 0
    for (index, byte) in block.enumerated() {
      let byte = (148..<156).contains(index) ? UInt8(ascii: " ") : byte
      plain += Int64(byte)
      signed += Int64(Int8(bitPattern: byte))
    }
    return sum == plain || sum == signed
  }

  /// How many bytes follow, as the header itself says.
  var size: Int64 {
    get throws {
      guard let size = number(124, 12), size >= 0 else {
        throw TarError("has no size that can be read", text(0, 100))
      }
      return size
    }
  }

  /// The member, with what headers before said about it.
  func entry(_ said: TarAttributes, _ saidForAll: TarAttributes) throws -> TarEntry {
    let path = said.path ?? saidForAll.path ?? name
    let kind = kind(of: path)
    let size = try said.size ?? saidForAll.size ?? size
    let time = said.time ?? saidForAll.time
    if said.isSparse || saidForAll.isSparse {
      throw TarError("is stored as a sparse file, which only GNU tar reads", path)
    }
    return TarEntry(
      path: path, kind: kind, size: kind == .file ? size : 0,
      mode: UInt32(truncatingIfNeeded: number(100, 8) ?? 0o644) & 0o7777,
      seconds: time?.seconds ?? number(136, 12) ?? 0, nanoseconds: time?.nanoseconds ?? 0,
      target: said.target ?? saidForAll.target ?? text(157, 100))
  }

  private func kind(of path: [UInt8]) -> TarEntry.Kind {
    switch type {
    case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
      // Before POSIX a folder was a file with a slash at its name's end.
      path.last == UInt8(ascii: "/") ? .folder : .file
    case UInt8(ascii: "1"): .hardLink
    case UInt8(ascii: "2"): .symbolicLink
    case UInt8(ascii: "5"): .folder
    default: .other(type)
    }
  }

  /// The name with the prefix that POSIX has; GNU has other things in its place.
  private var name: [UInt8] {
    let name = text(0, 100)
    guard Array(block[257..<263]) == Array("ustar\0".utf8) else { return name }
    let prefix = text(345, 155)
    return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
  }

  private func text(_ place: Int, _ room: Int) -> [UInt8] {
    Array(block[place..<place + room].prefix { $0 != 0 })
  }

  private func number(_ place: Int, _ room: Int) -> Int64? {
    let field = block[place..<place + room]
    guard let first = field.first else { return nil }
    if first & 0x80 != 0 {
      let isNegative = first == 0xFF
      let rest = [isNegative ? 0xFF : first & 0x7F] + field.dropFirst()
      let (high, low) = (rest.dropLast(8), rest.suffix(8))
      guard high.allSatisfy({ $0 == (isNegative ? 0xFF : 0) }) else { return nil }
      let bits = low.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let value = Int64(bitPattern: bits)
      return value < 0 && !isNegative ? nil : value
    }
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix {
      $0 != 0 && $0 != UInt8(ascii: " ")
    }
    return digits.isEmpty ? 0 : Int64(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}

/// What headers before a member say about it.
struct TarAttributes {
  var path: [UInt8]?
  var target: [UInt8]?
  var size: Int64?
  var time: (seconds: Int64, nanoseconds: Int)?
  var isSparse = false

  /// Reads a pax header: `LENGTH KEY=VALUE` and a newline, again and again; the length counts it all.
  mutating func read(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let digits = rest.prefix { $0 != UInt8(ascii: " ") }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 2,
        length <= rest.count
      else { throw TarError("a pax header of the archive cannot be read") }
      let record = rest.prefix(length).dropFirst(digits.count + 1).dropLast()
      rest = rest.dropFirst(length)
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
        throw TarError("a pax header of the archive cannot be read")
      }
      try set(
        String(decoding: record[..<equals], as: UTF8.self),
        Array(record[record.index(after: equals)...]))
    }
  }

  private mutating func set(_ key: String, _ value: [UInt8]) throws {
    switch key {
    case "path": path = value
    case "linkpath": target = value
    case "size":
      guard let number = Int64(String(decoding: value, as: UTF8.self)), number >= 0 else {
        throw TarError("a pax header of the archive has no size that can be read")
      }
      size = number
    case "mtime": time = Self.time(String(decoding: value, as: UTF8.self))
    default: if key.hasPrefix("GNU.sparse.") { isSparse = true }
    }
  }

  /// `1700000000.25`; before 1970 with a sign that counts for both parts.
  private static func time(_ text: String) -> (seconds: Int64, nanoseconds: Int)? {
    let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
    guard let first = parts.first, let seconds = Int64(first) else { return nil }
    guard parts.count == 2 else { return (seconds, 0) }
    let digits = parts[1].prefix(9)
    guard let part = Int(digits + String(repeating: "0", count: 9 - digits.count)), part >= 0 else {
      return nil
    }
    if text.hasPrefix("-"), part > 0 { return (seconds - 1, 1_000_000_000 - part) }
    return (seconds, part)
  }
}
