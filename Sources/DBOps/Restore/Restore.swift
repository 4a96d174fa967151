internal import Archive
internal import Diagnostics
public import Postgres
public import Quantities
public import SystemPackage

/// What a restore did.
public struct RestoreSummary: Hashable, Sendable {
  /// The database that was made.
  public var database: String
  /// The backup's manifest; nil for a directory archive of pg_dump's own.
  public var manifest: Manifest?
  /// How many tables got data.
  public var tables: Int
  /// How many rows they have, by the manifest; 0 without one.
  public var rows: Int64
  /// How many bytes were read from files.
  public var bytes: ByteCount
  /// How long it took.
  public var duration: Duration
  /// What weakens the proof that all is there.
  public var notes: [String]
}

/// Makes a database from a backup, and proves that all of it is there.
///
/// Every file is checked before anything is made. The database gets its name at the very end; until
/// then it has one that says what it is. On any failure, or when the task is cancelled, nothing is
/// left; after a kill the next restore into the same name removes what is.
public struct Restore: Sendable {
  /// Who owns the restored objects.
  public enum Ownership: Hashable, Sendable {
    /// Whoever owned them; the roles must exist.
    case keep
    /// One role, or whoever is connected.
    case all(String?)

    func owner(of entry: ArchiveEntry) -> String? {
      switch self {
      case .keep: OwnerStatement.owner(of: entry)
      case .all(let role): role
      }
    }
  }

  /// What to restore, into what, and how.
  public struct Options: Sendable {
    /// The backup's folder.
    public var path: FilePath
    /// The server, and who asks; the database in it does not matter.
    public var server: ConnectionSettings
    /// The database to make; it must not exist.
    public var database: String
    /// How many connections work at once.
    public var jobs: Int
    /// Who owns the objects.
    public var ownership: Ownership
    /// The role that owns the database itself; nil takes the archive's, as `ownership` says.
    public var databaseOwner: String?
    /// Whether planner statistics are made.
    public var analyze: Bool
    /// What the server's administrators see.
    public var applicationName: String
    /// Is told how far it is.
    public var progress: ProgressHandler?

    /// Describes a restore.
    public init(
      path: FilePath, server: ConnectionSettings, database: String, jobs: Int = 2,
      ownership: Ownership = .keep, databaseOwner: String? = nil, analyze: Bool = true,
      applicationName: String = "omcops db restore", progress: ProgressHandler? = nil
    ) {
      self.path = path
      self.server = server
      self.database = database
      self.jobs = jobs
      self.ownership = ownership
      self.databaseOwner = databaseOwner
      self.analyze = analyze
      self.applicationName = applicationName
      self.progress = progress
    }
  }

  let options: Options

  /// Prepares a restore; nothing happens before `run`.
  public init(_ options: Options) { self.options = options }

  /// Does it.
  ///
  /// Throws `DBError` (also for a damaged backup, with the file's name), `PostgresError` when the
  /// server cannot be reached, or `CancellationError`.
  public func run() async throws -> RestoreSummary {
    let clock = ContinuousClock()
    let started = clock.now
    try checkRequest()
    let contents = try open()
    let plan = try RestorePlan(contents.toc)
    let report = try await Verify(
      path: options.path, depth: .digests, jobs: options.jobs, progress: options.progress
    ).verify(contents)
    try report.requireWhole(options.path.lastComponent?.string ?? options.path.string)
    let tables = try contents.tableData()
    try await fill(contents, plan, tables)
    return RestoreSummary(
      database: options.database, manifest: contents.manifest, tables: tables.count,
      rows: contents.manifest?.totalRows ?? 0, bytes: report.bytes,
      duration: clock.now - started, notes: report.notes)
  }

  private func checkRequest() throws {
    guard !options.database.isEmpty, options.database.utf8.count <= 63 else {
      throw DBError(
        .invalidRequest, "\"\(options.database)\" is no name for a database",
        hint: "a name has 1 to 63 bytes")
    }
  }

  private func open() throws -> BackupContents {
    do {
      return try BackupContents(at: options.path)
    } catch let error as ArchiveError where error.status == .failed {
      throw damaged(error.message)
    } catch let error as DBError where error.code == .badManifest || error.code == .backupDamaged {
      throw damaged(error.message)
    }
  }

  private func damaged(_ reason: String) -> DBError {
    let name = options.path.lastComponent?.string ?? options.path.string
    return DBError(
      .backupDamaged, "the backup \(name) is damaged: \(reason)",
      hint: "restore another backup; omcops db list shows what there is")
  }

  /// Makes the database under its staging name and, when all is proved, gives it its own.
  private func fill(
    _ contents: BackupContents, _ plan: RestorePlan, _ tables: [TableData]
  ) async throws {
    let maintenance = try await Maintenance.connect(options.server, options.applicationName)
    let staging = StagingDatabase(for: options.database, maintenance: maintenance)
    do {
      try await RestorePreconditions(options: options, contents: contents, plan: plan)
        .check(maintenance)
      try await staging.claim()
    } catch {
      await maintenance.close()
      throw error
    }
    do {
      try await staging.create(plan.database.create(as: staging.name))
      try await RestoreRun(
        options: options, contents: contents, plan: plan, tables: tables, database: staging.name
      ).run()
      try await staging.finish(
        plan.database.settle(options.database), owner: databaseOwner(plan),
        comment: plan.database.comment(options.database))
      await maintenance.close()
    } catch {
      let leftover = await discard(maintenance)
      throw Restore.adding(leftover, to: error)
    }
  }

  private func databaseOwner(_ plan: RestorePlan) -> String? {
    if let owner = options.databaseOwner { return owner }
    switch options.ownership {
    case .keep: return plan.database.owner
    case .all(let role): return role
    }
  }

  /// Removes the unfinished database, in a task of its own since this one may be cancelled.
  ///
  /// - Returns: what to tell the operator when that was not possible.
  private func discard(_ maintenance: Connection) async -> String? {
    let (server, target, name) = (options.server, options.database, options.applicationName)
    return await Task {
      do {
        // The connection may be what failed, so a new one does the work; the old one keeps the
        // lock until then.
        let connection = try await Maintenance.connect(server, name)
        try await StagingDatabase.drop(for: target, with: connection)
        await connection.close()
        await maintenance.close()
        return nil
      } catch {
        await maintenance.close()
        return "the unfinished database \"\(StagingDatabase.name(for: target))\" could not be "
          + "removed; the next restore into \"\(target)\" does that"
      }
    }.value
  }

  private static func adding(_ leftover: String?, to error: any Error) -> any Error {
    guard let leftover, let failure = error as? any Failure else { return error }
    return DBError(
      .failed, failure.message, hint: failure.hint, details: failure.details + [leftover])
  }
}
