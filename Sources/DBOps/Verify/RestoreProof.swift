internal import Archive
internal import Glibc
public import Postgres
public import SystemPackage

/// Proves that a backup restores: makes a database of it, compares all of that with what the backup
/// says, and removes it again.
public struct RestoreProof: Sendable {
  /// Where the database is made.
  public enum Place: Sendable {
    /// On a server of our own on this machine, which is gone afterwards; nil looks for the newest
    /// programs of PostgreSQL. Roles and tablespaces that the backup names are made there. It takes
    /// the room of the whole database in a folder of its own in `folder`.
    case ownServer(binaries: FilePath? = nil, folder: FilePath = "/tmp")
    /// On another server, which must have the roles; whoever asks must be allowed to make databases.
    case server(ConnectionSettings)
  }

  /// What the proof found.
  public struct Report: Sendable {
    /// What was restored.
    public var restore: RestoreSummary
    /// The version of the server that it was restored on.
    public var serverVersion: String
    /// What differs from the backup.
    public var comparison: ComparisonReport
    /// Whether all that the backup says of itself is so in the restored database.
    public var isProven: Bool { comparison.isEqual }
  }

  /// The backup's folder, or a custom archive.
  public var path: FilePath
  /// Where the database is made.
  public var place: Place
  /// How many connections work at once.
  public var jobs: Int
  /// What the server's administrators see.
  public var applicationName: String
  /// Is told how far it is.
  public var progress: ProgressHandler?

  /// Describes a proof; `run` makes it.
  public init(
    path: FilePath, place: Place = .ownServer(), jobs: Int = 2, applicationName: String,
    progress: ProgressHandler? = nil
  ) {
    self.path = path
    self.place = place
    self.jobs = jobs
    self.applicationName = applicationName
    self.progress = progress
  }

  /// Restores and compares; nothing is left over, however it ends.
  ///
  /// - Throws: `DBError` for a backup that is damaged or cannot be restored; `SandboxError` or
  ///   `PostgresError` where there is no server to restore on. What differs is in the report.
  public func run() async throws -> Report {
    if ScriptFile.isOne(path) {
      throw DBError(
        .invalidRequest,
        "the script \(path) says nothing that a restore of it could be compared with",
        hint: "omcops db verify \(path) reads it; omcops db restore runs it into a new database")
    }
    switch place {
    case .server(let settings):
      return try await prove(on: settings)
    case .ownServer(let binaries, let folder):
      let needs = try RestoreNeeds(of: path)
      return try await ScratchDatabase.withServer(binaries, in: folder) { settings in
        let server = DatabaseServer(settings, applicationName: applicationName)
        try await server.withConnection { connection in
          try await ScratchDatabase.make(needs.roles, over: connection)
          try await needs.makeTablespaces(over: connection)
        }
        return try await prove(on: settings, keepsLabels: false)
      }
    }
  }

  private func prove(
    on settings: ConnectionSettings, keepsLabels: Bool = true
  ) async throws -> Report {
    let server = DatabaseServer(settings, applicationName: applicationName)
    let database = try await ProofDatabase.claim(on: server)
    do {
      let restore = try await restore(
        into: database.name, on: settings, keepsLabels: keepsLabels)
      let comparison = try await compare(
        DatabaseServer(settings.with(database: database.name), applicationName: applicationName),
        labels: keepsLabels)
      let version = try await server.withMaintenance { $0.info.serverVersionText }
      try await database.remove()
      return Report(restore: restore, serverVersion: version, comparison: comparison)
    } catch {
      // A task of its own: the database must go when this one was cancelled, too.
      try? await Task { try await database.remove() }.value
      throw error
    }
  }

  private func restore(
    into database: String, on settings: ConnectionSettings, keepsLabels: Bool
  ) async throws -> RestoreSummary {
    var options = Restore.Options(
      path: path, server: settings, database: database, jobs: jobs, analyze: false,
      applicationName: applicationName, progress: progress)
    options.keepsLabels = keepsLabels
    do {
      return try await Restore(options).run()
    } catch let error as DBError where error.code == .failed {
      let server = DatabaseServer(settings, applicationName: applicationName)
      let here = try await server.withMaintenance { $0.info.majorVersion }
      guard let there = try BackupContents(at: path).manifest?.serverMajor, there > here else {
        throw error
      }
      // What an older server does not know proves nothing against the backup.
      var error = error
      error.hint =
        "the backup is of PostgreSQL \(there), and this server is \(here): try one that is not older, "
        + "by tools.postgres in omcops.yaml or --url"
      throw error
    }
  }

  /// A server of our own has no provider of labels, so that it cannot take them.
  private func compare(
    _ server: DatabaseServer, labels: Bool
  ) async throws -> ComparisonReport {
    let definitions = DefinitionComparison.Options(
      owners: true, privileges: true, ignored: labels ? [] : ["SECURITY LABEL *"])
    var report = try await DatabaseComparison(
      expected: .backup(path), actual: .database(server),
      .init(jobs: jobs, definitions: definitions, progress: progress)
    ).run()
    let contents = try BackupContents(at: path)
    if contents.manifest == nil { report.doubtHashes() }
    if !labels, contents.toc.entries.contains(where: { $0.kind == "SECURITY LABEL" }) {
      report.notes.append("security labels are not proven: this server has no provider of them")
    }
    return report
  }
}

extension ComparisonReport {
  /// Without a manifest nobody knows under which settings the rows were written down: where only
  /// the hashes differ, the texts may.
  fileprivate mutating func doubtHashes() {
    let doubtful = tables.filter { $0.columns == nil && $0.expected?.rows == $0.actual?.rows }
    guard let first = doubtful.first else { return }
    tables.removeAll { difference in doubtful.contains { $0.table == difference.table } }
    notes.append(
      "the rows of \(doubtful.count) table\(doubtful.count == 1 ? "" : "s") are proven by their "
        + "number only, as \(first.table): the archive has them in other texts than the server "
        + "writes")
  }
}

/// What a server must have before a backup can be restored.
private struct RestoreNeeds {
  let roles: [String]
  let tablespaces: [String]

  init(of path: FilePath) throws {
    let entries = try BackupContents(at: path).toc.entries
    var roles = RoleNames.needed(by: entries, owners: true)
    roles.formUnion(entries.filter { $0.kind == "DATABASE" }.map(\.owner))
    self.roles = roles.subtracting([""]).sorted()
    tablespaces = Set(
      entries.compactMap(\.tablespace)
        + [DatabaseStatements(entries, encoding: nil).tablespace].compactMap { $0 }
    ).subtracting([""]).sorted()
  }

  /// Makes tablespaces within the server's own folder.
  func makeTablespaces(over connection: Connection) async throws {
    for name in tablespaces where !name.hasPrefix("pg_") {
      try await connection.execute("SET allow_in_place_tablespaces = on")
      try await connection.execute("CREATE TABLESPACE \(quoteIdentifier(name)) LOCATION ''")
    }
  }
}
