/// `strptime` in the C locale, by the regular expression that CPython makes of the format.
enum DateParser {
  private static let expressions: [Unicode.Scalar: String] = [
    "d": #"(?P<d>3[0-1]|[1-2]\d|0[1-9]|[1-9]| [1-9])"#, "f": "(?P<f>[0-9]{1,6})",
    "H": #"(?P<H>2[0-3]|[0-1]\d|\d)"#, "I": "(?P<I>1[0-2]|0[1-9]|[1-9])",
    "G": #"(?P<G>\d\d\d\d)"#,
    "j": #"(?P<j>36[0-6]|3[0-5]\d|[1-2]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9])"#,
    "m": "(?P<m>1[0-2]|0[1-9]|[1-9])", "M": #"(?P<M>[0-5]\d|\d)"#,
    "S": #"(?P<S>6[0-1]|[0-5]\d|\d)"#, "U": #"(?P<U>5[0-3]|[0-4]\d|\d)"#,
    "W": #"(?P<W>5[0-3]|[0-4]\d|\d)"#, "w": "(?P<w>[0-6])", "u": "(?P<u>[1-7])",
    "V": #"(?P<V>5[0-3]|0[1-9]|[1-4]\d|\d)"#, "y": #"(?P<y>\d\d)"#, "Y": #"(?P<Y>\d\d\d\d)"#,
    "z": #"(?P<z>[+-]\d\d:?[0-5]\d(:?[0-5]\d(\.\d{1,6})?)?|(?-i:Z))"#,
    "A": names(DateFormat.weekdays, "A"), "a": names(DateFormat.weekdays.map(short), "a"),
    "B": names(DateFormat.months, "B"), "b": names(DateFormat.months.map(short), "b"),
    "p": "(?P<p>am|pm)", "Z": "(?P<Z>utc|gmt)", "%": "%",
  ]

  private static func short(_ name: String) -> String { String(name.prefix(3)) }

  private static func names(_ names: [String], _ group: String) -> String {
    "(?P<\(group)>" + names.sorted { $0.count > $1.count }.joined(separator: "|") + ")"
  }

