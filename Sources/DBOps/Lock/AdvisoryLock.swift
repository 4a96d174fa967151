internal import JSON
public import Postgres
public import Quantities
internal import Text

/// A lock in a PostgreSQL server that keeps two operators apart: a session's advisory lock on the
/// maintenance database.
///
/// Nothing has to be created for it and any role may take it. The server itself gives it back when
/// the process dies. Who holds it is told by the holder's session: a short form in its
/// `application_name`, which every role can read, and the whole in a comment of its statement.
public final class AdvisoryLock: Sendable {
  /// Who holds a lock.
  public struct Holder: Hashable, Sendable {
    /// The login name.
    public var user: String
    /// The machine.
    public var host: String
    /// The process on that machine.
    public var pid: Int32
    /// The id of the run.
    public var run: String
    /// Since when.
    public var since: Timestamp

    /// Describes a holder.
    public init(user: String, host: String, pid: Int32, run: String, since: Timestamp) {
      self.user = user
      self.host = host
      self.pid = pid
      self.run = run
      self.since = since
    }
  }

  /// How an attempt ended.
  public enum Attempt: Sendable {
    /// The lock is ours.
    case taken(AdvisoryLock)
    /// Somebody else kept it; who, where that can be told.
    case busy(Holder?)
  }

  private let connection: Connection
  /// Says who holds it, in the last statement of the session.
  private let card: String

  private init(_ connection: Connection, card: String) {
    self.connection = connection
    self.card = card
  }

  /// Takes the lock of a group, waiting at most `wait`.
  ///
  /// - Throws: `PostgresError`, or `CancellationError`.
  public static func take(
    group: String, holder: Holder, on settings: ConnectionSettings, wait: Duration
  ) async throws -> Attempt {
    let server = DatabaseServer(settings, applicationName: LockCard.short(holder))
    let connection = try await server.openMaintenance()
    do {
      let key = key(of: group)
      try await connection.execute(sessionSettings(connection, wait: wait))
      if try await lock(key, holder, wait: wait, over: connection) {
        return .taken(AdvisoryLock(connection, card: LockCard.comment(holder)))
      }
      let holder = try await LockCard.holder(of: key, over: connection)
      await connection.close()
      return .busy(holder)
    } catch {
      await connection.close()
      throw error
    }
  }

  /// Whether the session still lives, and with it the lock: a server that was restarted, or an
  /// administrator who ended the session, has let go of it.
  public func isHeld() async -> Bool {
    (try? await connection.query("SELECT 1 \(card)")) != nil
  }

  /// Takes a lock that belongs to the database of a connection, asking again and again for at most
  /// `wait`; the lock takes the connection over, and `.busy` leaves it open.
  ///
  /// It does not wait in the server: a statement that waits has a snapshot, for which the holder's
  /// CREATE INDEX CONCURRENTLY would wait in turn.
  ///
  /// - Parameter onWait: is told once who holds the lock, if that can be told.
  /// - Throws: `PostgresError`, or `CancellationError`.
  public static func takeInDatabase(
    group: String, holder: Holder, over connection: Connection, wait: Duration,
    onWait: (Holder?) -> Void = { _ in }
  ) async throws -> Attempt {
    let key = key(of: group)
    let deadline = ContinuousClock.now + wait
    var isFirst = true
    while true {
      if try await lock(key, holder, wait: .zero, over: connection) {
        return .taken(AdvisoryLock(connection, card: LockCard.comment(holder)))
      }
      let other = try await LockCard.holder(of: key, over: connection)
      if ContinuousClock.now >= deadline { return .busy(other) }
      if isFirst { onWait(other) }
      isFirst = false
      try await Task.sleep(for: .milliseconds(Int.random(in: 50...250)))
    }
  }

  /// Gives the lock back.
  public func release() async { await connection.close() }

  /// The session is idle for as long as the run lasts: nothing may end it for that.
  private static func sessionSettings(_ connection: Connection, wait: Duration) -> String {
    var settings = "SET statement_timeout = 0; SET lock_timeout = \(max(1, wait.milliseconds))"
    if connection.info.majorVersion >= 14 { settings += "; SET idle_session_timeout = 0" }
    return settings
  }

