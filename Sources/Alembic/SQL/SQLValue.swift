/// A value that is written into a statement, after Python's value went through its type.
public indirect enum SQLValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  /// An integer of more than 64 bits or an exact number, in decimal digits.
  case decimal(String)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  /// `YYYY-MM-DD`.
  case date(String)
  case time(String, timezone: Bool)
  /// A date, a space or `T`, a time, and an offset if it has one.
  case timestamp(String, timezone: Bool)
  /// A span of time as days, seconds and microseconds, as Python's timedelta keeps it.
  case interval(days: Int64, seconds: Int64, microseconds: Int64)
  case uuid(String)
  case array([SQLValue])
  /// Several values in parentheses, or those of an `IN`.
  case list([SQLValue])
  /// A text that the driver casts, as a range: `'[1,2)'::int4range` has the type's name.
  case cast(String, to: String)
}
