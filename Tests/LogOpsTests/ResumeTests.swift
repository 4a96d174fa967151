import SeededRandom
import Testing

@testable import LogOps

/// A container's log as a server keeps and gives it.
private struct ServerLog {
  var lines: [(stamp: Int64, text: String)] = []
  /// Lines before this one went with a rotated file.
  var rotated = 0

  func answer(since: Int64?, from start: Int = 0) -> [(stamp: Int64, text: String)] {
    lines[max(rotated, start)...].filter {
      $0.stamp >= (since ?? .min / 2_000_000_000) * 1_000_000_000
    }
  }
}

@Suite("Going on where a log was left")
struct ResumeTests {
  private func take(_ line: (stamp: Int64, text: String), _ point: inout ResumePoint)
    -> ResumePoint.Verdict
  {
    point.take(LogTime(nanoseconds: line.stamp))
  }

  @Test("every line once, whatever the stamps are and wherever it breaks", arguments: 0..<300)
  func exactlyOnce(seed: Int) {
    var lot = SeededRandom(state: UInt64(seed))
    var log = ServerLog()
    var time: Int64 = 1_790_000_000_000_000_000
    for index in 0..<400 {
      // Equal stamps, steps within and over seconds, and small inversions.
      time += [0, 0, 1, 1000, 50_000_000, 400_000_000, 1_100_000_000][lot.below(7)]
      let inversion = Int64([0, 0, 0, 300, 900_000_000][lot.below(5)])
      // Equal texts too.
      log.lines.append((time - inversion, lot.below(3) == 0 ? "same" : "line \(index)"))
    }
    var point = ResumePoint()
    var shown: [String] = []
    var written = 0
    while true {
      let since = point.begin()
      written = min(log.lines.count, written + lot.below(60))
      let available = ServerLog(lines: Array(log.lines[..<written]))
      let answer = available.answer(since: since)
      // The stream breaks somewhere, or goes on while more is written.
      let end = lot.below(3) == 0 ? answer.count : lot.below(answer.count + 1)
      for line in answer[..<end] {
        let verdict = take(line, &point)
        #expect(verdict == .show || verdict == .repeated)
        if verdict != .repeated { shown.append(line.text) }
      }
      if written == log.lines.count, end == answer.count { break }
    }
    #expect(shown == log.lines.map(\.text))
  }

  @Test(
    "a rotation that took lines away is told as a gap, and nothing comes twice", arguments: 0..<50)
  func rotation(seed: Int) {
    var lot = SeededRandom(state: UInt64(seed))
    var log = ServerLog()
    for index in 0..<200 {
      log.lines.append((1_790_000_000_000_000_000 + Int64(index) * 100_000_000, "line \(index)"))
    }
    let read = 50 + lot.below(50)
    var point = ResumePoint()
    _ = point.begin()
    for line in log.lines[..<read] { #expect(take(line, &point) == .show) }
    log.rotated = read + lot.below(40)
    let since = point.begin()
    let answer = log.answer(since: since)
    let verdicts = answer.map { take($0, &point) }
    let first = answer[0]
    #expect(
      verdicts[0]
        == .showAfter(
          ResumePoint.Gap(
            from: LogTime(nanoseconds: log.lines[read - 1].stamp),
            to: LogTime(nanoseconds: first.stamp))))
    #expect(verdicts.dropFirst().allSatisfy { $0 == .show })
  }

  @Test("a rotation that left what is known takes nothing away")
  func rotationWithoutLoss() {
    var log = ServerLog()
    for index in 0..<100 {
      log.lines.append((1_790_000_000_000_000_000 + Int64(index) * 100_000_000, "line \(index)"))
    }
    var point = ResumePoint()
    _ = point.begin()
    for line in log.lines[..<60] { _ = take(line, &point) }
    log.rotated = 58
    let verdicts = log.answer(since: point.begin()).map { take($0, &point) }
    #expect(verdicts.prefix(2) == [.repeated, .repeated])
    #expect(verdicts.dropFirst(2).allSatisfy { $0 == .show })
  }

  @Test("lines without a stamp go with the line before them")
  func continuations() {
    var point = ResumePoint()
    _ = point.begin()
    let stamp = LogTime(nanoseconds: 1_790_000_000_500_000_000)
    #expect(point.take(stamp) == .show)
    #expect(point.take(nil) == .show)
    #expect(point.begin() == 1_789_999_999)
    // Of something older.
    #expect(point.take(nil) == .repeated)
    #expect(point.take(stamp) == .repeated)
    #expect(point.take(nil) == .repeated)
    #expect(point.take(nil) == .show)
  }

