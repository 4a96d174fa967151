public import Diagnostics
internal import Glibc

/// Runs `body` on a new thread, which ends with it.
///
/// The thread takes no signals but those of its own faults and SIGPIPE, which ends who writes for nobody: the
/// others are for the threads that expect them, and would interrupt a wait here.
///
/// - Throws: `NoThread` where the system has none left.
public func startThread(_ body: @escaping @Sendable () -> Void) throws {
  var others = sigset_t()
  var before = sigset_t()
  sigfillset(&others)
  for own in [SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGPIPE] { sigdelset(&others, own) }
  // A thread begins with the mask of the one that starts it.
  pthread_sigmask(SIG_SETMASK, &others, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }

  let context = Unmanaged.passRetained(Body(body))
  var thread = pthread_t()
  let failure = pthread_create(
    &thread, nil,
    { context in
      guard let context else { return nil }
      Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
      return nil
    }, context.toOpaque())
  guard failure == 0 else {
    context.release()
    throw NoThread(reason: String(cString: strerror(failure)))
  }
  pthread_detach(thread)
}

private final class Body: Sendable {
  let run: @Sendable () -> Void

  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// The system has no thread to give.
public struct NoThread: Failure {
  /// The system's word for it.
  public let reason: String
  /// What is told.
  public var message: String { "cannot start a thread: \(reason)" }
}
