internal import OrderedCollections

extension DateTimeModule {
  private static func moment(_ call: Call) throws -> DateTimeObject { try call.receiver() }

  /// An instance of `cls`, which derives from `datetime`.
  static func makeDateTime(
    _ cls: PythonClass, _ moment: Moment, tzinfo: Value
  ) -> Value { .object(DateTimeObject(moment, tzinfo: tzinfo, of: cls)) }

  static var dateTimeMembers: OrderedDictionary<String, Value> {
    var members = readingMembers
    for (name, member) in makingMembers { members[name] = member }
    return members
  }

  private static var makingMembers: OrderedDictionary<String, Value> {
    [
      "__new__": .new(
        "cls, year, month=None, day=None, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0"
      ) { call in
        try TimeZones.check(call["tzinfo"])
        return .object(
          DateTimeObject(
            try moment(call, hasDate: true, hasTime: true), tzinfo: call["tzinfo"],
            fold: try call.int("fold"), of: try call.cls()))
      },
      "min": .object(EarliestLatest(Moment(year: 1, month: 1, day: 1))),
      "max": .object(
        EarliestLatest(
          Moment(
            year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59, microsecond: 999_999)
        )),
      "resolution": .object(DeltaMember(1)),
      "now": .classMethod("cls, tz=None") { call in
        try TimeZones.check(call[1])
        return try at(clock(call.python).now(), call.cls(), call[1], call.python)
      },
      "today": .classMethod { call in
        try at(clock(call.python).now(), call.cls(), .null, call.python)
      },
      "utcnow": .classMethod { call in
        makeDateTime(try call.cls(), Moment.utc(clock(call.python).now()), tzinfo: .null)
      },
      "fromtimestamp": .classMethod("cls, timestamp, tz=None") { call in
        try TimeZones.check(call[2])
        return try at(timestamp(call[1]), call.cls(), call[2], call.python)
      },
      "utcfromtimestamp": .classMethod("cls, timestamp, /") { call in
        makeDateTime(try call.cls(), Moment.utc(try timestamp(call[1])), tzinfo: .null)
      },
      "fromordinal": .classMethod("cls, ordinal, /") { call in
        guard let moment = Moment(ordinal: try call.int(1)) else {
          throw PythonError(.valueError, "ordinal must be >= 1")
        }
        return makeDateTime(try call.cls(), moment, tzinfo: .null)
      },
      "fromisoformat": .classMethod("cls, date_string, /") { call in
        guard let (moment, offset) = ISODateReader.dateTime(try call.string(1)) else {
          throw PythonError(
            .valueError, "Invalid isoformat string: \(try call.python.repr(call[1]))")
        }
        return makeDateTime(
          try call.cls(), try checked(moment), tzinfo: zone(offset))
      },
      "fromisocalendar": .classMethod("cls, year, week, day") { call in
        guard
          let ordinal = Moment.ordinal(
            isoYear: try call.int(1), week: try call.int(2), weekday: try call.int(3)),
          let moment = Moment(ordinal: ordinal)
        else { throw PythonError(.valueError, "Invalid week: \(try call.int(2))") }
        return makeDateTime(try call.cls(), moment, tzinfo: .null)
      },
      "combine": .classMethod("cls, date, time, tzinfo=...") { call in
        let date = try call.object(1, as: DateObject.self)
        let time = try call.object(2, as: TimeObject.self)
        var moment = time.moment
        (moment.year, moment.month, moment.day) = (date.year, date.month, date.day)
        return .object(
          DateTimeObject(
            moment, tzinfo: call.optional("tzinfo") ?? time.tzinfo, fold: time.fold,
            of: try call.cls()))
      },
      "strptime": .classMethod("cls, date_string, format, /") { call in
        let (moment, zone) = try DateParser.parse(
          call.string(1), call.string(2), call.python)
        return makeDateTime(try call.cls(), moment, tzinfo: zone)
      },
    ]
  }

  static func zone(_ offset: Int?) -> Value {
    guard let offset else { return .null }
    return .object(offset == 0 ? utc : TimeZoneObject(offset: offset, name: nil))
  }

