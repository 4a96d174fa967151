internal import Synchronization

/// Takes the bytes of logs as they come and puts out what was asked for: lines, records, filters,
/// layout, batches.
///
/// May be called from any thread; one at a time gets in. What it is handed need not stay.
public final class LogPipeline: @unchecked Sendable {
  // Sendable: every access to `state` happens while `lock` is held.
  private let lock = Mutex<Void>(())
  private var state: PipelineState
  /// Where logs are kept in files.
  let folder: LogFolder?
  private let ticked = Mutex(ContinuousClock.now)

  /// Makes a pipeline that writes to an open descriptor, which stays the caller's.
  ///
  /// Throws `ConditionError` where a filter does not fit.
  public init(_ options: LogOptions, descriptor: Int32) throws {
    folder = options.folder
    let output = BatchWriter(descriptor: descriptor)
    output.widenPipe()
    state = try PipelineState(options, output)
  }

  /// Makes another source known and gives its number.
  public func add(_ label: SourceLabel) -> Int { lock.withLock { _ in state.add(label) } }

  /// Makes a container's log known, whose lines come with their stamps.
  func addStamped(_ label: SourceLabel, _ notices: LogNotices) -> Int {
    lock.withLock { _ in state.addStamped(label, notices) }
  }

  /// What comes from a container now is of this instance, and is kept in a file of the folder.
  func keep(
    _ source: Int, of identity: ContainerState.Identity, at place: LogFolder.Place,
    in folder: LogFolder
  ) throws {
    try lock.withLock { _ in try state.keep(source, of: identity, at: place, in: folder) }
  }

  /// A new request for a container's log begins; gives the second to ask from.
  func begin(_ source: Int) -> Int64? { lock.withLock { _ in state.begin(source) } }

  /// Where reading a container's log has come.
  func point(_ source: Int) -> ResumePoint { lock.withLock { _ in state.point(source) } }

  /// Some of what comes now of a container's log is known already, since it was taken for the instance
  /// before.
  func go(on source: Int, from point: ResumePoint) {
    lock.withLock { _ in state.go(on: source, from: point) }
  }

  /// The request that has begun ends before some lines: `feed` throws `EarlyEnd`.
  func stop(_ source: Int, at stops: ResumePoint.Stops) {
    lock.withLock { _ in state.stop(source, at: stops) }
  }

  /// What comes next may be behind a gap that was told, or is none.
  func acceptNextGap(_ source: Int) { lock.withLock { _ in state.acceptNextGap(source) } }

  /// The greatest stamp of a container's log that has come.
  func newest(_ source: Int) -> LogTime? { lock.withLock { _ in state.newest(source) } }

  /// Whether nothing more is wanted.
  var hasEnded: Bool { lock.withLock { _ in state.hasEnded } }

  /// Takes the next bytes of a source. False: nothing more is wanted, from any source.
  public func feed(_ piece: UnsafeRawBufferPointer, from source: Int) throws -> Bool {
    try lock.withLock { _ in try state.feed(piece, source) }
  }

  /// A source has ended: what waited for more of it goes on its way.
  public func end(_ source: Int) throws { try end(source, isOver: true) }

  /// Reading a container's log has ended.
  ///
  /// - Parameter isOver: whether the instance writes no more.
  func end(_ source: Int, isOver: Bool) throws {
    try lock.withLock { _ in try state.end(source, isOver: isOver) }
  }

  /// A source has nothing more for now, as at the end of a file that may grow.
  public func caughtUp(_ source: Int) throws {
    try lock.withLock { _ in try state.caughtUp(source) }
  }

  /// Nothing more belongs to the record that the source's last lines are.
  func completeRecord(_ source: Int) throws {
    try lock.withLock { _ in try state.completeRecord(source) }
  }

  /// Time has gone by: puts out what waited. False: nothing more is wanted.
  public func tick() throws -> Bool {
    defer { ticked.withLock { $0 = .now } }
    return try lock.withLock { _ in try state.tick() }
  }

  /// Whether the output takes what comes; if not, no log can say anything.
  var keepsUp: Bool { ticked.withLock { $0.duration(to: .now) } < .seconds(1) }

  /// Whether something waits for the clock.
  public var isWaiting: Bool { lock.withLock { _ in state.isWaiting } }

  /// The next moment at which time alone may end reading; nil where none does.
  public var deadline: ContinuousClock.Instant? { lock.withLock { _ in state.deadline } }

  /// The source that has come least far in time: the one to read next, where records are put in
  /// order; nil where they are not.
  public func mostBehind(among sources: [Int]) -> Int? {
    lock.withLock { _ in state.mostBehind(among: sources) }
  }

  /// How many records came too late to stand in their place.
  public var late: Int { lock.withLock { _ in state.late } }

  /// What the records come to so far; nil where it is not gathered.
  public var summary: LogSummary? { lock.withLock { _ in state.summary } }

  /// The generation of the sources that was met last; nil where there are not several.
  public var newestGeneration: String? { lock.withLock { _ in state.newestGeneration } }

  /// All sources have ended, or nothing more is wanted: puts out the rest and says how it ended.
  public func finish() throws -> Ending { try lock.withLock { _ in try state.finish() } }
}
