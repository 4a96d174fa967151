/// Schoolbook arithmetic on magnitudes: 32-bit digits, least significant first, no leading zeros.
/// The numbers of migration scripts are hashes and limits, a few digits long.
enum Magnitude {
  /// Negative, zero or positive as `a` is less than, equal to or greater than `b`.
  static func compare(_ a: [UInt32], _ b: [UInt32]) -> Int {
    if a.count != b.count { return a.count < b.count ? -1 : 1 }
    for index in a.indices.reversed() where a[index] != b[index] {
      return a[index] < b[index] ? -1 : 1
    }
    return 0
  }

  static func add(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    let (long, short) = a.count >= b.count ? (a, b) : (b, a)
    var result = long
    var carry: UInt64 = 0
    for index in long.indices {
      let sum = UInt64(long[index]) + (index < short.count ? UInt64(short[index]) : 0) + carry
      result[index] = UInt32(truncatingIfNeeded: sum)
      carry = sum >> 32
    }
    if carry > 0 { result.append(UInt32(carry)) }
    return result
  }

  /// `a - b`, where `a` is not less.
  static func subtract(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    var result = a
    var borrow: Int64 = 0
    for index in a.indices {
      let difference = Int64(a[index]) - (index < b.count ? Int64(b[index]) : 0) - borrow
      result[index] = UInt32(truncatingIfNeeded: difference)
      borrow = difference < 0 ? 1 : 0
    }
    return trimmed(result)
  }

  static func multiply(_ a: [UInt32], _ b: [UInt32]) -> [UInt32] {
    if a.isEmpty || b.isEmpty { return [] }
    var result = [UInt32](repeating: 0, count: a.count + b.count)
    for i in a.indices {
      var carry: UInt64 = 0
      for j in b.indices {
        let sum = UInt64(a[i]) * UInt64(b[j]) + UInt64(result[i + j]) + carry
        result[i + j] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
      result[i + b.count] = UInt32(carry)
    }
    return trimmed(result)
  }

  static func multiply(_ a: inout [UInt32], by factor: UInt32, adding addend: UInt32) {
    var carry = UInt64(addend)
    for index in a.indices {
      let product = UInt64(a[index]) * UInt64(factor) + carry
      a[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    if carry > 0 { a.append(UInt32(carry)) }
  }

  /// Divides in place and gives the remainder.
  static func divide(_ a: inout [UInt32], by divisor: UInt32) -> UInt32 {
    var remainder: UInt64 = 0
    for index in a.indices.reversed() {
      let dividend = remainder << 32 | UInt64(a[index])
      a[index] = UInt32(dividend / UInt64(divisor))
      remainder = dividend % UInt64(divisor)
    }
    a = trimmed(a)
    return UInt32(remainder)
  }

  /// Long division (Knuth, volume 2, algorithm D).
  static func divide(
    _ a: [UInt32], by b: [UInt32]
  ) -> (quotient: [UInt32], remainder: [UInt32]) {
    if compare(a, b) < 0 { return ([], a) }
    if b.count == 1 {
      var quotient = a
      let remainder = divide(&quotient, by: b[0])
      return (quotient, remainder == 0 ? [] : [remainder])
    }
    let shift = b[b.count - 1].leadingZeroBitCount
    let divisor = shiftLeft(b, shift)
    var rest = shiftLeft(a, shift)
    while rest.count <= a.count { rest.append(0) }
    let n = divisor.count
    let top = UInt64(divisor[n - 1])
    let next = UInt64(divisor[n - 2])
    var quotient = [UInt32](repeating: 0, count: rest.count - n)
    for j in quotient.indices.reversed() {
      let head = UInt64(rest[j + n]) << 32 | UInt64(rest[j + n - 1])
      var guess = head / top
      var left = head % top
      while guess >> 32 != 0 || guess * next > (left << 32 | UInt64(rest[j + n - 2])) {
        guess -= 1
        left += top
        if left >> 32 != 0 { break }
      }
      if subtract(divisor, times: guess, from: &rest, at: j) {
        guess -= 1
        addBack(divisor, to: &rest, at: j)
      }
      quotient[j] = UInt32(truncatingIfNeeded: guess)
    }
    return (trimmed(quotient), shiftRight(trimmed(rest), shift))
  }

  /// `rest[at...] -= divisor * factor`; true when it went below zero.
  private static func subtract(
    _ divisor: [UInt32], times factor: UInt64, from rest: inout [UInt32], at offset: Int
  ) -> Bool {
    var borrow: Int64 = 0
    var carry: UInt64 = 0
    for index in divisor.indices {
      let product = factor * UInt64(divisor[index]) + carry
      carry = product >> 32
      let low = Int64(product & 0xFFFF_FFFF)
      let difference = Int64(rest[offset + index]) - borrow - low
      rest[offset + index] = UInt32(truncatingIfNeeded: difference)
      borrow = difference < 0 ? 1 : 0
    }
    let last = offset + divisor.count
    let difference = Int64(rest[last]) - borrow - Int64(carry)
    rest[last] = UInt32(truncatingIfNeeded: difference)
    return difference < 0
  }

  private static func addBack(
    _ divisor: [UInt32], to rest: inout [UInt32], at offset: Int
  ) {
    var carry: UInt64 = 0
    for index in divisor.indices {
      let sum = UInt64(rest[offset + index]) + UInt64(divisor[index]) + carry
      rest[offset + index] = UInt32(truncatingIfNeeded: sum)
      carry = sum >> 32
    }
    let last = offset + divisor.count
    rest[last] = UInt32(truncatingIfNeeded: UInt64(rest[last]) + carry)
  }

  static func shiftLeft(_ a: [UInt32], _ count: Int) -> [UInt32] {
    if a.isEmpty { return [] }
    let (words, bits) = (count / 32, count % 32)
    var result = [UInt32](repeating: 0, count: words)
    var carry: UInt32 = 0
    for digit in a {
      result.append(bits == 0 ? digit : digit << bits | carry)
      carry = bits == 0 ? 0 : digit >> (32 - bits)
    }
    if carry > 0 { result.append(carry) }
    return trimmed(result)
  }

  static func shiftRight(_ a: [UInt32], _ count: Int) -> [UInt32] {
    let (words, bits) = (count / 32, count % 32)
    if words >= a.count { return [] }
    var result = Array(a[words...])
    if bits > 0 {
      for index in result.indices {
        let high = index + 1 < result.count ? result[index + 1] << (32 - bits) : 0
        result[index] = result[index] >> bits | high
      }
    }
    return trimmed(result)
  }

  /// Whether the lowest `count` bits are all zero.
  static func isZero(_ a: [UInt32], below count: Int) -> Bool {
    let (words, bits) = (count / 32, count % 32)
    if a.prefix(words).contains(where: { $0 != 0 }) { return false }
    return words >= a.count || bits == 0 || a[words] & (1 << bits - 1) == 0
  }

  private static func trimmed(_ a: [UInt32]) -> [UInt32] {
    var result = a
    while result.last == 0 { result.removeLast() }
    return result
  }
}
