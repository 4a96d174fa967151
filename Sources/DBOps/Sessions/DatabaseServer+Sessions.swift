internal import Postgres
internal import Quantities

extension DatabaseServer {
  /// The clients' sessions that a filter means, our own left out.
  public func sessions(_ filter: SessionFilter) async throws -> SessionReport {
    try await withConnection { connection in try await sessions(filter, over: connection) }
  }

  private func sessions(
    _ filter: SessionFilter, over connection: Connection
  ) async throws -> SessionReport {
    let result = try await connection.query(sessionQuery, filter.parameters)
    let totals = try await connection.query(
      """
      SELECT (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend')
        AS connections, current_setting('max_connections')::int AS most
      """)
    return SessionReport(
      sessions: try result.rows.map(DatabaseSession.init(row:)),
      connections: try totals.rows[0].decode("connections"),
      maxConnections: try totals.rows[0].decode("most"))
  }

  /// Cancels the statements of sessions, or ends the sessions, and waits until that is so.
  ///
  /// Each is asked for by what it does now: a session that has gone on to another statement, or a
  /// process that serves another client by now, is left in peace.
  ///
  /// - Parameters:
  ///   - sessions: as `sessions(_:)` gave them.
  ///   - terminates: whether the sessions end, and not only their statements.
  ///   - wait: how long that may take.
  /// - Returns: those that are still there, doing the same.
  public func end(
    _ sessions: [DatabaseSession], terminates: Bool, wait: Duration
  ) async throws -> [DatabaseSession] {
    try await withConnection { connection in
      let function = terminates ? "pg_terminate_backend" : "pg_cancel_backend"
      for session in sessions {
        _ = try await connection.query(
          "SELECT \(function)(pid) FROM pg_stat_activity WHERE \(isSame(terminates))",
          session.identity(terminates))
      }
      let clock = ContinuousClock()
      let end = clock.now + wait
      while true {
        var left: [DatabaseSession] = []
        for session in sessions {
          let found = try await connection.query(
            "SELECT FROM pg_stat_activity WHERE \(isSame(terminates))",
            session.identity(terminates))
          if !found.rows.isEmpty { left.append(session) }
        }
        if left.isEmpty || clock.now >= end { return left }
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  /// A cancelled statement is over where the session is in another state, or at another statement.
  private func isSame(_ terminates: Bool) -> String {
    let session = "pid = $1 AND backend_start = $2::timestamptz"
    if terminates { return session }
    return session + " AND query_start IS NOT DISTINCT FROM $3::timestamptz AND state = 'active'"
  }
}

/// Locks are looked at only where somebody waits for one.
private let sessionQuery = """
  WITH waiting AS MATERIALIZED (
    SELECT pid, pg_blocking_pids(pid) AS blockers FROM pg_stat_activity
    WHERE wait_event_type = 'Lock'
  ), a AS (
    SELECT a.*, coalesce(w.blockers, '{}') AS blockers,
      (SELECT count(*)::int FROM waiting o WHERE a.pid = ANY (o.blockers)) AS blocks,
      clock_timestamp() - a.xact_start AS transaction_for,
      clock_timestamp() - a.state_change AS state_for
    FROM pg_stat_activity a LEFT JOIN waiting w USING (pid)
    WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
  )
  SELECT pid, usename, application_name, host(client_addr) AS client, datname, state,
    wait_event_type || ': ' || wait_event AS wait, backend_start, backend_start::text AS began,
    (extract(epoch FROM transaction_for) * 1000)::bigint AS transaction_ms,
    (extract(epoch FROM state_for) * 1000)::bigint AS state_ms,
    array_to_string(blockers, ',') AS blockers, blocks, query, query_start::text AS query_began
  FROM a
  WHERE ($1::text IS NULL OR datname = $1) AND ($2::text IS NULL OR usename = $2)
    AND ($3::text IS NULL OR application_name ~ $3) AND ($4::text IS NULL OR state = $4)
    AND ($5::bigint IS NULL
      OR state = 'active' AND clock_timestamp() - query_start >= $5 * interval '1 millisecond')
    AND ($6::bigint IS NULL
      OR state LIKE 'idle in transaction%' AND state_for >= $6 * interval '1 millisecond')
    AND ($7::bigint IS NULL OR transaction_for >= $7 * interval '1 millisecond')
    AND ($8::bool IS NULL OR (blocks > 0) = $8)
    AND ($9::bool IS NULL OR (wait_event_type IS NOT DISTINCT FROM 'Lock') = $9)
    AND ($10::int[] IS NULL OR pid = ANY ($10))
  ORDER BY state_for DESC NULLS LAST, pid
  """

extension SessionFilter {
  fileprivate var parameters: [SQLValue?] {
    func time(_ duration: Duration?) -> SQLValue? { duration.map { SQLValue($0.milliseconds) } }
    return [
      database.map { SQLValue($0) }, user.map { SQLValue($0) }, application.map { SQLValue($0) },
      state.map { SQLValue($0) }, time(runningFor), time(idleInTransactionFor),
      time(transactionFor), isBlocking.map { SQLValue($0) }, isWaiting.map { SQLValue($0) },
      pids.map { SQLValue(array: $0.map { SQLValue($0) }) },
    ]
  }
}

extension DatabaseSession {
  fileprivate init(row: Row) throws {
    pid = try row.decode("pid")
    user = row["usename"]
    application = row["application_name"] ?? ""
    client = row["client"]
    database = row["datname"]
    state = row["state"]
    wait = row["wait"]
    startedAt = try row.decode("backend_start")
    sessionStart = row["began"] ?? ""
    transactionFor = row["transaction_ms"].flatMap { Int64($0) }.map { .milliseconds($0) }
    stateFor = row["state_ms"].flatMap { Int64($0) }.map { .milliseconds($0) }
    blockedBy = (row["blockers"] ?? "").split(separator: ",").compactMap { Int($0) }
    blocks = try row.decode("blocks")
    statement = StatementText.withoutValues(row["query"] ?? "")
    statementStart = row["query_began"]
  }

  /// What tells it from another client of the same process and, where only its statement is meant,
  /// from its own next one.
  fileprivate func identity(_ terminates: Bool) -> [SQLValue?] {
    let session = [SQLValue(pid), SQLValue(sessionStart)]
    return terminates ? session : session + [statementStart.map { SQLValue($0) }]
  }
}
