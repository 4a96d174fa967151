internal import Archive
internal import Glibc
internal import SystemPackage

/// The file of a container's log while one of its instances is written to it.
///
/// What a killed run wrote behind its last checkpoint may be there. It stays until the server gives
/// its lines again, and only then it is cut off, so that nothing is lost that the server has no longer.
final class LogFile {
  /// Checkpoints come no oftener, and take at most a fiftieth of the time.
  private static let interval = Duration.seconds(2)
  private static let batch = 16 << 10

  private let place: LogFolder.Place
  private let folder: LogFolder
  private var descriptor: FileDescriptor
  private var output: BatchWriter
  private var state: FileState
  /// Where the next write goes.
  private var length: Int64
  /// What went wrong: nothing more is written.
  private var failure: (any Error)?
  private var nextCheckpoint = ContinuousClock.now
  /// Whether bytes of a killed run stand behind the last checkpoint.
  private(set) var hasLeftover = false
  /// Whether lines have come since the last checkpoint.
  var isDirty = false
  /// Whether the next border between two records is to be a checkpoint. The first one is, so that
  /// there is something to go on from.
  private(set) var isDue = true

  /// Opens the file for an instance.
  ///
  /// - Parameter lose: told of what an earlier run did not come to read.
  init(
    _ place: LogFolder.Place, of identity: ContainerState.Identity, in folder: LogFolder,
    lose: (String) -> Void
  ) throws {
    self.place = place
    self.folder = folder
    try LogFolder.make(place.log.removingLastComponent())
    try LogFolder.make(place.state.removingLastComponent())
    folder.oldFiles.adopt(of: place.log)
    let saved = try FileState(reading: place.state)
    let file = try LogFile.open(place.log)
    descriptor = file
    output = BatchWriter(
      descriptor: file.rawValue, file: place.log.string, batch: LogFile.batch)
    length = try LogFile.attempt(place.log) { try file.seek(offset: 0, from: .end) }
    if let saved, saved.identity == identity {
      state = saved
      state.hasEnded = false
      if length == 0 { state.length = 0 }
      if length < state.length {
        lose("\(state.length - length) bytes that were written to it are not there")
        state.length = length
      }
      hasLeftover = length > state.length
      if saved.hasEnded { try state.write(to: place.state) }
    } else {
      if let saved, !saved.hasEnded {
        lose("what the instance before wrote last could not be read any more")
      }
      let begun = length > 0 ? saved?.begun : nil
      state = FileState(
        identity: identity, length: length, begun: begun ?? LogTime.now().seconds)
      try endLine()
      try state.write(to: place.state)
    }
  }

  deinit { try? descriptor.close() }

  private static func open(_ path: FilePath) throws -> FileDescriptor {
    try attempt(path) {
      try FileDescriptor.open(
        path, .readWrite, options: [.create, .closeOnExec, .noFollow],
        permissions: .ownerReadWrite)
    }
  }

  private static func attempt<Result>(_ path: FilePath, _ body: () throws -> Result) throws
    -> Result
  {
    do { return try body() } catch let error as Errno {
      throw OutputLost(file: path.string, reason: "\(error)")
    }
  }

  /// A killed run may have left half a line, of an instance that nobody can read again.
  private func endLine() throws {
    guard length > 0 else { return }
    var last: UInt8 = 0x0A
    _ = pread(descriptor.rawValue, &last, 1, off_t(length - 1))
    guard last != 0x0A else { return }
    output.buffer.append(0x0A)
    try flush()
    state.length = length
  }

  /// Where the instance's log was left.
  var point: ResumePoint { state.point }

  var buffer: ByteBuffer { output.buffer }

  /// A record was added to the buffer, behind `start`.
  @inline(__always)
  func wrote(from start: Int) throws {
    if hasLeftover { try settle(by: buffer.bytes.part(start..<buffer.count)) }
    if buffer.count >= LogFile.batch { try flush() }
    if length + Int64(buffer.count) >= folder.rotation.size.bytes { isDue = true }
  }

