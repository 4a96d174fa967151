/// `strftime` in the C locale.
enum DateFormat {
  static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]

  /// What `%z` and `%Z` stand for.
  struct Zone {
    var offset = ""
    var colonOffset = ""
    var name = ""
  }

  static func format(
    _ format: String, _ moment: Moment, zone: Zone = Zone(), _ python: Interpreter
  ) throws -> String {
    var result = ""
    var scalars = Array(format.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      guard var directive = scalars.popFirst() else {
        result += "%"
        break
      }
      var isUnpadded = false
      if directive == "-", let next = scalars.popFirst() {
        isUnpadded = true
        directive = next
      }
      if directive == ":", scalars.first == "z" {
        scalars.removeFirst()
        result += zone.colonOffset
        continue
      }
      let text = try expand(directive, moment, zone, python)
      result += isUnpadded ? unpadded(text) : text
    }
    try python.charge(result.utf8.count)
    return result
  }

  private static func unpadded(_ text: String) -> String {
    let digits = text.drop { $0 == "0" || $0 == " " }
    return digits.isEmpty ? "0" : String(digits)
  }

  static func padded(_ number: Int, _ width: Int, _ fill: Character = "0") -> String {
    let text = String(number)
    return String(repeating: fill, count: max(0, width - text.count)) + text
  }

  private static func expand(
    _ directive: Unicode.Scalar, _ moment: Moment, _ zone: Zone, _ python: Interpreter
  ) throws -> String {
    func inner(_ format: String) throws -> String {
      try self.format(format, moment, zone: zone, python)
    }
    let hour12 = moment.hour % 12 == 0 ? 12 : moment.hour % 12
    switch directive {
    case "a": return String(weekdays[moment.weekday].prefix(3))
    case "A": return weekdays[moment.weekday]
    case "w": return String((moment.weekday + 1) % 7)
    case "u": return String(moment.weekday + 1)
    case "d": return padded(moment.day, 2)
    case "e": return padded(moment.day, 2, " ")
    case "b", "h": return String(months[moment.month - 1].prefix(3))
    case "B": return months[moment.month - 1]
    case "m": return padded(moment.month, 2)
    case "y": return padded(moment.year % 100, 2)
    case "Y": return String(moment.year)
    case "C": return padded(moment.year / 100, 2)
    case "H": return padded(moment.hour, 2)
    case "k": return padded(moment.hour, 2, " ")
    case "I": return padded(hour12, 2)
    case "l": return padded(hour12, 2, " ")
    case "p": return moment.hour < 12 ? "AM" : "PM"
    case "P": return moment.hour < 12 ? "am" : "pm"
    case "M": return padded(moment.minute, 2)
    case "S": return padded(moment.second, 2)
    case "f": return padded(moment.microsecond, 6)
    case "z": return zone.offset
    case "Z": return zone.name
    case "j": return padded(moment.dayOfYear, 3)
    case "U": return padded((moment.dayOfYear + 6 - (moment.weekday + 1) % 7) / 7, 2)
    case "W": return padded((moment.dayOfYear + 6 - moment.weekday) / 7, 2)
    case "G": return String(moment.isoCalendar.year)
    case "g": return padded(moment.isoCalendar.year % 100, 2)
    case "V": return padded(moment.isoCalendar.week, 2)
    case "c": return try inner("%a %b %e %H:%M:%S %Y")
    case "x", "D": return try inner("%m/%d/%y")
    case "X", "T": return try inner("%H:%M:%S")
    case "F": return try inner("%Y-%m-%d")
    case "R": return try inner("%H:%M")
    case "r": return try inner("%I:%M:%S %p")
    case "n": return "\n"
    case "t": return "\t"
    case "%": return "%"
    case "s": throw Unsupported("strftime('%s')")
    default: return "%" + String(directive)
    }
  }
}
