/// How far the log of one container instance has been read, so that a new request goes on exactly
/// there: no line twice, and none left out that the server still has.
///
/// The API gives lines from a whole second on. So the lines of the last second and the one before it
/// are kept by their stamps, as often as they occurred; what a new request gives again is taken off them
/// and not shown. The greatest stamp alone is not enough: stamps may be equal, and are nearly but not
/// strictly ascending. What has the same stamp comes in the same order again, so that what the lines say
/// does not matter. Where nothing of what is known comes again, the file was rotated meanwhile, and lines
/// may be missing: that is a gap.
struct ResumePoint: Equatable {
  /// Lines that may be missing.
  struct Gap: Equatable, Sendable {
    /// The last line before it.
    var from: LogTime
    /// The first line behind it.
    var to: LogTime
  }

  /// Lines before which a request may end.
  struct Stops: OptionSet, Sendable {
    var rawValue: UInt8

    /// Lines behind a gap that may be those of the instance that took this one's place: the API gives
    /// whichever runs.
    static let doubtfulLines = Stops(rawValue: 1)
    /// The first line behind a gap, which something may fill.
    static let gaps = Stops(rawValue: 2)
    /// A line that comes after a pause which this log does not make: kubelets that come late to a file find
    /// the next one in its place, and go on there without a word. A new request shows whether what is known
    /// stands before that line.
    static let jumps = Stops(rawValue: 4)
  }

  /// The greatest stamp of a line that was shown; nil before the first.
  private(set) var newest: LogTime?
  private var window = LineWindow()
  private var windowStart = Int64.min
  /// Where what is known and has not come again yet begins, while a request repeats it in its order.
  private var place = LineWindow.Place()
  /// How much that is.
  private var expected = 0
  /// The same from the first line on that came out of that order.
  private var awaited: [UInt32: Int] = [:]
  /// Whether a request still repeats what was shown.
  private(set) var isReplaying = false
  /// Whether anything of what the last request repeated was known.
  private(set) var hasRecognised = false
  /// Before which lines the request that has begun ends, without taking them.
  var stops: Stops = []
  /// The longest pause that the log made lately, in nanoseconds.
  private var longestPause: Int64 = 0
  /// The stamp of the line before, for what continues it.
  private var current: LogTime?
  /// The first of the lines that came without a gap between them.
  private var origin: LogTime?
  /// Whether lines were taken that nothing known came before.
  private(set) var hasGap = false
  /// Whether lines before the window are known: they were taken for the instance before.
  private var knowsOlder = false
  /// Whether it says something that nothing of what is known comes again: what is known may be another
  /// instance's.
  private var tellsGap = true

  /// What comes next may be behind a gap that was told, or is none.
  mutating func acceptNextGap() { tellsGap = false }

  /// Begins a new request, and says from which second it must ask (seconds since 1970); nil: from
  /// where the first one did.
  mutating func begin() -> Int64? {
    current = nil
    guard let newest else { return nil }
    place = LineWindow.Place()
    expected = window.count
    awaited = [:]
    isReplaying = true
    hasRecognised = false
    stops = []
    return newest.seconds - 1
  }

  /// Whether a line without a stamp would be the first of its request: no log begins so, but what a
  /// kubelet says of its own trouble does.
  var expectsStamp: Bool { current == nil }

  /// What becomes of a line.
  enum Verdict: Equatable {
    case show
    /// It was shown before.
    case repeated
    /// It is to be shown, and lines before it may be missing.
    case showAfter(Gap)
    /// Nothing of what is known came before it, and gaps are not accepted: nothing was taken.
    case doubtful
    /// Nothing of what is known came before it, and nothing was taken: something may fill the gap.
    case missing(Gap)
    /// It comes after a pause that is unusual, and was not taken.
    case jumped
  }

  /// Takes the next line of a request. Without a stamp it continues the line before.
  @inline(__always)
  mutating func take(_ stamp: LogTime?) -> Verdict {
    if isReplaying { return replay(stamp) }
    guard let stamp = stamp ?? current ?? newest else { return .show }
    if isBehindWindow(stamp), isJump(to: stamp) { return .jumped }
    remember(stamp)
    return .show
  }

