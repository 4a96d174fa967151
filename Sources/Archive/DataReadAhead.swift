internal import Dispatch
internal import Glibc

/// Decompresses an entry's data in a thread of its own, ahead of those who take it.
///
/// Several threads may take at once; each piece goes to one of them and holds whole rows then. Memory
/// is that of a few pieces of a megabyte, or that of the longest row.
public final class DataReadAhead: Sendable {
  private static let pieceSize = 1 << 20
  /// More than a reader gives at once.
  private static let leastRoom = 256 << 10

  private struct State {
    var free: [ReadPiece]
    var ready: [ReadPiece] = []
    var bytesRead: Int64 = 0
    var summary: DataFileSummary?
    var failure: (any Error)?
    var isCancelled = false
  }

  private let monitor: Monitor<State>

  /// Begins to read.
  ///
  /// - Parameter takers: how many threads take; with more than one, pieces end where rows do.
  public init(_ reader: DataFileReader, takers: Int = 1) {
    monitor = Monitor(State(free: (0..<takers + 2).map { _ in ReadPiece(DataReadAhead.pieceSize) }))
    DispatchQueue(label: "omcops.archive.reader").async { @Sendable [self] in
      read(reader, cutsAtRows: takers > 1)
    }
  }

  /// Gives the next piece to `body`, or returns false at the end; the buffer is valid only inside.
  /// Waits for the reader; throws what it met.
  public func next(_ body: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    let piece = try monitor.wait { state -> ReadPiece?? in
      if !state.ready.isEmpty { return .some(state.ready.removeFirst()) }
      if let failure = state.failure { throw failure }
      return state.summary == nil ? nil : .some(nil)
    }
    guard let piece else { return false }
    defer {
      monitor.change { state in
        piece.count = 0
        state.free.append(piece)
      }
    }
    try body(piece.bytes)
    return true
  }

  /// Ends the reading early; what has been read is given up.
  public func cancel() {
    monitor.change { state in
      state.isCancelled = true
      state.failure = state.failure ?? CancellationError()
      state.ready = []
    }
  }

  /// How many bytes have been read so far, as they are on disk.
  public var bytesRead: Int64 { monitor.change { $0.bytesRead } }

  /// What has been read, once the end was reached; nil before.
  public var summary: DataFileSummary? { monitor.change { $0.summary } }

  // MARK: The reader's thread

  private func read(_ reader: DataFileReader, cutsAtRows: Bool) {
    do {
      guard var piece = take() else { return }
      while try reader.next({ piece.append($0) }) {
        monitor.change { $0.bytesRead = reader.bytesRead }
        guard piece.room < DataReadAhead.leastRoom else { continue }
        let end = cutsAtRows ? piece.lastRowEnd : piece.count
        if end == 0 {
          piece.grow()
          continue
        }
        guard let next = take() else { return }
        next.append(UnsafeRawBufferPointer(rebasing: piece.bytes[end...]))
        piece.count = end
        give(piece)
        piece = next
      }
      if piece.count > 0 { give(piece) }
      monitor.change { state in
        state.bytesRead = reader.bytesRead
        state.summary = reader.summary
      }
    } catch {
      monitor.change { $0.failure = $0.failure ?? error }
    }
  }

  private func take() -> ReadPiece? {
    monitor.wait { state -> ReadPiece?? in
      if state.isCancelled { return .some(nil) }
      return state.free.popLast().map { .some($0) }
    }
  }

  private func give(_ piece: ReadPiece) { monitor.change { $0.ready.append(piece) } }
}

/// Bytes on their way from a file to a connection.
private final class ReadPiece: @unchecked Sendable {
  // Sendable: one thread has it at a time; it changes hands under the monitor.
  private var space: UnsafeMutableRawBufferPointer
  var count = 0

  init(_ size: Int) { space = .allocate(byteCount: size, alignment: 64) }

  deinit { space.deallocate() }

  var room: Int { space.count - count }
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: space.prefix(count)) }

  /// The place behind the last newline; 0 where there is none.
  var lastRowEnd: Int {
    var end = count
    while end > 0, space[end - 1] != UInt8(ascii: "\n") { end -= 1 }
    return end
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    while room < bytes.count { grow() }
    UnsafeMutableRawBufferPointer(rebasing: space[count...]).copyMemory(from: bytes)
    count += bytes.count
  }

  func grow() {
    let larger = UnsafeMutableRawBufferPointer.allocate(
      byteCount: space.count * 2, alignment: 64)
    larger.copyMemory(from: bytes)
    space.deallocate()
    space = larger
  }
}
