public import Digest
public import Quantities

/// What a backup is and what is in it: the proof that it is whole.
///
/// Stands in `manifest.json` beside `toc.dat`, is written last, and carries a digest of itself. The
/// keys of `tables` and `sequences` are names as SQL writes them, `public.users` or
/// `public."größe"`.
public struct Manifest: Hashable, Sendable {
  /// The name of the file in a backup's folder.
  public static let fileName = "manifest.json"
  /// What stands under `format`.
  static let format = "omcops-backup"
  /// What stands under `version`; readers refuse any other.
  static let version: Int64 = 1

  /// One table's data.
  public struct Table: Hashable, Sendable {
    /// How many rows it has.
    public var rows: Int64
    /// The file that holds them.
    public var file: String
    /// The hash of its rows, which a live table can be compared with; nil in backups of versions
    /// that wrote none.
    public var content: ContentHash?
    /// The greatest key, where the table has one that can be compared.
    public var newestKey: NewestKey?
    /// The columns whose long values the server had tried in vain to compress.
    public var uncompressed: [String]

    /// Describes a table.
    public init(
      rows: Int64, file: String, content: ContentHash? = nil, newestKey: NewestKey? = nil,
      uncompressed: [String] = []
    ) {
      self.rows = rows
      self.file = file
      self.content = content
      self.newestKey = newestKey
      self.uncompressed = uncompressed
    }
  }

  /// The greatest value of a table's key at the moment of the snapshot.
  public struct NewestKey: Hashable, Sendable {
    /// The column, as SQL writes it.
    public var column: String
    /// The value as text.
    public var value: String

    /// Describes a key.
    public init(column: String, value: String) {
      self.column = column
      self.value = value
    }
  }

  /// One sequence's place.
  public struct Sequence: Hashable, Sendable {
    /// The value that `setval` takes.
    public var lastValue: Int64
    /// Whether that value has been handed out.
    public var isCalled: Bool

    /// Describes a place.
    public init(lastValue: Int64, isCalled: Bool) {
      self.lastValue = lastValue
      self.isCalled = isCalled
    }
  }

  /// One file of the backup, as it is on disk.
  public struct File: Hashable, Sendable {
    /// The size.
    public var bytes: Int64
    /// The digest, in lower-case hexadecimal.
    public var sha256: String

    /// Describes a file.
    public init(bytes: Int64, sha256: String) {
      self.bytes = bytes
      self.sha256 = sha256
    }
  }

  /// The backup's name, which is that of its folder.
  public var id: String
  /// What the operator called it.
  public var label: String?
  /// When it was begun.
  public var createdAt: Timestamp
  /// The moment that the data is of: the snapshot's.
  public var snapshotTime: Timestamp
  /// When all rows were copied; nil in backups of versions that did not say so.
  public var finishedAt: Timestamp?
  /// The database that was backed up.
  public var database: String
  /// Its encoding, such as `UTF8`.
  public var encoding: String
  /// The server's `server_version`.
  public var serverVersion: String
  /// The server's major version, such as 15.
  public var serverMajor: Int
  /// What tells one server from all others.
  public var systemIdentifier: String?
  /// `pg_database_size` at the time.
  public var databaseBytes: Int64
  /// The schema's revision, where the database has Alembic's table; several are joined by commas.
  public var alembicRevision: String?
  /// The version of omcops that wrote it.
  public var omcopsVersion: String
  /// Every role that the backup names: owners, and those with rights.
  public var roles: [String]
  /// The tables with data.
  public var tables: [String: Table]
  /// The sequences.
  public var sequences: [String: Sequence]
  /// Every file of the backup but the manifest.
  public var files: [String: File]
  /// What was selected, in the words of the command line; nil where it is the whole database.
  public var selection: [String]?

  /// Describes a backup.
  public init(
    id: String, label: String? = nil, createdAt: Timestamp, snapshotTime: Timestamp,
    database: String, encoding: String, serverVersion: String, serverMajor: Int,
    systemIdentifier: String? = nil, databaseBytes: Int64, alembicRevision: String? = nil,
    omcopsVersion: String, roles: [String] = [], tables: [String: Table] = [:],
    sequences: [String: Sequence] = [:], files: [String: File] = [:]
  ) {
    self.id = id
    self.label = label
    self.createdAt = createdAt
    self.snapshotTime = snapshotTime
    self.database = database
    self.encoding = encoding
    self.serverVersion = serverVersion
    self.serverMajor = serverMajor
    self.systemIdentifier = systemIdentifier
    self.databaseBytes = databaseBytes
    self.alembicRevision = alembicRevision
    self.omcopsVersion = omcopsVersion
    self.roles = roles
    self.tables = tables
    self.sequences = sequences
    self.files = files
  }

  /// Whether it holds less than the whole database, so that it cannot stand for one.
  public var isPartial: Bool { selection != nil }
  /// The size of all files together.
  public var totalBytes: Int64 { files.values.reduce(0) { $0 &+ $1.bytes } }
  /// The rows of all tables together.
  public var totalRows: Int64 { tables.values.reduce(0) { $0 &+ $1.rows } }
}
