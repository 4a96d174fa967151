internal import Archive
public import Digest
internal import Postgres
internal import Synchronization
internal import SystemPackage

/// What a comparison knows of a table before it reads any rows.
struct ComparedTable: Sendable {
  /// Its name.
  var name: QualifiedName
  /// The columns in order, as SQL writes them.
  var columns: [String]
  /// The columns of the primary key; none where nobody knows one.
  var key: [String]
  /// How much there is to read.
  var bytes: Int64
}

/// How many rows a table has, and their hash.
public struct TableContent: Hashable, Sendable {
  /// How many rows.
  public var rows: Int64
  /// Their hash.
  public var hash: ContentHash
}

/// One side of a comparison: a live database at one moment, or a backup.
protocol ComparedDatabase: Sendable {
  /// The tables with rows, by their names in SQL.
  var tables: [String: ComparedTable] { get }
  /// Whether it holds but a part of a database, so that what is not in it means nothing.
  var isPartial: Bool { get }
  /// Whether the rows can be had with their columns in one order only.
  var isOrderFixed: Bool { get }
  /// The sequences and the revision; no tables.
  var places: Contents { get }
  /// Whether definitions are known by their names alone.
  var hasNamesOnly: Bool { get }
  /// How every object is defined.
  func definitions() async throws -> Definitions
  /// The rows of a table, counted and hashed, with the columns in this order.
  func content(
    of table: String, columns: [String], _ meter: ProgressMeter
  ) async throws -> TableContent
  /// Gives each row of a table, in any order: its line of COPY's text.
  func rows(
    of table: String, columns: [String],
    _ row: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) async throws
  /// The sizes and hashes of the large objects, by their numbers.
  func largeObjects(_ progress: ProgressHandler?) async throws
    -> [UInt32: LargeObjectContents.Object]
  /// Lets go of what it holds.
  func close() async
}

/// A live database.
struct LiveDatabase: ComparedDatabase {
  let sessions: SnapshotSessions
  let catalog: Catalog
  private let live: [String: LiveTable]
  let tables: [String: ComparedTable]

  /// Takes a snapshot of the database and reads its catalogs.
  init(_ server: DatabaseServer, _ texts: TextForm) async throws {
    let sessions = try await SnapshotSessions.begin(server, texts)
    do {
      let catalog = try await sessions.with { try await Catalog.read($0) }
      self.sessions = sessions
      self.catalog = catalog
    } catch {
      await sessions.close()
      throw error
    }
    live = Dictionary(catalog.liveTables.map { ($0.name.sql, $0) }, uniquingKeysWith: { $1 })
    tables = live.mapValues { table in
      ComparedTable(
        name: table.name, columns: table.columns, key: table.key, bytes: table.bytes)
    }
  }

  let isOrderFixed = false
  let isPartial = false
  let hasNamesOnly = false

  var places: Contents {
    var sequences: [String: Manifest.Sequence] = [:]
    for sequence in catalog.sequences {
      guard let value = catalog.sequenceValues[sequence.oid] else { continue }
      sequences[sequence.name.sql] = .init(lastValue: value.lastValue, isCalled: value.isCalled)
    }
    let revisions = catalog.alembicRevisions
    return Contents(
      tables: [:], sequences: sequences,
      revision: .some(revisions.isEmpty ? nil : revisions.joined(separator: ",")))
  }

  func definitions() async throws -> Definitions {
    try await sessions.with { [catalog] in try await Definitions.make(catalog, $0) }
  }

  /// Sequences that would hand out a key which is there already.
  func sequencesBehind() async throws -> [Difference] {
    try await sessions.with { try await Comparison.sequencesBehind($0.connection) }
  }

  func content(
    of table: String, columns: [String], _ meter: ProgressMeter
  ) async throws -> TableContent {
    let state = Mutex((hash: ContentHash(), untold: Int64(0)))
    let rows = try await read(table, columns) { row in
      let news = state.withLock { state -> Int64 in
        state.hash.add(row)
        state.untold += Int64(row.count)
        // People need not be told of every row.
        guard state.untold >= 1 << 20 else { return 0 }
        defer { state.untold = 0 }
        return state.untold
      }
      if news > 0 { meter.add(bytes: news) }
    }
    return TableContent(rows: rows, hash: state.withLock { $0.hash })
  }

  func rows(
    of table: String, columns: [String],
    _ row: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) async throws {
    _ = try await read(table, columns, row)
  }

  private func read(
    _ table: String, _ columns: [String],
    _ row: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) async throws -> Int64 {
    guard let statement = live[table]?.copyOut(columns) else { return 0 }
    return try await sessions.with { session in
      do {
        return try await session.connection.copyOut(statement, row)
      } catch let error as PostgresError where error.sqlState != nil {
        throw DBError(
          .failed, "cannot read \(table): \(error.message)", hint: error.hint,
          details: error.details)
      }
    }
  }

  func close() async { await sessions.close() }
}

/// A backup, or an archive of pg_dump's.
struct StoredDatabase: ComparedDatabase {
  let contents: BackupContents
  private let data: [String: TableData]
  let tables: [String: ComparedTable]

  init(_ contents: BackupContents) throws {
    self.contents = contents
    data = Dictionary(try contents.tableData().map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    tables = try data.mapValues { data in
      ComparedTable(
        name: QualifiedName(data.entry.namespace ?? "", data.entry.tag),
        columns: CopyColumns.names(inStatement: data.entry.copyStatement ?? ""), key: [],
        bytes: try data.location.bytes())
    }
  }

  let isOrderFixed = true
  var isPartial: Bool { contents.manifest?.isPartial ?? false }
  var hasNamesOnly: Bool { contents.isForeign }

  var places: Contents {
    guard let manifest = contents.manifest else { return Contents(tables: [:]) }
    return Contents(
      tables: [:], sequences: manifest.sequences, revision: .some(manifest.alembicRevision))
  }

  func definitions() async throws -> Definitions {
    let definitions = Definitions(contents.toc.entries)
    return contents.isForeign ? definitions.names : definitions
  }

  /// The manifest's word where it has one: that the files are as it says is for `Verify` to find out.
  func content(
    of table: String, columns: [String], _ meter: ProgressMeter
  ) async throws -> TableContent {
    guard let data = data[table] else { return TableContent(rows: 0, hash: ContentHash()) }
    if let known = contents.manifest?.tables[table], let hash = known.content {
      return TableContent(rows: known.rows, hash: hash)
    }
    try data.requireText()
    let reader = try DataFileReader(opening: data.location)
    let position = ReadingPosition()
    var counter = CopyRowCounter()
    while try reader.next({ counter.add($0) }) {
      try Task.checkCancellation()
      meter.add(bytes: position.advance(to: reader.bytesRead))
    }
    return TableContent(rows: counter.rows, hash: counter.content)
  }

  func rows(
    of table: String, columns: [String],
    _ row: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
  ) async throws {
    guard let data = data[table] else { return }
    try data.requireText()
    let reader = try DataFileReader(opening: data.location)
    var splitter = CopyRowSplitter()
    while try reader.next({ splitter.add($0, row) }) { try Task.checkCancellation() }
  }

  func close() async {}
}

extension TableData {
  fileprivate func requireText() throws {
    guard !entry.holdsTextRows else { return }
    throw DBError(.unsupported, "the rows of \(name) are not in COPY's text format")
  }
}
