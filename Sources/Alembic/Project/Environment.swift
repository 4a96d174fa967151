public import Diagnostics

/// What `env.py` tells Alembic, as far as it changes how migrations run.
public struct EnvironmentOptions: Hashable, Sendable {
  /// The table with the applied revisions.
  public var versionTable = "alembic_version"
  /// Its schema; nil is the first of the search path.
  public var versionTableSchema: String?
  /// Whether the table gets a primary key.
  public var hasVersionTablePrimaryKey = true
  /// Whether each revision has a transaction of its own; if not, one holds them all.
  public var isTransactionPerMigration = false
  /// Whether there are transactions at all.
  public var isTransactional = true
  /// How unnamed constraints are named.
  public var namingConvention = MetadataNaming.none

  /// Alembic's defaults.
  public init() {}
}

/// What is said elsewhere about a project and stands above its `env.py`.
public struct EnvironmentOverrides: Hashable, Sendable {
  /// The table with the applied revisions.
  public var versionTable: String?
  /// Its schema.
  public var versionTableSchema: String?
  /// Whether each revision has a transaction of its own.
  public var isTransactionPerMigration: Bool?
  /// How unnamed constraints are named.
  public var namingConvention: MetadataNaming?
  /// What `env.py` does beside the migrations and need not be done.
  public var accepted: Set<EnvironmentNote.Subject> = []

  /// Nothing: `env.py` says all.
  public init() {}
}

/// Something in `env.py` that Alembic would do and this program does not.
public struct EnvironmentNote: Hashable, Sendable {
  /// What it is about, by which `omcops.yaml` can say that it is known.
  public enum Subject: String, Hashable, Sendable, CaseIterable {
    /// The search path decides where unqualified names lead.
    case searchPath = "search-path"
    /// Migrations run once for each of several schemas or databases.
    case loop
    /// Names are translated on their way to the server.
    case schemaTranslation = "schema-translation"
    /// Options that cannot be read.
    case options
    /// A lock, a timeout, a hook, a statement of its own.
    case other
  }

  /// Where it stands.
  public var location: SourceLocation
  /// What it is about.
  public var subject: Subject
  /// What is there, and what becomes of it.
  public var text: String
  /// Whether running without it could give another result: then nothing is run.
  public var isRefusal: Bool
}

/// `env.py`, read and not run.
public struct Environment: Sendable {
  /// What holds when migrations run against a database.
  public var online = EnvironmentOptions()
  /// What holds for scripts made with `--sql`.
  public var offline = EnvironmentOptions()
  /// What it does beyond that.
  public var notes: [EnvironmentNote] = []

  /// What is known of a project without `env.py`: Alembic's defaults.
  public init() {}
}
