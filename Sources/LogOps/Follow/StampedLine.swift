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
