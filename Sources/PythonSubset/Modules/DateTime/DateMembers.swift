internal import OrderedCollections

extension DateTimeModule {
  private static func date(_ call: Call) throws -> DateObject { try call.receiver() }

  /// An instance of `cls`, which derives from `date`, by its constructor when it is Python's own.
  static func makeDate(_ cls: PythonClass, _ moment: Moment, _ python: Interpreter) throws -> Value
  {
    if cls.isHost { return .object(DateObject(moment, of: cls)) }
    return try python.call(
      .object(cls), [.int(moment.year), .int(moment.month), .int(moment.day)])
  }

  static var dateMembers: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, year, month, day") { call in
        .object(DateObject(try moment(call, hasDate: true, hasTime: false), of: try call.cls()))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "year": .property { .int(try date($0).year) },
      "month": .property { .int(try date($0).month) },
      "day": .property { .int(try date($0).day) },
      "min": .object(EarliestLatest(Moment(year: 1, month: 1, day: 1))),
      "max": .object(EarliestLatest(Moment(year: 9999, month: 12, day: 31))),
      "resolution": .object(DeltaMember(TimeDeltaObject.microsecondsPerDay)),
      "today": .classMethod { call in
        let surroundings = clock(call.python)
        let now = Moment.local(surroundings.now(), surroundings)
        return try makeDate(
          call.cls(), Moment(year: now.year, month: now.month, day: now.day), call.python)
      },
      "fromtimestamp": .classMethod("cls, timestamp, /") { call in
        let surroundings = clock(call.python)
        let moment = Moment.local(try timestamp(call[1]), surroundings)
        return try makeDate(call.cls(), moment, call.python)
      },
      "fromordinal": .classMethod("cls, ordinal, /") { call in
        guard let moment = Moment(ordinal: try call.int(1)) else {
          throw PythonError(.valueError, "ordinal must be >= 1")
        }
        return try makeDate(call.cls(), moment, call.python)
      },
      "fromisoformat": .classMethod("cls, date_string, /") { call in
        let text = try call.string(1)
        guard let moment = ISODateReader.date(text) else {
          throw PythonError(
            .valueError, "Invalid isoformat string: \(try call.python.repr(call[1]))")
        }
        return try makeDate(call.cls(), checked(moment), call.python)
      },
      "fromisocalendar": .classMethod("cls, year, week, day") { call in
        let (year, week, day) = (try call.int(1), try call.int(2), try call.int(3))
        guard let ordinal = Moment.ordinal(isoYear: year, week: week, weekday: day),
          let moment = Moment(ordinal: ordinal)
        else {
          throw PythonError(
            .valueError,
            (1...7).contains(day)
              ? "Invalid week: \(week)" : "Invalid weekday: \(day) (range is [1, 7])")
        }
        return try makeDate(call.cls(), moment, call.python)
      },
      "replace": .method("self, year=None, month=None, day=None") { call in
        let date = try date(call)
        var moment = date.moment
        moment.year = try call.optionalInt("year") ?? moment.year
        moment.month = try call.optionalInt("month") ?? moment.month
        moment.day = try call.optionalInt("day") ?? moment.day
        return .object(DateObject(try checked(moment), of: date.pythonClass))
      },
      "toordinal": .method { .int(try date($0).moment.ordinal) },
      "weekday": .method { .int(try date($0).moment.weekday) },
      "isoweekday": .method { .int(try date($0).moment.weekday + 1) },
      "isocalendar": .method { call in
        let (year, week, weekday) = try date(call).moment.isoCalendar
        return .tuple([.int(year), .int(week), .int(weekday)])
      },
      "isoformat": .method { .string(try date($0).isoDate) },
      "strftime": .method("self, format") { call in
        let date = try date(call)
        return .string(
          try DateFormat.format(
            call.string(1), date.moment, zone: date.zone(call.python), call.python))
      },
      "ctime": .method { call in
        .string(
          try DateFormat.format("%a %b %e %H:%M:%S %Y", date(call).moment, call.python))
      },
      "timetuple": .method { call in
        let moment = try date(call).moment
        return .tuple(
          [
            moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
            moment.weekday, moment.dayOfYear, -1,
          ].map { .int($0) })
      },
    ]
  }

  /// Microseconds since 1970 of a timestamp in seconds, halves to even.
  static func timestamp(_ value: Value) throws -> Int {
    if let whole = value.int {
      guard whole.magnitude < 1 << 40 else {
        throw PythonError(.valueError, "year is out of range")
      }
      return whole * 1_000_000
    }
    guard let seconds = value.double else {
      throw PythonError(
        .typeError, "'\(value.typeName)' object cannot be interpreted as an integer")
    }
    guard seconds.isFinite, seconds.magnitude < 1e12 else {
      throw PythonError(.valueError, "cannot convert float NaN to integer")
    }
    let whole = seconds.rounded(.down)
    return Int(whole) * 1_000_000 + Int(((seconds - whole) * 1e6).rounded(.toNearestOrEven))
  }
}

/// `date.min`, `datetime.max`: an instance of the class that is asked, made when it is asked for.
final class EarliestLatest: PythonObject {
  private let moment: Moment

  init(_ moment: Moment) { self.moment = moment }

  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    if owner.isSubclass(of: DateTimeModule.datetime) {
      .object(DateTimeObject(moment, tzinfo: .null))
    } else if owner.isSubclass(of: DateTimeModule.time) {
      .object(TimeObject(moment, tzinfo: .null))
    } else {
      .object(DateObject(moment))
    }
  }
}

/// `date.resolution`, `timedelta.max`: made when it is asked for, since it may be of the class that
/// it is a member of.
final class DeltaMember: PythonObject {
  private let total: Int128

  /// Creates one of so many microseconds.
  init(_ total: Int128) { self.total = total }

  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? { try TimeDeltaObject.delta(total) }
}

/// `timezone.utc`: found when it is asked for, since the zone needs the class that it is a member of.
final class UTCMember: PythonObject {
  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? { .object(DateTimeModule.utc) }
}
