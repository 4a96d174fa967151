internal import Archive
internal import JSON
public import Quantities
internal import SystemPackage

/// How the last backup of a database into a store ended.
///
/// It stands in the store as `DATABASE.last-run.json`: a backup that failed leaves nothing else that
/// anybody could look for.
public struct BackupOutcome: Hashable, Sendable {
  static let suffix = ".last-run.json"
  private static let format = "omcops-backup-run"

  /// The database.
  public var database: String
  /// When it was begun.
  public var startedAt: Timestamp
  /// When it ended.
  public var endedAt: Timestamp
  /// The backup that was made; nil when none was.
  public var backup: String?
  /// Why none was made.
  public var failure: String?

  /// Whether a backup was made.
  public var isSuccess: Bool { backup != nil }

  /// Describes a run.
  public init(
    database: String, startedAt: Timestamp, endedAt: Timestamp = .now(), backup: String? = nil,
    failure: String? = nil
  ) {
    self.database = database
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.backup = backup
    self.failure = failure
  }

  init?(_ bytes: [UInt8]) {
    guard let json = try? JSON(parsing: bytes), json["format"]?.string == BackupOutcome.format,
      let database = json["database"]?.string,
      let started = json["started-at"]?.string.flatMap(Timestamp.init(parsing:)),
      let ended = json["ended-at"]?.string.flatMap(Timestamp.init(parsing:))
    else { return nil }
    self.init(
      database: database, startedAt: started, endedAt: ended, backup: json["backup"]?.string,
      failure: json["failure"]?.string)
  }

  fileprivate var json: JSON {
    [
      "format": .string(BackupOutcome.format), "version": 1, "database": .string(database),
      "started-at": .string(startedAt.rfc3339()), "ended-at": .string(endedAt.rfc3339()),
      "backup": JSON(backup), "failure": JSON(failure),
    ]
  }
}

extension BackupStore {
  /// Keeps how the last backup of a database ended, in place of what was kept before.
  ///
  /// - Throws: `ArchiveError` or `DBError` where the store cannot be written.
  public func keep(_ run: BackupOutcome) throws {
    try create()
    try DurableFile.replace(
      path.appending(BackupStore.fileNamePart(run.database) + BackupOutcome.suffix),
      with: Array((run.json.text(.pretty) + "\n").utf8))
  }

  /// How the last backups into this store ended, in the order of the databases' names.
  public func lastRuns() throws -> [BackupOutcome] {
    guard Folder(path: path).exists else { return [] }
    return try Folder(path: path).names().filter { $0.hasSuffix(BackupOutcome.suffix) }
      .compactMap { name in
        (try? DurableFile.read(path.appending(name), atMost: 1 << 20)).flatMap(BackupOutcome.init)
      }
      .sorted { $0.database < $1.database }
  }
}
