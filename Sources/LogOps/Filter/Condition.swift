internal import Glibc
public import Patterns
internal import Quantities

/// A filter over the fields of records: `status>=500 and path~^/api`.
///
/// A comparison with a field that a record lacks does not hold, but for `!=` and `!~`, which do.
public indirect enum Condition: Sendable {
  case all([Condition])
  case any([Condition])
  case not(Condition)
  case exists(Subject)
  case compare(Subject, Comparison, Literal)
  case matches(Subject, Pattern)

  /// What is looked at.
  public enum Subject: Sendable {
    case level
    case time
    case message
    /// A name of the source, such as `pod`.
    case source(String)
    case field(String)
  }

  /// How it is compared.
  public enum Comparison: Sendable { case equal, unequal, less, atMost, greater, atLeast }

  /// What it is compared with.
  public enum Literal: Sendable {
    case text(String)
    case number(Double)
    case duration(Duration)
  }
}

/// A condition made ready: its paths are taken apart once.
struct ReadyCondition {
  private indirect enum Node {
    case all([Node])
    case any([Node])
    case not(Node)
    case exists(Reader)
    case matches(Reader, Pattern)
    case text(Reader, Condition.Comparison, [UInt8])
    case number(Reader, Condition.Comparison, Double)
    case duration(Reader, Condition.Comparison, Double)
    case level(Condition.Comparison, Level)
    case time(Condition.Comparison, LogTime)
  }

  private enum Reader {
    case message
    case level
    case source(String)
    case field(FieldPath)
    case time
  }

  private let root: Node

  /// Throws `ConditionError` where a literal does not fit what it is compared with.
  init(_ condition: Condition) throws { root = try ReadyCondition.node(condition) }

  private static func node(_ condition: Condition) throws -> Node {
    switch condition {
    case .all(let parts): .all(try parts.map(node))
    case .any(let parts): .any(try parts.map(node))
    case .not(let part): .not(try node(part))
    case .exists(let subject): .exists(try reader(subject))
    case .matches(let subject, let pattern): .matches(try reader(subject), pattern)
    case .compare(.level, let comparison, let literal): .level(comparison, try level(literal))
    case .compare(.time, let comparison, let literal): .time(comparison, try time(literal))
    case .compare(let subject, let comparison, .text(let text)):
      .text(try reader(subject), comparison, Array(text.utf8))
    case .compare(let subject, let comparison, .number(let number)):
      .number(try reader(subject), comparison, number)
    case .compare(let subject, let comparison, .duration(let duration)):
      .duration(try reader(subject), comparison, duration.seconds)
    }
  }

  private static func reader(_ subject: Condition.Subject) throws -> Reader {
    switch subject {
    case .level: return .level
    case .time: return .time
    case .message: return .message
    case .source(let key): return .source(key)
    case .field(let text):
      guard let path = FieldPath(text) else {
        throw ConditionError("\"\(text)\" is no path to a field")
      }
      return .field(path)
    }
  }

  private static func level(_ literal: Condition.Literal) throws -> Level {
    if case .text(let text) = literal,
      let level = Array(text.utf8).withUnsafeBytes({ Level(word: $0) })
    {
      return level
    }
    throw ConditionError("level is compared with something that is no level")
  }

  private static func time(_ literal: Condition.Literal) throws -> LogTime {
    guard case .text(let text) = literal, let time = Timestamp(parsing: text) else {
      throw ConditionError("time is compared with something that is no RFC 3339 time")
    }
    return LogTime(time)
  }

  /// Whether it holds for a record.
  func holds(for record: inout LogRecord, _ label: SourceLabel) -> Bool {
    holds(root, &record, label)
  }

