/// When a request is tried again.
///
/// An attempt that did not reach the server, or that the server refused unprocessed (429), is
/// repeated whatever the method; one that broke off, and one that was answered with 502, 503 or 504
/// or with 500 and a `Retry-After` field, only if doing it twice is doing it once. Bad certificates and
/// time-outs of the whole request are final.
public struct HTTPRetry: Sendable, Hashable {
  /// How often the request is sent at most, the first time included.
  public var attempts: Int
  /// The longest pause after the first attempt; each further one is up to twice as long. The pause
  /// itself is drawn by lot between nothing and that, so that many clients do not come back at once.
  public var delay: Duration
  /// Whether the request may be done twice though its method does not say so.
  public var isIdempotent = false
  /// The longest pause of all. A server that asks for more gets no further attempt: its answer is
  /// given to the caller.
  public var maximumDelay: Duration

  /// A policy.
  public init(attempts: Int, delay: Duration, maximumDelay: Duration) {
    self.attempts = attempts
    self.delay = delay
    self.maximumDelay = maximumDelay
  }

  /// Four attempts within some seconds; up to 30 seconds where the server says so.
  public static let standard = HTTPRetry(
    attempts: 4, delay: .milliseconds(250), maximumDelay: .seconds(30))
  /// The same for a request that may be done twice, whatever its method says.
  public static let idempotent: HTTPRetry = {
    var retry = HTTPRetry.standard
    retry.isIdempotent = true
    return retry
  }()
  /// One attempt.
  public static let none = HTTPRetry(attempts: 1, delay: .zero, maximumDelay: .zero)

  /// How to go on after an attempt, counted from 1, that ended with an answer; nil: not at all.
  func pause(
    after attempt: Int, method: HTTPMethod, head: HTTPHead, now: Int64,
    lot: (ClosedRange<Double>) -> Double
  ) -> Duration? {
    let asked = head.headers["Retry-After"].flatMap { RetryAfter.pause($0, now: now) }
    switch head.status {
    case 429: break
    case 502, 503, 504: if !isSafe(method) { return nil }
    case 500: if !isSafe(method) || asked == nil { return nil }
    default: return nil
    }
    if let asked, asked > maximumDelay { return nil }
    guard let pause = pause(after: attempt, lot: lot) else { return nil }
    return (asked ?? .zero) + pause
  }

  /// How to go on after an attempt, counted from 1, that ended without an answer; nil: not at all.
  func pause(
    after attempt: Int, method: HTTPMethod, error: HTTPError,
    lot: (ClosedRange<Double>) -> Double
  ) -> Duration? {
    switch error.kind {
    case .resolve, .connect: return pause(after: attempt, lot: lot)
    case .reset: return isSafe(method) ? pause(after: attempt, lot: lot) : nil
    default: return nil
    }
  }

  private func isSafe(_ method: HTTPMethod) -> Bool { isIdempotent || method.isIdempotent }

  private func pause(after attempt: Int, lot: (ClosedRange<Double>) -> Double) -> Duration? {
    guard attempt < attempts else { return nil }
    return min(delay * (1 << min(attempt - 1, 20)), maximumDelay) * lot(0...1)
  }
}

/// The `Retry-After` field (RFC 9110, 10.2.3).
enum RetryAfter {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The pause that a value asks for, at `now` in seconds since 1970: a number of seconds, or a date
  /// as `Sun, 06 Nov 1994 08:49:37 GMT`. Nil for anything else.
  static func pause(_ value: String, now: Int64) -> Duration? {
    if let seconds = Int64(value), seconds >= 0 { return .seconds(min(seconds, 1 << 31)) }
    let words = value.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]),
      let month = months.firstIndex(of: String(words[2])), let year = Int64(words[3]),
      (1970...9999).contains(year), (1...31).contains(day)
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int64($0) }
    guard clock.count == 3 else { return nil }
    let seconds =
      days(year: year, month: Int64(month + 1), day: day) * 86_400 + clock[0] * 3600
      + clock[1] * 60 + clock[2]
    return .seconds(max(0, seconds - now))
  }

  /// Days since 1970-01-01 in the Gregorian calendar, whose years are counted from March here.
  private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
  }
}
