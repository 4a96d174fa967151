/// `time`.
enum TimeModule {
  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    .describing("time") { table in
      table.function("time") { _ in .float(Double(surroundings.now()) / 1e6) }
      table.function("time_ns") { _ in .int(surroundings.now() * 1000) }
      for name in ["monotonic", "perf_counter", "process_time"] {
        table.function(name) { _ in .float(Double(surroundings.monotonic()) / 1e6) }
        table.function(name + "_ns") { _ in .int(surroundings.monotonic() * 1000) }
      }
      table.function("sleep", "seconds, /") { call in
        guard let seconds = call[0].double else { throw call.mismatch(0, "a number") }
        guard seconds >= 0 else {
          throw PythonError(.valueError, "sleep length must be non-negative")
        }
        guard seconds <= 3600 else { throw Unsupported("time.sleep() for more than an hour") }
        try surroundings.sleep(Int(seconds * 1e6))
        return .null
      }
      table.function("strftime", "format, t=None, /") { call in
        let moment = try call[1].orNil.map { try fields(of: $0, call.python) }
        let local = Moment.local(surroundings.now(), surroundings)
        return .string(
          try DateFormat.format(try call.string(0), moment ?? local, call.python))
      }
      table.value("timezone") { .int(-surroundings.localOffset(surroundings.now() / 1_000_000).0) }
      for name in ["gmtime", "localtime"] {
        table.function(name, "seconds=None, /") { call in
          let now = try call[0].orNil.map(DateTimeModule.timestamp) ?? surroundings.now()
          let moment =
            name == "gmtime" ? Moment.utc(now) : Moment.local(now, surroundings)
          return .tuple(
            [
              moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
              moment.weekday, moment.dayOfYear, 0,
            ].map { .int($0) })
        }
      }
    }
  }

  private static func fields(of value: Value, _ python: Interpreter) throws -> Moment {
    guard let items = value.tuple, items.count >= 6 else {
      throw PythonError(.typeError, "Tuple or struct_time argument required")
    }
    let numbers = try items.prefix(6).map { try python.index($0) }
    for (number, bounds) in zip(numbers, [1...9999, 1...12, 1...31, 0...23, 0...59, 0...61])
    where !bounds.contains(number) {
      throw PythonError(.valueError, "time tuple element out of range")
    }
    return Moment(
      year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4],
      second: numbers[5], microsecond: 0)
  }
}
