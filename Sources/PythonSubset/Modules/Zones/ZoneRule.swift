/// The rule at the end of a TZif file for all later years: POSIX's `TZ`, such as
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct ZoneRule {
  /// A day of the year and the second of that day, in local time.
  private enum Day {
    case month(Int, week: Int, weekday: Int)
    /// 1 to 365, without 29 February.
    case julian(Int)
    /// 0 to 365.
    case zeroBased(Int)
  }

  private typealias Change = (day: Day, second: Int)

  let standard: ZoneFile.Period
  private(set) var daylight: ZoneFile.Period?
  private var begin: Change = (.julian(1), 0)
  private var end: Change = (.julian(1), 0)

  init?(_ text: String) {
    var reader = Reader(rest: Substring(text))
    guard let name = reader.name(), let offset = reader.time() else { return nil }
    standard = ZoneFile.Period(offset: -offset, isDaylight: false, name: name)
    guard !reader.rest.isEmpty else { return }
    guard let name = reader.name() else { return nil }
    let own = reader.rest.hasPrefix(",") ? nil : reader.time()
    daylight = ZoneFile.Period(
      offset: own.map { -$0 } ?? standard.offset + 3600, isDaylight: true, name: name)
    guard let begin = reader.change(), let end = reader.change() else { return nil }
    (self.begin, self.end) = (begin, end)
  }

  /// The transitions of a year in order, in seconds since 1970.
  func transitions(in year: Int) -> [(Int, ZoneFile.Period)] {
    guard let daylight else { return [] }
    return [
      (Self.second(begin, year) - standard.offset, daylight),
      (Self.second(end, year) - daylight.offset, standard),
    ].sorted { $0.0 < $1.0 }
  }

  private static func second(_ change: Change, _ year: Int) -> Int {
    let day: Int
    switch change.day {
    case .zeroBased(let number): day = Moment.daysBefore(year: year) + number + 1
    case .julian(let number):
      let leap = Moment.isLeap(year) && number > 59 ? 1 : 0
      day = Moment.daysBefore(year: year) + number + leap
    case .month(let month, let week, let weekday):
      let first = Moment(year: year, month: month, day: 1)
      // Sunday is 0 in the rule, Monday in a moment.
      let ahead = (weekday - (first.weekday + 1) % 7 + 7) % 7
      var number = 1 + ahead + (week - 1) * 7
      while number > Moment.days(in: month, of: year) { number -= 7 }
      day = first.ordinal + number - 1
    }
    return (day - Moment.epoch) * 86_400 + change.second
  }

  private struct Reader {
    var rest: Substring

    mutating func name() -> String? {
      if rest.first == "<", let end = rest.firstIndex(of: ">") {
        defer { rest = rest[rest.index(after: end)...] }
        return String(rest[rest.index(after: rest.startIndex)..<end])
      }
      let name = rest.prefix(while: \.isLetter)
      rest = rest.dropFirst(name.count)
      return name.isEmpty ? nil : String(name)
    }

    mutating func number() -> Int? {
      let digits = rest.prefix(while: \.isNumber)
      rest = rest.dropFirst(digits.count)
      return Int(digits)
    }

    mutating func skip(_ mark: Character) -> Bool {
      guard rest.first == mark else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func time() -> Int? {
      let isNegative = skip("-")
      if !isNegative { _ = skip("+") }
      guard let hours = number() else { return nil }
      var total = hours * 3600
      for unit in [60, 1] where skip(":") { total += (number() ?? 0) * unit }
      return isNegative ? -total : total
    }

    mutating func change() -> Change? {
      guard skip(",") else { return nil }
      let day: Day
      if skip("M") {
        guard let month = number(), skip("."), let week = number(), skip("."),
          let weekday = number(), (1...12).contains(month), (1...5).contains(week)
        else { return nil }
        day = .month(month, week: week, weekday: weekday)
      } else if skip("J") {
        guard let number = number() else { return nil }
        day = .julian(number)
      } else {
        guard let number = number() else { return nil }
        day = .zeroBased(number)
      }
      guard skip("/") else { return (day, 7200) }
      return time().map { (day, $0) }
    }
  }
}
