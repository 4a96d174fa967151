internal import Archive
internal import Postgres
public import SystemPackage

/// Compares all of two databases, or of a database and a backup: how objects are defined, every row,
/// every large object, and where sequences stand.
///
/// A live database is read in one snapshot, over as many connections as there are jobs, the largest
/// tables first; nothing is locked, and no row is kept. The rows of a backup need not be read: its
/// manifest has their hashes.
public struct DatabaseComparison: Sendable {
  /// One of the two.
  public enum Side: Sendable {
    /// A live database.
    case database(DatabaseServer)
    /// A backup's folder, or a custom archive.
    case backup(FilePath)
  }

  /// What is looked at, and how.
  public struct Options: Sendable {
    /// How many tables are read at once, on each side.
    public var jobs: Int
    /// Whether definitions are compared.
    public var schema: Bool
    /// Whether rows and sequences are.
    public var data: Bool
    /// Which definitions matter.
    public var definitions: DefinitionComparison.Options
    /// Which schemas and tables are looked at.
    public var selection: Selection
    /// Whether the keys of differing rows are looked for, which reads differing tables twice more.
    public var findsKeys: Bool
    /// Is told how far it is.
    public var progress: ProgressHandler?

    /// Chooses.
    public init(
      jobs: Int = 2, schema: Bool = true, data: Bool = true,
      definitions: DefinitionComparison.Options = .init(), selection: Selection = Selection(),
      findsKeys: Bool = true, progress: ProgressHandler? = nil
    ) {
      self.jobs = jobs
      self.schema = schema
      self.data = data
      self.definitions = definitions
      self.selection = selection
      self.findsKeys = findsKeys
      self.progress = progress
    }
  }

  private let expected: Side
  private let actual: Side
  private let options: Options

  /// Describes a comparison; `run` does it.
  public init(expected: Side, actual: Side, _ options: Options = Options()) {
    self.expected = expected
    self.actual = actual
    self.options = options
  }

  /// Reads both and gives everything that differs.
  ///
  /// - Throws: `DBError`, `PostgresError` or `ArchiveError` where a side cannot be read; a `Failure`
  ///   of status `refused` for a server whose catalogs are not known.
  public func run() async throws -> ComparisonReport {
    let archives = try [expected, actual].map { try $0.contents() }
    // A live database is asked for its texts in the form that the archive has.
    let texts = archives.lazy.compactMap { $0?.texts }.first ?? TextForm()
    let first = try await open(expected, archives[0], texts)
    do {
      let second = try await open(actual, archives[1], texts)
      do {
        var report = try await compare(first, second)
        report.notes += archives.compactMap { $0 }.compactMap(\.weakness)
        await second.close()
        await first.close()
        return report
      } catch {
        await second.close()
        throw error
      }
    } catch {
      await first.close()
      throw error
    }
  }

  private func open(
    _ side: Side, _ contents: BackupContents?, _ texts: TextForm
  ) async throws -> any ComparedDatabase {
    switch (side, contents) {
    case (.database(let server), _): try await LiveDatabase(server, texts)
    case (.backup, let contents?): try StoredDatabase(contents)
    case (.backup(let path), nil):
      throw DBError(.backupNotFound, "there is no backup at \(path)")
    }
  }

  private func compare(
    _ expected: any ComparedDatabase, _ actual: any ComparedDatabase
  ) async throws -> ComparisonReport {
    var report = ComparisonReport()
    if options.schema {
      var (wanted, there) = (try await expected.definitions(), try await actual.definitions())
      if expected.hasNamesOnly || actual.hasNamesOnly {
        (wanted, there) = (wanted.names, there.names)
        report.notes.append(
          "the archive is not omcops' own: definitions are compared by their names only; "
            + "comments, rights and defaults are not")
      }
      wanted = wanted.selecting(options.selection)
      let found = DefinitionComparison(options.definitions)
        .differences(expected: wanted, actual: there.selecting(options.selection))
        .filter { difference in
          switch difference.change {
          case .missing: !actual.isPartial
          case .extra: !expected.isPartial
          case .changed, .owner: true
          }
        }
      report.comparedObjects = wanted.objects.count
      report.add(found)
    }
    if options.data {
      try await TableComparison(options: options, expected: expected, actual: actual)
        .run(&report)
      if options.selection.isEverything {
        try await LargeObjectComparison(
          expected: expected, actual: actual, progress: options.progress
        ).run(&report)
      }
      if options.selection.isEverything, !actual.isPartial {
        let comparison = Comparison(expected: expected.places, isComplete: true)
        report.others += comparison.differences(from: actual.places)
        if let live = actual as? LiveDatabase {
          report.others += try await live.sequencesBehind()
        }
      }
    }
    return report
  }
}

