/// How long a log may be silent before the server is asked whether it went on without us: the longest
/// pause that it made lately tells what silence is unusual.
struct SilenceRule: Sendable {
  typealias Instant = ContinuousClock.Instant

  /// No log is asked sooner.
  private static let least = Duration.seconds(3)
  /// So many times its longest pause is unusual.
  private static let factor = 8
  /// Pauses are remembered for one to two such spans, and a log is known after half of one.
  private static let span = Duration.seconds(20)

  private let usual: Duration
  private var last: Instant
  private var spanStart: Instant
  private var first: Instant?
  private var longest = Duration.zero
  private var longestBefore = Duration.zero
  private var fruitless = 0
  private var lastAsked: Instant

  /// - Parameter usual: for a log that has not shown what it is like, or writes seldom.
  init(usual: Duration, now: Instant) {
    self.usual = usual
    last = now
    spanStart = now
    lastAsked = now
  }

  /// Something came.
  mutating func hear(_ now: Instant) {
    if first == nil {
      first = now
      spanStart = now
    } else {
      longest = max(longest, last.duration(to: now))
    }
    if spanStart.duration(to: now) > SilenceRule.span {
      longestBefore = longest
      longest = .zero
      spanStart = now
    }
    last = now
    lastAsked = now
    fruitless = 0
  }

  /// Nothing could have come: the output did not keep up.
  mutating func excuse(_ now: Instant) { lastAsked = now }

  /// The server was asked, and has no more than we have.
  mutating func askedInVain(_ now: Instant) {
    lastAsked = now
    fruitless += 1
  }

  /// Whether it is time to ask.
  func isTime(_ now: Instant) -> Bool { lastAsked.duration(to: now) >= limit }

  /// The silence that is too long now. Asked in vain, it doubles up to the usual one.
  var limit: Duration {
    guard let first, first.duration(to: last) >= SilenceRule.span / 2 else { return usual }
    let unusual = max(longest, longestBefore) * SilenceRule.factor
    return min(usual, max(SilenceRule.least, unusual) * (1 << min(fruitless, 6)))
  }
}
