/// What a pipeline holds; guarded by its lock.
struct PipelineState: ~Copyable {
  /// After so many ticks without a line a record counts as whole.
  private static let quietTicks = 5

  /// Files are written every so many ticks where little comes.
  private static let fileTicks = 10

  private let writer: RecordWriter
  private let output: BatchWriter
  private let filter: ReadyFilter
  private let options: LogOptions
  private let reader: TimeReader
  private let clock = ContinuousClock()
  private var watch: WatchState
  private var sources: [PipelineSource] = []
  /// The numbers of containers' logs that have ended, for those that come.
  private var free: [Int] = []
  private var stamps = StampReader()
  /// The stamp of each generation's first record.
  private var generations: [String: LogTime] = [:]
  private var ticks = 0
  private var context: ContextLines
  private var order: OrderWindow?
  private(set) var summary: LogSummary?

  init(_ options: LogOptions, _ output: BatchWriter) throws {
    self.options = options
    self.output = output
    writer = RecordWriter(options.style)
    filter = try ReadyFilter(options.filter)
    reader = TimeReader(zone: options.zone)
    watch = WatchState(options.watch, start: clock.now)
    context = ContextLines(before: options.filter.before, after: options.filter.after)
    order = options.order.map { OrderWindow(window: $0) }
    summary = options.summarizes ? LogSummary() : nil
  }

  mutating func add(_ label: SourceLabel) -> Int {
    add(PipelineSource(label: label, tail: options.tail))
  }

  private mutating func add(_ source: PipelineSource) -> Int {
    let number = free.popLast() ?? sources.count
    if number == sources.count { sources.append(source) } else { sources[number] = source }
    order?.open(number)
    return number
  }

  /// Makes a container's log known, whose lines come with their stamps.
  mutating func addStamped(_ label: SourceLabel, _ notices: LogNotices) -> Int {
    let source = PipelineSource(label: label, tail: nil, isStamped: true)
    source.notices = notices
    return add(source)
  }

  /// A new request for a container's log begins: what is left of a broken line comes again. Gives the
  /// second to ask from.
  mutating func begin(_ number: Int) -> Int64? {
    sources[number].splitter.reset()
    let source = sources[number]
    return source.isStamped ? source.resume.begin() : nil
  }

  /// The request that has begun ends before some lines: `feed` throws `EarlyEnd`.
  mutating func stop(_ number: Int, at stops: ResumePoint.Stops) {
    sources[number].resume.stops = stops
  }

  /// What comes next may be behind a gap that was told, or is none.
  mutating func acceptNextGap(_ number: Int) { sources[number].resume.acceptNextGap() }

  /// What comes from a container now is of this instance, and is kept in a file. Reading goes on where
  /// an earlier run stopped.
  mutating func keep(
    _ number: Int, of identity: ContainerState.Identity, at place: LogFolder.Place,
    in folder: LogFolder
  ) throws {
    let source = sources[number]
    let file = try LogFile(place, of: identity, in: folder) { [source] trouble in
      source.notices?.lose("\(source.label.name): \(trouble)")
    }
    source.resume = file.point
    source.file = file
  }

  func point(_ number: Int) -> ResumePoint { sources[number].resume }

  mutating func go(on number: Int, from point: ResumePoint) { sources[number].resume = point }

  /// The greatest stamp that has come.
  func newest(_ number: Int) -> LogTime? { sources[number].resume.newest }

  var hasEnded: Bool { watch.ending != nil }

  mutating func feed(_ piece: Bytes, _ number: Int) throws -> Bool {
    let source = sources[number]
    // Also where it throws: the piece goes away.
    defer { source.joiner.keep() }
    try source.splitter.split(piece) { line, dropped in try add(line, dropped, source, number) }
    source.quietTicks = 0
    try release()
    try output.ripe()
    if watch.deadline != nil { watch.tick(clock.now) }
    return watch.ending == nil
  }

  mutating func end(_ number: Int, isOver: Bool) throws {
    let source = sources[number]
    try source.splitter.finish { line, dropped in try add(line, dropped, source, number) }
    try source.joiner.flush { record, stamp, dropped in
      try take(record, stamp, dropped, source, number)
    }
    order?.close(number)
    try caughtUp(number)
    if let file = source.file {
      if watch.ending == nil { try file.checkpoint(source.resume, hasEnded: isOver) }
      try file.flush()
      source.file = nil
    }
    source.hasEnded = true
    recycle(number)
  }

  /// Pods come and go without end: the number of a log that has ended is given to another, and what was
  /// known of it is forgotten.
  private mutating func recycle(_ number: Int) {
    let source = sources[number]
    guard source.isStamped, source.hasEnded, source.waiting == 0 else { return }
    sources[number] = PipelineSource(label: SourceLabel("", fields: []), tail: nil)
    order?.forget(number)
    writer.forget(number)
    if context.shownSource == number { context.shownSource = -1 }
    free.append(number)
  }

  /// The source has nothing more for now: what was kept as its end is shown.
  mutating func caughtUp(_ number: Int) throws {
    let source = sources[number]
    let tail = source.tail
    source.tail = nil
    try tail?.drain { held in
      try held.with(number, reader) { record in try process(record, source, number) }
    }
    try release()
    try output.ripe()
  }

  /// Nothing more belongs to the record that the source's last lines are.
  mutating func completeRecord(_ number: Int) throws {
    let source = sources[number]
    try source.joiner.flush { record, stamp, dropped in
      try take(record, stamp, dropped, source, number)
    }
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
    order?.tick(clock.now)
    try release()
    try output.flush()
    try tickFiles()
    watch.tick(clock.now)
    return watch.ending == nil
  }

