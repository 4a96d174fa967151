/// Finds the blocks of a deflate stream (RFC 1951) without inflating it: only the lengths of codes
/// count, not what they stand for. Not for input that anybody else has made.
final class DeflateBlocks {
  /// How many bytes there must be behind the stream, which are read but do not count.
  static let slack = 16

  /// One block, by the places of its first bit and of the first bit behind it.
  struct Block {
    var start: Int
    var end: Int
  }

  private let literals = DeflateCode()
  private let distances = DeflateCode()
  private let lengths = DeflateCode()

  /// The last block of the stream in the first `count` bytes; nil where they are none.
  func last(in bytes: UnsafeRawBufferPointer, count: Int) -> Block? {
    guard bytes.count >= count + DeflateBlocks.slack else { return nil }
    var reader = BitReader(bytes: bytes, limit: count * 8)
    while true {
      let start = reader.place
      let isLast = reader.take(1) == 1
      switch reader.take(2) {
      case 0: reader.skipStored()
      case 1:
        literals.build(DeflateBlocks.fixedLiterals, extra: DeflateBlocks.literalBits)
        distances.build([UInt8](repeating: 5, count: 30), extra: DeflateBlocks.distanceBits)
        skipCodes(&reader)
      case 2:
        guard readCodes(&reader) else { return nil }
        skipCodes(&reader)
      default: return nil
      }
      guard reader.place <= reader.limit else { return nil }
      if isLast {
        return (reader.place + 7) >> 3 == count ? Block(start: start, end: reader.place) : nil
      }
    }
  }

  /// The codes that stand in front of a block: themselves compressed.
  private func readCodes(_ reader: inout BitReader) -> Bool {
    let literalCount = reader.take(5) + 257
    let distanceCount = reader.take(5) + 1
    var sizes = [UInt8](repeating: 0, count: 19)
    for index in 0..<reader.take(4) + 4 {
      sizes[DeflateBlocks.order[index]] = UInt8(reader.take(3))
    }
    lengths.build(sizes, extra: [UInt8](repeating: 0, count: 19))
    var all: [UInt8] = []
    all.reserveCapacity(literalCount + distanceCount)
    while all.count < literalCount + distanceCount, reader.place <= reader.limit {
      let symbol = lengths.symbol(&reader)
      switch symbol {
      case 16:
        guard let previous = all.last else { return false }
        all += repeatElement(previous, count: reader.take(2) + 3)
      case 17: all += repeatElement(0, count: reader.take(3) + 3)
      case 18: all += repeatElement(0, count: reader.take(7) + 11)
      default: all.append(UInt8(symbol))
      }
    }
    guard all.count == literalCount + distanceCount else { return false }
    literals.build(all.prefix(literalCount), extra: DeflateBlocks.literalBits)
    distances.build(all.suffix(distanceCount), extra: DeflateBlocks.distanceBits)
    return true
  }

  private func skipCodes(_ reader: inout BitReader) {
    while reader.place <= reader.limit {
      // One load serves several literals, as long as a whole code is left in it.
      let word = reader.peek()
      var used = 0
      var entry = literals.entry(word)
      while entry.symbol < 256, used &+ entry.bits <= BitReader.width - DeflateCode.longest {
        used &+= entry.bits
        entry = literals.entry(word &>> UInt64(truncatingIfNeeded: used))
      }
      reader.place &+= used &+ entry.bits
      if entry.symbol < 256 { continue }
      if entry.symbol == 256 { return }
      reader.place &+= distances.entry(reader.peek()).bits
    }
  }

  /// The order in which the lengths of the codes' own codes stand.
  private static let order = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
  ]
  private static let fixedLiterals: [UInt8] =
    Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112)
    + Array(repeating: 7, count: 24) + Array(repeating: 8, count: 8)
  /// The extra bits behind a code: none behind literals and the end, up to five behind a length.
  private static let literalBits: [UInt8] =
    Array(repeating: 0, count: 265) + (265..<285).map { UInt8(($0 - 261) / 4) } + [0, 0, 0]
  private static let distanceBits: [UInt8] = [0, 0] + (2..<30).map { UInt8($0 / 2 - 1) }
}

/// Bits, the least significant of each byte first.
private struct BitReader {
  let bytes: UnsafeRawBufferPointer
  let limit: Int
  var place = 0

  init(bytes: UnsafeRawBufferPointer, limit: Int) {
    self.bytes = bytes
    self.limit = limit
  }

  /// How many bits there are at least in one look.
  static let width = 57

  /// At least the next 57 bits; past the end, whatever stands there.
  @inline(__always)
  func peek() -> UInt64 {
    let index = min(place, limit) &>> 3
    let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    return UInt64(littleEndian: word) &>> UInt64(place & 7)
  }

  mutating func take(_ count: Int) -> Int {
    let value = Int(peek() & (1 &<< UInt64(count) &- 1))
    place &+= count
    return value
  }

  mutating func skipStored() {
    place = (place + 7) & ~7
    let length = take(16)
    place += 16 + length * 8
  }
}

/// A Huffman code as a table: the next bits of the input give a symbol, and how many bits it takes
/// together with the extra bits behind it.
private final class DeflateCode {
  struct Entry {
    var symbol: UInt16
    var bits: Int
  }

  /// The longest code.
  static let longest = 15
  private let table = UnsafeMutablePointer<UInt16>.allocate(capacity: 1 << DeflateCode.longest)
  private var mask: UInt64 = 0

  deinit { table.deallocate() }

  /// Symbols take nine bits, their lengths five; codes that do not occur have length 0.
  @inline(__always)
  func entry(_ word: UInt64) -> Entry {
    let packed = table[Int(truncatingIfNeeded: word & mask)]
    return Entry(symbol: packed &>> 5, bits: Int(packed & 31))
  }

  func symbol(_ reader: inout BitReader) -> UInt16 {
    let entry = entry(reader.peek())
    // A code that does not occur must not hold the reader where it is.
    reader.place &+= max(1, entry.bits)
    return entry.symbol
  }

  func build(_ sizes: some Collection<UInt8>, extra: [UInt8]) {
    let longest = Int(sizes.max() ?? 0)
    mask = 1 << UInt64(longest) - 1
    table.update(repeating: 1, count: 1 << longest)
    var counts = [Int](repeating: 0, count: DeflateCode.longest + 2)
    for size in sizes where size > 0 { counts[Int(size)] += 1 }
    var next = [Int](repeating: 0, count: DeflateCode.longest + 2)
    for size in 1...DeflateCode.longest { next[size + 1] = (next[size] + counts[size]) << 1 }
    for (symbol, size) in sizes.enumerated() where size > 0 {
      let size = Int(size)
      let code = next[size]
      next[size] += 1
      let packed = UInt16(symbol) << 5 | UInt16(size + Int(extra[symbol]))
      // The input has a code's first bit lowest.
      var place = Int(UInt16(truncatingIfNeeded: code).bitReversed >> UInt16(16 - size))
      while place < 1 << longest {
        table[place] = packed
        place += 1 << size
      }
    }
  }
}

extension UInt16 {
  fileprivate var bitReversed: UInt16 {
    var value = self
    value = (value & 0x5555) << 1 | (value >> 1) & 0x5555
    value = (value & 0x3333) << 2 | (value >> 2) & 0x3333
    value = (value & 0x0F0F) << 4 | (value >> 4) & 0x0F0F
    return value.byteSwapped
  }
}
