/// How far the log of one container instance has been read, so that a new request goes on exactly
/// there: no line twice, and none left out that the server still has.
///
/// The API gives lines from a whole second on. So the lines of the last second and the one before it
/// are kept as pairs of stamp and hash, as often as they occurred; what a new request gives again is
/// taken off them and not shown. Stamps alone are not enough: they may be equal, and are nearly but
/// not strictly ascending. Where nothing of what is known comes again, the file was rotated meanwhile,
/// and lines may be missing: that is a gap.
struct ResumePoint: Equatable {
  private struct Line: Hashable {
    var stamp: Int64
    var hash: UInt64
  }

  /// Lines that may be missing.
  struct Gap: Equatable, Sendable {
    /// The last line before it.
    var from: LogTime
    /// The first line behind it.
    var to: LogTime
  }

  /// The greatest stamp of a line that was shown; nil before the first.
  private(set) var newest: LogTime?
  /// The lines of the window, in the order in which they came.
  private var window: [Line] = []
  private var windowStart = Int64.min
  /// What is known and has not come again yet, while a request repeats.
  private var awaited: [Line: Int] = [:]
  /// Whether a request still repeats what was shown.
  private(set) var isReplaying = false
  /// Whether anything of what the last request repeated was known.
  private(set) var hasRecognised = false
  /// The stamp of the line before, for what continues it.
  private var current: LogTime?

  /// Begins a new request, and says from which second it must ask (seconds since 1970); nil: from
  /// where the first one did.
  mutating func begin() -> Int64? {
    current = nil
    guard let newest else { return nil }
    awaited = [:]
    for line in window { awaited[line, default: 0] += 1 }
    isReplaying = true
    hasRecognised = false
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
  }

  /// Takes the next line of a request. Without a stamp it continues the line before.
  @inline(__always)
  mutating func take(_ stamp: LogTime?, _ message: Bytes) -> Verdict {
    if isReplaying { return replay(stamp, message) }
    guard let stamp = stamp ?? current ?? newest else { return .show }
    remember(stamp, LineHash.of(message))
    return .show
  }

  @inline(never)
  private mutating func replay(_ stamp: LogTime?, _ message: Bytes) -> Verdict {
    // What continues a line before the window was shown with it.
    guard let stamp = stamp ?? current else { return .repeated }
    let line = Line(stamp: stamp.nanoseconds, hash: LineHash.of(message))
    current = stamp
    if let count = awaited[line] {
      awaited[line] = count > 1 ? count - 1 : nil
      hasRecognised = true
      return .repeated
    }
    var verdict = Verdict.show
    if let last = newest, stamp > last {
      isReplaying = false
      awaited = [:]
      if !hasRecognised { verdict = .showAfter(Gap(from: last, to: stamp)) }
    }
    remember(stamp, line.hash)
    return verdict
  }

  @inline(__always)
  private mutating func remember(_ stamp: LogTime, _ hash: UInt64) {
    current = stamp
    if let last = newest, stamp <= last {
      if stamp.nanoseconds >= windowStart {
        window.append(Line(stamp: stamp.nanoseconds, hash: hash))
      }
      return
    }
    newest = stamp
    if stamp.nanoseconds >= windowStart &+ 2_000_000_000 || windowStart == .min { slide(to: stamp) }
    window.append(Line(stamp: stamp.nanoseconds, hash: hash))
  }

  /// The window begins a second before the newest line's.
  private mutating func slide(to stamp: LogTime) {
    windowStart = (stamp.seconds - 1) * 1_000_000_000
    let start = windowStart
    window.removeAll { $0.stamp < start }
  }

  /// How many lines are kept.
  var remembered: Int { window.count }
}

extension ResumePoint {
  /// For another process to go on: the greatest stamp, where the window begins, and its lines, in
  /// eight bytes each, the lowest first.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(16 + window.count * 16)
    func append(_ number: UInt64) {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(UInt64(bitPattern: newest?.nanoseconds ?? .min))
    append(UInt64(bitPattern: windowStart))
    for line in window {
      append(UInt64(bitPattern: line.stamp))
      append(line.hash)
    }
    return bytes
  }

  /// Reads what `bytes` gave; nil where it is something else.
  init?(bytes: ArraySlice<UInt8>) {
    guard bytes.count >= 16, bytes.count % 16 == 0 else { return nil }
    let numbers = bytes.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 8).map {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self))
      }
    }
    let stamp = Int64(bitPattern: numbers[0])
    newest = stamp == .min ? nil : LogTime(nanoseconds: stamp)
    windowStart = Int64(bitPattern: numbers[1])
    window = stride(from: 2, to: numbers.count, by: 2).map {
      Line(stamp: Int64(bitPattern: numbers[$0]), hash: numbers[$0 + 1])
    }
  }
}
