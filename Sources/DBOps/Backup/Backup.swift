public import Archive
internal import Diagnostics
public import Postgres
internal import Quantities
public import SystemPackage

/// Takes a backup of one database: every object and every row of one moment, or nothing.
///
/// It goes over libpq alone. The backup is written aside and gets its name when all of it is on
/// the disk; a process that is killed leaves nothing that looks like a backup.
public struct Backup: Sendable {
  /// Where a backup goes.
  public enum Destination: Hashable, Sendable {
    /// A folder of this name, which must not exist.
    case folder(FilePath)
    /// A folder of its own in a store, named by the database, the time and the label.
    case store(BackupStore, label: String?)
  }

  /// What to back up, where to and how.
  public struct Options: Sendable {
    /// The database.
    public var source: ConnectionSettings
    /// Where the backup goes.
    public var destination: Destination
    /// How many tables are copied at once, each over a connection of its own.
    public var jobs: Int
    /// How files are compressed; nil for what the server's own pg_restore is quickest with.
    public var compression: Compression?
    /// What of the database is wanted; a backup of less than all says so in its manifest.
    public var selection = Selection()
    /// Whether everything is read back and compared before the backup gets its name.
    public var verifies: Bool
    /// The version of the program, for the manifest.
    public var omcopsVersion: String

    /// Describes a backup.
    public init(
      source: ConnectionSettings, destination: Destination, jobs: Int = 2,
      compression: Compression? = nil, verifies: Bool = true, omcopsVersion: String
    ) {
      self.source = source
      self.destination = destination
      self.jobs = jobs
      self.compression = compression
      self.verifies = verifies
      self.omcopsVersion = omcopsVersion
    }
  }

  /// What to do.
  public var options: Options
  /// Is told how far it is.
  public var progress: ProgressHandler?

  /// Describes a backup; `run` takes it.
  public init(_ options: Options, progress: ProgressHandler? = nil) {
    self.options = options
    self.progress = progress
  }

  static let applicationName = "omcops db backup"

  /// Takes the backup.
  ///
  /// Throws a `Failure` of status `refused` that names each object which a backup cannot hold,
  /// before anything is written. Whatever goes wrong later removes what was written.
  public func run() async throws -> BackupSummary {
    let started = Timestamp.now()
    let connection = try await Connection.open(
      options.source, applicationName: Backup.applicationName)
    do {
      let summary = try await run(connection, started)
      await connection.close()
      return summary
    } catch {
      await connection.close()
      throw error
    }
  }

  private func run(_ connection: Connection, _ started: Timestamp) async throws -> BackupSummary {
    let (leader, snapshot) = try await CatalogSession.lead(connection)
    try await leader.lockTables(options.selection)
    let catalog = try await Catalog.read(leader)
    let encoding = CatalogSession.encoding(of: connection.info)
    let (contents, leftOut) = try await ArchiveContents.complete(
      catalog, leader, encoding: encoding
    ).selecting(options.selection)

    let compression =
      options.compression ?? .preferred(byServer: connection.info.majorVersion)
    let partial = try PartialBackup.begin(at: target(catalog.database.name, started))
    do {
      let rows = try await RowCopy(
        source: options.source, snapshot: snapshot, folder: partial.path,
        compression: compression, jobs: options.jobs, progress: progress
      ).run(contents)
      var manifest = BackupDescription(
        catalog: catalog, contents: contents, info: connection.info, options: options
      ).manifest(partial.id, started, rows)
      let toc = TableOfContents(
        header: header(catalog, connection.info, started, compression), entries: contents.entries)
      let file = try toc.write(into: partial.path)
      manifest.files[file.fileName] = .init(bytes: file.bytes, sha256: file.sha256)
      // Only now: as long as the leader holds its snapshot, workers may still need it.
      try await connection.execute("COMMIT")
      if options.verifies { try await verify(partial, manifest) }
      try Task.checkCancellation()
      try partial.commit(manifest)
      return BackupSummary(
        manifest: manifest, path: try target(catalog.database.name, started),
        rawBytes: rows.reduce(0) { $0 + $1.file.rawBytes },
        microseconds: Timestamp.now().microseconds - started.microseconds,
        omitted: catalog.omitted.map { "left out, as pg_dump does: \($0)" } + leftOut)
    } catch {
      try? partial.abandon()
      throw error
    }
  }

  private func target(_ database: String, _ started: Timestamp) throws -> FilePath {
    switch options.destination {
    case .folder(let path): return path
    case .store(let store, let label):
      try store.create()
      return store.location(database: database, at: started, label: label)
    }
  }

  /// Reads back what is on the disk; the folder has a manifest then, but not its name.
  private func verify(_ partial: PartialBackup, _ manifest: Manifest) async throws {
    try manifest.write(into: partial.path)
    let report = try await Verify(
      path: partial.path, depth: .digests, jobs: options.jobs, progress: progress
    ).run()
    try report.requireWhole(partial.id)
  }

  private func header(
    _ catalog: Catalog, _ info: ConnectionInfo, _ started: Timestamp, _ compression: Compression
  ) -> ArchiveHeader {
    let time = started.civil
    return ArchiveHeader(
      compression: compression,
      createdAt: .init(
        year: time.year, month: time.month, day: time.day, hour: time.hour, minute: time.minute,
        second: time.second),
      databaseName: catalog.database.name, serverVersion: info.serverVersionText,
      dumperVersion: "omcops \(options.omcopsVersion)")
  }
}

/// What was backed up.
public struct BackupSummary: Hashable, Sendable {
  /// Everything that the backup says of itself.
  public var manifest: Manifest
  /// Its folder.
  public var path: FilePath
  /// The size of all rows before compression.
  public var rawBytes: Int64
  /// How long it took.
  public var microseconds: Int64
  /// What was left out because it has no meaning elsewhere, as an index that was never finished, or
  /// for lack of something that was not selected: a sentence each.
  public var omitted: [String]

  /// The backup's name.
  public var id: String { manifest.id }
}
