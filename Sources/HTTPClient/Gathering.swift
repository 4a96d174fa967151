/// Lets what comes gather while much comes: otherwise a reader that is faster than its servers wakes for
/// every record of TLS, which costs more than what is in it.
struct Gathering {
  typealias Instant = ContinuousClock.Instant

  /// How long it waits, in microseconds.
  static let pause: UInt32 = 2000
  /// So much is worth waking for.
  private static let worthwhile = 256 << 10
  /// In a span of so long, so much is much: 13 MB a second.
  private static let span = Duration.milliseconds(5)
  private static let much = 64 << 10

  private var spanStart: Instant
  private var spanBytes = 0
  private var isBusy = false

  init(now: Instant) { spanStart = now }

  /// So many bytes came in one turn; says whether to pause before the next.
  mutating func take(_ bytes: Int, now: Instant) -> Bool {
    guard bytes > 0 else { return false }
    spanBytes += bytes
    let time = spanStart.duration(to: now)
    if time >= Gathering.span {
      // A span that little came in may be long.
      isBusy = spanBytes >= Gathering.much && time < Gathering.span * 4
      spanBytes = 0
      spanStart = now
    }
    return isBusy && bytes < Gathering.worthwhile
  }
}

/// Counts the bytes of answers.
///
/// @unchecked: touched by its engine's thread only.
final class Meter: @unchecked Sendable {
  private var bytes = 0

  func count(_ more: Int) { bytes += more }

  /// What came since this was asked before.
  func take() -> Int {
    defer { bytes = 0 }
    return bytes
  }
}
