internal import CPostgres
internal import Glibc
internal import Quantities

/// The owner of one libpq connection, and how its thread waits for it.
///
/// All waiting is in poll(2) on the socket and a wake-up, never inside libpq, so that a wait can be
/// interrupted. Not Sendable: it lives in the actor `Connection`.
final class Session {
  let raw: OpaquePointer
  let wakeUp: WakeUp
  /// Kept alive for libpq, which holds a bare pointer to it.
  private let notices: NoticeReceiver?
  private var cancel: ServerCancel?
  private var cancelDeadline: ContinuousClock.Instant?
  /// Called before the first wait that takes longer than a moment.
  private var beforeLongWait: (() -> Void)?
  /// Set when the session stands.
  var silence: Silence?
  /// The port of this machine's side, where the server is reached by a detour.
  private(set) var localPort: Int?

  /// How long a wait may take before it is a long one.
  private static let moment: Duration = .milliseconds(100)
  /// How long the server has to obey a cancel before the session is given up.
  private static let patience: Duration = .seconds(10)

  init(
    raw: OpaquePointer, wakeUp: WakeUp, notices: NoticeReceiver?, beforeLongWait: (() -> Void)?
  ) {
    self.raw = raw
    self.wakeUp = wakeUp
    self.notices = notices
    self.beforeLongWait = beforeLongWait
  }

  deinit { PQfinish(raw) }

  /// The last error of the session, where no result carries one.
  func failure() -> PostgresError {
    let text = String(cString: PQerrorMessage(raw))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    let first = lines.first.map(String.init) ?? "the connection is unusable"
    var error = PostgresError(
      PQstatus(raw) == CONNECTION_BAD ? .connectionLost : .misuse, first)
    let rest = lines.dropFirst().map { $0.drop { $0 == "\t" || $0 == " " } }
    if !rest.isEmpty { error.detail = rest.joined(separator: "\n") }
    return error
  }

  /// Throws what libpq says unless `accepted`.
  func check(_ accepted: Bool) throws {
    if !accepted { throw failure() }
  }

  /// Keeps the port of this machine's side: when the session is broken, the socket is gone.
  func noteLocalPort() {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(PQsocket(raw), $0, &length) == 0
      }
    }
    if isKnown, address.sin_port != 0 { localPort = Int(UInt16(bigEndian: address.sin_port)) }
  }

  // MARK: - Waiting

  /// Sends everything that libpq still holds; false when the connection broke.
  func flush(_ interruption: Interruption?) throws -> Bool {
    while true {
      switch PQflush(raw) {
      case 0: return true
      case 1: if try !wait(for: Int16(POLLIN | POLLOUT), interruption) { return false }
      default: return false
      }
    }
  }

  /// Waits for the next result of what was sent; nil when there is no more.
  ///
  /// A broken connection gives a result too: what the server said before it went is in there.
  func nextResult(_ interruption: Interruption?) throws -> OpaquePointer? {
    var stands = try flush(interruption)
    while stands, PQisBusy(raw) == 1 { stands = try wait(for: Int16(POLLIN), interruption) }
    return PQgetResult(raw)
  }

  /// Waits until the socket is ready or a cancel is on its way, and takes in what has come; false
  /// when the connection broke.
  func wait(for events: Int16, _ interruption: Interruption?) throws -> Bool {
    if let interruption, interruption.isRequested { requestCancel() }
    if let deadline = cancelDeadline, ContinuousClock.now >= deadline {
      throw CancellationError()
    }
    let ready = try poll(events, until: cancelDeadline)
    if ready & Int16(POLLIN | POLLHUP | POLLERR) == 0 { return true }
    if ready & Int16(POLLERR) != 0, let failure = silence?.failure() { throw failure }
    return PQconsumeInput(raw) == 1
  }

  /// Waits for events of the socket; gives those that came, 0 when there is another reason to look again.
  func poll(_ events: Int16, until deadline: ContinuousClock.Instant?) throws -> Int16 {
    let socket = PQsocket(raw)
    if let beforeLongWait {
      let moment = ContinuousClock.now + Session.moment
      let soon = min(moment, deadline ?? moment)
      let ready = try Session.poll(socket, events, wakeUp, until: soon)
      if ready != 0 || ContinuousClock.now < soon || soon == deadline { return ready }
      self.beforeLongWait = nil
      beforeLongWait()
      // Somebody may have woken it in the last moment.
      return 0
    }
    return try Session.poll(socket, events, wakeUp, until: deadline)
  }

  /// poll(2) on a socket and a wake-up; gives the socket's events, 0 when it woke for another
  /// reason.
  static func poll(
    _ socket: Int32, _ events: Int16, _ wakeUp: WakeUp, until deadline: ContinuousClock.Instant?
  ) throws -> Int16 {
    var waiting = [
      pollfd(fd: socket, events: events, revents: 0),
      pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let rest = deadline.map { ContinuousClock.now.duration(to: $0) }
    // Rounded up, so that the last millisecond is not spent in a loop.
    let timeout = rest.map { $0 > .zero ? Int32(clamping: $0.milliseconds + 1) : 0 } ?? -1
    let count = Glibc.poll(&waiting, 2, timeout)
    if count < 0, errno != EINTR {
      throw PostgresError(.connectionLost, "poll failed: \(String(cString: strerror(errno)))")
    }
    if count <= 0 { return 0 }
    if waiting[1].revents != 0 { wakeUp.drain() }
    return waiting[0].revents
  }

  // MARK: - Cancelling

  /// Asks the server to stop what it does, once.
  func requestCancel() {
    guard cancel == nil else { return }
    cancel = ServerCancel(raw, wakeUp: wakeUp)
    cancelDeadline = ContinuousClock.now + Session.patience
  }

  /// Waits until a cancel that was sent is over, so that it cannot hit the next statement.
  ///
  /// - Throws: `CancellationError` when it does not end in time: the session is unsafe to use.
  func settleCancel() throws {
    guard let cancel else { return }
    while !cancel.isDone {
      if let deadline = cancelDeadline, ContinuousClock.now >= deadline {
        throw CancellationError()
      }
      _ = try Session.poll(-1, 0, wakeUp, until: cancelDeadline)
    }
    self.cancel = nil
    cancelDeadline = nil
  }
}