  private static func lock(
    _ key: Int64, _ holder: Holder, wait: Duration, over connection: Connection
  ) async throws -> Bool {
    let card = LockCard.comment(holder)
    if wait <= .zero {
      return try await connection.query(
        "SELECT pg_try_advisory_lock($1::bigint) \(card)", [SQLValue(key)]
      ).single()
    }
    do {
      _ = try await connection.query(
        "SELECT pg_advisory_lock($1::bigint) \(card)", [SQLValue(key)])
      return true
    } catch let error as PostgresError where error.sqlState == "55P03" {
      return false
    }
  }

  /// Sixty-four bits of the group's hash (FNV-1a): two groups share one as good as never, and who
  /// could make two that do may take either lock anyway. For this alone no library is loaded.
  static func key(of group: String) -> Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in "omcops lock \(group)".utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }
    return Int64(bitPattern: hash)
  }
}

/// The words in which a session says that it holds a lock.
enum LockCard {
  /// `omcops lock:1763885702:4711:ada@laptop`; PostgreSQL keeps 63 bytes.
  static func short(_ holder: AdvisoryLock.Holder) -> String {
    let seconds = holder.since.microseconds / 1_000_000
    return String("omcops lock:\(seconds):\(holder.pid):\(holder.user)@\(holder.host)".prefix(63))
  }

  /// The whole as a comment, which stays visible as the session's last statement.
  static func comment(_ holder: AdvisoryLock.Holder) -> String {
    let json: JSON = [
      "user": .string(holder.user), "host": .string(holder.host), "pid": .int(Int64(holder.pid)),
      "run": .string(holder.run), "since": .string(holder.since.rfc3339()),
    ]
    // A name must not end the comment.
    return "/* omcops \(json.text().replacing(text: "*/", with: "* /")) */"
  }

  static func holder(
    of key: Int64, over connection: Connection
  ) async throws -> AdvisoryLock.Holder? {
    let bits = UInt64(bitPattern: key)
    let result = try await connection.query(
      """
      SELECT a.application_name, a.query
      FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.classid = $1::bigint::oid AND l.objid = $2::bigint::oid
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """, [SQLValue(bits >> 32), SQLValue(bits & 0xFFFF_FFFF)])
    guard let row = result.rows.first else { return nil }
    return row["query"].flatMap(parse(comment:)) ?? row["application_name"].flatMap(parse(short:))
  }

  private static func parse(comment text: String) -> AdvisoryLock.Holder? {
    guard let begin = text.range(of: "/* omcops "), text.hasSuffix(" */") else { return nil }
    let body = text[begin.upperBound...].dropLast(3)
    // What is not ours, or cut off, is not a card.
    guard let json = try? JSON(parsing: String(body)), let user = json["user"]?.string,
      let host = json["host"]?.string, let pid = json["pid"]?.int,
      let run = json["run"]?.string,
      let since = json["since"]?.string.flatMap({ Timestamp(parsing: $0) })
    else { return nil }
    return AdvisoryLock.Holder(
      user: user, host: host, pid: Int32(truncatingIfNeeded: pid), run: run, since: since)
  }

  private static func parse(short text: String) -> AdvisoryLock.Holder? {
    let parts = text.split(separator: ":", maxSplits: 3)
    guard parts.count == 4, parts[0] == "omcops lock", let seconds = Int64(parts[1]),
      let pid = Int32(parts[2])
    else { return nil }
    let names = parts[3].split(separator: "@", maxSplits: 1)
    return AdvisoryLock.Holder(
      user: String(names.first ?? ""), host: names.count > 1 ? String(names[1]) : "", pid: pid,
      run: "", since: Timestamp(microseconds: seconds * 1_000_000))
  }
}

extension String {
  fileprivate func range(of word: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(word) { return start..<index(start, offsetBy: word.count) }
      start = index(after: start)
    }
    return nil
  }
}