  /// Writes what is there.
  func flush() throws {
    if let failure { throw failure }
    guard !buffer.isEmpty else { return }
    let count = buffer.count
    do { try output.flush() } catch {
      failure = error
      throw error
    }
    length += Int64(count)
  }

  /// The server gives everything behind the checkpoint again.
  func dropLeftover() throws { try cut(to: state.length) }

  /// The server may not give all of it again: what stands before the first record that it gives is
  /// kept, and all if that record is not there.
  private func settle(by record: Bytes) throws {
    var place = length
    let count = Int(length - state.length)
    let pageStart = state.length & ~4095
    let extra = Int(state.length - pageStart)
    let map = mmap(
      nil, count + extra, PROT_READ, MAP_PRIVATE, descriptor.rawValue, off_t(pageStart))
    if let map, map != MAP_FAILED {
      let leftover = Bytes(start: map + extra, count: count)
      if let found = LogFile.start(
        of: record, in: leftover, fromStart: state.point.newest == nil)
      {
        place = state.length + Int64(found)
      } else if let newline = leftover.lastIndex(of: 0x0A) {
        place = state.length + Int64(newline) + 1
      } else {
        place = state.length
      }
      munmap(map, count + extra)
    }
    try cut(to: place)
  }

  /// Where a record stands among others: the last such place, since what stands behind it is cut.
  static func start(of record: Bytes, in leftover: Bytes, fromStart: Bool) -> Int? {
    guard let wanted = record.baseAddress, let base = leftover.baseAddress, record.count > 0,
      record.count <= leftover.count
    else { return nil }
    func isAt(_ place: Int) -> Bool { memcmp(base + place, wanted, record.count) == 0 }
    if fromStart { return isAt(0) ? 0 : nil }
    var place = leftover.count - record.count
    while place >= 0 {
      if place == 0 || leftover[place - 1] == 0x0A, isAt(place) { return place }
      place -= 1
    }
    return nil
  }

  private func cut(to end: Int64) throws {
    try LogFile.attempt(place.log) {
      guard ftruncate(descriptor.rawValue, off_t(end)) == 0 else { throw Errno(rawValue: errno) }
      length = try descriptor.seek(offset: end, from: .start)
    }
    hasLeftover = false
  }

  /// Time has gone by. Says whether a checkpoint is wanted where it can be made at once; else it is
  /// made at the next border.
  func tick(_ now: ContinuousClock.Instant) -> Bool {
    guard isDirty && now >= nextCheckpoint || isTooOld else { return false }
    isDue = true
    return true
  }

  private var isTooOld: Bool {
    length > 0 && LogTime.now().seconds - state.begun >= folder.rotation.every.components.seconds
  }

  /// Between two records: everything that the point has taken is in the file or its buffer.
  func checkpoint(_ point: ResumePoint, hasEnded: Bool = false) throws {
    isDue = false
    guard !hasLeftover, failure == nil else { return }
    let start = ContinuousClock.now
    try flush()
    state.point = point
    state.length = length
    state.hasEnded = hasEnded
    try state.write(to: place.state)
    isDirty = false
    nextCheckpoint = .now + max(LogFile.interval, start.duration(to: .now) * 50)
    if length > 0, length >= folder.rotation.size.bytes || isTooOld { try rotate() }
  }

  /// The file gets another name and a new one is begun. A run that is killed between the two finds no
  /// file, and begins it.
  private func rotate() throws {
    try LogFile.attempt(place.log) {
      while fdatasync(descriptor.rawValue) != 0 {
        guard errno == EINTR else { throw Errno(rawValue: errno) }
      }
    }
    try folder.oldFiles.close(place.log)
    try? descriptor.close()
    descriptor = try LogFile.open(place.log)
    output = BatchWriter(
      descriptor: descriptor.rawValue, file: place.log.string, batch: LogFile.batch)
    length = 0
    state.length = 0
    state.begun = LogTime.now().seconds
    try state.write(to: place.state)
  }
}
