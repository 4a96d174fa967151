internal import Diagnostics
internal import Glibc
internal import Synchronization
internal import Threads

/// A signal that asks the process to end.
enum EndingSignal: Sendable {
  case interrupt
  case terminate

  /// The exit status that a shell expects.
  var status: ExitStatus { self == .interrupt ? .interrupted : .terminated }
}

/// What the process does about SIGINT, SIGTERM and SIGHUP.
///
/// The first signal cancels the command's task, so that work on servers ends and half-made files
/// go; a second one ends the process at once. A command that knows better, such as the
/// interactive shell, puts its own handler on top with `handling(_:during:)`.
final class Interrupts: Sendable {
  /// A handler says whether it has dealt with the signal; if not, the next one below is asked.
  typealias Handler = @Sendable (EndingSignal) -> Bool

  /// The process's own.
  static let live = Interrupts()

  private struct State {
    var received: EndingSignal?
    var handlers: [(id: Int, handler: Handler)] = []
    var lastID = 0
  }

  private let state = Mutex(State())

  /// The first signal that nobody took for himself.
  var received: EndingSignal? { state.withLock { $0.received } }

  /// Runs `body` with a handler above all others.
  func handling<T>(
    _ handler: @escaping Handler, isolation: isolated (any Actor)? = #isolation,
    during body: () async throws -> T
  ) async rethrows -> T {
    let id = push(handler)
    defer { state.withLock { $0.handlers.removeAll { $0.id == id } } }
    return try await body()
  }

  /// Takes the signals over and deals with them on this thread for as long as the process lives;
  /// `cancel` is called at the first one.
  func listen(cancel: @escaping @Sendable () -> Void) -> Never {
    takeOver(cancel)?.read { deliver($0) }
    while true { pause() }
  }

  /// Takes the signals over and deals with them on a thread of its own.
  ///
  /// - Throws: `NoThread`; then a signal ends the process.
  func listenApart(cancel: @escaping @Sendable () -> Void) throws {
    let pipe = takeOver(cancel)
    do {
      try startThread { pipe?.read { self.deliver($0) } }
    } catch {
      endAtOnce()
      throw error
    }
  }

  private func takeOver(_ cancel: @escaping @Sendable () -> Void) -> SignalPipe? {
    let own: Handler = { [self] signal in
      let isFirst = state.withLock { state in
        defer { state.received = state.received ?? signal }
        return state.received == nil
      }
      guard isFirst else { _exit(signal.status.rawValue) }
      cancel()
      return true
    }
    // Below all others, also those of a command that was faster than this.
    state.withLock { $0.handlers.insert((id: 0, handler: own), at: 0) }
    return SignalPipe()
  }

  /// Has a signal end the process at once, with its status: for as long as nothing has been begun that would
  /// have to be ended in order, and no thread listens.
  func endAtOnce() {
    SignalPipe.take { number in
      let line: StaticString = "omcops: interrupted\n"
      _ = write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
      _exit((number == SIGINT ? EndingSignal.interrupt : .terminate).status.rawValue)
    }
  }

  private func push(_ handler: @escaping Handler) -> Int {
    state.withLock { state in
      state.lastID += 1
      state.handlers.append((state.lastID, handler))
      return state.lastID
    }
  }

  /// Handlers run outside the lock: they may ask for `received`.
  private func deliver(_ signal: EndingSignal) {
    let handlers = state.withLock { $0.handlers.map(\.handler) }
    for handler in handlers.reversed() where handler(signal) { return }
  }
}

/// Carries signals from the handler, where almost nothing is allowed, to a thread, where all is.
private struct SignalPipe: Sendable {
  /// The end that the signal handler writes to; -1 before there is one.
  private static let writeEnd = Atomic<Int32>(-1)
  private let readEnd: Int32

  /// Takes the signals over; nil where there is no pipe to be had, and they do what they always do.
  init?() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    readEnd = ends[0]
    SignalPipe.writeEnd.store(ends[1], ordering: .releasing)
    SignalPipe.take { number in
      let saved = errno
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(SignalPipe.writeEnd.load(ordering: .acquiring), &byte, 1)
      errno = saved
    }
  }

  /// Hands over each signal that comes; gives up only where the pipe is broken.
  func read(_ deliver: (EndingSignal) -> Void) {
    var byte: UInt8 = 0
    while true {
      let count = Glibc.read(readEnd, &byte, 1)
      if count == 1 { deliver(Int32(byte) == SIGINT ? .interrupt : .terminate) }
      if count == 0 || (count < 0 && errno != EINTR) { return }
    }
  }

  /// Gives the ending signals to a handler. One that was ignored at start stays ignored: that is how `nohup`
  /// works.
  static func take(_ handler: @escaping @convention(c) (Int32) -> Void) {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
      var old = sigaction()
      sigaction(signal, nil, &old)
      if unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == ignored { continue }
      var action = sigaction()
      action.__sigaction_handler.sa_handler = handler
      action.sa_flags = SA_RESTART
      sigaction(signal, &action, nil)
    }
  }

  /// `SIG_IGN`, which Swift does not import.
  private static let ignored = 1
}
