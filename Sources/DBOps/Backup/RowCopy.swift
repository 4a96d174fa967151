internal import Archive
internal import Postgres
internal import Synchronization
internal import SystemPackage

/// Copies the rows of all tables of one snapshot into an archive over several connections. A large
/// table is read by all of them at once, each a range of its blocks.
struct RowCopy: Sendable {
  /// Where the rows go.
  enum Target: Sendable {
    /// A file of each table, the largest first of those that are read whole.
    case folder(FilePath, Compression)
    /// One file: one table after the other, in the order of the entries.
    case archive(CustomArchiveWriter)
  }

  let source: ConnectionSettings
  let snapshot: String
  let target: Target
  let jobs: Int
  /// About how many bytes of a table one statement reads, where it is read in ranges.
  let rangeBytes: Int64
  let progress: ProgressHandler?

  /// One statement of one table.
  private struct Step: Sendable {
    var table: TableCopy
    var statement: String
  }

  /// Copies everything; the first failure ends all workers and is thrown.
  func run(_ contents: ArchiveContents) async throws -> [CopiedTable] {
    let pipeline =
      switch target {
      case .folder(_, let compression): RowPipeline(compression, streams: jobs)
      case .archive(let archive): archive.pipeline
      }
    defer { pipeline.close() }
    return try await withTaskCancellationHandler {
      do {
        return try await run(contents, pipeline)
      } catch {
        pipeline.fail(error)
        throw error
      }
    } onCancel: {
      pipeline.fail(CancellationError())
    }
  }

  private func run(
    _ contents: ArchiveContents, _ pipeline: RowPipeline
  ) async throws -> [CopiedTable] {
    let first = try await open()
    let queue: WorkQueue<Step>
    let meter = ProgressMeter(
      phase: "copying", bytesTotal: contents.rows.reduce(0) { $0 + $1.source.bytes },
      itemsTotal: contents.rows.count, handler: progress)
    do {
      let ranges = try await ranges(contents.rows.map(\.source), first.connection)
      let tables = tables(contents, ranges, pipeline, meter)
      queue = WorkQueue(
        tables.flatMap { table in table.statements.map { Step(table: table, statement: $0) } })
    } catch {
      await first.connection.close()
      throw error
    }
    return try await withThrowingTaskGroup(of: [CopiedTable].self) { group in
      for number in 0..<max(1, min(jobs, queue.count)) {
        group.addTask {
          do {
            return try await work(number == 0 ? first : try await open(), queue, meter)
          } catch {
            // Whoever waits for a piece, or for the turn to write, waits in vain now.
            pipeline.fail(error)
            throw error
          }
        }
      }
      var copied: [CopiedTable] = []
      for try await tables in group { copied += tables }
      return copied
    }
  }

  private func open() async throws -> CatalogSession {
    let connection = try await Connection.open(source, applicationName: Backup.applicationName)
    do {
      return try await CatalogSession.follow(connection, snapshot: snapshot)
    } catch {
      await connection.close()
      throw error
    }
  }

  // MARK: Planning

  private func tables(
    _ contents: ArchiveContents, _ ranges: [UInt32: [BlockRange]], _ pipeline: RowPipeline,
    _ meter: ProgressMeter
  ) -> [TableCopy] {
    switch target {
    case .folder(let folder, _):
      return inOrder(contents.rows, ranges).map { row in
        let fileName = contents.entries[row.entry].fileName
        return TableCopy(row.source, ranges: ranges[row.source.oid] ?? [], meter: meter) {
          try TableDataWriter(creating: fileName, in: folder, through: pipeline)
        }
      }
    case .archive(let archive):
      return contents.rows.sorted { $0.entry < $1.entry }.map { row in
        let writer = archive.addData(of: contents.entries[row.entry])
        return TableCopy(row.source, ranges: ranges[row.source.oid] ?? [], meter: meter) { writer }
      }
    }
  }

  /// Whole tables before those that are read in ranges, which fill up what is left of the time; of each
  /// the largest first.
  private func inOrder(
    _ rows: [(entry: Int, source: RowSource)], _ ranges: [UInt32: [BlockRange]]
  ) -> [(entry: Int, source: RowSource)] {
    func place(_ source: RowSource) -> (Int, Int64) {
      (ranges[source.oid] == nil ? 0 : 1, -source.bytes)
    }
    return rows.sorted { place($0.source) < place($1.source) }
  }