  private mutating func tickFiles() throws {
    guard options.folder != nil else { return }
    ticks += 1
    guard ticks % PipelineState.fileTicks == 0 else { return }
    let now = clock.now
    for source in sources {
      guard let file = source.file else { continue }
      if file.tick(now), !source.joiner.isHolding { try file.checkpoint(source.resume) }
      try file.flush()
    }
  }

  var isWaiting: Bool {
    !output.buffer.isEmpty || sources.contains { $0.joiner.isHolding } || order?.isEmpty == false
  }

  /// The source to read next, where records are put in order.
  func mostBehind(among sources: [Int]) -> Int? { order?.mostBehind(among: sources) }

  /// The generation whose first record is the latest.
  var newestGeneration: String? {
    generations.count > 1 ? generations.max { $0.value < $1.value }?.key : nil
  }

  /// How many records came too late to stand in their place.
  var late: Int { order?.late ?? 0 }

  /// Puts out what has waited for its place long enough.
  private mutating func release() throws {
    while let entry = order?.next() { try put(entry) }
  }

  private mutating func put(_ entry: OrderWindow.Entry) throws {
    let source = sources[entry.source]
    try entry.held.with(entry.source, reader) { held in
      var record = held
      try write(&record, source)
    }
    source.waiting -= 1
    if source.hasEnded { recycle(entry.source) }
  }

  var deadline: ContinuousClock.Instant? { watch.deadline }

  mutating func finish() throws -> Ending {
    for number in sources.indices {
      let source = sources[number]
      try source.joiner.flush { record, stamp, dropped in
        try take(record, stamp, dropped, source, number)
      }
    }
    while let entry = order?.pop() { try put(entry) }
    try output.flush()
    try finishFiles()
    return watch.end()
  }

  /// Finishes every file, also where one of them cannot be written.
  private func finishFiles() throws {
    var failure: (any Error)?
    for source in sources {
      guard let file = source.file else { continue }
      do {
        // What came behind the end was not written: the next run reads it again.
        if watch.ending == nil, file.isDirty { try file.checkpoint(source.resume) }
        try file.flush()
      } catch { failure = failure ?? error }
    }
    if let failure { throw failure }
  }

  /// A line that is whole.
  @inline(__always)
  private mutating func add(
    _ line: Bytes, _ dropped: Int, _ source: PipelineSource, _ number: Int
  ) throws {
    var line = line
    var stamp: LogTime?
    if source.isStamped {
      if let (time, start) = stamps.stamp(of: line) {
        stamp = time
        line = line.part(start..<line.count)
      } else if source.resume.expectsStamp, StampedLine.isTrouble(line) {
        source.notices?.lose("\(source.label.name): \(line.text)")
        return
      }
      if let file = source.file {
        if watch.ending != nil { return }
        try settle(file, before: line, source, number)
      }
      switch source.resume.take(stamp) {
      case .repeated: return
      case .doubtful: throw EarlyEnd(end: .doubtful)
      case .missing(let gap): throw EarlyEnd(end: .gap(gap.to))
      case .jumped: throw EarlyEnd(end: .stalled)
      case .showAfter(let gap):
        try output.flush()
        let seconds = Double(gap.to.nanoseconds - gap.from.nanoseconds) / 1e9
        source.notices?.lose(
          "gap of \((seconds * 10).rounded() / 10) s in \(source.label.name): its log was rotated")
      case .show: break
      }
      if let file = source.file, file.hasLeftover, source.resume.hasRecognised {
        try file.dropLeftover()
      }
    }
    try source.joiner.add(line, stamp: stamp, dropped: dropped) { record, stamp, dropped in
      try take(record, stamp, dropped, source, number)
    }
  }

  /// Before a line that begins a record is the place for a checkpoint.
  @inline(__always)
  private mutating func settle(
    _ file: LogFile, before line: Bytes, _ source: PipelineSource, _ number: Int
  ) throws {
    file.isDirty = true
    guard file.isDue, !source.resume.isReplaying, source.resume.newest != nil,
      !source.joiner.wouldJoin(line)
    else { return }
    try source.joiner.flush { record, stamp, dropped in
      try take(record, stamp, dropped, source, number)
    }
    if watch.ending == nil { try file.checkpoint(source.resume) }
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
    if order != nil { order?.advance(number, to: record.time) }
    if !source.hasBegun { begin(source, record.stamp) }
    if watch.looks { watch.see(record.bytes, from: source.label, at: clock.now) }
    if filter.wants(&record, source.label) {
      if summary != nil { summary?.add(&record, source.label) }
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

  @inline(never)
  private mutating func begin(_ source: PipelineSource, _ stamp: LogTime?) {
    source.hasBegun = true
    guard let generation = source.label.generation, let stamp else { return }
    generations[generation] = min(generations[generation] ?? stamp, stamp)
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
    if order != nil {
      order?.hold(&record)
      source.waiting += 1
    } else {
      try write(&record, source, isContext: isContext)
    }
  }

  @inline(__always)
  private mutating func write(
    _ record: inout LogRecord, _ source: PipelineSource, isContext: Bool = false
  ) throws {
    guard options.prints, watch.ending != .enough else { return }
    if let file = source.file {
      let start = file.buffer.count
      writer.write(&record, source.label, to: file.buffer)
      try file.wrote(from: start)
    } else {
      writer.write(&record, source.label, to: output.buffer)
      try output.ripe()
    }
    if !isContext { watch.didShow() }
  }
}
