internal import CPostgres
public import Threads

/// A session with a server.
///
/// It is used by one task at a time: a second task's statement would land in the first one's
/// transaction. Every call waits on the connection's thread, its own unless it shares one. When the task that calls is
/// cancelled, the statement is cancelled on the server and `CancellationError` is thrown; the
/// connection can be used again, unless the server did not obey within ten seconds.
public actor Connection {
  private let thread: ConnectionThread
  private let wakeUp: WakeUp
  private let detour: (way: Detour, localPort: Int?)?
  private var session: Session?

  /// What was agreed when the session began.
  public nonisolated let info: ConnectionInfo

  /// The connection's thread.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    thread.asUnownedSerialExecutor()
  }

  private init(
    session: sending Session, info: ConnectionInfo, thread: ConnectionThread, wakeUp: WakeUp,
    detour: (way: Detour, localPort: Int?)?
  ) {
    self.detour = detour
    self.session = session
    self.info = info
    self.thread = thread
    self.wakeUp = wakeUp
  }

  /// Opens a session.
  ///
  /// `applicationName` is what the server's administrators see in `pg_stat_activity`. `onNotice` is
  /// called on the connection's thread; without it notices are dropped. Without `connect_timeout`
  /// an attempt ends after 15 seconds.
  ///
  /// - Parameter jobs: those of a thread that the connection shares in place of one of its own. While the
  ///   session comes to be, that thread goes on with its other jobs; later every statement holds them up.
  /// - Throws: `PostgresError` of kind `connectionFailed` or `invalidSettings`, or
  ///   `CancellationError`.
  public static func open(
    _ settings: ConnectionSettings, applicationName: String, sharing jobs: JobQueue? = nil,
    onNotice: (@Sendable (Notice) -> Void)? = nil
  ) async throws -> Connection {
    try Task.checkCancellation()
    let thread = try jobs.map(ConnectionThread.init(sharing:)) ?? ConnectionThread()
    let wakeUp = try WakeUp()
    let interruption = Interruption(wakeUp)
    let session = try await withTaskCancellationHandler {
      try await Dialer(on: thread).dial(
        settings, applicationName: applicationName, wakeUp: wakeUp, interruption: interruption,
        onNotice: onNotice)
    } onCancel: {
      interruption.request()
    }
    let info = ConnectionInfo(session, settings)
    let detour = settings.detour.map { (way: $0, localPort: session.localPort) }
    let connection = Connection(
      session: session, info: info, thread: thread, wakeUp: wakeUp, detour: detour)
    // Times are read in ISO form; a role or database may have another default.
    if !info.dateStyle.hasPrefix("ISO") { try await connection.execute("SET datestyle = ISO") }
    return connection
  }

  /// Shares no thread any more from now on: statements hold nobody up. No other call may be pending.
  ///
  /// - Throws: `PostgresError` where no thread is to be had.
  public func takeOwnThread() throws { try thread.move() }

  /// Ends the session; whatever is open in it is rolled back. May be called twice.
  public func close() { session = nil }

  /// Whether the session stands and what its transaction is.
  public var state: ConnectionState {
    guard let session, PQstatus(session.raw) == CONNECTION_OK else { return .closed }
    switch PQtransactionStatus(session.raw) {
    case PQTRANS_IDLE: return .idle
    case PQTRANS_INTRANS: return .inTransaction
    case PQTRANS_INERROR: return .inFailedTransaction
    default: return .busy
    }
  }

  /// A setting that the server reports by itself, as `TimeZone` or `default_transaction_read_only`.
  public func reportedSetting(_ name: String) -> String? {
    session.flatMap { PQparameterStatus($0.raw, name) }.map { String(cString: $0) }
  }

  /// Runs `body` with the session, interrupted when the task is cancelled.
  func interruptible<Result>(
    _ body: (Session, Interruption) throws -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    let session = try openSession()
    let interruption = Interruption(wakeUp)
    return try await withTaskCancellationHandler {
      try uninterrupted(session) { try body($0, interruption) }
    } onCancel: {
      interruption.request()
    }
  }

  /// Runs `body` with the session to its end, for what has to happen after a cancellation too.
  func uninterrupted<Result>(_ body: (Session) throws -> Result) throws -> Result {
    try uninterrupted(try openSession(), body)
  }

  private func uninterrupted<Result>(
    _ session: Session, _ body: (Session) throws -> Result
  ) throws -> Result {
    do {
      let result = try body(session)
      try session.settleCancel()
      return result
    } catch {
      do { try session.settleCancel() } catch { self.session = nil }
      // A session in the middle of a statement, or a broken one, is of no further use.
      let status = PQtransactionStatus(session.raw)
      if status == PQTRANS_ACTIVE || status == PQTRANS_UNKNOWN { self.session = nil }
      throw named(error)
    }
  }

  /// Says which connection it was that was lost: libpq does not.
  private func named(_ error: any Error) -> any Error {
    guard var lost = error as? PostgresError,
      lost.kind == .connectionLost || lost.sqlState?.hasPrefix("57P0") == true
    else { return error }
    // A server that goes says so itself; what is between here and there only ends.
    if lost.sqlState == nil, let detour,
      let trouble = detour.way.troubles.trouble(ofPort: detour.localPort)
    {
      lost.message = trouble
      lost.detail = nil
    }
    lost.message = "lost the connection to database \"\(info.database)\": \(lost.message)"
    return lost
  }

  private func openSession() throws -> Session {
    guard let session else {
      throw PostgresError(.connectionLost, "the connection is closed")
    }
    return session
  }
}

