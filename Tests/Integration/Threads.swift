import Glibc
import Synchronization

/// Runs `body` on a thread of its own, which may block.
func startThread(_ body: @escaping @Sendable () -> Void) { pthread_detach(thread(body)) }

/// What `body` gives on a thread of its own, which has ended when this returns.
func joinThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) throws -> Result {
  let result = Mutex<Result?>(nil)
  pthread_join(thread { result.withLock { $0 = body() } }, nil)
  guard let result = result.withLock({ $0 }) else { throw CancellationError() }
  return result
}

private func thread(_ body: @escaping @Sendable () -> Void) -> pthread_t {
  final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  var thread = pthread_t()
  let work = Unmanaged.passRetained(Work(body)).toOpaque()
  let failure = pthread_create(
    &thread, nil,
    { argument in
      guard let argument else { return nil }
      Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
      return nil
    }, work)
  precondition(failure == 0, "no thread can be started")
  return thread
}