  private static func at(
    _ sinceEpoch: Int, _ cls: PythonClass, _ zone: Value, _ python: Interpreter
  ) throws -> Value {
    guard !zone.isNone else {
      return makeDateTime(cls, Moment.local(sinceEpoch, clock(python)), tzinfo: .null)
    }
    return try inZone(Moment.utc(sinceEpoch), cls, zone, python)
  }

  private static func inZone(
    _ utc: Moment, _ cls: PythonClass, _ zone: Value, _ python: Interpreter
  ) throws -> Value {
    let moment = DateTimeObject(utc, tzinfo: zone, of: cls)
    if let fixed = zone.object(as: TimeZoneObject.self) {
      return .object(try shifted(moment, by: fixed.offset))
    }
    return try python.callMethod("fromutc", of: zone, [.object(moment)])
  }

  private static var readingMembers: OrderedDictionary<String, Value> {
    [
      "hour": .property { .int(try moment($0).hour) },
      "minute": .property { .int(try moment($0).minute) },
      "second": .property { .int(try moment($0).second) },
      "microsecond": .property { .int(try moment($0).microsecond) },
      "tzinfo": .property { try moment($0).tzinfo },
      "fold": .property { .int(try moment($0).fold) },
      "date": .method { call in
        let value = try moment(call)
        return .object(DateObject(Moment(year: value.year, month: value.month, day: value.day)))
      },
      "time": .method { .object(TimeObject(try timeOfDay($0), tzinfo: .null)) },
      "timetz": .method {
        .object(TimeObject(try timeOfDay($0), tzinfo: try moment($0).tzinfo))
      },
      "replace": .method(
        "self, year=None, month=None, day=None, hour=None, minute=None, second=None, "
          + "microsecond=None, tzinfo=..., *, fold=None"
      ) { call in
        let value = try moment(call)
        let zone = call.optional("tzinfo") ?? value.tzinfo
        try TimeZones.check(zone)
        return .object(
          DateTimeObject(
            try replaced(value.moment, call, hasDate: true), tzinfo: zone,
            fold: try call.optionalInt("fold") ?? value.fold, of: value.pythonClass))
      },
      "astimezone": .method("self, tz=None") { call in
        let value = try moment(call)
        let surroundings = clock(call.python)
        let offset = try value.utcOffset(call.python) ?? localOffset(value.moment, surroundings)
        let utc = try shifted(value, by: -offset).moment
        var zone = call[1]
        try TimeZones.check(zone)
        if zone.isNone {
          let seconds = (utc.microseconds - Moment.epoch * Moment.microsecondsPerDay) / 1_000_000
          let local = surroundings.localOffset(seconds)
          zone = .object(TimeZoneObject(offset: local.seconds * 1_000_000, name: local.name))
        }
        return try inZone(utc, value.pythonClass, zone, call.python)
      },
      "timestamp": .method { call in
        let value = try moment(call)
        let offset =
          try value.utcOffset(call.python) ?? localOffset(value.moment, clock(call.python))
        let since =
          value.moment.microseconds - Moment.epoch * Moment.microsecondsPerDay - offset
        return .float(Double(since) / 1e6)
      },
      "utcoffset": .method { call in
        try moment(call).utcOffset(call.python).map { try TimeDeltaObject.delta(Int128($0)) }
          ?? .null
      },
      "dst": .method { call in
        try TimeZones.offset(moment(call).tzinfo, of: call[0], call.python, method: "dst")
          .map { try TimeDeltaObject.delta(Int128($0)) } ?? .null
      },
      "tzname": .method { call in
        .string(orNone: try TimeZones.name(moment(call).tzinfo, of: call[0], call.python))
      },
      "utctimetuple": .method { call in
        let value = try moment(call)
        let utc = try shifted(value, by: -(try value.utcOffset(call.python) ?? 0))
        return try call.python.callMethod("timetuple", of: .object(utc))
      },
      "isoformat": .method("self, sep='T', timespec='auto'") { call in
        .string(
          try moment(call).isoText(
            separator: call.string(1), precision: call.string(2), call.python))
      },
    ]
  }

