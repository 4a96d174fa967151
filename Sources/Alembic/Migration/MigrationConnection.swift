public import Diagnostics

/// A connection to the database that is migrated, or what stands in for one.
///
/// Synchronous: the thread that runs a script waits for the server.
public protocol MigrationConnection: AnyObject {
  /// Runs SQL text by the simple protocol, all its statements in one go, and gives the result of
  /// the last. Throws ``StatementFailure`` where the server refuses it.
  func execute(_ sql: String) throws -> StatementResult

  /// Commits the transaction that is open and begins the next.
  func renewTransaction() throws
}

extension MigrationConnection {
  /// The two statements, one after the other.
  public func renewTransaction() throws {
    _ = try execute("COMMIT")
    _ = try execute("BEGIN")
  }
}

/// What a statement gave.
public struct StatementResult: Hashable, Sendable {
  /// A column of a result.
  public struct Field: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// The OID of its type.
    public var type: UInt32

    /// Describes a column.
    public init(name: String, type: UInt32) {
      self.name = name
      self.type = type
    }
  }

  /// The columns; empty for a statement without rows.
  public var fields: [Field]
  /// The rows in the server's text format; nil is NULL.
  public var rows: [[String?]]
  /// What the server calls the statement that ended, as `UPDATE 3`.
  public var tag: String

  /// Describes a result.
  public init(fields: [Field] = [], rows: [[String?]] = [], tag: String = "") {
    self.fields = fields
    self.rows = rows
    self.tag = tag
  }

  /// How many rows the statement changed or gave: the number at the end of the tag; -1 where it
  /// has none.
  public var rowCount: Int {
    tag.split(separator: " ").last.flatMap { Int($0) } ?? -1
  }
}

/// A statement that the server refused.
public struct StatementFailure: Failure, Hashable {
  /// What the server said.
  public var message: String
  /// The five characters of the SQL state.
  public var sqlState: String
  /// What the server added, a line each: detail, hint, where.
  public var details: [String]
  /// The statement.
  public var statement: String
  /// The constraint that was violated, if one was.
  public var constraint: String?

  /// Says what the server said.
  public init(
    message: String, sqlState: String, details: [String] = [], statement: String,
    constraint: String? = nil
  ) {
    self.message = message
    self.sqlState = sqlState
    self.details = details
    self.statement = statement
    self.constraint = constraint
  }
}
