public import Patterns

/// Which records are wanted.
public struct RecordFilter: Sendable {
  /// At least one of these occurs; none wanted where the list is empty.
  public var include: [Pattern] = []
  /// None of these occurs.
  public var exclude: [Pattern] = []
  /// The levels.
  public var levels: LevelChoice?
  /// All of these hold.
  public var conditions: [Condition] = []
  /// From this moment on.
  public var since: LogTime?
  /// Before this moment.
  public var until: LogTime?
  /// How many records before and behind a wanted one are shown too.
  public var before = 0
  /// See `before`.
  public var after = 0

  /// Everything.
  public init() {}
}

/// A filter made ready.
struct ReadyFilter {
  private let filter: RecordFilter
  private let conditions: [ReadyCondition]
  /// Whether every record is wanted.
  let passesAll: Bool
  private let hasWindow: Bool

  init(_ filter: RecordFilter) throws {
    self.filter = filter
    conditions = try filter.conditions.map(ReadyCondition.init)
    hasWindow = filter.since != nil || filter.until != nil
    passesAll =
      filter.include.isEmpty && filter.exclude.isEmpty && filter.levels == nil
      && filter.conditions.isEmpty
  }

  /// Whether a record lies in the time that is asked for; one without any time does.
  @inline(__always)
  func isInWindow(_ record: inout LogRecord) -> Bool {
    guard hasWindow, let time = record.time else { return true }
    if let since = filter.since, time < since { return false }
    if let until = filter.until, time >= until { return false }
    return true
  }

  /// Whether a record is wanted.
  @inline(__always)
  func wants(_ record: inout LogRecord, _ label: SourceLabel) -> Bool {
    if passesAll { return true }
    return judge(&record, label)
  }

  @inline(never)
  private func judge(_ record: inout LogRecord, _ label: SourceLabel) -> Bool {
    // Asked in any case: the next record may take its level from this one.
    if let levels = filter.levels, !levels.contains(record.level) { return false }
    if !filter.include.isEmpty, !filter.include.contains(where: { $0.matches(record.bytes) }) {
      return false
    }
    // A pattern that gave up hides nothing.
    for pattern in filter.exclude {
      if case .found = pattern.search(record.bytes) { return false }
    }
    for condition in conditions where !condition.holds(for: &record, label) { return false }
    return true
  }
}
