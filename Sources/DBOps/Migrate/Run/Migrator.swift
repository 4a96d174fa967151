public import Alembic
public import Postgres
internal import Quantities
internal import Synchronization

/// Brings a database to another revision, alone and without holding others up for long.
///
/// Two sessions are used: one migrates, the other holds the lock that keeps other migrators away
/// and looks who blocks. Where nothing has to be done, neither lock nor second session is needed.
public struct Migrator: Sendable {
  /// Where to go.
  public enum Goal: Hashable, Sendable {
    /// Up, to what `alembic upgrade` takes.
    case upgrade(to: String)
    /// Down, to what `alembic downgrade` takes.
    case downgrade(to: String)
    /// Nowhere: the version rows change and nothing is run. With `purge` all of them go first.
    case stamp([String], purge: Bool)
  }

  /// The project.
  public var scripts: ScriptDirectory
  /// What its `env.py` says.
  public var options: EnvironmentOptions
  /// Runs the scripts.
  public var performer: any StepPerformer
  /// How long to wait for what.
  public var patience = MigrationPatience()
  /// Who we are, for those who have to wait for us.
  public var holder: AdvisoryLock.Holder

  /// Describes a run.
  public init(
    _ scripts: ScriptDirectory, options: EnvironmentOptions, performer: any StepPerformer,
    holder: AdvisoryLock.Holder
  ) {
    self.scripts = scripts
    self.options = options
    self.performer = performer
    self.holder = holder
  }

  /// What the version table says.
  public struct State: Hashable, Sendable {
    /// Whether it is there.
    public var tableExists: Bool
    /// Its rows.
    public var heads: [String]

    /// Reads the version table, for which no script has to be known.
    public static func read(
      _ options: EnvironmentOptions, over connection: Connection
    ) async throws -> State {
      let table = VersionTable(options)
      do {
        if let heads = try await copy(table, over: connection) {
          return State(tableExists: true, heads: heads)
        }
        return State(tableExists: true, heads: try await select(table, over: connection))
      } catch let error as PostgresError where error.sqlState == "42P01" {
        return State(tableExists: false, heads: [])
      }
    }

    /// Nil where the rows cannot be had so, or not as they are: a view costs a line in the server's log, and
    /// NULL and escapes are left to the other way.
    private static func copy(
      _ table: VersionTable, over connection: Connection
    ) async throws -> [String]? {
      let lines = Mutex<[String]>([])
      do {
        _ = try await connection.copyOut(table.copy) { line in
          lines.withLock { $0.append(String(decoding: line.dropLast(), as: UTF8.self)) }
        }
      } catch let error as PostgresError where error.sqlState == "42809" {
        return nil  // A view, or a foreign table.
      }
      let heads = lines.withLock { $0 }
      return heads.contains { $0.utf8.contains(UInt8(ascii: "\\")) } ? nil : heads
    }

    private static func select(
      _ table: VersionTable, over connection: Connection
    ) async throws -> [String] {
      try await connection.query(table.select).rows.compactMap { $0[0] }
    }
  }

  /// Reads the version table.
  public func state(over connection: Connection) async throws -> State {
    try await State.read(options, over: connection)
  }

  /// The steps that lead from a state to a goal; none where it is reached.
  public func steps(to goal: Goal, from state: State) throws -> [MigrationStep] {
    switch goal {
    case .upgrade(let target): try scripts.map.upgradeSteps(to: target, from: state.heads)
    case .downgrade(let target): try scripts.map.downgradeSteps(to: target, from: state.heads)
    case .stamp(let targets, let purge):
      try scripts.map.stampSteps(to: targets, from: purge ? [] : state.heads)
    }
  }

  /// Goes to the goal over a connection that is used for nothing else meanwhile.
  ///
  /// - Parameter known: what `state` just said over that connection, if it was asked.
  /// - Throws: `MigrationFailure` for a step that failed, `DBError` of code `locked` when somebody
  ///   else migrates for too long, `RevisionError`, what the performer's check throws,
  ///   `PostgresError` or `CancellationError`.
  public func run(
    _ goal: Goal, on server: DatabaseServer, over connection: Connection,
    from known: State? = nil, onEvent: @escaping @Sendable (MigrationEvent) -> Void = { _ in }
  ) async throws -> MigrationSummary {
    let first = if let known { known } else { try await state(over: connection) }
    let pending = try steps(to: goal, from: first)
    if pending.isEmpty, !goal.isPurge {
      return MigrationSummary(before: first.heads, after: first.heads)
    }
    async let opening = watcher(on: server)
    try performer.check(pending)
    return try await withLock(over: try await opening, onEvent) { watcher in
      // Whoever had the lock before us may have done the work.
      let state = try await state(over: connection)
      let steps = try steps(to: goal, from: state)
      if state != first { try performer.check(steps) }
      var run = MigrationRun(self, state, watcher: watcher, onEvent: onEvent)
      run.isPurging = goal.isPurge
      return try await run.run(steps, over: connection)
    }
  }

  /// Runs `body` while no other omcops migrates this database; it gets the lock's own session.
  ///
  /// - Throws: `DBError` of code `locked` when somebody else migrates for too long, and what `body`
  ///   throws.
  public func withLock<Result: Sendable>(
    on server: DatabaseServer, _ onEvent: @Sendable (MigrationEvent) -> Void,
    _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    try await withLock(over: try await watcher(on: server), onEvent, body)
  }

  private func watcher(on server: DatabaseServer) async throws -> Connection {
    try await Connection.open(server.settings, applicationName: LockCard.short(holder))
  }

  private func withLock<Result: Sendable>(
    over watcher: Connection, _ onEvent: @Sendable (MigrationEvent) -> Void,
    _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    do {
      var settings = "SET statement_timeout = 0"
      if watcher.info.majorVersion >= 14 { settings += "; SET idle_session_timeout = 0" }
      try await watcher.execute(settings)
      let table = VersionTable(options)
      let attempt = try await AdvisoryLock.takeInDatabase(
        group: "migrate \(table.quotedName)", holder: holder, over: watcher,
        wait: patience.lockWait
      ) { onEvent(.waiting(for: $0)) }
      if case .busy(let other) = attempt { throw locked(watcher.info.database, other) }
      let result = try await body(watcher)
      await watcher.close()
      return result
    } catch {
      await watcher.close()
      throw error
    }
  }

  private func locked(_ database: String, _ other: AdvisoryLock.Holder?) -> DBError {
    let who = other.map { ": \($0.summary)" } ?? ""
    return DBError(
      .locked, "database \"\(database)\" is being migrated by somebody else\(who)",
      hint: "wait for it with --lock-wait")
  }
}

extension Migrator.Goal {
  var isPurge: Bool { if case .stamp(_, let purge) = self { purge } else { false } }
}

extension AdvisoryLock.Holder {
  /// Who it is, in one line.
  public var summary: String {
    "\(user)@\(host), process \(pid), since \(since.rfc3339(fractionDigits: 0))"
  }
}