  private func holds(_ node: Node, _ record: inout LogRecord, _ label: SourceLabel) -> Bool {
    switch node {
    case .all(let parts):
      for part in parts where !holds(part, &record, label) { return false }
      return true
    case .any(let parts):
      for part in parts where holds(part, &record, label) { return true }
      return false
    case .not(let part): return !holds(part, &record, label)
    case .exists(let reader): return with(reader, &record, label) { _ in true } ?? false
    case .matches(let reader, let pattern):
      return with(reader, &record, label) { pattern.matches($0) } ?? false
    case .text(let reader, let comparison, let text):
      return with(reader, &record, label) { value in
        text.withUnsafeBytes { comparison.holds(ReadyCondition.order(value, $0)) }
      } ?? (comparison == .unequal)
    case .number(let reader, let comparison, let number):
      return with(reader, &record, label) { value in
        Double(value.text).map { comparison.holds(ReadyCondition.order($0, number)) }
          ?? (comparison == .unequal)
      } ?? (comparison == .unequal)
    case .duration(let reader, let comparison, let seconds):
      return with(reader, &record, label) { value in
        ReadyCondition.seconds(value).map { comparison.holds(ReadyCondition.order($0, seconds)) }
          ?? (comparison == .unequal)
      } ?? (comparison == .unequal)
    case .level(let comparison, let level):
      guard let own = record.level else { return comparison == .unequal }
      return comparison.holds(ReadyCondition.order(own, level))
    case .time(let comparison, let time):
      guard let own = record.time else { return comparison == .unequal }
      return comparison.holds(ReadyCondition.order(own, time))
    }
  }

  /// Hands the subject's bytes to `body`; nil where the record has no such thing.
  private func with<Result>(
    _ reader: Reader, _ record: inout LogRecord, _ label: SourceLabel, _ body: (Bytes) -> Result
  ) -> Result? {
    switch reader {
    case .field(let path):
      return path.value(in: record.bytes, record.shape).flatMap {
        // JSON's null is no value.
        $0.has("null") && $0.count == 4 ? nil : ReadyCondition.decoded($0, body)
      }
    case .message:
      return ReadyCondition.decoded(Message.bytes(of: record.bytes, record.shape), body)
    case .source(let key): return label[key].map { Array($0.utf8).withUnsafeBytes(body) }
    case .level: return record.level.map { Array($0.name.utf8).withUnsafeBytes(body) }
    case .time:
      return record.time.map {
        Array($0.timestamp.rfc3339(fractionDigits: 6).utf8).withUnsafeBytes(body)
      }
    }
  }

  private static func decoded<Result>(_ value: Bytes, _ body: (Bytes) -> Result) -> Result {
    let inner = JSONScan.unquoted(value)
    guard inner.count != value.count, inner.find(UInt8(ascii: "\\")) != nil else {
      return body(inner)
    }
    return JSONScan.decoded(value).withUnsafeBytes(body)
  }

  private static func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }

  private static func order(_ a: Bytes, _ b: Bytes) -> Int {
    let common = min(a.count, b.count)
    if let a = a.baseAddress, let b = b.baseAddress, common > 0 {
      let order = memcmp(a, b, common)
      if order != 0 { return Int(order) }
    }
    return a.count - b.count
  }

  /// `120ms`, `1.5s`, `3us`, as programs print them.
  private static func seconds(_ value: Bytes) -> Double? {
    let text = value.text
    let number = text.prefix { $0.isNumber || $0 == "." }
    guard let amount = Double(number) else { return nil }
    switch text.dropFirst(number.count) {
    case "ns": return amount / 1e9
    case "us", "µs": return amount / 1e6
    case "ms": return amount / 1e3
    case "s", "": return amount
    case "m", "min": return amount * 60
    case "h": return amount * 3600
    default: return Duration(parsing: text)?.seconds
    }
  }
}

extension Condition.Comparison {
  func holds(_ order: Int) -> Bool {
    switch self {
    case .equal: order == 0
    case .unequal: order != 0
    case .less: order < 0
    case .atMost: order <= 0
    case .greater: order > 0
    case .atLeast: order >= 0
    }
  }
}
