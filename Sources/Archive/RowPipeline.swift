internal import Digest
internal import Dispatch
internal import Glibc

/// Compresses rows on every core, while those who bring them go on.
///
/// A `RowStream` fills pieces of a megabyte and hands them in; threads of the pipeline compress them
/// and write them into the data that they belong to. Pieces end at the end of a row, so that those of
/// several streams may come in any order. The pieces are used again and again: their number is the
/// memory that the pipeline takes, and a stream that is faster than the compressors waits for one.
public final class RowPipeline: Sendable {
  /// The size of a piece: small enough to be compressed within the caches, large enough for the
  /// window of every compression.
  static let pieceSize = 1 << 20

  struct Job {
    let piece: Piece
    let data: TableDataWriter
  }

  /// Who waits for data to be whole.
  typealias Waiting = CheckedContinuation<TableDataSummary, any Error>

  struct State {
    var free: [Piece] = []
    var unmade: Int
    var jobs: [Job] = []
    var waiting: [ObjectIdentifier: Waiting] = [:]
    /// Why everything ends early.
    var failure: (any Error)?
    var isClosed = false
  }

  let compression: Compression
  /// Whether the data goes into blocks of a custom archive.
  let isBlock: Bool
  /// Everything that changes, in the pipeline and in the data that is being written.
  let monitor: Monitor<State>
  /// Ends tables' data, one after the other, where waiting for the disk holds up nobody.
  let endings = DispatchQueue(label: "omcops.archive.endings")

  /// Starts the threads, as many as there are cores.
  ///
  /// - Parameter streams: how many streams there will be at once.
  public convenience init(_ compression: Compression, streams: Int) {
    self.init(compression, streams: streams, isBlock: false)
  }

  init(_ compression: Compression, streams: Int, isBlock: Bool) {
    self.compression = compression
    self.isBlock = isBlock
    let threads = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    monitor = Monitor(State(unmade: streams + 2 * threads))
    for _ in 0..<threads {
      DispatchQueue(label: "omcops.archive.compressor").async { @Sendable in self.compress() }
    }
  }

  /// Ends the threads. Data that is not finished stays as it is.
  public func close() { monitor.change { $0.isClosed = true } }

  /// Ends everything early: all who wait for anything get the error, as do those who come later.
  public func fail(_ error: any Error) {
    let waiting = monitor.change { state in
      state.failure = state.failure ?? error
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for continuation in waiting { continuation.resume(throwing: error) }
  }

  /// A piece to fill, as soon as there is one and `isAllowed` says so.
  func take(when isAllowed: () -> Bool) throws -> Piece {
    try monitor.wait { state in
      if let failure = state.failure { throw failure }
      guard isAllowed() else { return nil }
      if let piece = state.free.popLast() { return piece }
      guard state.unmade > 0 else { return nil }
      state.unmade -= 1
      return Piece()
    }
  }

  /// Takes over a piece of whole rows.
  func submit(_ piece: Piece, to data: TableDataWriter) {
    monitor.change { state in
      data.unwritten += 1
      state.jobs.append(Job(piece: piece, data: data))
    }
  }

  /// Takes a piece back that was not handed in.
  func recycle(_ piece: Piece) {
    monitor.change { state in
      piece.count = 0
      state.free.append(piece)
    }
  }

  /// What compresses pieces outside the threads.
  func makeCompressor() -> PipelineCompressor {
    PipelineCompressor(compression, limit: RowPipeline.pieceSize, isBlock: isBlock)
  }

  private func compress() {
    let compressor = makeCompressor()
    while let job = nextJob() {
      do {
        try compressor.compressRows(job.piece.bytes) { try job.data.write($0) }
      } catch {
        fail(error)
      }
      recycle(job.piece)
      job.data.settle(wrote: true)
    }
  }

  private func nextJob() -> Job? {
    monitor.wait { state -> Job?? in
      if state.isClosed || state.failure != nil { return .some(nil) }
      return state.jobs.isEmpty ? nil : .some(state.jobs.removeFirst())
    }
  }
}

/// Rows on their way from a connection into an archive.
final class Piece: @unchecked Sendable {
  // Sendable: one thread has it at a time; it changes hands under the pipeline's monitor.
  let space = UnsafeMutableRawBufferPointer.allocate(
    byteCount: RowPipeline.pieceSize, alignment: 64)
  var count = 0

  deinit { space.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: space.prefix(count)) }
}

/// What became of a piece.
struct CompressedPiece {
  /// As it is written; the compressor's.
  var bytes: UnsafeRawBufferPointer
  var rawCount: Int
  /// Of the raw bytes, where they are part of a zlib stream.
  var checksum: UInt32
  var rows = RowTally()
}

/// How many rows there are, and their hash.
struct RowTally: Sendable {
  var count: Int64 = 0
  var content = ContentHash()

  init() {}

  init(_ counter: CopyRowCounter) {
    count = counter.rows
    content = counter.content
  }

  mutating func add(_ other: RowTally) {
    count += other.count
    content.combine(other.content)
  }
}

/// One thread's compressor.
final class PipelineCompressor {
  private let compressor: (any PieceCompressor)?
  private let needsChecksum: Bool

  init(_ compression: Compression, limit: Int, isBlock: Bool) {
    compressor = compression.compressor(limit: limit, isBlock: isBlock)
    needsChecksum = isBlock && compression.algorithm == .gzip
  }

  /// Hands over what became of a piece of whole rows.
  func compressRows(
    _ piece: UnsafeRawBufferPointer, _ body: (CompressedPiece) throws -> Void
  ) rethrows {
    var counter = CopyRowCounter()
    counter.add(piece)
    try compress(piece, RowTally(counter), body)
  }

  /// Hands over what became of a piece, which has so many rows.
  func compress(
    _ piece: UnsafeRawBufferPointer, _ rows: RowTally = RowTally(),
    _ body: (CompressedPiece) throws -> Void
  ) rethrows {
    try body(
      CompressedPiece(
        bytes: compressor?.compressed(piece) ?? piece, rawCount: piece.count,
        checksum: needsChecksum ? ZlibStream.checksum(of: piece) : 1, rows: rows))
  }
}
