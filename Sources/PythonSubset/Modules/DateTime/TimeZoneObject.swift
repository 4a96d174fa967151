/// `datetime.timezone`: a fixed offset from UTC.
public final class TimeZoneObject: PythonInstance {
  /// The offset in microseconds.
  public let offset: Int
  let name: String?

  init(offset: Int, name: String?) {
    self.offset = offset
    self.name = name
    super.init(DateTimeModule.timezone)
  }

  /// What `tzname()` gives.
  var shownName: String {
    if let name { return name }
    return offset == 0 ? "UTC" : "UTC" + TimeZones.text(offset)
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = other.object(as: TimeZoneObject.self) else { return nil }
    switch op {
    case .equal: return .bool(offset == other.offset)
    case .notEqual: return .bool(offset != other.offset)
    default: return nil
    }
  }

  public override func hash(_ python: Interpreter) throws -> Int { offset.hashValue }
  public override func text(_ python: Interpreter) throws -> String { shownName }

  public override func representation(_ python: Interpreter) throws -> String {
    if offset == 0, name == nil { return "datetime.timezone.utc" }
    let delta = try python.repr(TimeDeltaObject.delta(Int128(offset)))
    let suffix = try name.map { ", " + (try python.repr(.string($0))) } ?? ""
    return "datetime.timezone(\(delta)\(suffix))"
  }
}

/// What dates and times ask of a `tzinfo`, of whatever class it is.
enum TimeZones {
  /// The offset from UTC in microseconds; nil where there is no zone.
  static func offset(
    _ zone: Value, of moment: Value, _ python: Interpreter, method: String = "utcoffset"
  ) throws -> Int? {
    if zone.isNone { return nil }
    if let fixed = zone.object(as: TimeZoneObject.self) {
      return method == "utcoffset" ? fixed.offset : nil
    }
    let answer = try python.callMethod(method, of: zone, [moment])
    if answer.isNone { return nil }
    guard let delta = answer.object(as: TimeDeltaObject.self) else {
      throw PythonError(
        .typeError, "tzinfo.\(method)() must return None or a timedelta, not '\(answer.typeName)'")
    }
    guard delta.total.magnitude < 86_400_000_000 else {
      throw PythonError(
        .valueError,
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).")
    }
    return Int(delta.total)
  }

  static func name(_ zone: Value, of moment: Value, _ python: Interpreter) throws -> String? {
    if zone.isNone { return nil }
    if let fixed = zone.object(as: TimeZoneObject.self) { return fixed.shownName }
    return try python.callMethod("tzname", of: zone, [moment]).string
  }

  /// `+02:00`, with seconds and microseconds where there are some.
  static func text(_ offset: Int, separator: String = ":") -> String {
    let magnitude = abs(offset)
    let seconds = magnitude / 1_000_000
    var text = offset < 0 ? "-" : "+"
    text += DateFormat.padded(seconds / 3600, 2) + separator
    text += DateFormat.padded(seconds / 60 % 60, 2)
    let fraction = magnitude % 1_000_000
    if seconds % 60 != 0 || fraction != 0 {
      text += separator + DateFormat.padded(seconds % 60, 2)
    }
    if fraction != 0 { text += "." + DateFormat.padded(fraction, 6) }
    return text
  }

  static func zone(
    _ zone: Value, of moment: Value, _ python: Interpreter
  ) throws -> DateFormat.Zone {
    guard let offset = try offset(zone, of: moment, python) else { return DateFormat.Zone() }
    return DateFormat.Zone(
      offset: text(offset, separator: ""), colonOffset: text(offset),
      name: try name(zone, of: moment, python) ?? "")
  }

  /// `tzinfo=` arguments must be `None` or a `tzinfo`.
  static func check(_ zone: Value) throws {
    guard zone.isNone || zone.pythonClass.isSubclass(of: DateTimeModule.tzinfo) else {
      throw PythonError(
        .typeError,
        "tzinfo argument must be None or of a tzinfo subclass, not type '\(zone.typeName)'"
      )
    }
  }
}
