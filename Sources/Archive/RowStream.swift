/// The rows of one `COPY` on their way into a table's data. One thread at a time uses it.
public final class RowStream: @unchecked Sendable {
  // Sendable: it moves from the task that makes it to the connection's thread and back; the calls of
  // one COPY never overlap.
  private let data: TableDataWriter
  private var piece: Piece?
  /// Set within a row that is larger than a piece: it goes by itself, and nothing else may come
  /// between its parts.
  private var longRow: LongRow?

  private final class LongRow {
    let compressor: PipelineCompressor
    var counter = CopyRowCounter()

    init(_ compressor: PipelineCompressor) { self.compressor = compressor }
  }

  /// Begins a stream; a table may have several at once.
  public init(into data: TableDataWriter) { self.data = data }

  /// Takes over what the space that was given last was filled with, and gives the next.
  ///
  /// - Parameters:
  ///   - filled: how many bytes came into that space; all of it, or 0 before the first.
  ///   - wholeRows: how many of them belong to rows that have ended; the rest is the start of one.
  /// - Throws: why the writing ends early.
  public func exchange(filled: Int, wholeRows: Int) throws -> UnsafeMutableRawBufferPointer {
    guard let piece else { return try begin(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let rowsEnd = wholeRows == 0 ? 0 : piece.count + wholeRows
    piece.count += filled
    if rowsEnd == 0 || longRow != nil { return try continueLongRow(piece, rowsEnd) }
    let rest = UnsafeRawBufferPointer(rebasing: piece.bytes[rowsEnd...])
    let space = try begin(rest)
    piece.count = rowsEnd
    data.pipeline.submit(piece, to: data)
    return space
  }

  /// Writes what there is of a row that is larger than a piece, and whole rows that came behind it.
  private func continueLongRow(
    _ piece: Piece, _ rowsEnd: Int
  ) throws -> UnsafeMutableRawBufferPointer {
    let row = longRow ?? LongRow(data.pipeline.makeCompressor())
    if longRow == nil { try data.hold() }
    longRow = row
    let end = rowsEnd == 0 ? piece.count : rowsEnd
    try write(UnsafeRawBufferPointer(rebasing: piece.bytes[..<end]), of: row, isLast: rowsEnd > 0)
    let rest = UnsafeRawBufferPointer(rebasing: piece.bytes[end...])
    // They may overlap, which copyMemory allows.
    piece.space.copyMemory(from: rest)
    piece.count = rest.count
    return UnsafeMutableRawBufferPointer(rebasing: piece.space[piece.count...])
  }

  /// Takes over the rest. Without it what was not handed over is lost, as after an error it shall.
  ///
  /// - Parameter filled: how many bytes came into the space that was given last.
  public func finish(filled: Int) throws {
    guard let piece else { return }
    self.piece = nil
    piece.count += filled
    if let longRow {
      try write(piece.bytes, of: longRow, isLast: true)
      data.pipeline.recycle(piece)
    } else if piece.count > 0 {
      data.pipeline.submit(piece, to: data)
    } else {
      data.pipeline.recycle(piece)
    }
  }

  /// Takes the next piece, which begins with what the last one has of a row.
  private func begin(_ rest: UnsafeRawBufferPointer) throws -> UnsafeMutableRawBufferPointer {
    let next = try data.takePiece()
    next.space.copyMemory(from: rest)
    next.count = rest.count
    piece = next
    return UnsafeMutableRawBufferPointer(rebasing: next.space[next.count...])
  }

  private func write(
    _ bytes: UnsafeRawBufferPointer, of row: LongRow, isLast: Bool
  ) throws {
    row.counter.add(bytes)
    let rows = isLast ? RowTally(row.counter) : RowTally()
    try row.compressor.compress(bytes, rows) { try data.writeHeld($0) }
    guard isLast else { return }
    longRow = nil
    data.release()
  }
}
