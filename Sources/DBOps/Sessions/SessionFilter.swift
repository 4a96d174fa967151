public import Quantities

/// Which sessions of a server are meant; all that is said must hold.
public struct SessionFilter: Sendable {
  /// Their database.
  public var database: String?
  /// Their role.
  public var user: String?
  /// A regular expression of what their clients call themselves.
  public var application: String?
  /// Their state: `active`, `idle`, `idle in transaction`.
  public var state: String?
  /// How long at least their statement runs.
  public var runningFor: Duration?
  /// How long at least they are idle in a transaction.
  public var idleInTransactionFor: Duration?
  /// How long at least their transaction is open.
  public var transactionFor: Duration?
  /// Whether others wait for them.
  public var isBlocking: Bool?
  /// Whether they wait for a lock.
  public var isWaiting: Bool?
  /// Their server processes.
  public var pids: [Int]?

  /// All sessions.
  public init() {}

  /// Whether it says more than the database: which few of all sessions are meant.
  public var isNarrow: Bool {
    user != nil || application != nil || state != nil || runningFor != nil
      || idleInTransactionFor != nil || transactionFor != nil || isBlocking == true
      || isWaiting == true || pids != nil
  }
}

/// A client's session.
public struct DatabaseSession: Sendable {
  /// Its server process.
  public var pid: Int
  /// The role; nil where we may not know.
  public var user: String?
  /// What the client calls itself.
  public var application: String
  /// Its address; nil for a local one.
  public var client: String?
  /// The database.
  public var database: String?
  /// `active`, `idle`, `idle in transaction`.
  public var state: String?
  /// What it waits for: `Lock: relation`.
  public var wait: String?
  /// Since when it is connected.
  public var startedAt: Timestamp
  /// How long its transaction is open; nil without one.
  public var transactionFor: Duration?
  /// How long it is in its state: how long its statement runs, if it is active.
  public var stateFor: Duration?
  /// The server processes that it waits for.
  public var blockedBy: [Int]
  /// How many sessions wait for it.
  public var blocks: Int
  /// Its statement, the current or the last one, without the values in it.
  public var statement: String
  /// The moment it was connected, as the server writes it.
  var sessionStart: String
  /// The moment its statement began, as the server writes it: what tells it from the next one.
  var statementStart: String?

  /// Whether it is one that must not be ended to free others: ours, or a dump's.
  public var isSpared: Bool {
    ["omcops", "pg_dump", "pg_restore", "pg_dumpall", "pg_basebackup"].contains {
      application == $0 || application.hasPrefix($0 + " ")
    }
  }
}

/// The sessions of a server that are meant, and how many there are in all.
public struct SessionReport: Sendable {
  /// Those that are meant, the longest in their state first.
  public var sessions: [DatabaseSession]
  /// All clients of the server.
  public var connections: Int
  /// How many it takes.
  public var maxConnections: Int
}
