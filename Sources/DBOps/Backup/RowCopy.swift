internal import Archive
internal import Digest
internal import Postgres
internal import Synchronization
internal import SystemPackage

/// A table whose rows are on the disk.
struct CopiedTable: Sendable {
  var source: RowSource
  /// The server's own count.
  var rows: Int64
  var content: ContentHash
  var file: DataFileSummary
  var newestKey: Manifest.NewestKey?
}

/// Copies the rows of all tables of one snapshot into files, several tables at a time, the largest
/// first.
struct RowCopy: Sendable {
  let source: ConnectionSettings
  let snapshot: String
  let folder: FilePath
  let compression: Compression
  let jobs: Int
  let progress: ProgressHandler?

  /// What a worker is told to do: an entry's number and where its rows come from.
  private struct Task: Sendable {
    var fileName: String
    var source: RowSource
  }

  /// Copies everything; the first failure ends all workers and is thrown.
  func run(_ contents: ArchiveContents) async throws -> [CopiedTable] {
    let tasks = contents.rows
      .map { Task(fileName: contents.entries[$0.entry].fileName, source: $0.source) }
      .sorted { $0.source.bytes > $1.source.bytes }
    let meter = ProgressMeter(
      phase: "copying", bytesTotal: tasks.reduce(0) { $0 + $1.source.bytes },
      itemsTotal: tasks.count, handler: progress)
    let queue = WorkQueue(tasks)
    return try await withThrowingTaskGroup(of: [CopiedTable].self) { group in
      for _ in 0..<min(max(1, jobs), tasks.count) {
        group.addTask { try await work(queue, meter) }
      }
      var copied: [CopiedTable] = []
      for try await tables in group { copied += tables }
      return copied
    }
  }

  private func work(
    _ queue: WorkQueue<Task>, _ meter: ProgressMeter
  ) async throws -> [CopiedTable] {
    let connection = try await Connection.open(source, applicationName: Backup.applicationName)
    do {
      let session = try await CatalogSession.follow(connection, snapshot: snapshot)
      var copied: [CopiedTable] = []
      while let task = queue.next() {
        meter.begin(task.source.table.sql)
        copied.append(try await copy(task, session, meter))
        meter.finishItem()
      }
      await connection.close()
      return copied
    } catch {
      await connection.close()
      throw error
    }
  }

  private func copy(
    _ task: Task, _ session: CatalogSession, _ meter: ProgressMeter
  ) async throws -> CopiedTable {
    let source = task.source
    let connection = session.connection
    try await lock(source, connection)
    let writer = try DataFileWriter(creating: task.fileName, in: folder, compression)
    let tally = ByteTally(estimate: source.bytes, meter: meter)
    let content = Mutex(ContentHash())
    let rows = try await connection.copyOut(source.copyOut) { row in
      try writer.append(row)
      content.withLock { $0.add(row) }
      tally.add(Int64(row.count))
    }
    try writer.append(DataFileWriter.endOfRows)
    tally.finish()
    let newest = try await newestKey(source, connection)
    return CopiedTable(
      source: source, rows: rows, content: content.withLock { $0 }, file: try writer.finish(),
      newestKey: newest)
  }

  /// The leader has a lock already. Without NOWAIT a session that waits for the table between the
  /// leader and this one would have the two wait for each other for ever.
  private func lock(_ source: RowSource, _ connection: Connection) async throws {
    do {
      try await connection.execute(
        "LOCK TABLE ONLY \(source.table.sql) IN ACCESS SHARE MODE NOWAIT")
    } catch let error as PostgresError where error.sqlState == "55P03" {
      throw DBError(
        .failed, "cannot read \(source.table): another session waits to lock it exclusively",
        hint: "wait until the migration or maintenance that wants it is done, then try again")
    }
  }

  private func newestKey(
    _ source: RowSource, _ connection: Connection
  ) async throws -> Manifest.NewestKey? {
    guard let column = source.keyColumn else { return nil }
    let name = quoteIdentifier(column)
    let result = try await connection.query(
      "SELECT \(name)::text FROM ONLY \(source.table.sql) ORDER BY \(name) DESC LIMIT 1")
    guard let value = result.rows.first?[0] else { return nil }
    return Manifest.NewestKey(column: name, value: value)
  }
}

/// Work that several tasks take from, in order.
private final class WorkQueue<Item: Sendable>: Sendable {
  private let items: [Item]
  private let place = Mutex(0)

  init(_ items: [Item]) { self.items = items }

  func next() -> Item? {
    place.withLock { place in
      guard place < items.count else { return nil }
      place += 1
      return items[place - 1]
    }
  }
}

/// Tells a meter about a table's rows a megabyte at a time. What a table takes on the server's
/// disk stands for its work: how long its text is nobody knows before.
private final class ByteTally: Sendable {
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