  @Test(
    "a line behind a pause that the log does not make waits until what comes before it is known")
  func jumps() {
    var point = ResumePoint()
    _ = point.begin()
    point.stops = .jumps
    let start: Int64 = 1_790_000_000_000_000_000
    func stamp(_ milliseconds: Int64) -> LogTime {
      LogTime(nanoseconds: start + milliseconds * 1_000_000)
    }
    for index in 0..<3000 { #expect(point.take(stamp(Int64(index))) == .show) }
    #expect(point.take(stamp(8000)) == .jumped)
    // The last lines come again before it: the log has paused, and may do so once more.
    #expect(point.begin() == start / 1_000_000_000 + 1)
    point.stops = .jumps
    for index in 1000..<3000 { #expect(point.take(stamp(Int64(index))) == .repeated) }
    for index in 8000..<11_000 { #expect(point.take(stamp(Int64(index))) == .show) }
    #expect(point.take(stamp(16_000)) == .show)
    // They do not: it is a gap, and not how the log is.
    for index in 16_001..<19_000 { #expect(point.take(stamp(Int64(index))) == .show) }
    #expect(point.take(stamp(70_000)) == .jumped)
    _ = point.begin()
    point.stops = .jumps
    #expect(
      point.take(stamp(70_000)) == .showAfter(.init(from: stamp(18_999), to: stamp(70_000))))
    for index in 70_001..<72_000 { #expect(point.take(stamp(Int64(index))) == .show) }
    #expect(point.take(stamp(123_000)) == .jumped)
  }

  @Test("only the last two seconds are kept")
  func memory() {
    var point = ResumePoint()
    for index in 0..<100_000 {
      _ = take((Int64(index) * 10_000_000, "x"), &point)
      #expect(point.remembered <= 300)
    }
  }

  @Test("the window holds what came, whatever the distances are", arguments: 0..<50)
  func window(seed: Int) {
    var lot = SeededRandom(state: UInt64(seed))
    var window = LineWindow()
    var lines: [UInt32] = []
    func whole() -> [UInt32] {
      var all: [UInt32] = []
      window.forEach { all.append($0) }
      return all
    }
    var offset = 1000
    for _ in 0..<8 {
      for _ in 0..<lot.below(900) {
        // Of one byte, of two, at the borders, of more, and before the line before.
        offset += [0, 1, 0x7F, 0x80, 0x3FFF, 0x4000, 3_000_000, 500_000_000, -900][lot.below(9)]
        offset = max(0, min(offset, 1_999_999_999))
        window.append(UInt32(offset))
        lines.append(UInt32(offset))
      }
      #expect(whole() == lines)
      let step = UInt32(lot.below(max(1, offset * 5 / 4)))
      window.move(by: step)
      lines = lines.filter { $0 >= step }.map { $0 - step }
      offset = max(0, offset - Int(step))
      #expect(whole() == lines)
      #expect(window.count == lines.count)
    }
  }

  @Test("nothing was shown yet: the first request is made again")
  func nothing() {
    var point = ResumePoint()
    #expect(point.begin() == nil)
    #expect(point.begin() == nil)
  }

  @Test(
    "stamps have nine digits and any zone",
    arguments: [
      ("2026-11-29T10:00:00.000137000Z message", 1_795_946_400_000_137_000, 31),
      ("2026-11-29T12:00:00.000137000+02:00 message", 1_795_946_400_000_137_000, 36),
      ("2026-11-29T10:00:00Z ", 1_795_946_400_000_000_000, 21),
      ("2026-11-29T10:00:00.5Z", 1_795_946_400_500_000_000, 22),
    ])
  func stamps(_ line: String, _ time: Int64, _ message: Int) {
    line.bytes { bytes in
      let stamp = StampedLine.stamp(of: bytes)
      #expect(stamp?.time.nanoseconds == time)
      #expect(stamp?.message == message)
    }
  }

  @Test(
    "what is no stamp",
    arguments: ["", "message", "2026-11-29 10:00:00 x", "2026-11-29T10:00:00.5Zx"])
  func noStamps(_ line: String) {
    line.bytes { #expect(StampedLine.stamp(of: $0) == nil) }
  }
}
