/// A line as the API gives it: `2026-01-02T03:04:05.000137000Z message`.
enum StampedLine {
  /// The stamp, and where the message begins; nil for a line that has none and continues the one
  /// before.
  @inline(__always)
  static func stamp(of line: Bytes) -> (time: LogTime, message: Int)? {
    guard line.count >= 20, line[4] == UInt8(ascii: "-"), line[10] == UInt8(ascii: "T") else {
      return nil
    }
    return parse(line)
  }

  /// Whether a line without a stamp is a kubelet's word on a log that it cannot give.
  static func isTrouble(_ line: Bytes) -> Bool {
    line.has("unable to retrieve container logs for ") || line.has("failed to ")
      || line.has("rpc error: ")
  }

  private static func parse(_ line: Bytes) -> (time: LogTime, message: Int)? {
    var fields = DateFields(text: line, place: 0)
    guard let year = fields.number(4), fields.skipAny("-", "-"), let month = fields.number(2),
      fields.skipAny("-", "-"), let day = fields.number(2), fields.skipAny("T", "T"),
      let hour = fields.number(2), fields.skipAny(":", ":"), let minute = fields.number(2),
      fields.skipAny(":", ":"), let second = fields.number(2)
    else { return nil }
    let fraction = fields.fraction()
    var place = fields.place
    var offset = 0
    guard place < line.count else { return nil }
    if line[place] == UInt8(ascii: "Z") {
      place += 1
    } else {
      guard let east = fields.offset() else { return nil }
      offset = east
      place = fields.place
    }
    guard
      let time = LogTime(
        year: year, month: month, day: day, hour: hour, minute: minute, second: second,
        nanosecond: fraction, offset: offset)
    else { return nil }
    // The message of an empty line is nothing at all, blank included.
    if place == line.count { return (time, place) }
    guard line[place] == 0x20 else { return nil }
    return (time, place + 1)
  }
}

/// Reads the stamps of lines that come behind each other: most are of the same second as the one
/// before, and only what is behind the second is read then.
struct StampReader {
  /// `2026-01-02T03:04:05.` in three words, the last two of which overlap.
  private var second: (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var start: Int64 = 0

  /// What `StampedLine.stamp` says.
  @inline(__always)
  mutating func stamp(of line: Bytes) -> (time: LogTime, message: Int)? {
    guard line.count > 30, let base = line.baseAddress else { return StampedLine.stamp(of: line) }
    let second = StampReader.second(at: base)
    guard second == self.second, line[29] == UInt8(ascii: "Z"), line[30] == 0x20,
      let fraction = StampReader.nineDigits(at: base + 20)
    else { return learn(line, second) }
    return (LogTime(nanoseconds: start &+ fraction), 31)
  }

  @inline(__always)
  private static func second(at base: UnsafeRawPointer) -> (UInt64, UInt64, UInt64) {
    (
      base.loadUnaligned(as: UInt64.self),
      base.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
      base.loadUnaligned(fromByteOffset: 12, as: UInt64.self)
    )
  }

  @inline(never)
  private mutating func learn(
    _ line: Bytes, _ second: (UInt64, UInt64, UInt64)
  ) -> (time: LogTime, message: Int)? {
    guard let (time, message) = StampedLine.stamp(of: line) else { return nil }
    if line[19] == UInt8(ascii: "."), line[29] == UInt8(ascii: "Z"), message == 31,
      let fraction = line.baseAddress.flatMap({ StampReader.nineDigits(at: $0 + 20) })
    {
      self.second = second
      start = time.nanoseconds - fraction
    }
    return (time, message)
  }

  /// The number that nine digits say; nil where they are none. Eight are read at once: pairs, then
  /// fours, then all.
  @inline(__always)
  private static func nineDigits(at place: UnsafeRawPointer) -> Int64? {
    let text = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    let last = place.load(fromByteOffset: 8, as: UInt8.self)
    let beyond = (text &+ 0x4646_4646_4646_4646) | (text &- 0x3030_3030_3030_3030)
    guard beyond & 0x8080_8080_8080_8080 == 0, last.isDigit else { return nil }
    let digits = text &- 0x3030_3030_3030_3030
    let pairs = (digits &* 10 &+ (digits &>> 8)) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ (pairs &>> 16)) & 0x0000_FFFF_0000_FFFF
    let eight = (fours &* 10_000 &+ (fours &>> 32)) & 0xFFFF_FFFF
    return Int64(eight) &* 10 &+ Int64(last &- 0x30)
  }
}