  private static func timeOfDay(_ call: Call) throws -> Moment {
    var time = try moment(call).moment
    (time.year, time.month, time.day) = (1, 1, 1)
    return time
  }

  static func replaced(_ moment: Moment, _ call: Call, hasDate: Bool) throws -> Moment {
    var moment = moment
    if hasDate {
      moment.year = try call.optionalInt("year") ?? moment.year
      moment.month = try call.optionalInt("month") ?? moment.month
      moment.day = try call.optionalInt("day") ?? moment.day
    }
    moment.hour = try call.optionalInt("hour") ?? moment.hour
    moment.minute = try call.optionalInt("minute") ?? moment.minute
    moment.second = try call.optionalInt("second") ?? moment.second
    moment.microsecond = try call.optionalInt("microsecond") ?? moment.microsecond
    return try checked(moment)
  }

  /// The local offset in microseconds at a naive local time.
  private static func localOffset(_ moment: Moment, _ surroundings: ScriptSurroundings) -> Int {
    let local = (moment.microseconds - Moment.epoch * Moment.microsecondsPerDay) / 1_000_000
    let guess = surroundings.localOffset(local).seconds
    return surroundings.localOffset(local - guess).seconds * 1_000_000
  }

  // MARK: time

  static var timeMembers: OrderedDictionary<String, Value> {
    func time(_ call: Call) throws -> TimeObject { try call.receiver() }
    return [
      "__new__": .new("cls, hour=0, minute=0, second=0, microsecond=0, tzinfo=None, *, fold=0") {
        call in
        try TimeZones.check(call["tzinfo"])
        return .object(
          TimeObject(
            try moment(call, hasDate: false, hasTime: true), tzinfo: call["tzinfo"],
            fold: try call.int("fold"), of: try call.cls()))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "hour": .property { .int(try time($0).moment.hour) },
      "minute": .property { .int(try time($0).moment.minute) },
      "second": .property { .int(try time($0).moment.second) },
      "microsecond": .property { .int(try time($0).moment.microsecond) },
      "tzinfo": .property { try time($0).tzinfo },
      "fold": .property { .int(try time($0).fold) },
      "min": .object(EarliestLatest(Moment(year: 1, month: 1, day: 1))),
      "max": .object(
        EarliestLatest(
          Moment(
            year: 1, month: 1, day: 1, hour: 23, minute: 59, second: 59, microsecond: 999_999))),
      "resolution": .object(DeltaMember(1)),
      "fromisoformat": .classMethod("cls, time_string, /") { call in
        guard let (moment, offset) = ISODateReader.time(try call.string(1)) else {
          throw PythonError(
            .valueError, "Invalid isoformat string: \(try call.python.repr(call[1]))")
        }
        return .object(
          TimeObject(try checked(moment), tzinfo: zone(offset), of: try call.cls()))
      },
      "replace": .method(
        "self, hour=None, minute=None, second=None, microsecond=None, tzinfo=..., *, fold=None"
      ) { call in
        let value = try time(call)
        return .object(
          TimeObject(
            try replaced(value.moment, call, hasDate: false),
            tzinfo: call.optional("tzinfo") ?? value.tzinfo,
            fold: try call.optionalInt("fold") ?? value.fold, of: value.pythonClass))
      },
      "isoformat": .method("self, timespec='auto'") { call in
        .string(try time(call).isoText(precision: call.string(1), call.python))
      },
      "strftime": .method("self, format") { call in
        .string(try time(call).format(call.string(1), call.python))
      },
      "utcoffset": .method { call in
        try TimeZones.offset(time(call).tzinfo, of: .null, call.python)
          .map { try TimeDeltaObject.delta(Int128($0)) } ?? .null
      },
      "tzname": .method { call in
        .string(orNone: try TimeZones.name(time(call).tzinfo, of: .null, call.python))
      },
      "dst": .method { call in
        try TimeZones.offset(time(call).tzinfo, of: .null, call.python, method: "dst")
          .map { try TimeDeltaObject.delta(Int128($0)) } ?? .null
      },
    ]
  }
}
