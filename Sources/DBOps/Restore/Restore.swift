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
  /// How many rows they have, by the manifest; 0 without one. Of a script, how many were loaded.
  public var rows: Int64
  /// How many statements a script had; nil for a backup or archive.
  public var statements: Int?
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
    /// Other roles in the place of those that have a successor here; all of them must exist.
    case mapped([String: String])
    /// One role, or whoever is connected. Rights of roles that the server lacks are left out.
    case all(String?)
  }

  /// What to restore, into what, and how.
  public struct Options: Sendable {
    /// A backup's folder, a custom archive's file, or a script of SQL.
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
    /// What of the backup is wanted.
    public var selection = Selection()
    /// Whether the database is there, so that what is restored is put into it.
    public var isIntoExisting = false
    /// Tables that get other names.
    public var renamedTables: [RenamedTable] = []
    /// Schemas that get other names: the new ones by the old.
    public var renamedSchemas: [String: String] = [:]
    /// Whether rights are restored.
    public var keepsRights = true
    /// Whether security labels are restored; the server must have their providers then.
    public var keepsLabels = true
    /// Whether planner statistics are made.
    public var analyze: Bool
    /// What the server's administrators see.
    public var applicationName: String
    /// How large a table's data must be on disk to be loaded by all connections at once, where it is
    /// more than one connection's part of all.
    public var sharedFrom: Int64 = 8 << 20
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
    if ScriptFile.isOne(options.path) { return try await restoreScript() }
    let whole = try open()
    if options.isIntoExisting {
      let wanted = options.keepsLabels ? whole : whole.withoutLabels
      return try await ExistingRestore(options: options, contents: wanted).run()
    }
    let (selected, leftOut) = try select(whole)
    let contents = options.keepsLabels ? selected : selected.withoutLabels
    try checkRenaming(contents)
    _ = try RestorePlan(contents.toc)
    let wanted =
      options.selection.isEverything ? nil : Set(try contents.tableData().map(\.fileName))
    let report = try await Verify(
      path: options.path, depth: .digests, jobs: options.jobs, progress: options.progress
    ).verify(whole, only: wanted)
    try report.requireWhole(options.path.lastComponent?.string ?? options.path.string)
    let tables = try contents.tableData()
    let notes = try await leftOut + fill(contents, tables)
    return RestoreSummary(
      database: options.database, manifest: contents.manifest, tables: tables.count,
      rows: contents.manifest?.totalRows ?? 0, bytes: report.bytes,
      duration: clock.now - started, notes: report.notes + notes)
  }

  /// The part of a backup that is wanted, and what is left out of that.
  private func select(_ contents: BackupContents) throws -> (BackupContents, [String]) {
    let selection = options.selection
    if selection.isEverything { return (contents, []) }
    guard selection.sections.contains(.preData) else {
      throw DBError(
        .invalidRequest, "a new database without definitions has no place for anything",
        hint: "leave the sections out, or name a database that is there with --existing")
    }
    let selected = try SelectedEntries(selection, from: contents.toc.entries)
    return (contents.restricted(to: selected.entries), selected.leftOut)
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

  /// Makes the database under its staging name and, when all is proved, gives it its own; says what
  /// was left out.
  private func fill(_ contents: BackupContents, _ tables: [TableData]) async throws -> [String] {
    let maintenance = try await Maintenance.connect(options.server, options.applicationName)
    let staging = StagingDatabase(
      for: options.database, on: options.server, maintenance: maintenance)
    var treatment = treatment
    do {
      let preconditions = RestorePreconditions(options: options, contents: contents)
      try await preconditions.check(maintenance)
      treatment.absent = try await preconditions.absentRoles(maintenance)
      treatment.isLimited = try await RolePreconditions(options: options).isLimited(maintenance)
      try await staging.claim()
    } catch {
      await maintenance.close()
      throw error
    }
    let (treated, leftOut) = contents.treated(treatment)
    do {
      let plan = try RestorePlan(treated.toc)
      try await staging.create(plan.database.create(as: staging.name))
      try await RestoreRun(
        options: options, contents: treated, plan: plan, tables: tables, database: staging.name
      ).run()
      try await rename(in: staging.name, treated)
      try await staging.finish(
        plan.database.settle(options.database),
        owner: options.databaseOwner ?? plan.database.owner,
        comment: plan.database.comment(options.database))
      await maintenance.close()
      return leftOut
    } catch {
      let leftover = await discard(maintenance)
      throw Restore.adding(leftover, to: error)
    }
  }

  /// What becomes of the roles.
  var treatment: RoleTreatment {
    RoleTreatment(options.ownership, keepsRights: options.keepsRights)
  }

  /// Removes the unfinished database, in a task of its own since this one may be cancelled.
  ///
  /// - Returns: what to tell the operator when that was not possible.
  func discard(_ maintenance: Connection) async -> String? {
    let (server, target, name) = (options.server, options.database, options.applicationName)
    return await Task {
      do {
        // The connection may be what failed, so a new one does the work; the old one keeps the
        // lock until then.
        let connection = try await Maintenance.connect(server, name)
        try await StagingDatabase.drop(for: target, on: server, with: connection)
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

  static func adding(_ leftover: String?, to error: any Error) -> any Error {
    guard let leftover, let failure = error as? any Failure else { return error }
    return DBError(
      .failed, failure.message, hint: failure.hint, details: failure.details + [leftover])
  }
}