/// Whether a session stands and what its transaction is.
public enum ConnectionState: Sendable {
  /// Outside any transaction.
  case idle
  /// Inside a transaction block.
  case inTransaction
  /// Inside a transaction block that can only be rolled back.
  case inFailedTransaction
  /// In the middle of a statement.
  case busy
  /// Ended by us, the server or the network.
  case closed
}

/// What a session's two ends agreed on.
public struct ConnectionInfo: Hashable, Sendable {
  /// The server's version as a number: 150018 is 15.18.
  public let serverVersion: Int
  /// The server's version as it names it, as `15.18 (Debian 15.18-1)`.
  public let serverVersionText: String
  /// The database.
  public let database: String
  /// The user who logged in.
  public let user: String
  /// The host, or the folder of the socket.
  public let host: String
  /// The port.
  public let port: String
  /// The server process of the session.
  public let backendPID: Int
  /// The database's encoding, as `UTF8` or `SQL_ASCII`.
  public let serverEncoding: String
  /// The encoding of the session, `UTF8` unless the settings said otherwise.
  public let clientEncoding: String
  /// Whether the server is a standby.
  public let isStandby: Bool
  /// Whether the session is encrypted.
  public let isEncrypted: Bool
  let dateStyle: String

  /// The major version: 15 for 15.18.
  public var majorVersion: Int { serverVersion / 10000 }

  init(_ session: Session, _ settings: ConnectionSettings) {
    func text(_ value: UnsafePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
    let raw = session.raw
    serverVersion = Int(PQserverVersion(raw))
    serverVersionText = text(PQparameterStatus(raw, "server_version"))
    database = text(PQdb(raw))
    user = text(PQuser(raw))
    host = text(PQhost(raw))
    // Behind a detour libpq's port is one of this machine.
    port = settings.detour == nil ? text(PQport(raw)) : settings["port"] ?? "5432"
    backendPID = Int(PQbackendPID(raw))
    serverEncoding = text(PQparameterStatus(raw, "server_encoding"))
    clientEncoding = text(PQparameterStatus(raw, "client_encoding"))
    isStandby = text(PQparameterStatus(raw, "in_hot_standby")) == "on"
    isEncrypted = PQsslInUse(raw) == 1 || PQgssEncInUse(raw) == 1
    dateStyle = text(PQparameterStatus(raw, "DateStyle"))
  }
}
