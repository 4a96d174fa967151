/// What a pipeline holds; guarded by its lock.
struct PipelineState: ~Copyable {
  /// After so many ticks without a line a record counts as whole.
  private static let quietTicks = 5

  private let writer: RecordWriter
  private let output: BatchWriter
  private let filter: ReadyFilter
  private let options: LogOptions
  private let reader: TimeReader
  private let clock = ContinuousClock()
  private var watch: WatchState
  private var sources: [PipelineSource] = []
  private var context: ContextLines

  init(_ options: LogOptions, _ output: BatchWriter) throws {
    self.options = options
    self.output = output
    writer = RecordWriter(options.style)
    filter = try ReadyFilter(options.filter)
    reader = TimeReader(zone: options.zone)
    watch = WatchState(options.watch, start: clock.now)
    context = ContextLines(before: options.filter.before, after: options.filter.after)
  }

  mutating func add(_ label: SourceLabel) -> Int {
    sources.append(PipelineSource(label: label, tail: options.tail))
    return sources.count - 1
  }

  mutating func feed(_ piece: Bytes, _ number: Int) throws -> Bool {
    let source = sources[number]
    try source.splitter.split(piece) { line, dropped in
      try source.joiner.add(line, stamp: nil, dropped: dropped) { record, stamp, dropped in
        try take(record, stamp, dropped, source, number)
      }
    }
    source.joiner.keep()
    source.quietTicks = 0
    try output.ripe()
    if watch.deadline != nil { watch.tick(clock.now) }
    return watch.ending == nil
  }

  mutating func end(_ number: Int) throws {
    let source = sources[number]
    try source.splitter.finish { line, dropped in
      try source.joiner.add(line, stamp: nil, dropped: dropped) { record, stamp, dropped in
        try take(record, stamp, dropped, source, number)
      }
    }
    try source.joiner.flush { record, stamp, dropped in
      try take(record, stamp, dropped, source, number)
    }
    try caughtUp(number)
  }

  /// The source has nothing more for now: what was kept as its end is shown.
  mutating func caughtUp(_ number: Int) throws {
    let source = sources[number]
    let tail = source.tail
    source.tail = nil
    try tail?.drain { held in
      try held.with(number, reader) { record in try process(record, source, number) }
    }
    try output.ripe()
  }

  mutating func tick() throws -> Bool {
    for number in sources.indices where sources[number].joiner.isHolding {
      let source = sources[number]
      source.quietTicks += 1
      // A trace that is being written comes with pauses.
      guard source.quietTicks >= PipelineState.quietTicks else { continue }
      try source.joiner.flush { record, stamp, dropped in
        try take(record, stamp, dropped, source, number)
      }
    }
    try output.flush()
    watch.tick(clock.now)
    return watch.ending == nil
  }

  var isWaiting: Bool {
    !output.buffer.isEmpty || sources.contains { $0.joiner.isHolding }
  }

  var deadline: ContinuousClock.Instant? { watch.deadline }

  mutating func finish() throws -> Ending {
    try output.flush()
    return watch.end()
  }

  /// A record that is whole.
  @inline(__always)
  private mutating func take(
    _ bytes: Bytes, _ stamp: LogTime?, _ dropped: Int, _ source: PipelineSource, _ number: Int
  ) throws {
    guard watch.ending == nil else { return }
    var record = LogRecord(
      source: number, bytes: bytes, stamp: stamp, dropped: dropped, inherited: source.inherited,
      reader: reader)
    if filter.isInWindow(&record) {
      if let tail = source.tail {
        tail.push(&record)
      } else {
        try process(record, source, number)
        return
      }
    }
    source.inherited = record.passedOn
  }

  @inline(__always)
  private mutating func process(
    _ given: consuming LogRecord, _ source: PipelineSource, _ number: Int
  ) throws {
    var record = given
    if watch.ending != nil { return }
    if watch.looks { watch.see(record.bytes, from: source.label, at: clock.now) }
    if filter.wants(&record, source.label) {
      if context.isWanted { lead(source, number) }
      try show(&record, source)
    } else if context.isWanted {
      if source.after > 0 {
        source.after -= 1
        try show(&record, source, isContext: true)
      } else {
        source.before.push(&record, atMost: context.before)
      }
    }
    source.inherited = record.passedOn
  }

  /// What stands before a wanted record.
  private mutating func lead(_ source: PipelineSource, _ number: Int) {
    source.after = context.after
    let isGap = source.before.missed > 0 || source.before.count > 0 && context.shownSource != number
    if context.hasShown, isGap || context.shownSource != number, options.style.format != .json {
      output.buffer.append("--\n")
    }
    source.before.drain { held in
      held.with(number, reader) { held in
        var record = held
        writer.write(&record, source.label, to: output.buffer)
      }
    }
    context.hasShown = true
    context.shownSource = number
  }

  @inline(__always)
  private mutating func show(
    _ record: inout LogRecord, _ source: PipelineSource, isContext: Bool = false
  ) throws {
    writer.write(&record, source.label, to: output.buffer)
    if !isContext { watch.didShow() }
    try output.ripe()
  }
}

/// What a pipeline knows of one source.
final class PipelineSource {
  let label: SourceLabel
  let splitter = LineSplitter()
  let joiner = RecordJoiner()
  var inherited = LogRecord.Inherited()
  /// The last records, while only those are wanted.
  var tail: HeldRecords?
  /// Unwanted records that may have to be shown before a wanted one.
  let before = HeldRecords()
  /// How often the clock has ticked since something came.
  var quietTicks = 0
  /// How many unwanted records are still to be shown.
  var after = 0

  init(label: SourceLabel, tail: Int?) {
    self.label = label
    self.tail = tail.map { HeldRecords(limit: $0) }
  }
}

/// How much is shown around wanted records, and where the last one was.
struct ContextLines {
  let before: Int
  let after: Int
  var hasShown = false
  var shownSource = -1

  init(before: Int, after: Int) {
    self.before = before
    self.after = after
  }

  var isWanted: Bool { before > 0 || after > 0 }
}
