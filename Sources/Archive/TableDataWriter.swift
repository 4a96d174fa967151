public import Digest
public import SystemPackage

/// What became of one table's data.
public struct TableDataSummary: Hashable, Sendable {
  /// Its file, or its block.
  public var file: DataFileSummary
  /// Of what was written to the file; nil of a block.
  public var checksum: Checksum?
  /// How many rows it has.
  public var rows: Int64
  /// Their hash.
  public var content: ContentHash
}

/// Where one table's compressed pieces go: a file of its own, or a block of a custom archive.
protocol PieceOutput: AnyObject {
  /// Whether pieces can be written now; while they cannot, they are kept. Asked and changed under the
  /// pipeline's monitor.
  var isDue: Bool { get }
  /// Of what has been written, where that is kept.
  var checksum: Checksum? { get }
  /// Writes a piece behind the others.
  func write(_ piece: CompressedPiece) throws
  /// Ends the data and makes it durable.
  func finish(rawBytes: Int64) throws -> DataFileSummary
  /// Says that the data is whole, under the monitor; gives the data that can be written now.
  func pass() -> TableDataWriter?
}

/// One table's data on its way into an archive: the pieces of any number of streams, in any order,
/// and at last the mark that ends the rows.
public final class TableDataWriter: @unchecked Sendable {
  // Sendable: everything that changes is touched only under the pipeline's monitor, and the output
  // only by the thread that has set `isBusy` there.
  let pipeline: RowPipeline
  private let output: any PieceOutput
  /// Pieces that were handed in and are not written or kept yet.
  var unwritten = 0
  /// Whether a thread writes, or a stream is within a row that must not be torn.
  private var isBusy = false
  /// Compressed pieces that have to wait for the data before this one.
  private var kept: [KeptPiece] = []
  private var keptBytes = 0
  private var rawBytes: Int64 = 0
  private var rows = RowTally()
  private var isComplete = false
  private var whole: TableDataSummary?

  /// How much is kept of data that is not due, before the streams that bring it have to wait.
  private static let mostKept = 16 << 20

  private struct KeptPiece {
    var bytes: [UInt8]
    var rawCount: Int
    var checksum: UInt32
    var rows: RowTally
  }

  init(_ pipeline: RowPipeline, output: any PieceOutput) {
    self.pipeline = pipeline
    self.output = output
  }

  /// Creates a data file in a folder, its name lengthened by what tells the compression; it must not
  /// exist.
  public convenience init(
    creating name: String, in folder: FilePath, through pipeline: RowPipeline
  ) throws {
    self.init(pipeline, output: try DataFileOutput(name, in: folder, pipeline.compression))
  }

  /// Says that every stream has been finished: the data ends as soon as everything that was handed in
  /// is written.
  public func complete() {
    pipeline.monitor.change { _ in isComplete = true }
    settle()
  }

  /// Waits until the data is on the disk.
  public func summary() async throws -> TableDataSummary {
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (waiting: RowPipeline.Waiting) in
        let result = pipeline.monitor.change { state -> Result<TableDataSummary, any Error>? in
          if let whole { return .success(whole) }
          if let failure = state.failure { return .failure(failure) }
          state.waiting[ObjectIdentifier(self)] = waiting
          return nil
        }
        if let result { waiting.resume(with: result) }
      }
    } onCancel: {
      pipeline.fail(CancellationError())
    }
  }

  // MARK: For streams

  func takePiece() throws -> Piece {
    try pipeline.take { output.isDue || keptBytes < TableDataWriter.mostKept }
  }

  /// Keeps all others from writing until `release`.
  func hold() throws {
    try pipeline.monitor.wait { state -> Void? in
      if let failure = state.failure { throw failure }
      guard output.isDue, !isBusy else { return nil }
      isBusy = true
      return ()
    }
    try writeKept()
  }

  func release() { pipeline.monitor.change { _ in isBusy = false } }

  /// Writes while nobody else may.
  func writeHeld(_ piece: CompressedPiece) throws {
    rawBytes += Int64(piece.rawCount)
    rows.add(piece.rows)
    try output.write(piece)
  }

  // MARK: For the pipeline's threads

  /// Writes a piece, or keeps it where its turn has not come.
  func write(_ piece: CompressedPiece) throws {
    let isDue = try pipeline.monitor.wait { state -> Bool? in
      if let failure = state.failure { throw failure }
      if !output.isDue {
        keep(piece)
        return false
      }
      if isBusy { return nil }
      isBusy = true
      return true
    }
    guard isDue else { return }
    defer { release() }
    try writeKept()
    try writeHeld(piece)
  }

  private func keep(_ piece: CompressedPiece) {
    kept.append(
      KeptPiece(
        bytes: Array(piece.bytes), rawCount: piece.rawCount, checksum: piece.checksum,
        rows: piece.rows))
    keptBytes += piece.bytes.count
  }

  private func writeKept() throws {
    let pieces = pipeline.monitor.change { _ in
      defer { (kept, keptBytes) = ([], 0) }
      return kept
    }
    for piece in pieces {
      try piece.bytes.withUnsafeBytes {
        try writeHeld(
          CompressedPiece(
            bytes: $0, rawCount: piece.rawCount, checksum: piece.checksum, rows: piece.rows))
      }
    }
  }

  /// Ends the data where that is wanted and nothing of it is missing any more.
  ///
  /// - Parameter isWritten: whether a piece that was handed in has just been written or kept.
  func settle(wrote isWritten: Bool = false) {
    let isReady = pipeline.monitor.change { state in
      if isWritten { unwritten -= 1 }
      guard state.failure == nil, isComplete, unwritten == 0, !isBusy, output.isDue else {
        return false
      }
      // For good: nothing is written to it any more.
      isBusy = true
      return true
    }
    if isReady { pipeline.endings.async { @Sendable in self.end() } }
  }

  private func end() {
    do {
      try writeKept()
      try DataFileWriter.endOfRows.withUnsafeBytes { mark in
        try pipeline.makeCompressor().compress(mark) { try writeHeld($0) }
      }
      let summary = TableDataSummary(
        file: try output.finish(rawBytes: rawBytes), checksum: output.checksum, rows: rows.count,
        content: rows.content)
      let (next, waiting) = pipeline.monitor.change { state in
        whole = summary
        return (output.pass(), state.waiting.removeValue(forKey: ObjectIdentifier(self)))
      }
      next?.settle()
      waiting?.resume(returning: summary)
    } catch {
      pipeline.fail(error)
    }
  }
}

/// A table's own file.
private final class DataFileOutput: PieceOutput {
  private var file: OutputFile

  init(_ name: String, in folder: FilePath, _ compression: Compression) throws {
    file = try OutputFile(
      creating: DataFileName.checked(name) + compression.algorithm.suffix, in: folder)
  }

  var isDue: Bool { true }
  var checksum: Checksum? { file.checksum }
  func write(_ piece: CompressedPiece) throws { try file.write(piece.bytes) }
  func finish(rawBytes: Int64) throws -> DataFileSummary { try file.finish(rawBytes: rawBytes) }
  func pass() -> TableDataWriter? { nil }
}
