internal import Archive
internal import Quantities
public import SystemPackage
internal import Text

/// What monitoring wants to know of a store's backups, in Prometheus' text format, for the textfile
/// collector of node_exporter.
///
/// Every metric is there for every database that is known, with 0 for a time at which nothing has
/// happened yet: an alert on age then finds a database that never had a backup as well.
public struct BackupMetrics: Sendable {
  /// What is known of one database's backups.
  public struct Database: Sendable {
    /// Its name.
    public var name: String
    /// The newest backup that stands for the whole database.
    public var newest: StoredBackup?
    /// When that was verified.
    public var verification: VerificationRecord?
    /// How many backups of the whole database there are.
    public var count: Int
    /// How the last run ended; nil where none has been noted.
    public var lastRun: BackupOutcome?
  }

  /// The environment, for a label.
  public var environment: String
  /// The databases, in the order of their names.
  public private(set) var databases: [Database]

  /// Reads a store.
  ///
  /// - Parameters:
  ///   - runs: runs that ended just now, in case that the store could not take note of them.
  /// - Throws: `DBError` where the store cannot be read.
  public init(of store: BackupStore, environment: String, runs: [BackupOutcome] = []) throws {
    self.environment = environment
    let backups = try store.list().backups
    var lastRuns: [String: BackupOutcome] = [:]
    for run in try store.lastRuns() + runs {
      if let other = lastRuns[run.database], other.endedAt > run.endedAt { continue }
      lastRuns[run.database] = run
    }
    let names = Set(backups.map(\.manifest.database)).union(lastRuns.keys)
    databases = names.sorted().map { name in
      let own = backups.filter { $0.manifest.database == name && !$0.manifest.isPartial }
      let newest = BackupStore.newest(of: own)
      return Database(
        name: name, newest: newest, verification: newest.map(VerificationRecord.init(of:)),
        count: own.count, lastRun: lastRuns[name])
    }
  }

  /// The file's text.
  public var text: String {
    var text = ""
    for metric in BackupMetrics.metrics {
      text += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) gauge\n"
      for database in databases {
        for (labels, value) in metric.values(database) {
          let all = [("database", database.name), ("environment", environment)] + labels
          let list = all.map { "\($0.0)=\"\($0.1.escapedForQuotes)\"" }
          text += "\(metric.name){\(list.joined(separator: ","))} \(value)\n"
        }
      }
    }
    return text
  }

  /// Writes the file so that a collector sees all of the old one or all of the new one.
  ///
  /// - Throws: `ArchiveError` where the folder cannot be written.
  public func write(to path: FilePath) throws {
    // The collector runs as a user of its own.
    try DurableFile.replace(
      path, with: Array(text.utf8),
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
  }

  private struct Metric: Sendable {
    let name: String
    let help: String
    let values: @Sendable (Database) -> [(labels: [(String, String)], value: String)]
  }

  private static func one(_ value: Int64) -> [(labels: [(String, String)], value: String)] {
    [([], String(value))]
  }

  private static func seconds(_ moment: Timestamp?) -> Int64 {
    (moment?.microseconds ?? 0) / 1_000_000
  }

  /// Seconds with three decimals; a clock that went back makes it 0.
  private static func decimal(_ duration: Duration) -> String {
    let milliseconds = max(0, duration.milliseconds)
    return "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"
  }

  private static let metrics: [Metric] = [
    Metric(
      name: "omcops_backup_timestamp_seconds",
      help: "Moment that the newest whole backup is of; 0 where there is none."
    ) { one(seconds($0.newest?.manifest.snapshotTime)) },
    Metric(
      name: "omcops_backup_size_bytes", help: "Size of the newest whole backup on disk."
    ) { one($0.newest?.manifest.totalBytes ?? 0) },
    Metric(
      name: "omcops_backup_database_size_bytes",
      help: "Size that the database had on the server when the newest backup was taken."
    ) { one($0.newest?.manifest.databaseBytes ?? 0) },
    Metric(name: "omcops_backup_rows", help: "Rows in the newest whole backup.") {
      one($0.newest?.manifest.totalRows ?? 0)
    },
    Metric(name: "omcops_backups", help: "Whole backups in the store.") { one(Int64($0.count)) },
    Metric(
      name: "omcops_backup_verified_timestamp_seconds",
      help:
        "When the newest backup was last found whole, by depth of the verification; 0 for never."
    ) { database in
      VerificationRecord.Depth.allCases.map { depth in
        let entry = database.verification?.entries[depth]
        return (
          [("depth", depth.rawValue)], String(seconds(entry?.isWhole == true ? entry?.at : nil))
        )
      }
    },
    Metric(
      name: "omcops_backup_damaged",
      help: "Whether the last verification of the newest backup, of any depth, found damage."
    ) { one($0.verification?.isDamaged == true ? 1 : 0) },
    Metric(
      name: "omcops_backup_last_run_timestamp_seconds",
      help: "When the last backup run ended, however it did; 0 for never."
    ) { one(seconds($0.lastRun?.endedAt)) },
    Metric(
      name: "omcops_backup_duration_seconds",
      help: "How long the newest whole backup took; 0 where nobody knows."
    ) { database in
      guard let manifest = database.newest?.manifest, let end = manifest.finishedAt else {
        return one(0)
      }
      return [([], decimal(end - manifest.createdAt))]
    },
    Metric(
      name: "omcops_backup_last_run_duration_seconds", help: "How long the last backup run took."
    ) { database in
      [([], decimal(database.lastRun.map { $0.endedAt - $0.startedAt } ?? .zero))]
    },
    Metric(
      name: "omcops_backup_last_run_success", help: "Whether the last backup run made a backup."
    ) { database in
      one(database.lastRun.map(\.isSuccess) ?? (database.newest != nil) ? 1 : 0)
    },
  ]
}
