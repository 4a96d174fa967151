/// MurmurHash3 of 128 bits in its form for 64-bit processors (x64_128, seed 0), over a stream of
/// bytes.
///
/// It finds accidents, not attacks: whoever may choose the bytes can make two of one hash. What must
/// not be changed on purpose has its SHA-256.
struct MurmurHash3: Sendable {
  private static let first: UInt64 = 0x87c3_7b91_1142_53d5
  private static let second: UInt64 = 0x4cf5_ad43_2745_937f

  private var high: UInt64 = 0
  private var low: UInt64 = 0
  private var length: UInt64 = 0
  // The bytes since the last whole block of 16, of which `length` tells how many there are.
  private var lateHigh: UInt64 = 0
  private var lateLow: UInt64 = 0

  init() {}

  /// The hash of bytes that are all there.
  static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
    var state = MurmurHash3()
    state.update(bytes)
    return state.finished()
  }

  /// Adds bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    let count = bytes.count
    var place = 0
    while length & 15 != 0, place < count {
      keep(base.load(fromByteOffset: place, as: UInt8.self))
      place += 1
    }
    while place + 16 <= count {
      mix(
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt64.self)),
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self)))
      place += 16
      length &+= 16
    }
    while place < count {
      keep(base.load(fromByteOffset: place, as: UInt8.self))
      place += 1
    }
  }

  /// The hash of all bytes so far.
  func finished() -> UInt128 {
    var (high, low) = (high, low)
    let late = length & 15
    if late > 8 { low ^= MurmurHash3.scrambledLow(lateLow) }
    if late > 0 { high ^= MurmurHash3.scrambledHigh(lateHigh) }
    high ^= length
    low ^= length
    high &+= low
    low &+= high
    high = MurmurHash3.avalanche(high)
    low = MurmurHash3.avalanche(low)
    high &+= low
    low &+= high
    return UInt128(high) << 64 | UInt128(low)
  }

  private mutating func keep(_ byte: UInt8) {
    let place = length & 15
    if place < 8 {
      lateHigh |= UInt64(byte) &<< (place &* 8)
    } else {
      lateLow |= UInt64(byte) &<< ((place &- 8) &* 8)
    }
    length &+= 1
    if place == 15 {
      mix(lateHigh, lateLow)
      (lateHigh, lateLow) = (0, 0)
    }
  }

  private mutating func mix(_ one: UInt64, _ two: UInt64) {
    high ^= MurmurHash3.scrambledHigh(one)
    high = MurmurHash3.rotated(high, 27) &+ low
    high = high &* 5 &+ 0x52dc_e729
    low ^= MurmurHash3.scrambledLow(two)
    low = MurmurHash3.rotated(low, 31) &+ high
    low = low &* 5 &+ 0x3849_5ab5
  }

  private static func scrambledHigh(_ word: UInt64) -> UInt64 {
    rotated(word &* first, 31) &* second
  }

  private static func scrambledLow(_ word: UInt64) -> UInt64 {
    rotated(word &* second, 33) &* first
  }

  private static func rotated(_ word: UInt64, _ bits: UInt64) -> UInt64 {
    word &<< bits | word &>> (64 &- bits)
  }

  private static func avalanche(_ word: UInt64) -> UInt64 {
    var word = word
    word ^= word &>> 33
    word = word &* 0xff51_afd7_ed55_8ccd
    word ^= word &>> 33
    word = word &* 0xc4ce_b9fe_1a85_ec53
    return word ^ word &>> 33
  }
}
