/// A date and time of day in the proleptic Gregorian calendar, without a zone.
struct Moment: Equatable {
  var year = 1
  var month = 1
  var day = 1
  var hour = 0
  var minute = 0
  var second = 0
  var microsecond = 0

  static let microsecondsPerDay = 86_400_000_000
  /// The ordinal of 1970-01-01.
  static let epoch = 719_163

  static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  static func days(in month: Int, of year: Int) -> Int {
    [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
  }

  static func daysBefore(year: Int) -> Int {
    let past = year - 1
    return past * 365 + past / 4 - past / 100 + past / 400
  }

  /// The day of the year, from 1.
  var dayOfYear: Int {
    (1..<month).reduce(day) { $0 + Moment.days(in: $1, of: year) }
  }

  /// The day's number: 1 is 1 January of year 1.
  var ordinal: Int { Moment.daysBefore(year: year) + dayOfYear }

  /// Monday is 0.
  var weekday: Int { (ordinal + 6) % 7 }

  var microsecondOfDay: Int {
    ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond
  }

  /// Microseconds since the beginning of the day with ordinal 0.
  var microseconds: Int { ordinal * Moment.microsecondsPerDay + microsecondOfDay }

  /// The moment that lies that many microseconds after the day with ordinal 0; nil outside of the
  /// years 1 to 9999.
  init?(microseconds: Int) {
    let (day, rest) = microseconds.quotientAndFloorRemainder(by: Moment.microsecondsPerDay)
    self.init(ordinal: day)
    hour = rest / 3_600_000_000
    minute = rest / 60_000_000 % 60
    second = rest / 1_000_000 % 60
    microsecond = rest % 1_000_000
  }

  init?(ordinal: Int) {
    guard (1...3_652_059).contains(ordinal) else { return nil }
    var year = ordinal / 366 + 1
    while Moment.daysBefore(year: year + 1) < ordinal { year += 1 }
    var day = ordinal - Moment.daysBefore(year: year)
    var month = 1
    while day > Moment.days(in: month, of: year) {
      day -= Moment.days(in: month, of: year)
      month += 1
    }
    (self.year, self.month, self.day) = (year, month, day)
  }

  init(
    year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0,
    microsecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.microsecond = microsecond
  }

  static func utc(_ sinceEpoch: Int) -> Moment {
    Moment(microseconds: epoch * microsecondsPerDay + sinceEpoch)
      ?? Moment(year: 1, month: 1, day: 1)
  }

  static func local(_ sinceEpoch: Int, _ surroundings: ScriptSurroundings) -> Moment {
    let seconds = sinceEpoch.quotientAndFloorRemainder(by: 1_000_000).quotient
    return utc(sinceEpoch + surroundings.localOffset(seconds).seconds * 1_000_000)
  }

  /// The ISO year, week and weekday (Monday is 1).
  var isoCalendar: (year: Int, week: Int, weekday: Int) {
    func firstMonday(_ year: Int) -> Int {
      let first = Moment.daysBefore(year: year) + 1
      let weekday = (first + 6) % 7
      let monday = first - weekday
      return weekday > 3 ? monday + 7 : monday
    }
    var isoYear = year
    var start = firstMonday(year)
    if ordinal < start {
      isoYear -= 1
      start = firstMonday(isoYear)
    } else if ordinal >= firstMonday(year + 1) {
      isoYear += 1
      start = firstMonday(isoYear)
    }
    return (isoYear, (ordinal - start) / 7 + 1, weekday + 1)
  }

  /// The ordinal of a day of the ISO calendar; nil where there is none.
  static func ordinal(isoYear: Int, week: Int, weekday: Int) -> Int? {
    guard (1...9999).contains(isoYear), (1...53).contains(week), (1...7).contains(weekday) else {
      return nil
    }
    let first = daysBefore(year: isoYear) + 1
    let firstWeekday = (first + 6) % 7
    if week == 53 {
      guard firstWeekday == 3 || firstWeekday == 2 && isLeap(isoYear) else { return nil }
    }
    let monday = first - firstWeekday + (firstWeekday > 3 ? 7 : 0)
    return monday + (week - 1) * 7 + weekday - 1
  }
}

extension Int {
  /// Division with a remainder that is not negative, for a positive divisor.
  func quotientAndFloorRemainder(by divisor: Int) -> (quotient: Int, remainder: Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