  /// The pattern of a format.
  private static func pattern(_ format: String) throws -> String {
    var result = ""
    var scalars = Array(format.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      if scalar == "%" {
        guard let directive = scalars.popFirst() else {
          throw PythonError(.valueError, "stray %% in format '\(format)'")
        }
        switch directive {
        case "c": result += try pattern("%a %b %d %H:%M:%S %Y")
        case "x": result += try pattern("%m/%d/%y")
        case "X": result += try pattern("%H:%M:%S")
        default:
          guard let expression = expressions[directive] else {
            throw PythonError(
              .valueError, "'\(directive)' is a bad directive in format '\(format)'")
          }
          result += expression
        }
      } else if scalar.properties.isWhitespace {
        while scalars.first?.properties.isWhitespace == true { scalars.removeFirst() }
        result += #"\s+"#
      } else if ".^$*+?{}[]\\|()".unicodeScalars.contains(scalar) {
        result += "\\" + String(scalar)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Reads a text; the date is 1900-01-01 where the format has none.
  static func parse(
    _ text: String, _ format: String, _ python: Interpreter
  ) throws -> (Moment, zone: Value) {
    let compiled: PatternObject
    do {
      compiled = try PatternObject(.string(pattern(format)), flags: .ignoreCase)
    } catch let error as PythonError where error.exception.pythonClass === ReModule.errorClass {
      throw PythonError(.valueError, "bad directive in format '\(format)'")
    }
    let subject = try compiled.subject(.string(text))
    let end = subject.points.count
    guard let match = try compiled.find(subject, from: 0, to: end, .start, python) else {
      throw PythonError(
        .valueError,
        "time data \(try python.repr(.string(text))) does not match format "
          + (try python.repr(.string(format))))
    }
    guard match.captures[1] == end else {
      let rest = try python.str(subject.slice(match.captures[1], end))
      throw PythonError(.valueError, "unconverted data remains: \(rest)")
    }
    var fields: [String: String] = [:]
    for (name, group) in compiled.names { fields[name] = match.text(group)?.string }
    return try moment(fields)
  }

  private static func moment(_ fields: [String: String]) throws -> (Moment, zone: Value) {
    func number(_ name: String) -> Int? {
      fields[name].flatMap { Int($0.filter { $0 != " " }) }
    }
    var moment = Moment(year: number("Y") ?? 1900, month: number("m") ?? 1, day: number("d") ?? 1)
    if let year = number("y") { moment.year = year <= 68 ? 2000 + year : 1900 + year }
    for (key, list) in [("B", DateFormat.months), ("b", DateFormat.months.map(short))] {
      if let name = fields[key]?.lowercased(),
        let index = list.firstIndex(where: { $0.lowercased() == name })
      {
        moment.month = index + 1
      }
    }
    moment.hour = number("H") ?? 0
    if let hour = number("I") {
      let isAfternoon = fields["p"]?.lowercased() == "pm"
      moment.hour = hour % 12 + (isAfternoon ? 12 : 0)
    }
    moment.minute = number("M") ?? 0
    moment.second = number("S") ?? 0
    if let fraction = fields["f"] {
      moment.microsecond = Int(fraction + String(repeating: "0", count: 6 - fraction.count)) ?? 0
    }
    if let dayOfYear = number("j"),
      let date = Moment(ordinal: Moment.daysBefore(year: moment.year) + dayOfYear)
    {
      (moment.year, moment.month, moment.day) = (date.year, date.month, date.day)
    } else if let ordinal = try week(fields, year: moment.year) {
      guard let date = Moment(ordinal: ordinal) else { throw DateObject.outOfRange() }
      (moment.year, moment.month, moment.day) = (date.year, date.month, date.day)
    }
    if moment.second > 59 { moment.second = 59 }
    let zone = try fields["z"].map { try offset($0) }
    return (try DateTimeModule.checked(moment), DateTimeModule.zone(zone))
  }

  /// The day that a week and a weekday name.
  private static func week(_ fields: [String: String], year: Int) throws -> Int? {
    var weekday = fields["w"].flatMap { Int($0) }.map { ($0 + 6) % 7 }
    weekday = weekday ?? fields["u"].flatMap { Int($0) }.map { $0 - 1 }
    for key in ["A", "a"] {
      guard let name = fields[key]?.lowercased() else { continue }
      weekday = DateFormat.weekdays.firstIndex { $0.lowercased().hasPrefix(name) } ?? weekday
    }
    if let isoYear = fields["G"].flatMap({ Int($0) }) {
      guard let week = fields["V"].flatMap({ Int($0) }), let weekday else {
        throw PythonError(
          .valueError,
          "ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday "
            + "directive ('%A', '%a', '%w', or '%u').")
      }
      return Moment.ordinal(isoYear: isoYear, week: week, weekday: weekday + 1)
    }
    guard let weekday else { return nil }
    let first = Moment(year: year, month: 1, day: 1)
    if let week = fields["U"].flatMap({ Int($0) }) {
      let sunday = (first.weekday + 1) % 7
      return first.ordinal - sunday + week * 7 - (sunday == 0 ? 7 : 0) + (weekday + 1) % 7
    }
    if let week = fields["W"].flatMap({ Int($0) }) {
      return first.ordinal - first.weekday + week * 7 - (first.weekday == 0 ? 7 : 0) + weekday
    }
    return nil
  }

  private static func offset(_ text: String) throws -> Int {
    if text == "Z" || text == "z" { return 0 }
    let digits = text.dropFirst().filter { $0 != ":" && $0 != "." }
    func part(_ start: Int, _ length: Int) -> Int {
      Int(digits.dropFirst(start).prefix(length)) ?? 0
    }
    let fraction = digits.dropFirst(6)
    let micros = Int(fraction + String(repeating: "0", count: 6 - fraction.count)) ?? 0
    let seconds = part(0, 2) * 3600 + part(2, 2) * 60 + part(4, 2)
    return (text.hasPrefix("-") ? -1 : 1) * (seconds * 1_000_000 + micros)
  }
}
