/// The lines of some streams from one moment to another, page by page, the oldest first, each once.
///
/// The API pages by time alone: a page begins with the stamp that the one before ended with, and what
/// stood there already is left out, as often as it stood there.
struct LokiPages {
  /// So many lines are asked for at once, and so many where one nanosecond has more: what every server
  /// allows unless it was told otherwise.
  static let usualLimit = 1000
  static let greatestLimit = 5000
  private static let leastLimit = 64
  /// So long a time is asked for at once: servers have a greatest one, which is 30 days unless they were
  /// told otherwise.
  private static let longest = Duration.seconds(7 * 86_400)

  private let selector: String
  private let end: LogTime
  private var place: LogTime
  private var limit = LokiPages.usualLimit
  /// So many are given at once, as far as is known.
  private var ceiling = LokiPages.greatestLimit
  private var window = LokiPages.longest
  private var border = PageBorder()
  /// Nanoseconds of which the server does not give all lines.
  private(set) var cut: [LogTime] = []

  /// - Parameter end: the first moment behind them.
  init(_ selector: String, from start: LogTime, to end: LogTime) {
    self.selector = selector
    self.end = end
    place = start
  }

  /// The next lines, which may be none; nil when there are no more.
  ///
  /// - Throws: `LokiTrouble`.
  mutating func next(_ loki: Loki) async throws -> [LokiLine]? {
    guard place < end else { return nil }
    let stop = min(end, place + window)
    let lines: [LokiLine]
    do {
      lines = try await loki.lines(LokiRange(selector, from: place, to: stop, limit: limit))
    } catch let trouble as LokiTrouble where narrow(for: trouble) { return [] }
    let new = border.new(lines)
    guard lines.count >= limit, let last = lines.last?.time else {
      place = stop
      return new
    }
    if last > place {
      place = last
      limit = min(LokiPages.usualLimit, ceiling)
    } else if limit < ceiling {
      limit = min(limit * 5, ceiling)
    } else {
      cut.append(last)
      place = LogTime(nanoseconds: last.nanoseconds + 1)
      limit = min(LokiPages.usualLimit, ceiling)
    }
    return new
  }

  /// Asks for less where the server may have refused because of that; whether it could.
  private mutating func narrow(for trouble: LokiTrouble) -> Bool {
    switch trouble.kind {
    case .tooLarge:
      // One line of a page is known where the page before ended with it.
      guard limit > 2 else { return false }
      limit = max(2, limit / 8)
    case .badRequest:
      guard limit > LokiPages.leastLimit else { return false }
      limit /= 2
      window = window / 2
    case .refused, .unreachable: return false
    }
    ceiling = limit
    return true
  }
}

/// What stood at the last stamp of the pages before.
private struct PageBorder {
  private var time: LogTime?
  private var known: [LokiLine: Int] = [:]

  mutating func new(_ lines: [LokiLine]) -> [LokiLine] {
    var left = known
    let new = lines.filter { line in
      guard line.time == time, let count = left[line], count > 0 else { return true }
      left[line] = count - 1
      return false
    }
    guard let last = lines.last?.time else { return new }
    if last != time { known = [:] }
    time = last
    for line in new.reversed() {
      if line.time != last { break }
      known[line, default: 0] += 1
    }
    return new
  }
}
