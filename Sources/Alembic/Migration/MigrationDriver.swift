/// Runs steps over a connection, in the transactions that the project asks for, each step with its
/// change of the version rows.
///
/// What a step itself sends is not its business: `perform` does that, by statements of a file or by
/// running a script.
public struct MigrationDriver {
  /// What happens, as it happens.
  public enum Event: Sendable {
    /// A step begins.
    case started(MigrationStep)
    /// A step and its version rows are sent; whether they are committed too.
    case finished(MigrationStep, isCommitted: Bool)
    /// All that was sent is committed.
    case committed
  }

  /// The graph.
  public let map: RevisionMap
  /// How the project wants it.
  public let options: EnvironmentOptions
  /// The table of the applied revisions.
  public let versionTable: VersionTable
  /// Whether the connection only writes a script, and gives no answers.
  public let isOffline: Bool

  /// Describes a run.
  public init(_ map: RevisionMap, options: EnvironmentOptions, isOffline: Bool = false) {
    self.map = map
    self.options = options
    versionTable = VersionTable(options)
    self.isOffline = isOffline
  }

  /// Whether each step has a transaction of its own.
  public var isTransactionPerStep: Bool {
    options.isTransactionPerMigration || !options.isTransactional
  }

  /// Runs the steps.
  ///
  /// - Parameters:
  ///   - heads: the version rows before.
  ///   - tableExists: whether the version table is there.
  ///   - perform: runs one step's script, given the version rows before it.
  /// - Throws: what `perform` throws, `StatementFailure`, or `RevisionError` when the version rows
  ///   are not as they should be; the transaction that was open has been rolled back then.
  public func run(
    _ steps: [MigrationStep], from heads: [String], tableExists: Bool,
    over connection: ScriptConnection, perform: (MigrationStep, [String]) throws -> Void,
    events: (Event) -> Void = { _ in }
  ) throws {
    do {
      try runSteps(
        steps, from: heads, tableExists: tableExists, over: connection, perform: perform,
        events: events)
    } catch {
      // What the rollback itself meets says less than what led to it.
      if !isOffline { try? connection.rollback() }
      throw error
    }
  }

  private func runSteps(
    _ steps: [MigrationStep], from heads: [String], tableExists: Bool,
    over connection: ScriptConnection, perform: (MigrationStep, [String]) throws -> Void,
    events: (Event) -> Void
  ) throws {
    // Without transactional DDL a script has none at all; a database still gets one for each step.
    let begins = options.isTransactional || !isOffline
    connection.isAutocommit = !begins
    if begins, !isTransactionPerStep { try begin(connection) }
    if !isOffline, !tableExists, heads.isEmpty {
      _ = try connection.execute(versionTable.createIfMissing)
    }
    var rows = VersionHeads(heads, in: map)
    for (index, step) in steps.enumerated() {
      if begins, isTransactionPerStep { try begin(connection) }
      if isOffline, rows.heads.isEmpty { _ = try connection.execute(versionTable.create) }
      events(.started(step))
      try perform(step, rows.heads.sorted())
      for change in try rows.apply(step) { try send(change, over: connection) }
      if isTransactionPerStep {
        let isLast = index == steps.count - 1
        try begins && !isLast ? connection.renew() : connection.commit()
      }
      events(.finished(step, isCommitted: isTransactionPerStep))
    }
    try connection.commit()
    events(.committed)
  }

  /// A script may have left a transaction open, or have begun one by a question.
  private func begin(_ connection: ScriptConnection) throws {
    if connection.transaction == nil { _ = try connection.begin() }
  }

  private func send(_ change: VersionChange, over connection: ScriptConnection) throws {
    let result = try connection.execute(versionTable.statement(for: change))
    if case .insert = change { return }
    guard isOffline || result.rowCount == 1 else {
      throw versionTable.mismatch(change, rows: result.rowCount)
    }
  }
}

extension ScriptConnection {
  /// Runs `body` outside any transaction: what was open is committed before, and a new transaction
  /// begins after it if one was open.
  public func autocommitBlock<Result>(_ body: () throws -> Result) throws -> Result {
    let hadTransaction = transaction != nil
    try commit()
    let outer = isAutocommit
    isAutocommit = true
    defer { isAutocommit = outer }
    let result = try body()
    isAutocommit = outer
    if hadTransaction, transaction == nil { _ = try begin() }
    return result
  }
}