  /// The ranges of tables that are worth to be read by several connections at once. Servers before 14
  /// would read the whole table for each.
  private func ranges(
    _ sources: [RowSource], _ connection: Connection
  ) async throws -> [UInt32: [BlockRange]] {
    guard jobs > 1, connection.info.serverVersion >= 140000 else { return [:] }
    let size: Int64
    let large: [RowSource]
    switch target {
    case .folder:
      let total = sources.reduce(0) { $0 + $1.bytes }
      size = rangeBytes
      large = RowSource.toCut(
        sources, jobs: jobs, least: max(2 * rangeBytes, total / Int64(4 * jobs)))
    // Here one table is worked on at a time.
    case .archive:
      size = rangeBytes / 4
      large = sources.filter { $0.rangeColumns != nil && $0.bytes > rangeBytes / 2 }
    }
    if large.isEmpty { return [:] }
    let rows = try await connection.query(
      """
      SELECT o, pg_relation_size(o::oid) / current_setting('block_size')::int8
      FROM unnest($1::int8[]) AS o
      """, [SQLValue(array: large.map { SQLValue(Int64($0.oid)) })]
    ).rows
    var blocks: [UInt32: Int64] = [:]
    for row in rows {
      blocks[UInt32(try row.decode(0, as: Int64.self))] = try row.decode(1, as: Int64.self)
    }
    var ranges: [UInt32: [BlockRange]] = [:]
    for table in large {
      ranges[table.oid] = BlockRange.cut(
        blocks: blocks[table.oid] ?? 0, into: (table.bytes + size - 1) / max(1, size), for: jobs)
    }
    return ranges
  }

  // MARK: Work

  private func work(
    _ session: CatalogSession, _ queue: WorkQueue<Step>, _ meter: ProgressMeter
  ) async throws -> [CopiedTable] {
    let connection = session.connection
    do {
      var copied: [CopiedTable] = []
      var locked: Set<UInt32> = []
      // The table before is written to its end while the next one is read.
      var unfinished: (table: TableCopy, newestKey: Manifest.NewestKey?, uncompressed: [String])?
      func finish() async throws {
        guard let (table, key, columns) = unfinished else { return }
        unfinished = nil
        copied.append(try await table.finish(newestKey: key, uncompressed: columns))
        meter.finishItem()
      }
      while let step = queue.next() {
        let source = step.table.source
        meter.begin(source.table.sql)
        if locked.insert(source.oid).inserted { try await lock(source, connection) }
        guard try await copy(step, connection) else { continue }
        let key = try await newestKey(source, connection)
        let columns = try await UncompressedColumns(connection: connection).find(in: source)
        try await finish()
        unfinished = (step.table, key, columns)
      }
      try await finish()
      await connection.close()
      return copied
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Reads what a statement gives; says whether the table's rows are complete with it.
  private func copy(_ step: Step, _ connection: Connection) async throws -> Bool {
    let table = step.table
    let stream = RowStream(into: try table.writer())
    let (rows, rest) = try await connection.copyOut(step.statement) { filled, wholeRows in
      table.tally.add(Int64(filled))
      return try stream.exchange(filled: filled, wholeRows: wholeRows)
    }
    table.tally.add(Int64(rest))
    try stream.finish(filled: rest)
    return table.end(rows: rows)
  }

  /// The leader has a lock already. Without NOWAIT a session that waits for the table between the
  /// leader and this one would have the two wait for each other for ever. Migrations that mind others
  /// give up soon: that is waited for.
  private func lock(_ source: RowSource, _ connection: Connection) async throws {
    let only = source.isPartitioned ? "" : "ONLY "
    let deadline = ContinuousClock.now + RowCopy.lockPatience
    while true {
      do {
        try await connection.execute(
          """
          SAVEPOINT before_lock; LOCK TABLE \(only)\(source.table.sql) IN ACCESS SHARE MODE NOWAIT;
          RELEASE SAVEPOINT before_lock
          """)
        return
      } catch let error as PostgresError where error.sqlState == "55P03" {
        guard ContinuousClock.now < deadline else {
          throw DBError(
            .failed, "cannot read \(source.table): another session waits to lock it exclusively",
            hint: "wait until the migration or maintenance that wants it is done, then try again")
        }
        try await connection.execute("ROLLBACK TO SAVEPOINT before_lock")
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }

  /// How long a session that waits for a table is given to give up.
  private static let lockPatience = Duration.seconds(5)

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

  var count: Int { items.count }

  func next() -> Item? {
    place.withLock { place in
      guard place < items.count else { return nil }
      place += 1
      return items[place - 1]
    }
  }
}
