/// A statement that a migration is going to send, and where it comes from.
public struct PlannedStatement: Hashable, Sendable {
  /// Where a statement comes from.
  public struct Origin: Hashable, Sendable {
    /// The file, as it shall be named to people.
    public var file: String?
    /// The line in it, from 1.
    public var line: Int?
    /// The column in the line, from 1.
    public var column: Int?

    /// Names a place; all may be unknown.
    public init(file: String? = nil, line: Int? = nil, column: Int? = nil) {
      self.file = file
      self.line = line
      self.column = column
    }

    /// `file:line:column`, as far as it is known.
    public var description: String {
      [file, line.map(String.init), column.map(String.init)].compactMap { $0 }
        .joined(separator: ":")
    }
  }

  /// The statement as it is sent.
  public var sql: String
  /// Where it comes from.
  public var origin: Origin
  /// The number of the transaction that it is sent in; those of one number are committed
  /// together. Nil for a statement that commits itself.
  public var transaction: Int?
  /// Rules that shall not speak of it, by comments beside it; `all` silences every rule.
  public var ignoredRules: Set<String>

  /// Describes a statement.
  public init(
    _ sql: String, origin: Origin = Origin(), transaction: Int? = 0,
    ignoredRules: Set<String> = []
  ) {
    self.sql = sql
    self.origin = origin
    self.transaction = transaction
    self.ignoredRules = ignoredRules
  }
}

/// A revision, or a file, with the statements that it sends.
public struct PlannedRevision: Hashable, Sendable {
  /// Whether there is a way back.
  public enum Downgrade: String, Hashable, Sendable {
    /// There is one that does something.
    case present
    /// There is one that does nothing.
    case empty
    /// There is none.
    case missing
    /// The file is no revision.
    case unknown
  }

  /// The revision's id; nil for a file that is none.
  public var id: String?
  /// What it is for: the first line of its text.
  public var message: String
  /// Its file.
  public var file: String?
  /// Whether there is a way back.
  public var downgrade: Downgrade
  /// What it sends, in order; statements about Alembic's own table may be among them.
  public var statements: [PlannedStatement]
  /// Why it may send other statements than these, a sentence each.
  public var gaps: [String] = []
  /// Whether its script raised an exception in the plan: the statements are those before it.
  public var isCutShort = false

  /// Describes a revision.
  public init(
    id: String?, message: String = "", file: String? = nil, downgrade: Downgrade = .unknown,
    statements: [PlannedStatement]
  ) {
    self.id = id
    self.message = message
    self.file = file
    self.downgrade = downgrade
    self.statements = statements
  }
}
