public import Archive
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
    /// A custom archive in a file of this name, which must not exist.
    case file(FilePath)
    /// A custom archive into a pipe or whatever else takes bytes one after the other. It cannot be
    /// read back, and what has been written stays there when the backup fails.
    case pipe(FileDescriptor)
    /// A folder, or a custom archive, in a store, named by the database, the time and the label.
    case store(BackupStore, label: String?, format: Format = .directory)
  }

  /// The forms of archives.
  public enum Format: String, Hashable, Sendable, CaseIterable {
    /// A folder with a file for each table.
    case directory
    /// One file.
    case custom
  }

  /// What to back up, where to and how.
  public struct Options: Sendable {
    /// The database.
    public var source: ConnectionSettings
    /// Where the backup goes.
    public var destination: Destination
    /// How many connections copy rows at once.
    public var jobs: Int
    /// How files are compressed; nil for what the server's own pg_restore is quickest with.
    public var compression: Compression?
    /// What of the database is wanted; a backup of less than all says so in its manifest.
    public var selection = Selection()
    /// Whether everything is read back and compared before the backup gets its name.
    public var verifies: Bool
    /// A table that is a large part of the work is read by all connections at once, in ranges of about
    /// so many bytes of its blocks.
    public var rangeBytes: Int64
    /// The version of the program, for the manifest.
    public var omcopsVersion: String

    /// Describes a backup.
    public init(
      source: ConnectionSettings, destination: Destination, jobs: Int = 2,
      compression: Compression? = nil, verifies: Bool = true, rangeBytes: Int64 = 32 << 20,
      omcopsVersion: String
    ) {
      self.source = source
      self.destination = destination
      self.jobs = jobs
      self.compression = compression
      self.verifies = verifies
      self.rangeBytes = rangeBytes
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
  ///
  /// In a store it leaves a note of how it ended (`BackupOutcome`).
  public func run() async throws -> BackupSummary { try await noting { try await take() } }

  private func take() async throws -> BackupSummary {
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
    let (leader, snapshot) = try await CatalogSession.lead(connection, locking: options.selection)
    let catalog = try await Catalog.read(leader)
    let encoding = CatalogSession.encoding(of: connection.info)
    let (contents, leftOut) = try await ArchiveContents.complete(
      catalog, leader, encoding: encoding
    ).selecting(options.selection)

    let run = BackupRun(
      options: options, progress: progress, leader: connection, snapshot: snapshot,
      catalog: catalog, contents: contents,
      omitted: catalog.omitted.map { "left out, as pg_dump does: \($0)" } + leftOut
        + catalog.notes,
      started: started,
      compression: options.compression ?? .preferred(byServer: connection.info.majorVersion))
    switch options.destination {
    case .folder(let path): return try await run.write(into: path)
    case .file(let path): return try await run.write(toFile: path)
    case .pipe(let pipe): return try await run.write(toPipe: pipe)
    case .store(let store, let label, let format):
      try store.create()
      let path = store.freeLocation(
        database: catalog.database.name, at: started, label: label, format: format)
      switch format {
      case .directory: return try await run.write(into: path)
      case .custom: return try await run.write(toFile: path)
      }
    }
  }
}

/// What was backed up.
public struct BackupSummary: Hashable, Sendable {
  /// Everything that the backup says of itself.
  public var manifest: Manifest
  /// Its folder or file; `-` for one that went into a pipe.
  public var path: FilePath
  /// The size of all rows before compression.
  public var rawBytes: Int64
  /// How long it took.
  public var microseconds: Int64
  /// What was left out because it has no meaning elsewhere, as an index that was never finished, or
  /// for lack of something that was not selected: a sentence each.
  public var omitted: [String]
  /// What somebody should know who wants to restore it.
  public var notes: [String]

  /// The backup's name.
  public var id: String { manifest.id }
}
