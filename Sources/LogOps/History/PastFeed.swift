/// Hands the lines of several containers to a pipeline in the order of their times.
struct PastFeed {
  /// So long after the last line of a container, by the stamps, nothing more belongs to its record: what
  /// another container said then comes behind it.
  private static let pause = Duration.milliseconds(100)

  let sources: [LogHistory.Place: Int]
  let pipeline: LogPipeline
  private var texts: [LogHistory.Place: KeptText] = [:]
  /// Whose lines wait to be handed on together.
  private var current: LogHistory.Place?
  /// The last line of those whose last record may be held for more.
  private var open: [LogHistory.Place: LogTime] = [:]
  /// Nothing of `open` is older.
  private var oldest = LogTime(nanoseconds: .max)

  init(sources: [LogHistory.Place: Int], pipeline: LogPipeline) {
    self.sources = sources
    self.pipeline = pipeline
  }

  /// Takes the next line.
  ///
  /// - Throws: `CancellationError` where nothing more is wanted.
  mutating func add(_ line: LokiLine, of place: LogHistory.Place) throws {
    guard sources[place] != nil else { return }
    if place != current { try flush() }
    if oldest < line.time - PastFeed.pause {
      try close(before: line.time - PastFeed.pause, but: place)
    }
    current = place
    open[place] = line.time
    oldest = min(oldest, line.time)
    texts[place, default: KeptText()].append(KeptLine(line))
  }

  /// Hands on what waits.
  mutating func flush() throws {
    guard let place = current, let source = sources[place],
      let bytes = texts[place]?.take(), !bytes.isEmpty
    else { return }
    guard try bytes.withUnsafeBytes({ try pipeline.feed($0, from: source) }) else {
      throw CancellationError()
    }
  }

  private mutating func close(before time: LogTime, but place: LogHistory.Place) throws {
    for (other, last) in open where other != place && last < time {
      open[other] = nil
      if let source = sources[other] { try pipeline.completeRecord(source) }
    }
    oldest = open.values.min() ?? LogTime(nanoseconds: .max)
  }
}
