internal import CPostgres
internal import Glibc

/// Opens sessions on a connection's thread.
actor Dialer {
  private let thread: ConnectionThread
  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  init(on thread: ConnectionThread) { self.thread = thread }

  /// Opens one session, or throws why it did not come to be.
  func dial(
    _ settings: ConnectionSettings, applicationName: String, wakeUp: WakeUp,
    interruption: Interruption, onNotice: (@Sendable (Notice) -> Void)?
  ) async throws -> sending Session {
    let startup = Startup(settings, applicationName: applicationName)
    let notices = onNotice.map(NoticeReceiver.init)
    let session = try startup.begin(
      wakeUp: wakeUp, notices: notices, beforeLongWait: thread.longWait)
    var events: Int16? = Int16(POLLOUT)
    while let wanted = events {
      // Who shares the thread works until the server answers.
      while try !startup.isReady(session, wanted, waiting: !thread.isWanted, interruption) {
        await thread.letOthersRun()
      }
      events = try startup.advance(session)
    }
    return session
  }
}

/// One attempt to open a session.
private struct Startup {
  let settings: ConnectionSettings
  let parameters: [(keyword: String, value: String)]
  let deadline: ContinuousClock.Instant?

  init(_ settings: ConnectionSettings, applicationName: String) {
    self.settings = settings
    var parameters = settings.dialled
    parameters["application_name"] = applicationName
    // Strings are UTF-8 here; who wants a database's own bytes says so in the settings.
    if parameters["client_encoding"] == nil { parameters["client_encoding"] = "UTF8" }
    self.parameters = parameters.map { ($0.key, $0.value) }
    deadline = Startup.timeout(settings).map { ContinuousClock.now + $0 }
  }

  /// libpq leaves `connect_timeout` to the caller of its non-blocking functions. It counts for
  /// each host, and a negative value or zero means to wait for ever.
  private static func timeout(_ settings: ConnectionSettings) -> Duration? {
    let text =
      settings["connect_timeout"] ?? getenv("PGCONNECT_TIMEOUT").map { String(cString: $0) }
    let seconds = text.flatMap { Int64($0) } ?? 15
    guard seconds > 0 else { return nil }
    let hosts = (settings["host"] ?? settings["hostaddr"] ?? "").split(separator: ",").count
    // As libpq does: less than two seconds is too short to be meant.
    return .seconds(max(2, seconds) * Int64(max(1, hosts)))
  }

  /// OpenSSL initialises itself when a session first uses it. libpq would have it do so before it
  /// knows whether the server speaks TLS: a millisecond and two megabytes for nothing where not.
  private static let leavesOpenSSL: Void = PQinitOpenSSL(0, 0)

  func begin(
    wakeUp: WakeUp, notices: NoticeReceiver?, beforeLongWait: (() -> Void)?
  ) throws -> Session {
    Startup.leavesOpenSSL
    let keywords = parameters.map { strdup($0.keyword) } + [nil]
    let values = parameters.map { strdup($0.value) } + [nil]
    defer { (keywords + values).forEach { free($0) } }
    let raw = PQconnectStartParams(
      keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
    guard let raw else { throw PostgresError(.connectionFailed, "libpq has no memory") }
    let session = Session(
      raw: raw, wakeUp: wakeUp, notices: notices, beforeLongWait: beforeLongWait)
    NoticeReceiver.install(notices, in: raw)
    // The only way to get the SQLSTATE of a refused connection: libpq writes it into its message.
    PQsetErrorVerbosity(raw, PQERRORS_VERBOSE)
    if PQstatus(raw) == CONNECTION_BAD { throw failure(of: session) }
    return session
  }

  /// Whether the socket is ready for what libpq wants to do next; waits for it, or only looks.
  func isReady(
    _ session: Session, _ events: Int16, waiting: Bool, _ interruption: Interruption
  ) throws -> Bool {
    if settings.detour != nil { session.noteLocalPort() }
    let ready = try session.poll(events, until: waiting ? deadline : .now)
    if interruption.isRequested { throw CancellationError() }
    if ready == 0, let deadline, ContinuousClock.now >= deadline { throw timedOut() }
    return ready != 0
  }

  /// Takes the next step; gives the events to wait for then, nil when the session stands.
  func advance(_ session: Session) throws -> Int16? {
    switch PQconnectPoll(session.raw) {
    case PGRES_POLLING_READING: return Int16(POLLIN)
    case PGRES_POLLING_WRITING: return Int16(POLLOUT)
    case PGRES_POLLING_OK:
      PQsetErrorVerbosity(session.raw, PQERRORS_DEFAULT)
      PQsetnonblocking(session.raw, 1)
      session.silence = Silence(session.raw)
      return nil
    default: throw failure(of: session)
    }
  }

  private func timedOut() -> PostgresError {
    PostgresError(
      .connectionFailed, "cannot connect to \(settings.redacted): no answer in time",
      hint: "check host, port and firewall; connect_timeout sets how long to wait")
  }

  private func failure(of session: Session) -> PostgresError {
    let refusal = ConnectionRefusal(String(cString: PQerrorMessage(session.raw)))
    if refusal.sqlState == nil,
      let trouble = settings.detour?.troubles.trouble(ofPort: session.localPort)
    {
      return PostgresError(
        .connectionFailed, "cannot connect to \(settings.redacted): \(trouble)")
    }
    return refusal.error(
      settings, needsPassword: PQconnectionNeedsPassword(session.raw) == 1)
  }
}
