internal import Postgres
internal import Quantities
internal import Text

/// A session that holds a lock which the plan would wait for.
public struct BlockingSession: Hashable, Sendable {
  /// Its server process; nil for a prepared transaction, which has none.
  public var pid: Int?
  /// The role; nil where we may not know.
  public var user: String?
  /// What the client calls itself.
  public var application: String?
  /// Its address; nil for a local one.
  public var address: String?
  /// `active`, `idle in transaction`; what the server calls a process that is no client.
  public var state: String?
  /// How long its transaction has been open, in seconds.
  public var transactionSeconds: Double?
  /// The statement it runs or ran last, its constants left out.
  public var statement: String?
  /// The relation, and the lock on it; nil where it is in the way by its snapshot alone.
  public var lock: StatementEffects.Lock?
  /// The statements of the plan that would wait, by their numbers.
  public var blocks: [String]

  /// One line for people: `pid 4711, ada, psql from 10.0.0.7, idle in transaction for 12 min`.
  public var summary: String {
    var parts = [pid.map { "pid \($0)" } ?? "a prepared transaction"]
    if let user { parts.append(user) }
    let program = [application ?? "", address.map { "from \($0)" } ?? ""].filter { !$0.isEmpty }
    if !program.isEmpty { parts.append(program.joined(separator: " ")) }
    var doing = state ?? ""
    if let transactionSeconds {
      let age = Duration.seconds(transactionSeconds.rounded()).readable
      doing += doing.isEmpty ? "transaction open for \(age)" : ", transaction open for \(age)"
    }
    if !doing.isEmpty { parts.append(doing) }
    return parts.joined(separator: ", ")
  }

  /// The sessions that hold locks in conflict with those of the steps, the oldest first.
  static func obstacles(
    to steps: [MigrationPlan.Step], _ connection: Connection
  ) async throws -> [BlockingSession] {
    let results = try await connection.pipeline([Statement(locksQuery), Statement(snapshotsQuery)])
    var holders: [BlockingSession] = []
    for row in results[0].rows {
      guard let mode = LockMode(row["mode"] ?? "") else { continue }
      let held = StatementEffects.Lock(
        relation: ObjectName(row["nspname"], row["relname"] ?? ""), mode: mode)
      let blocked = steps.filter { step in
        step.locks.contains {
          $0.lock.relation == held.relation && $0.lock.mode.conflicts(with: held.mode)
        }
      }
      if blocked.isEmpty { continue }
      var holder = try BlockingSession(row)
      holder.lock = held
      holder.blocks = blocked.map(\.number)
      holders.append(holder)
    }
    // What is built beside the traffic waits for every snapshot that is older.
    let concurrent = steps.filter(\.waitsForSnapshots)
    if !concurrent.isEmpty {
      for row in results[1].rows {
        var holder = try BlockingSession(row)
        if holders.contains(where: { $0.pid == holder.pid }) { continue }
        holder.blocks = concurrent.map(\.number)
        holders.append(holder)
      }
    }
    return holders
  }

  /// The sessions that a server process waits for at this moment.
  static func blocking(
    _ pid: Int, _ connection: Connection
  ) async throws -> [BlockingSession] {
    let result = try await connection.query(
      "SELECT \(session) FROM pg_stat_activity AS a WHERE a.pid = ANY (pg_blocking_pids($1::int)) "
        + "ORDER BY a.xact_start, a.pid", [SQLValue(Int64(pid))])
    return try result.rows.map { try BlockingSession($0) }
  }

  private init(_ row: Row) throws {
    pid = try row.decode("pid")
    user = row["usename"]
    application = row["application_name"]
    address = row["address"]
    state = row["state"]
    transactionSeconds = try row.decode("seconds")
    statement = row["query"].map(BlockingSession.withoutConstants)
    blocks = []
  }

  /// The statement's words without its constants: they may be secrets.
  static func withoutConstants(_ sql: String) -> String {
    var text = ""
    var place = sql.startIndex
    for token in SQLTokens.tokens(of: sql) {
      text += sql[place..<token.range.lowerBound]
      text += token.kind == .text ? "'…'" : String(token.spelling)
      place = token.range.upperBound
    }
    let words = text.split { $0.isWhitespace }.joined(separator: " ")
    return words.count > 100 ? String(words.prefix(99)) + "…" : words
  }

  private static let session = """
    a.pid, a.usename, a.application_name, host(a.client_addr) AS address,
    CASE WHEN a.backend_type = 'client backend' THEN a.state ELSE a.backend_type END AS state,
    extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds, a.query
    """

  private static let locksQuery = """
    SELECT n.nspname, c.relname, l.mode, \(session)
    FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ORDER BY a.xact_start NULLS LAST, a.pid, 1, 2, 3
    """

  private static let snapshotsQuery = """
    SELECT \(session) FROM pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.backend_xmin IS NOT NULL
      AND a.pid <> pg_backend_pid() AND a.xact_start < clock_timestamp() - interval '5 seconds'
    ORDER BY a.xact_start
    """
}

extension MigrationPlan.Step {
  /// `CREATE INDEX CONCURRENTLY` and its like wait for all older transactions of the database.
  fileprivate var waitsForSnapshots: Bool {
    switch effects.transactionUse {
    case .outside(let reason): reason.contains(text: "CONCURRENTLY")
    case .anywhere: false
    }
  }
}