extension DatabaseComparison.Side {
  fileprivate func contents() throws -> BackupContents? {
    guard case .backup(let path) = self else { return nil }
    return try BackupContents(at: path)
  }
}

extension BackupContents {
  /// How its rows are written.
  fileprivate var texts: TextForm {
    TextForm(
      encoding: toc.entries.lazy.compactMap(\.encodingName).first, isOfServerTimeZone: !hasHashes)
  }

  /// Whether its manifest has the hash of each table.
  var hasHashes: Bool { manifest?.tables.values.allSatisfy { $0.content != nil } ?? false }

  /// What a comparison with it cannot prove.
  fileprivate var weakness: String? {
    if hasHashes { return nil }
    return
      "the backup has no hashes of its rows, so its files were read; timestamps in another time "
      + "zone than the server's own count as differences"
  }
}

/// Compares the rows of all tables of two databases.
struct TableComparison: Sendable {
  let options: DatabaseComparison.Options
  let expected: any ComparedDatabase
  let actual: any ComparedDatabase

  func run(_ report: inout ComparisonReport) async throws {
    let all = expected.tables.merging(actual.tables) { first, _ in first }
    let places = all.values.map { (schema: $0.name.schema, name: $0.name.name) }
    // A slip in a name must not pass for "no differences".
    try options.selection.requireMatches(
      relations: places, schemas: Set(places.map(\.schema)).sorted())
    let names = all.filter { options.selection.wants($0.value.name.schema, $0.value.name.name) }
      .keys
    for name in names.sorted() {
      let isExpected = expected.tables[name] != nil
      guard isExpected != (actual.tables[name] != nil) else { continue }
      // The comparison of definitions has said so, and of a part nothing can be said.
      if options.schema || (isExpected ? actual : expected).isPartial { continue }
      report.others.append(
        Difference(
          isExpected ? .missingTable : .extraTable, name, expected: isExpected ? "a table" : nil,
          actual: isExpected ? nil : "a table"))
    }
    let both = names.filter { expected.tables[$0] != nil && actual.tables[$0] != nil }
      .map { name in (name, max(size(name, expected), size(name, actual))) }
      .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    let meter = ProgressMeter(
      phase: "comparing", bytesTotal: both.reduce(0) { $0 + $1.1 }, itemsTotal: both.count,
      handler: options.progress)
    let results = try await concurrently(both.map(\.0), jobs: options.jobs) { name in
      meter.begin(name)
      defer { meter.finishItem() }
      return try await compare(name, meter)
    }
    report.comparedTables += results.count
    report.comparedRows += results.reduce(0) { $0 + $1.rows }
    report.tables += results.compactMap(\.difference).sorted { $0.table < $1.table }
  }

  private func size(_ name: String, _ side: any ComparedDatabase) -> Int64 {
    side.tables[name]?.bytes ?? 0
  }

  private func compare(
    _ name: String, _ meter: ProgressMeter
  ) async throws -> (rows: Int64, difference: TableDifference?) {
    guard let wanted = expected.tables[name], let there = actual.tables[name] else {
      return (0, nil)
    }
    guard let columns = commonOrder(wanted.columns, there.columns) else {
      return (
        0, TableDifference(table: name, columns: .init(wanted.columns, there.columns))
      )
    }
    async let first = expected.content(of: name, columns: columns, meter)
    async let second = actual.content(of: name, columns: columns, meter)
    let (before, after) = try await (first, second)
    guard before != after else { return (before.rows, nil) }
    var difference = TableDifference(table: name, expected: before, actual: after)
    if options.findsKeys, let key = commonKey(wanted.key, there.key),
      let search = DifferingKeysSearch(
        table: name, columns: columns, key: key, rows: max(before.rows, after.rows))
    {
      difference.keys = try await search.run(expected: expected, actual: actual)
    }
    return (before.rows, difference)
  }

  /// The columns in the order in which both can be read; nil where they are not the same columns.
  private func commonOrder(_ wanted: [String], _ there: [String]) -> [String]? {
    if wanted == there { return wanted }
    guard wanted.sorted() == there.sorted() else { return nil }
    if !actual.isOrderFixed { return wanted }
    return expected.isOrderFixed ? nil : there
  }

  /// A backup does not tell its keys: those of the live database count for it, too.
  private func commonKey(_ wanted: [String], _ there: [String]) -> [String]? {
    if wanted.isEmpty || wanted == there { return there.isEmpty ? nil : there }
    return there.isEmpty ? wanted : nil
  }
}
