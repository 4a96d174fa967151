internal import OrderedCollections

/// `zoneinfo.ZoneInfo`: a time zone of the IANA database that the system has.
public final class ZoneInfoObject: PythonInstance {
  let key: String
  let zone: ZoneFile

  init(_ key: String, _ zone: ZoneFile, of cls: PythonClass) {
    self.key = key
    self.zone = zone
    super.init(cls)
  }

  public override func text(_ python: Interpreter) throws -> String { key }

  public override func representation(_ python: Interpreter) throws -> String {
    "zoneinfo.ZoneInfo(key=\(try python.repr(.string(key))))"
  }
}

/// `zoneinfo`.
enum ZoneInfoModule {
  /// `ZoneInfoNotFoundError`, a KeyError.
  nonisolated(unsafe) static let notFound = PythonClass(
    host: "ZoneInfoNotFoundError", module: "zoneinfo",
    bases: [BuiltinException.keyError.pythonClass])

  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    let cls = zoneClass(surroundings)
    return .describing("zoneinfo") { table in
      table.type(cls, as: "ZoneInfo")
      table.type(notFound, as: "ZoneInfoNotFoundError")
      table.refused("available_timezones", "reset_tzpath", in: "zoneinfo")
    }
  }

  private static func zoneClass(_ surroundings: ScriptSurroundings) -> PythonClass {
    var cache: [String: Value] = [:]
    return PythonClass(
      host: "ZoneInfo", module: "zoneinfo", bases: [DateTimeModule.tzinfo],
      members: members.merging([
        "__new__": .new("cls, key") { call in
          let key = try call.string("key")
          let cls = try call.cls()
          if let known = cache[key], known.pythonClass === cls { return known }
          let zone = Value.object(ZoneInfoObject(key, try read(key, surroundings), of: cls))
          cache[key] = zone
          return zone
        },
        "__init__": .method("self, key") { _ in .null },
      ]) { $1 })
  }

  private static func read(_ key: String, _ surroundings: ScriptSurroundings) throws -> ZoneFile {
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    guard !key.hasPrefix("/") else {
      throw PythonError(.valueError, "ZoneInfo keys may not be absolute paths, got: \(key)")
    }
    guard !parts.contains("..") else {
      throw PythonError(
        .valueError, "ZoneInfo keys must refer to subdirectories of TZPATH, got: \(key)")
    }
    if let bytes = surroundings.zoneFile(key), let zone = ZoneFile(bytes) { return zone }
    if key == "UTC" { return .utc }
    throw PythonError(notFound, "No time zone found with key \(key)")
  }

  private static func receiver(_ call: Call) throws -> ZoneInfoObject { try call.receiver() }

  /// The local second since 1970 of the time that a zone is asked about; nil for none.
  private static func local(_ call: Call) -> (second: Int, fold: Bool)? {
    guard let moment = call["dt"].object(as: DateTimeObject.self) else { return nil }
    let epoch = Moment.epoch * Moment.microsecondsPerDay
    let seconds = (moment.moment.microseconds - epoch).quotientAndFloorRemainder(by: 1_000_000)
    return (seconds.quotient, moment.fold == 1)
  }

  private static var members: OrderedDictionary<String, Value> {
    [
      "key": .property { .string(try receiver($0).key) },
      "utcoffset": .method("self, dt, /") { call in
        let zone = try receiver(call).zone
        guard let time = local(call) else {
          return zone.moments.isEmpty ? try delta(zone.period(atUTC: 0).0.offset) : .null
        }
        return try delta(zone.period(atLocal: time.second, fold: time.fold).offset)
      },
      "dst": .method("self, dt, /") { call in
        let zone = try receiver(call).zone
        guard let time = local(call) else { return zone.moments.isEmpty ? try delta(0) : .null }
        return try delta(zone.daylight(atLocal: time.second, fold: time.fold))
      },
      "tzname": .method("self, dt, /") { call in
        let zone = try receiver(call).zone
        guard let time = local(call) else {
          return zone.moments.isEmpty ? .string(zone.period(atUTC: 0).0.name) : .null
        }
        return .string(zone.period(atLocal: time.second, fold: time.fold).name)
      },
      "fromutc": .method("self, dt, /") { call in
        guard let moment = call["dt"].object(as: DateTimeObject.self), let time = local(call) else {
          throw PythonError(.typeError, "fromutc() requires a datetime argument")
        }
        let (period, isRepeated) = try receiver(call).zone.period(atUTC: time.second)
        let moved = moment.moment.microseconds + period.offset * 1_000_000
        guard let result = Moment(microseconds: moved) else {
          throw PythonError(.overflowError, "date value out of range")
        }
        return .object(
          DateTimeObject(
            result, tzinfo: moment.tzinfo, fold: isRepeated ? 1 : 0, of: moment.pythonClass))
      },
    ]
  }

  private static func delta(_ seconds: Int) throws -> Value {
    try TimeDeltaObject.delta(Int128(seconds) * 1_000_000)
  }
}
