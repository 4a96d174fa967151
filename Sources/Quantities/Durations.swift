extension Duration {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]

  /// Reads durations as people write them for kubectl: `90s`, `1h30m`, `250ms`, `2d`.
  ///
  /// Returns nil for anything else: a bare number has no unit and is not a duration, and neither
  /// is a value of more than a hundred years.
  public init?(parsing text: String) {
    var rest = Substring(text)
    guard !rest.isEmpty else { return nil }
    var total: Int64 = 0
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard !digits.isEmpty, let count = Int64(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isLetter }
      guard let scale = Duration.units.first(where: { $0.name == unit })?.milliseconds else {
        return nil
      }
      rest = rest.dropFirst(unit.count)
      let (part, overflow) = count.multipliedReportingOverflow(by: scale)
      guard !overflow, part <= 3_200_000_000_000, total <= 3_200_000_000_000 else { return nil }
      total += part
    }
    self = .milliseconds(total)
  }

  /// The whole duration in milliseconds, rounded down.
  public var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }

  /// The whole duration in seconds, as a fraction.
  public var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) / 1e18
  }

  /// The shortest spelling that `init(parsing:)` reads back: `1h30m`, `90s` as `1m30s`, `0s`.
  public var canonical: String {
    var rest = milliseconds
    if rest == 0 { return "0s" }
    var text = rest < 0 ? "-" : ""
    rest = abs(rest)
    for unit in Duration.units.reversed() where rest >= unit.milliseconds {
      text += "\(rest / unit.milliseconds)\(unit.name)"
      rest %= unit.milliseconds
    }
    return text
  }

  /// For people: `412 ms`, `4.1 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
  public var readable: String {
    let milliseconds = milliseconds
    if milliseconds < 0 { return "-" + (Duration.milliseconds(-milliseconds)).readable }
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    if milliseconds < 60_000 { return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s" }
    let seconds = milliseconds / 1000
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    if seconds < 86400 { return "\(seconds / 3600) h \(seconds % 3600 / 60) min" }
    return "\(seconds / 86400) d \(seconds % 86400 / 3600) h"
  }
}
