internal import CPostgres
internal import Glibc

/// How a session finds out that the other end is gone when nothing says so: a host that lost its
/// power, a firewall that forgot the connection, a cable.
///
/// The kernel asks the other kernel, so that a server which only takes its time is never given up.
/// What the user's settings say about libpq's `keepalives` and `tcp_user_timeout` counts; this is for
/// what they leave open.
struct Silence {
  /// After how long without a word the other end is asked, how often, and how many questions may
  /// stay without an answer: a minute in all.
  private static let idle: Int32 = 30
  private static let interval: Int32 = 10
  private static let count: Int32 = 3

  /// How long rows that were sent may stay without being taken. No questions are asked meanwhile, and
  /// the kernel alone would try for a quarter of an hour. A server that lives yet takes no byte for
  /// so long counts as gone, too, which is why it is five minutes and not one.
  private static let untaken: UInt32 = 300_000

  private let socket: Int32
  private let bounds: Bool

  /// Looks at what the settings of a session that has just been opened leave open, and sets that. A
  /// session over a Unix socket needs nothing, and its kernel takes nothing.
  init(_ raw: OpaquePointer) {
    socket = PQsocket(raw)
    guard let options = PQconninfo(raw) else {
      bounds = false
      return
    }
    defer { PQconninfoFree(options) }
    let settings = ConnectionSettings.values(in: options)
    func isOpen(_ keyword: String) -> Bool { (settings[keyword] ?? "").isEmpty }
    bounds = isOpen("tcp_user_timeout")
    // `keepalives=0` turns them off, and leaves nothing else to say.
    guard (settings["keepalives"].flatMap { Int($0) } ?? 1) != 0 else { return }
    for (keyword, option, value) in [
      ("keepalives_idle", TCP_KEEPIDLE, Silence.idle),
      ("keepalives_interval", TCP_KEEPINTVL, Silence.interval),
      ("keepalives_count", TCP_KEEPCNT, Silence.count),
    ] where isOpen(keyword) {
      var value = value
      setsockopt(
        socket, Int32(IPPROTO_TCP), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// Runs `body`, which sends rows; only meanwhile is there a bound on how long they stay untaken, as
  /// that would take the place of the shorter one for a session that waits.
  func whileSending<Result>(_ body: () throws -> Result) rethrows -> Result {
    bound(Silence.untaken)
    defer { bound(0) }
    return try body()
  }

  private func bound(_ milliseconds: UInt32) {
    guard bounds else { return }
    var value = milliseconds
    setsockopt(
      socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &value,
      socklen_t(MemoryLayout<UInt32>.size))
  }

  /// The error of a socket that poll(2) reports one of; nil where it is not the other end's silence,
  /// and libpq has the better words.
  func failure() -> PostgresError? {
    var error: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    // Asking takes the error away from libpq, which then reads the end of the connection.
    guard getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0,
      [ETIMEDOUT, EHOSTUNREACH, ENETUNREACH].contains(error)
    else { return nil }
    return PostgresError(
      .connectionLost,
      "the server's host does not answer any more (\(String(cString: strerror(error))))",
      hint: "the host or the network between is down, or a firewall dropped the connection; "
        + "keepalives_idle, keepalives_interval, keepalives_count and tcp_user_timeout in the "
        + "database URL set how soon that is noticed")
  }
}
