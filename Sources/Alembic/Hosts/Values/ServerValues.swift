internal import PythonSubset

/// Makes objects of Python's standard library of what the server sends: numbers, identifiers,
/// times.
public final class ServerValues {
  private var classes: [String: Value] = [:]

  /// Looks classes up when the first value needs them.
  public init() {}

  /// A member of a module, as `datetime.date`.
  private func member(_ module: String, _ name: String, _ python: Interpreter) throws -> Value {
    if let known = classes["\(module).\(name)"] { return known }
    guard let found = try python.importModule(module).member(name, python) else {
      throw Unsupported("a value of class \(module).\(name) from the database")
    }
    classes["\(module).\(name)"] = found
    return found
  }

  func decimal(_ text: String, _ python: Interpreter) throws -> Value {
    try python.call(member("decimal", "Decimal", python), [.string(text)])
  }

  func uuid(_ text: String, _ python: Interpreter) throws -> Value {
    try python.call(member("uuid", "UUID", python), [.string(text)])
  }

  /// `YYYY-MM-DD`; what Python cannot hold, as `infinity`, stays the text that it is an error of.
  func date(_ text: String, _ python: Interpreter) throws -> Value {
    let parts = text.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3 else {
      throw PythonError(.valueError, "date out of Python's range: \(text)")
    }
    return try python.call(member("datetime", "date", python), parts.map { .int($0) })
  }

  func timestamp(_ text: String, _ python: Interpreter) throws -> Value {
    let pieces = text.split(separator: " ", maxSplits: 1)
    guard pieces.count == 2, let clock = Clock(String(pieces[1])) else {
      throw PythonError(.valueError, "timestamp out of Python's range: \(text)")
    }
    let day = pieces[0].split(separator: "-").compactMap { Int($0) }
    guard day.count == 3 else {
      throw PythonError(.valueError, "timestamp out of Python's range: \(text)")
    }
    return try python.call(
      member("datetime", "datetime", python),
      Arguments((day + clock.fields).map { .int($0) }, keywords: try zone(clock, python)))
  }

  func time(_ text: String, _ python: Interpreter) throws -> Value {
    guard let clock = Clock(text) else {
      throw PythonError(.valueError, "time out of Python's range: \(text)")
    }
    return try python.call(
      member("datetime", "time", python),
      Arguments(clock.fields.map { .int($0) }, keywords: try zone(clock, python)))
  }

  private func zone(
    _ clock: Clock, _ python: Interpreter
  ) throws -> [(name: String, value: Value)] {
    guard let offset = clock.offset else { return [] }
    let zone = try member("datetime", "timezone", python)
    if offset == 0 { return [("tzinfo", try python.get("utc", of: zone))] }
    let delta = try python.call(
      member("datetime", "timedelta", python), Arguments([], keywords: [("seconds", .int(offset))]))
    return [("tzinfo", try python.call(zone, [delta]))]
  }

  /// `1 year 2 mons -3 days 04:05:06.7`: a month has 30 days and a year 365, as for psycopg2.
  func interval(_ text: String, _ python: Interpreter) throws -> Value {
    var days = 0
    var seconds = 0
    var microseconds = 0
    var words = text.split(separator: " ")[...]
    while let word = words.popFirst() {
      if word.contains(":") {
        let isNegative = word.hasPrefix("-")
        let parts = word.drop { $0 == "-" || $0 == "+" }.split(separator: ":")
        let fraction = parts.count > 2 ? parts[2].split(separator: ".") : []
        let total =
          (Int(parts[0]) ?? 0) * 3600 + (parts.count > 1 ? Int(parts[1]) ?? 0 : 0) * 60
          + (fraction.first.flatMap { Int($0) } ?? 0)
        let micros = fraction.count > 1 ? Clock.microseconds(fraction[1]) : 0
        seconds += isNegative ? -total : total
        microseconds += isNegative ? -micros : micros
      } else if let number = Int(word), let unit = words.popFirst() {
        switch unit.prefix(3) {
        case "yea": days += number * 365
        case "mon": days += number * 30
        default: days += number
        }
      }
    }
    return try python.call(
      member("datetime", "timedelta", python),
      [.int(days), .int(seconds), .int(microseconds)])
  }
}

/// A time of day as the server writes it, with its offset if it has one.
private struct Clock {
  /// Hour, minute, second, microsecond.
  var fields: [Int]
  /// Seconds east of UTC.
  var offset: Int?

  init?(_ text: String) {
    let sign = text.firstIndex { $0 == "+" || $0 == "-" }
    let clock = text[..<(sign ?? text.endIndex)]
    let parts = clock.split(separator: ":")
    guard parts.count == 3, let hour = Int(parts[0]), let minute = Int(parts[1]) else {
      return nil
    }
    let second = parts[2].split(separator: ".")
    guard let whole = second.first.flatMap({ Int($0) }) else { return nil }
    fields = [hour, minute, whole, second.count > 1 ? Clock.microseconds(second[1]) : 0]
    if let sign {
      let zone = text[text.index(after: sign)...].split(separator: ":").compactMap { Int($0) }
      let total =
        (zone.first ?? 0) * 3600 + (zone.count > 1 ? zone[1] * 60 : 0)
        + (zone.count > 2 ? zone[2] : 0)
      offset = text[sign] == "-" ? -total : total
    }
  }

  static func microseconds(_ digits: Substring) -> Int {
    Int((digits + "000000").prefix(6)) ?? 0
  }
}
