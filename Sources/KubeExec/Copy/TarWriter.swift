/// Writes tar archives as GNU tar does: of the ways to write a long name, that is the one which
/// every tar found in containers reads (busybox passes over pax headers without a word).
package struct TarWriter {
  private var written: Int64 = 0

  /// Begins an archive.
  package init() {}

  /// The bytes that go before a member's contents.
  package mutating func header(_ entry: TarEntry) -> [UInt8] {
    var bytes: [UInt8] = []
    if entry.target.count > 100 { bytes += long(entry.target, type: UInt8(ascii: "K")) }
    if entry.path.count > 100 { bytes += long(entry.path, type: UInt8(ascii: "L")) }
    bytes += block(entry, type: Self.type(of: entry.kind))
    written += Int64(bytes.count)
    return bytes
  }

  /// The bytes that go behind contents of `size` bytes.
  package mutating func padding(after size: Int64) -> [UInt8] {
    let count = TarFormat.padding(after: size)
    written += size + Int64(count)
    return [UInt8](repeating: 0, count: count)
  }

  /// The bytes that end the archive.
  package func end() -> [UInt8] {
    let used = Int((written + Int64(2 * TarFormat.block)) % Int64(TarFormat.record))
    let rest = (TarFormat.record - used) % TarFormat.record
    return [UInt8](repeating: 0, count: 2 * TarFormat.block + rest)
  }

  private func long(_ name: [UInt8], type: UInt8) -> [UInt8] {
    let size = Int64(name.count + 1)
    let entry = TarEntry(path: Array("././@LongLink".utf8), kind: .other(type), size: size, mode: 0)
    let padding = [UInt8](repeating: 0, count: 1 + TarFormat.padding(after: size))
    return block(entry, type: type) + name + padding
  }

  private func block(_ entry: TarEntry, type: UInt8) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: TarFormat.block)
    func put(_ bytes: some Collection<UInt8>, at place: Int, room: Int) {
      for (index, byte) in bytes.prefix(room).enumerated() { block[place + index] = byte }
    }
    put(entry.path, at: 0, room: 100)
    put(Self.number(Int64(entry.mode), digits: 7), at: 100, room: 8)
    // Nobody: owners here mean nothing there, and the reader is told not to use them.
    put(Self.number(0, digits: 7), at: 108, room: 8)
    put(Self.number(0, digits: 7), at: 116, room: 8)
    put(Self.number(entry.size, digits: 11), at: 124, room: 12)
    put(Self.number(entry.seconds, digits: 11), at: 136, room: 12)
    put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148, room: 8)
    block[156] = type
    put(entry.target, at: 157, room: 100)
    put("ustar  ".utf8, at: 257, room: 8)
    let sum = block.reduce(0) { $0 + Int64($1) }
    put(Self.number(sum, digits: 6), at: 148, room: 6)
    block[154] = 0
    return block
  }

  private static func type(of kind: TarEntry.Kind) -> UInt8 {
    switch kind {
    case .file: UInt8(ascii: "0")
    case .hardLink: UInt8(ascii: "1")
    case .symbolicLink: UInt8(ascii: "2")
    case .folder: UInt8(ascii: "5")
    case .other(let letter): letter
    }
  }

  /// Octal digits; what has no room in them, or is below 0, as a binary number marked by its first bit.
  private static func number(_ value: Int64, digits: Int) -> [UInt8] {
    if value >= 0, digits >= 21 || value < 1 << (3 * Int64(digits)) {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
    }
    var bytes = [UInt8](repeating: value < 0 ? 0xFF : 0, count: digits + 1)
    var rest = value
    for index in 0..<min(8, bytes.count) {
      bytes[bytes.count - 1 - index] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
    }
    bytes[0] = value < 0 ? 0xFF : bytes[0] | 0x80
    return bytes
  }
}
