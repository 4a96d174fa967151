/// A request ends before its answer does.
struct EarlyEnd: Error, Equatable {
  /// What that means for who reads.
  var end: InstanceFollow.StreamEnd
}

/// What a pipeline knows of one source.
final class PipelineSource {
  let label: SourceLabel
  let splitter = LineSplitter()
  let joiner = RecordJoiner()
  var inherited = LogRecord.Inherited()
  /// Whether it is a container's log, whose lines come with their stamps.
  let isStamped: Bool
  /// How far it has been read.
  var resume = ResumePoint()
  /// Where it is kept; nil where it is printed.
  var file: LogFile?
  /// Whether a record of it has come.
  var hasBegun = false
  /// How many of its records wait for their place among others.
  var waiting = 0
  /// Whether nothing more comes of it.
  var hasEnded = false
  /// Who is told of gaps.
  var notices: LogNotices?
  /// The last records, while only those are wanted.
  var tail: HeldRecords?
  /// Unwanted records that may have to be shown before a wanted one.
  let before = HeldRecords()
  /// How often the clock has ticked since something came.
  var quietTicks = 0
  /// How many unwanted records are still to be shown.
  var after = 0

  init(label: SourceLabel, tail: Int?, isStamped: Bool = false) {
    self.label = label
    self.isStamped = isStamped
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