  @inline(never)
  private mutating func replay(_ stamp: LogTime?) -> Verdict {
    // What continues a line before the window was shown with it.
    guard let stamp = stamp ?? current else { return .repeated }
    current = stamp
    if let line = line(stamp), recognise(line) {
      hasRecognised = true
      return .repeated
    }
    if knowsOlder, stamp.nanoseconds < windowStart { return .repeated }
    var verdict = Verdict.show
    if let last = newest, stamp > last {
      if !hasRecognised, tellsGap {
        if stops.contains(.doubtfulLines) { return .doubtful }
        if stops.contains(.gaps) { return .missing(Gap(from: last, to: stamp)) }
      }
      isReplaying = false
      expected = 0
      awaited = [:]
      if !hasRecognised, tellsGap { verdict = .showAfter(Gap(from: last, to: stamp)) }
      if !hasRecognised {
        origin = stamp
        hasGap = true
      }
      tellsGap = true
      knowsOlder = false
    }
    remember(stamp)
    return verdict
  }

  /// The form that a line has in the window; nil where it does not belong there.
  private func line(_ stamp: LogTime) -> UInt32? {
    guard stamp.nanoseconds >= windowStart else { return nil }
    return UInt32(exactly: stamp.nanoseconds &- windowStart)
  }

  /// Takes a line off those that are known. Servers repeat them in their order; the look-up is for
  /// what does not come so, or comes no more.
  private mutating func recognise(_ line: UInt32) -> Bool {
    if expected > 0 {
      if window.holds(line, at: place) {
        _ = window.next(&place)
        expected -= 1
        return true
      }
      while expected > 0, let known = window.next(&place) {
        awaited[known, default: 0] += 1
        expected -= 1
      }
    }
    guard let count = awaited[line] else { return false }
    awaited[line] = count > 1 ? count - 1 : nil
    return true
  }

  @inline(__always)
  private mutating func remember(_ stamp: LogTime) {
    current = stamp
    let last = newest
    if let last, stamp <= last {
      if let line = line(stamp) { window.append(line) }
      return
    }
    newest = stamp
    if isBehindWindow(stamp) { slide(to: stamp, from: last) }
    window.append(UInt32(truncatingIfNeeded: stamp.nanoseconds &- windowStart))
  }

  @inline(__always)
  private func isBehindWindow(_ stamp: LogTime) -> Bool {
    stamp.nanoseconds >= windowStart &+ 2_000_000_000 || windowStart == .min
  }

  /// Only a log that writes much fills files so fast that one is missed.
  private static let dense = 100

  @inline(never)
  private func isJump(to stamp: LogTime) -> Bool {
    guard stops.contains(.jumps), let newest, window.count >= ResumePoint.dense else {
      return false
    }
    let pause = stamp.nanoseconds - newest.nanoseconds
    return pause >= 1_000_000_000 && pause / 2 > longestPause
  }

  /// The window begins a second before the newest line's.
  private mutating func slide(to stamp: LogTime, from last: LogTime?) {
    if origin == nil { origin = stamp }
    // Behind a gap nobody knows how long the log itself has paused.
    if let last, origin != stamp {
      let pause = stamp.nanoseconds - last.nanoseconds
      longestPause = max(pause, longestPause - longestPause / 64)
    }
    let start = (stamp.seconds - 1) * 1_000_000_000
    let step = UInt32(exactly: start.subtractingReportingOverflow(windowStart).partialValue)
    windowStart = start
    if let step { window.move(by: step) } else { window = LineWindow() }
  }

  /// Where the next instance of the container begins if lines of it may have been taken for this one's,
  /// as the API gives the log of whichever runs: what was taken is known. Nil where that cannot be.
  ///
  /// - Parameter start: when the next instance was started, in seconds since 1970: its lines are not
  ///   older, and those of this one not newer.
  func passedOn(startingAt start: Int64) -> ResumePoint? {
    guard let origin, let newest, newest.seconds >= start else { return nil }
    var next = self
    let since = next.begin() ?? start
    next.knowsOlder = origin.seconds >= start
    next.tellsGap = origin.seconds > start
    // A clock that was set back: nothing of the next one may be taken for known.
    return next.knowsOlder || since <= start ? next : nil
  }

  /// How many lines are kept.
  var remembered: Int { window.count }
}

extension ResumePoint {
  /// For another process to go on: the greatest stamp, where the window begins, and the stamps of its
  /// lines, in eight bytes each, the lowest first.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16 + window.count * 8)
    func append(_ number: Int64) {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(newest?.nanoseconds ?? .min)
    append(windowStart)
    window.forEach { append(windowStart + Int64($0)) }
    return bytes
  }

  /// Reads what `bytes` gave; nil where it is something else.
  init?(bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 16, bytes.count.isMultiple(of: 8) else { return nil }
    let numbers = bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 8).map {
        Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: Int64.self))
      }
    }
    newest = numbers[0] == .min ? nil : LogTime(nanoseconds: numbers[0])
    windowStart = numbers[1]
    for stamp in numbers[2...] {
      guard let line = line(LogTime(nanoseconds: stamp)) else { return nil }
      window.append(line)
    }
  }
}
