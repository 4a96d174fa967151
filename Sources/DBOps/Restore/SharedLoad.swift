internal import Archive
internal import Synchronization

/// The rows of one table on their way into the database over several connections, as soon as these have
/// nothing else to do.
///
/// They cannot share a transaction, so that nothing is frozen and WAL is written whatever its level;
/// and they are a little in each other's way. That pays only for a table that the others would have to
/// wait for.
final class SharedLoad: Sendable {
  let table: TableData
  private let ahead: DataReadAhead
  private let position = ReadingPosition()
  private let rows = Mutex<Int64>(0)
  private let takers = Mutex(0)

  /// - Parameter sessions: how many may take part.
  init(_ table: TableData, sessions: Int) throws {
    self.table = table
    ahead = DataReadAhead(try DataFileReader(opening: table.location), takers: sessions)
  }

  /// Whether there are rows that nobody has taken yet.
  var hasMore: Bool { ahead.summary == nil }

  /// Loads rows until there are no more; says whether nobody else is still at it. Somebody who begins
  /// later finds no rows, and is told the same.
  func takePart(_ session: RestoreSession, meter: ProgressMeter) async throws -> Bool {
    takers.withLock { $0 += 1 }
    do {
      let count = try await session.copy(
        table.copyStatement(frozen: false), from: ahead, position, meter)
      rows.withLock { $0 += count }
      return takers.withLock { takers in
        takers -= 1
        return takers == 0
      }
    } catch {
      // The others must not wait for pieces that this one has.
      ahead.cancel()
      throw RestoreSession.explained(error, loading: table)
    }
  }

  /// Compares all that was loaded with the manifest, when nobody takes part any more.
  func finish() throws {
    try table.checkCount(rows.withLock { $0 })
    try table.checkDigest(ahead.summary)
  }
}
