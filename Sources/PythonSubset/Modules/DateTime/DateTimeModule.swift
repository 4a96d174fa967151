internal import OrderedCollections

/// `datetime`.
public enum DateTimeModule {
  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    var table = ModuleTable()
    table.value("MINYEAR") { 1 }
    table.value("MAXYEAR") { 9999 }
    table.value("UTC") { .object(utc) }
    table.type(timedelta, as: "timedelta")
    table.type(tzinfo, as: "tzinfo")
    table.type(timezone, as: "timezone")
    table.type(date, as: "date")
    table.type(time, as: "time")
    table.type(datetime, as: "datetime")
    return ClockModule("datetime", table.members, surroundings)
  }

  /// The module with the clock that `now()` and `today()` ask: the classes are the same for all
  /// interpreters, the clock is not.
  private final class ClockModule: HostModule {
    let surroundings: ScriptSurroundings

    init(
      _ name: String, _ members: OrderedDictionary<String, (Interpreter) throws -> Value>,
      _ surroundings: ScriptSurroundings
    ) {
      self.surroundings = surroundings
      super.init(name, members)
    }
  }

  // The classes are immutable once made (see PythonClass).
  /// `timedelta`.
  nonisolated(unsafe) public static let timedelta = PythonClass(
    host: "timedelta", module: "datetime", members: deltaMembers)
  /// `tzinfo`.
  nonisolated(unsafe) public static let tzinfo = PythonClass(
    host: "tzinfo", module: "datetime", members: zoneMembers)
  /// `timezone`.
  nonisolated(unsafe) public static let timezone = PythonClass(
    host: "timezone", module: "datetime", bases: [tzinfo], members: fixedZoneMembers)
  /// `date`.
  nonisolated(unsafe) public static let date = PythonClass(
    host: "date", module: "datetime", members: dateMembers)
  /// `datetime`.
  nonisolated(unsafe) public static let datetime = PythonClass(
    host: "datetime", module: "datetime", bases: [date], members: dateTimeMembers)
  /// `time`.
  nonisolated(unsafe) public static let time = PythonClass(
    host: "time", module: "datetime", members: timeMembers)
  // Has no state that changes.
  nonisolated(unsafe) static let utc = TimeZoneObject(offset: 0, name: nil)

  // MARK: timedelta

  private static var deltaMembers: OrderedDictionary<String, Value> {
    let bound = 999_999_999 * TimeDeltaObject.microsecondsPerDay
    return [
      "min": .object(DeltaMember(-bound)),
      "max": .object(DeltaMember(bound + TimeDeltaObject.microsecondsPerDay - 1)),
      "resolution": .object(DeltaMember(1)),
      "__new__": .new(
        "cls, days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0"
      ) { call in
        let units: [(String, Int)] = [
          ("days", 86_400_000_000), ("seconds", 1_000_000), ("microseconds", 1),
          ("milliseconds", 1000), ("minutes", 60_000_000), ("hours", 3_600_000_000),
          ("weeks", 604_800_000_000),
        ]
        var total: Int128 = 0
        var fraction = 0.0
        for (name, unit) in units {
          switch call[name].unwrapped {
          case .float(let number):
            guard number.isFinite else {
              throw number.isNaN
                ? PythonError(.valueError, "cannot convert float NaN to integer")
                : PythonError(.overflowError, "cannot convert float infinity to integer")
            }
            let whole = number.rounded(.towardZero)
            guard whole.magnitude < 1e15 else {
              throw PythonError(.overflowError, "Python int too large to convert to C int")
            }
            total += Int128(whole) * Int128(unit)
            let rest = (number - whole) * Double(unit)
            total += Int128(rest.rounded(.towardZero))
            fraction += rest - rest.rounded(.towardZero)
          default:
            guard let number = call[name].int else {
              throw PythonError(
                .typeError,
                "unsupported type for timedelta \(name) component: \(call[name].typeName)")
            }
            total += Int128(number) * Int128(unit)
          }
        }
        total += Int128(fraction.rounded(.toNearestOrEven))
        return .object(try TimeDeltaObject(try call.cls(), total: total))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "days": .property { .int(try delta($0).days) },
      "seconds": .property { .int(try delta($0).seconds) },
      "microseconds": .property { .int(try delta($0).microseconds) },
      "total_seconds": .method { .float(Double(try delta($0).total) / 1e6) },
      "__abs__": .method { call in
        let total = try delta(call).total
        return try TimeDeltaObject.delta(total < 0 ? -total : total)
      },
    ]
  }

  private static func delta(_ call: Call) throws -> TimeDeltaObject { try call.receiver() }

  // MARK: tzinfo and timezone

  private static var zoneMembers: OrderedDictionary<String, Value> {
    var members: OrderedDictionary<String, Value> = [
      "__new__": .new { .object(PythonInstance(try $0.cls())) },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "fromutc": .method("self, dt, /") { call in
        guard let moment = call[1].object(as: DateTimeObject.self) else {
          throw PythonError(.typeError, "fromutc: argument must be a datetime instance")
        }
        let offset = try TimeZones.offset(moment.tzinfo, of: call[1], call.python) ?? 0
        let standard =
          offset
          - (try TimeZones.offset(moment.tzinfo, of: call[1], call.python, method: "dst") ?? 0)
        let first = try shifted(moment, by: standard)
        let saving =
          try TimeZones.offset(moment.tzinfo, of: .object(first), call.python, method: "dst") ?? 0
        return .object(try shifted(first, by: saving))
      },
    ]
    for name in ["utcoffset", "tzname", "dst"] {
      members[name] = .method("self, dt, /") { _ in
        throw PythonError(
          .notImplementedError, "a tzinfo subclass must implement \(name)()")
      }
    }
    return members
  }

  static func shifted(_ moment: DateTimeObject, by offset: Int) throws -> DateTimeObject {
    guard let moved = Moment(microseconds: moment.moment.microseconds + offset) else {
      throw DateObject.outOfRange()
    }
    return DateTimeObject(moved, tzinfo: moment.tzinfo, of: moment.pythonClass)
  }

  private static var fixedZoneMembers: OrderedDictionary<String, Value> {
    func zone(_ call: Call) throws -> TimeZoneObject { try call.receiver() }
    return [
      "__new__": .new("cls, offset, name=...") { call in
        let offset = try call.object(1, as: TimeDeltaObject.self).total
        guard offset.magnitude < 86_400_000_000 else {
          throw PythonError(
            .valueError,
            "offset must be a timedelta strictly between -timedelta(hours=24) and "
              + "timedelta(hours=24), not \(try call.python.repr(call[1])).")
        }
        return .object(
          TimeZoneObject(
            offset: Int(offset), name: try call.optional("name").map { _ in try call.string(2) }))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "utc": .object(UTCMember()),
      "utcoffset": .method("self, dt, /") {
        try TimeDeltaObject.delta(Int128(zone($0).offset))
      },
      "tzname": .method("self, dt, /") { .string(try zone($0).shownName) },
      "dst": .method("self, dt, /") { _ in .null },
      "fromutc": .method("self, dt, /") { call in
        guard let moment = call[1].object(as: DateTimeObject.self) else {
          throw PythonError(.typeError, "fromutc: argument must be a datetime instance")
        }
        return .object(try shifted(moment, by: zone(call).offset))
      },
    ]
  }

  // MARK: Fields

  static func moment(_ call: Call, hasDate: Bool, hasTime: Bool) throws -> Moment {
    var moment = Moment(year: 1, month: 1, day: 1)
    if hasDate {
      moment.year = try call.int("year")
      moment.month = try call.int("month")
      moment.day = try call.int("day")
    }
    if hasTime {
      moment.hour = try call.int("hour")
      moment.minute = try call.int("minute")
      moment.second = try call.int("second")
      moment.microsecond = try call.int("microsecond")
    }
    return try checked(moment)
  }

  static func checked(_ moment: Moment) throws -> Moment {
    func refuse(_ text: String) -> PythonError { PythonError(.valueError, text) }
    guard (1...9999).contains(moment.year) else {
      throw refuse("year \(moment.year) is out of range")
    }
    guard (1...12).contains(moment.month) else { throw refuse("month must be in 1..12") }
    guard moment.day >= 1, moment.day <= Moment.days(in: moment.month, of: moment.year) else {
      throw refuse("day is out of range for month")
    }
    guard (0...23).contains(moment.hour) else { throw refuse("hour must be in 0..23") }
    guard (0...59).contains(moment.minute) else { throw refuse("minute must be in 0..59") }
    guard (0...59).contains(moment.second) else { throw refuse("second must be in 0..59") }
    guard (0...999_999).contains(moment.microsecond) else {
      throw refuse("microsecond must be in 0..999999")
    }
    return moment
  }

  static func clock(_ python: Interpreter) -> ScriptSurroundings {
    (python.modules["datetime"] as? ClockModule)?.surroundings ?? ScriptSurroundings()
  }
}
