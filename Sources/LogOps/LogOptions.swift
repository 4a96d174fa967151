/// What is to be done with logs, wherever they come from.
public struct LogOptions: Sendable {
  /// Which records are wanted.
  public var filter = RecordFilter()
  /// How they are printed.
  public var style = RecordStyle()
  /// What ends reading.
  public var watch = Watch()
  /// Only so many records at the end of each source, before any filter; nil for all.
  public var tail: Int?
  /// How far behind its place a record may come, where they are put in the order of their times; nil:
  /// they come as they are read.
  public var order: Duration?
  /// Where each container's log is kept in files, instead of being printed; nil: it is printed.
  public var folder: LogFolder?
  /// Whether what records come to is gathered.
  public var summarizes = false
  /// Whether records are printed.
  public var prints = true
  /// Seconds east of UTC that times without a zone are taken to be in.
  public var zone = 0

  /// Everything, as text.
  public init() {}
}
