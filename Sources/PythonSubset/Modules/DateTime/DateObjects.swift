/// `datetime.date`, and what `datetime.datetime` adds to it.
public class DateObject: PythonInstance {
  let moment: Moment

  /// The year, 1 to 9999.
  public var year: Int { moment.year }
  /// The month, 1 to 12.
  public var month: Int { moment.month }
  /// The day of the month.
  public var day: Int { moment.day }

  init(_ moment: Moment, of cls: PythonClass = DateTimeModule.date) {
    self.moment = moment
    super.init(cls)
  }

  /// `isoformat()`.
  public var isoDate: String {
    [DateFormat.padded(year, 4), DateFormat.padded(month, 2), DateFormat.padded(day, 2)]
      .joined(separator: "-")
  }

  static func outOfRange() -> PythonError {
    PythonError(.overflowError, "date value out of range")
  }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    if let result = try super.binary(op, other, reflected: reflected, python) { return result }
    if let delta = other.object(as: TimeDeltaObject.self),
      op == .add || op == .subtract && !reflected
    {
      let days = op == .add ? delta.days : -delta.days
      guard let moved = Moment(ordinal: moment.ordinal + days) else { throw Self.outOfRange() }
      return .object(DateObject(moved, of: pythonClass))
    }
    if op == .subtract, let other = other.object(as: DateObject.self), !(other is DateTimeObject) {
      let days = moment.ordinal - other.moment.ordinal
      return try TimeDeltaObject.delta(
        Int128(reflected ? -days : days) * TimeDeltaObject.microsecondsPerDay)
    }
    return nil
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = other.object(as: DateObject.self), !(other is DateTimeObject) else {
      return nil
    }
    return .bool(Ordering(of: moment.ordinal, other.moment.ordinal).satisfies(op))
  }

  public override func hash(_ python: Interpreter) throws -> Int { moment.ordinal.hashValue }
  public override func truth(_ python: Interpreter) throws -> Bool { true }
  public override func text(_ python: Interpreter) throws -> String { isoDate }

  public override func representation(_ python: Interpreter) throws -> String {
    "\(pythonClass.qualifiedName)(\(year), \(month), \(day))"
  }

  public override func format(_ specification: String, _ python: Interpreter) throws -> String {
    if specification.isEmpty { return try text(python) }
    return try DateFormat.format(specification, moment, zone: zone(python), python)
  }

  func zone(_ python: Interpreter) throws -> DateFormat.Zone { DateFormat.Zone() }
}

/// `datetime.datetime`.
public final class DateTimeObject: DateObject {
  /// The zone, `None` for a naive time.
  public let tzinfo: Value
  let fold: Int

  /// The hour, 0 to 23.
  public var hour: Int { moment.hour }
  /// The minute.
  public var minute: Int { moment.minute }
  /// The second.
  public var second: Int { moment.second }
  /// The microsecond.
  public var microsecond: Int { moment.microsecond }

  init(
    _ moment: Moment, tzinfo: Value, fold: Int = 0, of cls: PythonClass = DateTimeModule.datetime
  ) {
    self.tzinfo = tzinfo
    self.fold = fold
    super.init(moment, of: cls)
  }

  /// The offset from UTC in microseconds; nil for a naive time.
  public func utcOffset(_ python: Interpreter) throws -> Int? {
    try TimeZones.offset(tzinfo, of: .object(self), python)
  }

  /// `isoformat()`.
  public func isoText(
    separator: String = "T", precision: String = "auto", _ python: Interpreter
  ) throws -> String {
    let offset = try utcOffset(python).map { TimeZones.text($0) } ?? ""
    return isoDate + separator + (try TimeObject.clock(moment, precision)) + offset
  }

