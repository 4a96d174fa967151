internal import Archive
internal import Digest
internal import Postgres
internal import Synchronization

/// A table whose rows are on the disk.
struct CopiedTable: Sendable {
  var source: RowSource
  /// The server's own count.
  var rows: Int64
  var content: ContentHash
  var file: DataFileSummary
  /// Of what was written to the file; nil of a block of a custom archive.
  var checksum: Checksum?
  var newestKey: Manifest.NewestKey?
  var uncompressed: [String] = []
}

/// One table's rows while they are copied, by one connection or by several.
final class TableCopy: Sendable {
  let source: RowSource
  /// The statements that together read every row once.
  let statements: [String]
  let tally: ByteTally
  private let makeWriter: @Sendable () throws -> TableDataWriter
  private let state: Mutex<State>

  private struct State {
    var writer: TableDataWriter?
    var left: Int
    var rows: Int64 = 0
  }

  init(
    _ source: RowSource, ranges: [BlockRange], meter: ProgressMeter,
    makeWriter: @escaping @Sendable () throws -> TableDataWriter
  ) {
    self.source = source
    statements = ranges.isEmpty ? [source.copyOut] : ranges.map { source.copyOut(of: $0) }
    tally = ByteTally(estimate: source.bytes, meter: meter)
    self.makeWriter = makeWriter
    state = Mutex(State(left: statements.count))
  }

  /// Where the rows go; made when the first connection asks.
  func writer() throws -> TableDataWriter {
    try state.withLock { state in
      if let writer = state.writer { return writer }
      let writer = try makeWriter()
      state.writer = writer
      return writer
    }
  }

  /// Counts the rows that a statement gave, all of which have been handed over; says whether it was the
  /// last.
  func end(rows: Int64) -> Bool {
    let complete = state.withLock { state -> TableDataWriter? in
      state.rows += rows
      state.left -= 1
      return state.left == 0 ? state.writer : nil
    }
    complete?.complete()
    return complete != nil
  }

  /// Waits until everything is on the disk.
  func finish(
    newestKey: Manifest.NewestKey?, uncompressed: [String]
  ) async throws -> CopiedTable {
    let written = try await writer().summary()
    let rows = state.withLock { $0.rows }
    guard written.rows == rows else {
      throw DBError(
        .failed, "\(source.table): \(written.rows) rows came; the server says \(rows)")
    }
    tally.finish()
    return CopiedTable(
      source: source, rows: rows, content: written.content, file: written.file,
      checksum: written.checksum, newestKey: newestKey, uncompressed: uncompressed)
  }
}

/// Tells a meter about a table's rows a megabyte at a time. What a table takes on the server's
/// disk stands for its work: how long its text is nobody knows before.
final class ByteTally: Sendable {
  private static let step: Int64 = 1 << 20
  private let estimate: Int64
  private let meter: ProgressMeter
  private let state = Mutex((seen: Int64(0), told: Int64(0)))

  init(estimate: Int64, meter: ProgressMeter) {
    self.estimate = estimate
    self.meter = meter
  }

  func add(_ bytes: Int64) {
    let news = state.withLock { state -> Int64 in
      state.seen += bytes
      let due = min(state.seen, estimate) - state.told
      guard due >= ByteTally.step else { return 0 }
      state.told += due
      return due
    }
    if news > 0 { meter.add(bytes: news) }
  }

  func finish() {
    meter.add(bytes: estimate - state.withLock { $0.told })
  }
}
