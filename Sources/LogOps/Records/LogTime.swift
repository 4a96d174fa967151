public import Quantities

/// A moment in nanoseconds since 1970 in UTC: what the kubelet's stamps hold.
public struct LogTime: Hashable, Comparable, Sendable {
  /// Nanoseconds since the epoch, without leap seconds.
  public var nanoseconds: Int64

  /// Creates a moment from nanoseconds.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Creates a moment from one with microseconds.
  public init(_ timestamp: Timestamp) {
    nanoseconds = timestamp.microseconds.multipliedReportingOverflow(by: 1000).partialValue
  }

  /// The system's clock.
  public static func now() -> LogTime { LogTime(.now()) }

  /// The whole second, rounded down.
  public var seconds: Int64 {
    nanoseconds >= 0 ? nanoseconds / 1_000_000_000 : (nanoseconds - 999_999_999) / 1_000_000_000
  }

  /// The same with microseconds.
  public var timestamp: Timestamp { Timestamp(microseconds: nanoseconds / 1000) }

  /// Orders by time.
  public static func < (a: LogTime, b: LogTime) -> Bool { a.nanoseconds < b.nanoseconds }

  /// The moment `b` after `a`.
  public static func + (a: LogTime, b: Duration) -> LogTime {
    LogTime(nanoseconds: a.nanoseconds + b.nanoseconds)
  }

  /// The moment `b` before `a`.
  public static func - (a: LogTime, b: Duration) -> LogTime {
    LogTime(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds.
  var nanoseconds: Int64 {
    components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
  }
}

extension LogTime {
  /// Creates a moment from a civil date and time; nil when a field is out of range.
  init?(
    year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int, nanosecond: Int,
    offset: Int
  ) {
    guard (1970...2261).contains(year), month &- 1 < 12, month > 0, day > 0, day < 32, hour < 25,
      minute < 60, second < 61
    else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let ofEra = shifted - era * 400
    let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468
    let seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
    nanoseconds = Int64(seconds) * 1_000_000_000 + Int64(nanosecond)
  }
}
