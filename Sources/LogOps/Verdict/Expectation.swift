public import Diagnostics
public import Patterns
internal import Quantities

/// Something that a log shall say within a time: `server is ready within 60s`.
public struct Expectation: Sendable {
  /// What it shall say.
  public var pattern: Pattern
  /// How long that may take.
  public var within: Duration

  /// Reads `RE within DURATION`. Throws `ExpectationError` or `PatternError`.
  public init(parsing text: String) throws {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count >= 3, words[words.count - 2] == "within",
      let within = Duration(parsing: String(words[words.count - 1])), within > .zero
    else { throw ExpectationError(text: text) }
    pattern = try Pattern(words.dropLast(2).joined(separator: " "))
    self.within = within
  }
}

/// An expectation cannot be read.
public struct ExpectationError: Failure {
  var text: String
  /// Which.
  public var message: String { "--expect is \"\(text)\"; it must be 'RE within DURATION'" }
  /// An example.
  public var hint: String? { "for example: --expect 'server is ready within 60s'" }
  /// Wrong usage.
  public var status: ExitStatus { .usage }
}

/// What ends reading before the logs do, and what they must say.
public struct Watch: Sendable {
  /// Reading ends well when this occurs; that it does not is a failure.
  public var until: Pattern?
  /// Reading ends badly when one of these occurs.
  public var failOn: [Pattern] = []
  /// All of these must occur, each in its time; then reading ends well.
  public var expectations: [Expectation] = []
  /// Reading ends after this many records were shown.
  public var head: Int?
  /// Reading ends after this long: badly where something is still waited for.
  public var timeout: Duration?

  /// Nothing.
  public init() {}
}

/// How reading ended.
public enum Ending: Sendable, Equatable {
  /// The logs ended.
  case ended
  /// As many records as were asked for were shown.
  case enough
  /// What was waited for was said.
  case matched
  /// Something was said that must not be, and by whom.
  case failed(pattern: String, source: String)
  /// Something was not said, and why it is no longer waited for.
  case missing(pattern: String, reason: String)
  /// The time was up, and nothing was waited for.
  case timedOut
}

/// Follows a watch as records come and time goes by: no clock and no I/O of its own.
struct WatchState {
  private let watch: Watch
  private let start: ContinuousClock.Instant
  private var isMet: [Bool]
  private(set) var ending: Ending?
  private var shown = 0

  init(_ watch: Watch, start: ContinuousClock.Instant) {
    self.watch = watch
    self.start = start
    isMet = watch.expectations.map { _ in false }
    if watch.head == 0 { ending = .enough }
  }

  /// Whether records must be looked at.
  var looks: Bool {
    watch.until != nil || !watch.failOn.isEmpty || !watch.expectations.isEmpty
  }

  /// Looks at a record, shown or not.
  mutating func see(_ record: Bytes, from label: SourceLabel, at now: ContinuousClock.Instant) {
    guard ending == nil else { return }
    for pattern in watch.failOn {
      if case .found = pattern.search(record) {
        ending = .failed(pattern: pattern.text, source: label.name)
        return
      }
    }
    for (index, expectation) in watch.expectations.enumerated()
    where !isMet[index] && now - start <= expectation.within {
      if case .found = expectation.pattern.search(record) { isMet[index] = true }
    }
    if let until = watch.until, case .found = until.search(record) {
      ending =
        firstUnmet.map { .missing(pattern: $0.pattern.text, reason: "--until-match came first") }
        ?? .matched
    } else if !isMet.isEmpty, watch.until == nil, firstUnmet == nil {
      ending = .matched
    }
  }

  /// A record was shown.
  @inline(__always)
  mutating func didShow() {
    guard let head = watch.head else { return }
    shown += 1
    if shown >= head, ending == nil { ending = .enough }
  }

  /// Time has gone by.
  mutating func tick(_ now: ContinuousClock.Instant) {
    guard ending == nil else { return }
    for (index, expectation) in watch.expectations.enumerated()
    where !isMet[index] && now - start > expectation.within {
      ending = .missing(
        pattern: expectation.pattern.text, reason: "not within \(expectation.within.canonical)")
      return
    }
    guard let timeout = watch.timeout, now - start >= timeout else { return }
    if let wanted = watch.until ?? firstUnmet?.pattern {
      ending = .missing(pattern: wanted.text, reason: "not within --timeout \(timeout.canonical)")
    } else {
      ending = .timedOut
    }
  }

  /// The next moment at which time alone may end it; nil where none does.
  var deadline: ContinuousClock.Instant? {
    var limits = watch.timeout.map { [$0] } ?? []
    for (index, expectation) in watch.expectations.enumerated() where !isMet[index] {
      limits.append(expectation.within)
    }
    return limits.min().map { start + $0 + .milliseconds(1) }
  }

  /// The logs have ended.
  mutating func end() -> Ending {
    if let ending { return ending }
    if let wanted = watch.until ?? firstUnmet?.pattern {
      return .missing(pattern: wanted.text, reason: "the logs ended")
    }
    return .ended
  }

  private var firstUnmet: Expectation? {
    zip(watch.expectations, isMet).first { !$1 }?.0
  }
}