  override func zone(_ python: Interpreter) throws -> DateFormat.Zone {
    try TimeZones.zone(tzinfo, of: .object(self), python)
  }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    if let delta = other.object(as: TimeDeltaObject.self) {
      guard op == .add || op == .subtract && !reflected else { return nil }
      let total = Int128(moment.microseconds) + (op == .add ? delta.total : -delta.total)
      guard let word = Int(exactly: total), let moved = Moment(microseconds: word) else {
        throw Self.outOfRange()
      }
      return .object(DateTimeObject(moved, tzinfo: tzinfo, of: pythonClass))
    }
    guard op == .subtract, let other = other.object(as: DateTimeObject.self) else {
      return nil
    }
    let (a, b) = reflected ? (other, self) : (self, other)
    let (offsetA, offsetB) = (try a.utcOffset(python), try b.utcOffset(python))
    guard (offsetA == nil) == (offsetB == nil) else {
      throw PythonError(
        .typeError, "can't subtract offset-naive and offset-aware datetimes")
    }
    let shift = a.tzinfo.isIdentical(to: b.tzinfo) ? 0 : (offsetA ?? 0) - (offsetB ?? 0)
    return try TimeDeltaObject.delta(
      Int128(a.moment.microseconds - b.moment.microseconds - shift))
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = other.object(as: DateTimeObject.self) else {
      guard let date = other.object(as: DateObject.self) else { return nil }
      if op == .equal || op == .notEqual { return .bool(op == .notEqual) }
      throw PythonError(
        .typeError, "can't compare datetime.datetime to \(date.pythonClass.qualifiedName)")
    }
    let (mine, theirs) = (try utcOffset(python), try other.utcOffset(python))
    guard (mine == nil) == (theirs == nil) else {
      if op == .equal || op == .notEqual { return .bool(op == .notEqual) }
      throw PythonError(.typeError, "can't compare offset-naive and offset-aware datetimes")
    }
    let shift = tzinfo.isIdentical(to: other.tzinfo) ? 0 : (mine ?? 0) - (theirs ?? 0)
    let order = Ordering(of: moment.microseconds - shift, other.moment.microseconds)
    return .bool(order.satisfies(op))
  }

  public override func hash(_ python: Interpreter) throws -> Int {
    (moment.microseconds - (try utcOffset(python) ?? 0)).hashValue
  }

  public override func text(_ python: Interpreter) throws -> String {
    try isoText(separator: " ", python)
  }

  public override func representation(_ python: Interpreter) throws -> String {
    var parts = [year, month, day, hour, minute, second, microsecond]
    if microsecond == 0 {
      parts.removeLast()
      if second == 0 { parts.removeLast() }
    }
    var text = parts.map { String($0) }.joined(separator: ", ")
    if fold != 0 { text += ", fold=1" }
    if !tzinfo.isNone { text += ", tzinfo=" + (try python.repr(tzinfo)) }
    return "\(pythonClass.qualifiedName)(\(text))"
  }
}

/// `datetime.time`.
public final class TimeObject: PythonInstance {
  let moment: Moment
  /// The zone, `None` for a naive time.
  public let tzinfo: Value
  let fold: Int

  init(
    _ moment: Moment, tzinfo: Value, fold: Int = 0, of cls: PythonClass = DateTimeModule.time
  ) {
    self.moment = moment
    self.tzinfo = tzinfo
    self.fold = fold
    super.init(cls)
  }

  static func clock(_ moment: Moment, _ precision: String) throws -> String {
    let hour = DateFormat.padded(moment.hour, 2)
    let minutes = hour + ":" + DateFormat.padded(moment.minute, 2)
    let seconds = minutes + ":" + DateFormat.padded(moment.second, 2)
    switch precision {
    case "hours": return hour
    case "minutes": return minutes
    case "seconds": return seconds
    case "milliseconds": return seconds + "." + DateFormat.padded(moment.microsecond / 1000, 3)
    case "microseconds": return seconds + "." + DateFormat.padded(moment.microsecond, 6)
    case "auto":
      return moment.microsecond == 0
        ? seconds : seconds + "." + DateFormat.padded(moment.microsecond, 6)
    default: throw PythonError(.valueError, "Unknown timespec value")
    }
  }

  /// `isoformat()`.
  public func isoText(precision: String = "auto", _ python: Interpreter) throws -> String {
    let offset = try TimeZones.offset(tzinfo, of: .null, python).map { TimeZones.text($0) } ?? ""
    return try Self.clock(moment, precision) + offset
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = other.object(as: TimeObject.self) else { return nil }
    let mine = try TimeZones.offset(tzinfo, of: .null, python)
    let theirs = try TimeZones.offset(other.tzinfo, of: .null, python)
    guard (mine == nil) == (theirs == nil) else {
      if op == .equal || op == .notEqual { return .bool(op == .notEqual) }
      throw PythonError(.typeError, "can't compare offset-naive and offset-aware times")
    }
    let order = Ordering(
      of: moment.microsecondOfDay - (mine ?? 0), other.moment.microsecondOfDay - (theirs ?? 0))
    return .bool(order.satisfies(op))
  }

  public override func hash(_ python: Interpreter) throws -> Int {
    (moment.microsecondOfDay - (try TimeZones.offset(tzinfo, of: .null, python) ?? 0)).hashValue
  }

  public override func truth(_ python: Interpreter) throws -> Bool { true }
  public override func text(_ python: Interpreter) throws -> String { try isoText(python) }

  public override func representation(_ python: Interpreter) throws -> String {
    var parts = [moment.hour, moment.minute, moment.second, moment.microsecond]
    if moment.microsecond == 0 {
      parts.removeLast()
      if moment.second == 0 { parts.removeLast() }
    }
    var text = parts.map { String($0) }.joined(separator: ", ")
    if !tzinfo.isNone { text += ", tzinfo=" + (try python.repr(tzinfo)) }
    if fold != 0 { text += ", fold=1" }
    return "\(pythonClass.qualifiedName)(\(text))"
  }

  public override func format(_ specification: String, _ python: Interpreter) throws -> String {
    if specification.isEmpty { return try text(python) }
    var shown = moment
    shown.year = 1900
    return try DateFormat.format(
      specification, shown, zone: TimeZones.zone(tzinfo, of: .null, python), python)
  }
}
