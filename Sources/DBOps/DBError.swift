public import Diagnostics

/// Why work on a database or a backup was not done.
public struct DBError: Failure, Hashable {
  /// What kind of trouble it is, for callers that must tell.
  public struct Code: Hashable, Sendable {
    let raw: String
    /// There is no such backup.
    public static let backupNotFound = Code(raw: "backup-not-found")
    /// A backup is not what its manifest says.
    public static let backupDamaged = Code(raw: "backup-damaged")
    /// The manifest cannot be read.
    public static let badManifest = Code(raw: "bad-manifest")
    /// Something holds what this version cannot back up or restore.
    public static let unsupported = Code(raw: "unsupported")
    /// The database to make exists already.
    public static let targetExists = Code(raw: "target-exists")
    /// The server lacks roles that the backup names.
    public static let missingRoles = Code(raw: "missing-roles")
    /// What was restored is not what was backed up.
    public static let contentDiffers = Code(raw: "content-differs")
    /// Somebody else is at the same work.
    public static let locked = Code(raw: "locked")
    /// The file system refused.
    public static let fileSystem = Code(raw: "file-system")
    /// The request itself makes no sense.
    public static let invalidRequest = Code(raw: "invalid-request")
    /// There is no such database.
    public static let databaseMissing = Code(raw: "database-missing")
    /// Clients kept a database in use until the deadline.
    public static let databaseInUse = Code(raw: "database-in-use")
    /// A database that must not be renamed or dropped.
    public static let refused = Code(raw: "refused")
    /// Anything else.
    public static let failed = Code(raw: "failed")
  }

  /// What kind of trouble it is.
  public let code: Code
  /// What happened, to what and why.
  public var message: String
  /// What to do next.
  public var hint: String?
  /// Context, a line each.
  public var details: [String]

  /// Describes trouble.
  public init(_ code: Code, _ message: String, hint: String? = nil, details: [String] = []) {
    self.code = code
    self.message = message
    self.hint = hint
    self.details = details
  }

  /// 4 for what is refused, 5 for a lock, 2 for a senseless request; else 1.
  public var status: ExitStatus {
    switch code {
    case .unsupported, .targetExists, .missingRoles, .refused: .refused
    case .locked: .locked
    case .invalidRequest: .usage
    default: .failed
    }
  }

  static func missing(database name: String) -> DBError {
    DBError(.databaseMissing, "there is no database \"\(name)\"")
  }
}
