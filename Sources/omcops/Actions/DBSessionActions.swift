internal import DBOps
internal import Digest
internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import Text

/// `db.sessions`: who is connected, what they do, for how long, and who waits for whom.
struct DBSessionsAction: Action {
  let target: RunTarget

  let name = "db.sessions"

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let limit = call.with["limit"]?.int ?? 100
    let server = try target.server
    let filter = try SessionFilter(call, target)
    let report = try await actionErrors { try await server(call.run).sessions(filter) }
    let shown = report.sessions.prefix(Int(clamping: max(0, limit)))
    return ActionOutcome(result: [
      "sessions": .array(shown.map { Value($0) }), "count": .int(Int64(report.sessions.count)),
      "connections": .int(Int64(report.connections)),
      "max-connections": .int(Int64(report.maxConnections)),
    ])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    SessionWords.query(
      "SELECT pid, usename, application_name, state, now() - state_change AS since, "
        + "wait_event_type, pg_blocking_pids(pid), query", with)
  }
}

/// `db.cancel`: cancels the statements of sessions, or ends the sessions.
///
/// It means few: it refuses to go on where more match than `max`. Sessions of omcops and of dumps are
/// left in peace.
struct DBCancelAction: Action {
  let target: RunTarget

  let name = "db.cancel"

  private static let usualMost: Int64 = 10

  func observe(_ call: ActionCall) async throws -> Value {
    .array(try await found(call).map { Value($0) })
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let sessions = try await found(call)
    let most = call.with["max"]?.int ?? DBCancelAction.usualMost
    guard sessions.count <= most else {
      throw ActionError(
        .refused, "\(sessions.count) sessions match, and at most \(most) are to be ended",
        hint: "Say more of which are meant, or raise max.")
    }
    let terminates = call.with["terminate"]?.bool ?? false
    let server = try target.server
    let wait = call.duration("wait") ?? .seconds(10)
    let left = try await actionErrors(writes: true) {
      try await server(call.run).end(sessions, terminates: terminates, wait: wait)
    }
    guard left.isEmpty else {
      let pids = left.map { "\($0.pid)" }.joined(separator: ", ")
      throw ActionError(
        .assertion, "still there after \(wait.canonical): \(pids)",
        hint: terminates
          ? "May we end sessions of that role (pg_signal_backend)?"
          : "A statement that rolls back takes its time; terminate: true ends the session.")
    }
    return ActionOutcome(result: result(sessions))
  }

  /// There where none is left to end.
  func recall(_ call: ActionCall) async throws -> Recollection {
    let sessions = try await found(call)
    return sessions.isEmpty ? .there(result([])) : .absent
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let isEnding = with["terminate"]?.bool == true
    return SessionWords.query(
      "SELECT \(isEnding ? "pg_terminate_backend" : "pg_cancel_backend")(pid)", with)
  }

  private func result(_ sessions: [DatabaseSession]) -> Value {
    ["ended": .array(sessions.map { .int(Int64($0.pid)) }), "left": []]
  }

  private func found(_ call: ActionCall) async throws -> [DatabaseSession] {
    let filter = try SessionFilter(call, target)
    guard filter.isNarrow else {
      throw ActionError(
        .refused, "nothing says which sessions are meant, which would end all of them",
        hint: "Give running-for, idle-in-transaction-for, blocking, user, application or pids.")
    }
    let server = try target.server
    let report = try await actionErrors { try await server(call.run).sessions(filter) }
    return report.sessions.filter { session in
      guard !session.isSpared else { return false }
      // An idle session has no statement to cancel.
      return call.with["terminate"]?.bool == true || session.state == "active"
    }
  }
}

extension RunTarget {
  /// The environment's server, as a run connects to it.
  fileprivate var server: @Sendable (RunIdentity) -> DatabaseServer {
    get throws {
      let target = try chosen()
      return { DatabaseServer(target.settings, applicationName: self.applicationName(of: $0)) }
    }
  }
}

extension SessionFilter {
  /// What `with` says; the environment's own database where it names none.
  fileprivate init(_ call: ActionCall, _ target: RunTarget) throws {
    self.init()
    let own = try target.chosen().settings["dbname"]
    database = call.with["database"]?.string ?? own
    user = call.with["user"]?.string
    application = call.with["application"]?.string
    state = call.with["state"]?.string
    runningFor = call.duration("running-for")
    idleInTransactionFor = call.duration("idle-in-transaction-for")
    transactionFor = call.duration("transaction-for")
    isBlocking = call.with["blocking"]?.bool
    isWaiting = call.with["waiting"]?.bool
    pids = call.with["pids"]?.array.map { $0.compactMap(\.int).map { Int($0) } }
  }
}

extension Value {
  /// A session as expressions see it.
  fileprivate init(_ session: DatabaseSession) {
    self = [
      "pid": .int(Int64(session.pid)), "user": Value(session.user),
      "application": .string(session.application), "client": Value(session.client),
      "database": Value(session.database), "state": Value(session.state),
      "wait": Value(session.wait), "started-at": .timestamp(session.startedAt),
      "transaction-for": session.transactionFor.map(Value.duration) ?? .null,
      "state-for": session.stateFor.map(Value.duration) ?? .null,
      "blocked-by": .array(session.blockedBy.map { .int(Int64($0)) }),
      "blocks": .int(Int64(session.blocks)), "query": .string(session.statement),
      "query-sha256": .string(String(SHA256.hex(of: session.statement).prefix(16))),
    ]
  }
}

/// What a person would type.
private enum SessionWords {
  static func query(_ start: String, _ with: OrderedDictionary<String, Value>) -> String {
    var parts = ["backend_type = 'client backend'", "pid <> pg_backend_pid()"]
    func literal(_ key: String) -> String? {
      with[key]?.text.map { "'" + $0.replacing(text: "'", with: "''") + "'" }
    }
    if let name = literal("database") { parts.append("datname = \(name)") }
    if let name = literal("user") { parts.append("usename = \(name)") }
    if let pattern = literal("application") { parts.append("application_name ~ \(pattern)") }
    if let state = literal("state") { parts.append("state = \(state)") }
    if let time = literal("running-for") {
      parts.append("state = 'active' AND now() - query_start >= \(time)")
    }
    if let time = literal("idle-in-transaction-for") {
      parts.append("state LIKE 'idle in transaction%' AND now() - state_change >= \(time)")
    }
    if let time = literal("transaction-for") { parts.append("now() - xact_start >= \(time)") }
    if with["waiting"]?.bool == true { parts.append("wait_event_type = 'Lock'") }
    if with["blocking"]?.bool == true {
      parts.append(
        "pid IN (SELECT unnest(pg_blocking_pids(pid)) FROM pg_stat_activity "
          + "WHERE wait_event_type = 'Lock')")
    }
    if let pids = with["pids"]?.array {
      parts.append("pid IN (\(pids.compactMap(\.text).joined(separator: ", ")))")
    }
    return "omcops db query -c "
      + shellQuoted("\(start) FROM pg_stat_activity WHERE \(parts.joined(separator: " AND "))")
  }
}
