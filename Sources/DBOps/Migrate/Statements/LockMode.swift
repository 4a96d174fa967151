/// A lock on a table, by what it lets others do; PostgreSQL's documentation, chapter "Explicit
/// Locking", table-level locks.
public enum LockMode: Int, Hashable, Comparable, Sendable, CaseIterable {
  /// Reading.
  case accessShare = 1
  /// `SELECT .. FOR UPDATE`.
  case rowShare
  /// Changing rows.
  case rowExclusive
  /// `VACUUM`, `CREATE INDEX CONCURRENTLY`, `VALIDATE CONSTRAINT`.
  case shareUpdateExclusive
  /// `CREATE INDEX`.
  case share
  /// `CREATE TRIGGER`, `ADD FOREIGN KEY`.
  case shareRowExclusive
  /// `REFRESH MATERIALIZED VIEW CONCURRENTLY`.
  case exclusive
  /// `DROP`, `TRUNCATE`, most of `ALTER TABLE`.
  case accessExclusive

  /// The mode in SQL, as `LOCK TABLE` takes it.
  public var sql: String {
    switch self {
    case .accessShare: "ACCESS SHARE"
    case .rowShare: "ROW SHARE"
    case .rowExclusive: "ROW EXCLUSIVE"
    case .shareUpdateExclusive: "SHARE UPDATE EXCLUSIVE"
    case .share: "SHARE"
    case .shareRowExclusive: "SHARE ROW EXCLUSIVE"
    case .exclusive: "EXCLUSIVE"
    case .accessExclusive: "ACCESS EXCLUSIVE"
    }
  }

  /// The mode of a name in SQL, or of `pg_locks`, as `ShareUpdateExclusiveLock`.
  public init?(_ name: String) {
    func key(_ text: String) -> String {
      String(text.lowercased().filter { $0.isLetter })
    }
    let wanted = key(name)
    for mode in LockMode.allCases where key(mode.sql) == wanted || key(mode.sql) + "lock" == wanted
    {
      self = mode
      return
    }
    return nil
  }

  /// Whether a session must wait for the other's lock.
  public func conflicts(with other: LockMode) -> Bool {
    switch self {
    case .accessShare: other == .accessExclusive
    case .rowShare: other >= .exclusive
    case .rowExclusive: other >= .share
    case .shareUpdateExclusive: other >= .shareUpdateExclusive
    case .share: other >= .rowExclusive && other != .share
    case .shareRowExclusive: other >= .rowExclusive
    case .exclusive: other >= .rowShare
    case .accessExclusive: true
    }
  }

  /// Whether nobody else can read the table meanwhile.
  public var blocksReads: Bool { conflicts(with: .accessShare) }

  /// Whether nobody else can change rows meanwhile.
  public var blocksWrites: Bool { conflicts(with: .rowExclusive) }

  /// What others cannot do meanwhile, in a few words.
  public var consequence: String {
    if blocksReads { return "nobody can read or write" }
    if blocksWrites { return "nobody can write" }
    return self >= .shareUpdateExclusive ? "no other schema change" : "everybody works on"
  }

  /// From weak to strong.
  public static func < (a: LockMode, b: LockMode) -> Bool { a.rawValue < b.rawValue }
}
