/// One record on its way through the pipeline. What it says about itself is looked for when somebody
/// asks, and once. Its bytes are somebody else's: they are valid inside the call that hands it on.
struct LogRecord {
  /// Which source it comes from.
  let source: Int
  /// The text, without the newline at its end.
  var bytes: Bytes
  /// The time that came with it, as the kubelet stamps lines.
  let stamp: LogTime?
  /// How many bytes of it were too many to keep.
  let dropped: Int
  /// The level and time of the record before it in the source, which it takes where it has none.
  let inherited: Inherited
  let reader: TimeReader

  /// What a record takes from the one before it.
  struct Inherited {
    var level: Level?
    var time: LogTime?
  }

  private var knownShape: Shape?
  private var knownLevel: Level??
  private var knownTime: LogTime??

  init(
    source: Int, bytes: Bytes, stamp: LogTime?, dropped: Int = 0,
    inherited: Inherited = Inherited(), reader: TimeReader = TimeReader()
  ) {
    self.source = source
    self.bytes = bytes
    self.stamp = stamp
    self.dropped = dropped
    self.inherited = inherited
    self.reader = reader
  }

  var shape: Shape {
    mutating get {
      if let knownShape { return knownShape }
      let shape = Shape(of: bytes)
      knownShape = shape
      return shape
    }
  }

  /// The level that it states, or the one of the record before it.
  var level: Level? {
    mutating get {
      if let knownLevel { return knownLevel }
      let level = LevelReader.level(of: bytes, shape: shape) ?? inherited.level
      knownLevel = .some(level)
      return level
    }
  }

  /// The time that came with it, else the one that it states, else that of the record before it.
  var time: LogTime? {
    mutating get {
      if let stamp { return stamp }
      if let knownTime { return knownTime }
      let time = reader.time(of: bytes, shape: shape) ?? inherited.time
      knownTime = .some(time)
      return time
    }
  }

  /// What the next record of the source takes from it: what has been found out.
  var passedOn: Inherited {
    Inherited(level: knownLevel ?? inherited.level, time: stamp ?? knownTime ?? inherited.time)
  }

  /// Gives it other bytes that say the same, as when secrets are hidden.
  func with(_ bytes: Bytes) -> LogRecord {
    var copy = self
    copy.bytes = bytes
    copy.knownShape = nil
    return copy
  }
}
