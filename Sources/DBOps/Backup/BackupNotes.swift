internal import Diagnostics
public import Quantities

extension Backup {
  /// Takes a backup, and keeps in its store how that ended.
  func noting(
    _ take: () async throws -> BackupSummary
  ) async throws -> BackupSummary {
    guard case .store(let store, _, _) = options.destination else { return try await take() }
    let started = Timestamp.now()
    let summary: BackupSummary
    do {
      summary = try await take()
    } catch {
      // A store that cannot be written may be why it failed; who it was about, only its name tells.
      if let database = options.source["dbname"] {
        try? store.keep(BackupOutcome(database: database, startedAt: started, error))
      }
      throw error
    }
    do {
      try store.keep(
        BackupOutcome(database: summary.manifest.database, startedAt: started, backup: summary.id))
      if options.verifies {
        try VerificationRecord.note(.files, isWhole: true, of: StoredBackup(at: summary.path))
      }
    } catch let error as any Failure {
      throw DBError(
        .fileSystem,
        "the backup \(summary.id) is whole, but the store took no note of it: \(error.message)",
        hint: "omcops db list shows it; monitoring may not")
    }
    return summary
  }
}

extension BackupOutcome {
  /// A run that failed just now.
  public init(database: String, startedAt: Timestamp, _ error: any Error) {
    self.init(
      database: database, startedAt: startedAt,
      failure: (error as? any Failure)?.message ?? "interrupted")
  }
}
