internal import Quantities

/// Times as they are printed.
enum TimeText {
  /// `2026-11-29T10:00:00.123Z`, or with the zone's offset.
  static func full(_ time: LogTime, zone: Int) -> String {
    guard zone != 0 else { return time.timestamp.rfc3339() }
    let local = Timestamp(microseconds: time.timestamp.microseconds + Int64(zone) * 1_000_000)
    return local.rfc3339().dropLast() + offset(zone)
  }

  /// `10:00:00.123`.
  static func clock(_ time: LogTime, zone: Int) -> String {
    String(full(time, zone: zone).dropFirst(11).prefix(12))
  }

  private static func offset(_ zone: Int) -> String {
    func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return (zone < 0 ? "-" : "+") + pad(abs(zone) / 3600) + ":" + pad(abs(zone) / 60 % 60)
  }

  /// Reads `Z`, `UTC`, `+02:00`, `-0330` as seconds east of UTC; nil for anything else.
  static func zone(_ text: String) -> Int? {
    if ["Z", "UTC", "utc"].contains(text) { return 0 }
    let bytes = Array(text.utf8)
    guard let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
      return nil
    }
    let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
    guard [2, 4].contains(digits.count), digits.allSatisfy(\.isDigit),
      bytes.count - 1 - digits.count <= 1
    else { return nil }
    let values = digits.map { Int($0 - 0x30) }
    let hours = values[0] * 10 + values[1]
    let minutes = values.count == 4 ? values[2] * 10 + values[3] : 0
    guard hours < 15, minutes < 60 else { return nil }
    return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 3600 + minutes * 60)
  }
}

/// A zone as a distance from UTC.
public struct ZoneOffset: Sendable, Hashable {
  /// Seconds east of UTC.
  public var seconds: Int

  /// Reads `Z`, `UTC`, `+02:00`, `-0330`; nil for anything else.
  public init?(_ text: String) {
    guard let seconds = TimeText.zone(text) else { return nil }
    self.seconds = seconds
  }
}
